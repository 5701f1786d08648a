"""The head of a 国土 TXT (勘测定界 报盘) file: which coordinate system its points are in.

Files in use lack keys, run several together on one line, or give the central meridian for the zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from landmap.domain import crs
from landmap.domain.errors import InvalidValueError
from landmap.ingest.faults import Fault

_KEYS: Final = (
    "格式版本号", "数据产生单位", "数据产生日期", "坐标系", "几度分带", "投影类型", "计量单位", "带号", "精度",
    "转换参数", "第9项",
)  # fmt: skip
_KEY: Final = re.compile(f"(?P<key>{'|'.join(_KEYS)})\\s*[=＝:：]")
_SYSTEMS: Final = (("2000|CGCS", "cgcs2000"), ("80|西安|XIAN", "xian80"), ("54|北京|BEIJING", "beijing54"))
#: Central meridians of China begin here; zone numbers end below.
_MERIDIANS_FROM: Final = 72


@dataclass(frozen=True)
class Head:
    """What the head says: a system we know by name, or the name as it stands; width and number of the zone."""

    system: str | None = None
    named: str | None = None
    width: int | None = None
    zone: int | None = None
    parameters: bool = False
    ninth: str | None = None

    def declared(self, prefix: int | None, *, degrees: bool) -> str | None:
        """Return the coordinate system of the points as a text an EPSG code can be found for; None: not declared.

        Parameters
        ----------
        prefix : int or None
            The zone that the eastings themselves carry.
        degrees : bool
            Whether the points are longitudes and latitudes.
        """
        system = self.system
        if system is None:
            return self.named
        if degrees:
            return f"EPSG:{crs.epsg(system)}"
        zone = prefix if prefix is not None else self.zone
        if zone is None:
            return None if system == "cgcs2000" else f"EPSG:{crs.epsg(system)}"
        try:
            return f"EPSG:{crs.epsg(system, 3 if zone >= 25 else 6, prefix is not None, zone=zone)}"
        except InvalidValueError:
            return None

    def faults(self, prefixes: Iterable[int]) -> list[Fault]:
        """Return where the head differs from the points, and what of it is not used."""
        found = [
            Fault("guotu_zone_disagrees", field="geometry", value=self.zone, words={"zone": prefix})
            for prefix in prefixes
            if self.zone is not None and prefix != self.zone
        ]
        if self.parameters:  # not shown: parameters between national systems are secret
            found.append(Fault("guotu_parameters_unused", field="geometry"))
        return found


def read_head(lines: Sequence[str]) -> Head:
    """Return what the lines before the plots say.

    Examples
    --------
    >>> read_head(["坐标系=2000国家大地坐标系几度分带=3", "带号=40"]).declared(40, degrees=False)
    'EPSG:4528'
    >>> read_head(["坐标系=80国家大地坐标系", "带号=40"]).declared(None, degrees=False)
    'EPSG:2385'
    """
    said = _said(lines)
    named = said.get("坐标系", "")
    system = next((key for pattern, key in _SYSTEMS if re.search(pattern, named.upper())), None)
    if re.fullmatch(r"EPSG:\d+", named.upper()):
        system = None
    width = _whole(said.get("几度分带", ""))
    zone = _whole(said.get("带号", ""))
    if zone is not None and zone >= _MERIDIANS_FROM:
        zone = (zone + 3) // 6 if width == 6 else zone // 3
    parameters = any(float(number) for number in re.findall(r"\d+(?:\.\d+)?", said.get("转换参数", "")))
    return Head(system, named or None, width, zone, parameters, said.get("第9项") or None)


def _said(lines: Sequence[str]) -> Mapping[str, str]:
    """Return key and value of every entry, also of several on one line."""
    found: dict[str, str] = {}
    for line in lines:
        end = len(line)
        for key in reversed(list(_KEY.finditer(line))):
            found.setdefault(key["key"], line[key.end() : end].strip())
            end = key.start()
    return MappingProxyType(found)


def _whole(text: str) -> int | None:
    digits = re.match(r"\d{1,3}", text)
    return int(digits[0]) if digits else None
