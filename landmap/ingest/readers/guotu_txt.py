"""国土 TXT (勘测定界 报盘): plots as lines of points, the form in which land offices exchange boundaries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import crs
from landmap.domain.units import M2_PER_HA, M2_PER_MU
from landmap.ingest.encoding import LAST_RESORT, decode
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.guotu_head import Head, read_head
from landmap.ingest.readers.guotu_plots import Plot, is_attributes, read_plots
from landmap.ingest.readers.raw import RawLayer, Request, object_array
from landmap.ingest.readers.rings import LEAST, MOST_POINTS, MOST_RINGS, Position, polygon_of

#: Sections of the file; whatever stands in another is passed over.
_PLOTS: Final = "[地块坐标]"
_HEAD: Final = "[属性描述]"
_POINT: Final = re.compile(
    r"^\s*[A-Za-z]*\d+\s*[,，]\s*\d+\s*[,，]\s*\d+(\.\d+)?\s*[,，]\s*\d+(\.\d+)?\s*[,，]?\s*$", re.M
)
#: Northings and latitudes of China, as no easting or longitude is.
_NORTHINGS: Final = (1.8e6, 5.96e6)
_LATITUDES: Final = (16.0, 54.0)
#: Units the area may be written in; the first is the rule, the others are found by comparing with the outline.
_UNITS: Final[Mapping[str, float]] = MappingProxyType({"公顷": M2_PER_HA, "㎡": 1.0, "亩": M2_PER_MU})
_NEAR: Final = 0.3


class GuotuTxtReader:
    """Text with a head of keys and plots of points; told by its sections, or by its lines where it has none."""

    key = "guotu_txt"
    suffixes = (".txt",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the text has the sections of the format, or attributes and points without them."""
        end = max(head.rfind(b"\n"), head.rfind(b"\r"))
        text, _ = _decoded(head[: end + 1] if end > 0 and len(head) >= 4096 else head)
        lines = [line.strip() for line in text.splitlines()]
        if _PLOTS in lines or _HEAD in lines:
            return True
        return any(is_attributes(line) for line in lines) and _POINT.search(text) is not None

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer of the file; refuse a file without a plot."""
        text, encoding = _decoded(request.path.read_bytes())
        head, lines = _split(text.lstrip("\ufeff"))
        faults = [Fault("encoding_guessed", value=encoding)] if encoding == LAST_RESORT else []
        plots = read_plots(lines, head.ninth, faults)
        if not plots:
            raise RefusedError("guotu_no_plot")
        faults += _said(plots)
        placed = [_eastings_first(plot, head) for plot in plots]
        if any(turned for _, turned in placed):
            faults.append(Fault("guotu_east_first", field="geometry"))
        declared, told = _system(head, [rings for rings, _ in placed])
        faults += told
        geometry = [
            _shape(plot, rings, row, faults)
            for row, (plot, (rings, _)) in enumerate(zip(plots, placed, strict=True), 1)
        ]
        return [
            RawLayer(
                name=request.name,
                columns=_columns(plots, geometry, faults),
                rows=tuple(range(1, len(plots) + 1)),
                geometry=object_array(geometry),
                crs=declared,
                encoding=encoding,
                faults=tuple(faults),
            )
        ]


def _decoded(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding; a few lone Chinese characters suffice here, for the format is a Chinese one."""
    text, encoding = decode(data)
    if encoding != LAST_RESORT:
        return text, encoding
    try:
        return data.decode("gb18030"), "gb18030"
    except UnicodeDecodeError:
        return text, encoding


def _split(text: str) -> tuple[Head, list[tuple[int, str]]]:
    """Return the head, and the numbered lines of the plots."""
    heads: list[str] = []
    plots: list[tuple[int, str]] = []
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped
        elif section == _PLOTS or (section in ("", _HEAD) and (plots or is_attributes(stripped) or _POINT.match(line))):
            plots.append((number, line))
        else:
            heads.append(stripped)
    return read_head(heads), plots


def _said(plots: Sequence[Plot]) -> list[Fault]:
    """Return what the plots themselves show to be wrong."""
    found = []
    for row, plot in enumerate(plots, start=1):
        if not plot.described:
            found.append(Fault("guotu_attributes_missing", row, words={"line": plot.line}))
        elif plot.rings and not plot.agrees():
            words = {"line": plot.line, "count": len(plot.points) + plot.beyond}
            found.append(Fault("guotu_count_disagrees", row, value=plot.count, words=words))
    return found


