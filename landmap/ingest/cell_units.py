"""Units as headers and cells print them, and the factor into a field's own unit."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from landmap.domain import units


class Unit(NamedTuple):
    """A unit: what it measures, and one of it in that dimension's base unit."""

    dimension: str
    factor: float


#: By the keys that the alias table uses.
UNITS: Final[Mapping[str, Unit]] = MappingProxyType(
    {
        "m2": Unit("area", 1.0),
        "mu": Unit("area", units.M2_PER_MU),
        "ha": Unit("area", units.M2_PER_HA),
        "10k_m2": Unit("area", 1e4),
        "km2": Unit("area", 1e6),
        "cny": Unit("money", 1.0),
        "10k_cny": Unit("money", 1e4),
        "100m_cny": Unit("money", 1e8),
        "10k_cny_per_mu": Unit("intensity", 1.0),
        "10k_cny_per_ha": Unit("intensity", units.intensity_to_10k_cny_per_mu(1.0, "万元/公顷")),
        "cny_m2": Unit("price", 1.0),
        "cny_m2_day": Unit("rent", 1.0),
        "cny_m2_month": Unit("rent", units.rent_to_cny_m2_day(1.0, "month")),
        "cny_m2_year": Unit("rent", units.rent_to_cny_m2_day(1.0, "year")),
        "kn_m2": Unit("load", 1.0),
        "kg_m2": Unit("load", units.load_to_kn_m2(1.0, "kg/m2")),
        "kg": Unit("mass", 1.0),
        "t": Unit("mass", 1000.0),
        "m": Unit("length", 1.0),
        "km": Unit("length", 1000.0),
        "pct": Unit("share", 1.0),
        "ratio": Unit("share", 100.0),
        "kva": Unit("power", 1.0),
    }
)

#: How headers and cells write them, half-width and in lower case.
_WRITTEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("m2", "平方米", "平米", "sqm"), "m2"),
        **dict.fromkeys(("亩", "mu"), "mu"),
        **dict.fromkeys(("公顷", "ha", "hectare", "hectares"), "ha"),
        **dict.fromkeys(("万m2", "万平方米", "万平米"), "10k_m2"),
        **dict.fromkeys(("平方公里", "平方千米", "km2"), "km2"),
        **dict.fromkeys(("元", "人民币元"), "cny"),
        "万元": "10k_cny",
        "亿元": "100m_cny",
        "万元/亩": "10k_cny_per_mu",
        **dict.fromkeys(("万元/公顷", "万元/ha"), "10k_cny_per_ha"),
        **dict.fromkeys(("元/m2", "元/平方米", "元/平米"), "cny_m2"),
        **{f"元/{area}{mark}{day}": f"cny_m2_{key}" for area in ("m2", "平方米", "平米")
           for mark in ("/", "·", ".", "*")
           for day, key in (("天", "day"), ("日", "day"), ("月", "month"), ("年", "year"))},
        **{f"元/{day}/{area}": f"cny_m2_{key}" for area in ("m2", "平方米", "平米")
           for day, key in (("天", "day"), ("日", "day"), ("月", "month"), ("年", "year"))},
        **dict.fromkeys(("kn/m2", "kpa"), "kn_m2"),
        **dict.fromkeys(("kg/m2", "公斤/m2", "公斤/平方米"), "kg_m2"),
        **dict.fromkeys(("kg", "公斤", "千克"), "kg"),
        **dict.fromkeys(("t", "吨"), "t"),
        **dict.fromkeys(("m", "米"), "m"),
        **dict.fromkeys(("km", "公里", "千米"), "km"),
        **dict.fromkeys(("%", "百分比"), "pct"),
        **dict.fromkeys(("小数", "比值"), "ratio"),
        **dict.fromkeys(("kva", "千伏安"), "kva"),
    }
)  # fmt: skip
_OWN: Final[Mapping[str, str]] = MappingProxyType({"km²": "km2", "万元/年": "10k_cny", "元/㎡·天": "cny_m2_day"})


def named(text: str) -> str | None:
    """Return the key of a unit as printed; None for what is no unit we know.

    Examples
    --------
    >>> named("㎡"), named("万元／公顷"), named("ft²")
    ('m2', '10k_cny_per_ha', None)
    """
    normal = "".join(unicodedata.normalize("NFKC", text.replace("²", "2")).split()).casefold()
    return _WRITTEN.get(normal)


def written_units() -> dict[str, str]:
    """Return how every unit is written, by its key, those of one dimension together."""
    return {key: printed(key) for key in sorted(UNITS, key=lambda key: UNITS[key].dimension)}


def printed(unit: str) -> str:
    """Return how the unit called `unit` is written; the key itself where nothing is known of it.

    Examples
    --------
    >>> printed("10k_cny")
    '万元'
    """
    return next((text for text, key in _WRITTEN.items() if key == unit), unit)


def factor(unit: str, field_unit: str) -> float | None:
    """Return by what a number in `unit` is multiplied to be in `field_unit`; None when they measure different things.

    Examples
    --------
    >>> factor("ha", "㎡"), factor("mu", "万元")
    (10000.0, None)
    """
    own = _OWN.get(field_unit) or named(field_unit)
    if own is None or unit not in UNITS:
        return None
    source, target = UNITS[unit], UNITS[own]
    return source.factor / target.factor if source.dimension == target.dimension else None