def _eastings_first(plot: Plot, head: Head) -> tuple[list[list[Position]], bool]:
    """Return the rings with easting or longitude first, and whether the file had written them so.

    The rule is north first. Grids of other countries have other ranges, so there the rule is taken at its word.
    """
    chinese = head.system is not None or head.named is None
    first = _median([point[0] for point in plot.points])
    second = _median([point[1] for point in plot.points])
    if chinese and _north(second) and not _north(first):
        return plot.rings, True
    return [[(east, north) for north, east in ring] for ring in plot.rings], False


def _north(value: float) -> bool:
    return _NORTHINGS[0] <= value <= _NORTHINGS[1] or _LATITUDES[0] <= value <= _LATITUDES[1]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


def _system(head: Head, placed: Sequence[Sequence[Sequence[Position]]]) -> tuple[str | None, list[Fault]]:
    """Return the declared system, and where head and points disagree on it."""
    eastings = [point[0] for rings in placed for ring in rings for point in ring]
    if not eastings:
        return None, []
    degrees = abs(_median(eastings)) <= 180
    prefixes = Counter(int(easting // 1e6) for easting in eastings if not degrees)
    prefix = max(prefixes, key=lambda zone: prefixes[zone], default=0) or None
    if head.system is None:
        prefix = None
    return head.declared(prefix, degrees=degrees), head.faults([prefix] if prefix is not None else [])


def _shape(plot: Plot, rings: Sequence[Sequence[Position]], row: int, faults: list[Fault]) -> BaseGeometry | None:
    """Return the shape of a plot; None, and a fault, for one that encloses nothing."""
    if not rings:
        return None
    if plot.kind == "点":
        points = [point for ring in rings for point in ring]
        return shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)
    if plot.kind == "线" and all(len(set(ring)) > 1 for ring in rings):
        lines = [shapely.LineString(ring) for ring in rings]
        return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
    if any(len(set(ring)) < LEAST for ring in rings):
        faults.append(Fault("guotu_ring_short", row, "geometry", words={"line": plot.line}))
        return None
    count = len(plot.points) + plot.beyond
    if count > MOST_POINTS:
        faults.append(Fault("too_many_vertices", row, "geometry", count))
        return None
    if len(rings) > MOST_RINGS:
        faults.append(Fault("too_many_rings", row, "geometry", len(rings), {"limit": MOST_RINGS}))
        return None
    return polygon_of(rings)


def _columns(
    plots: Sequence[Plot], geometry: Sequence[BaseGeometry | None], faults: list[Fault]
) -> Mapping[str, Sequence[Any]]:
    unit = _area_unit(plots, geometry)
    if unit != next(iter(_UNITS)):
        faults.append(Fault("guotu_area_unit", field="面积", value=unit, words={"unit": unit}))
    columns: dict[str, list[str | None]] = {
        "地块编号": [plot.number for plot in plots],
        "地块名称": [plot.name for plot in plots],
        f"面积({unit})": [plot.area for plot in plots],
        "图幅号": [plot.sheet for plot in plots],
        "地块用途": [plot.use for plot in plots],
        "地类编码": [plot.code for plot in plots],
    }
    for name in dict.fromkeys(name for plot in plots for name in plot.more):
        columns[name] = [plot.more.get(name) for plot in plots]
    return MappingProxyType(columns)


def _area_unit(plots: Sequence[Plot], geometry: Sequence[BaseGeometry | None]) -> str:
    """Return the unit in which most areas agree with what the points enclose: hectares, unless they say otherwise."""
    votes: Counter[str] = Counter()
    for plot, shape in zip(plots, geometry, strict=True):
        written = _bare_number(plot.area)
        if shape is None or not written or shape.area == 0:
            continue
        degrees = max(map(abs, shape.bounds)) <= 180
        computed = float(crs.geodesic_area_m2(object_array([shape]))[0]) if degrees else shape.area
        votes.update(unit for unit, m2 in _UNITS.items() if abs(computed / (written * m2) - 1) < _NEAR)
    default = next(iter(_UNITS))
    return max(_UNITS, key=lambda unit: (votes[unit], unit == default))


def _bare_number(text: str | None) -> float | None:
    """Return a bare number; None for a text that carries its own unit, or is none."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
