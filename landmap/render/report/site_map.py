"""The small map of a report: what was accepted in grey, what has a fault in colour, numbered by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import shapely

from landmap.domain import District, Words
from landmap.ingest import Outline, Report, StagedLayer
from landmap.render import numbers
from landmap.render.cartography.board import on_plane
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.furniture import scale_length
from landmap.render.cartography.outline import path_data
from landmap.render.cartography.svg import number, text_of
from landmap.render.report.far_away import arrows

_SIZE: Final = (640.0, 440.0)
_SHARE: Final = 0.9
_LEAST_M: Final = 300.0
#: How far around the district a fault may lie to be drawn, degrees; what lies farther is counted.
_AROUND: Final = 0.1
#: A shape smaller than this is drawn as a dot, units of the drawing; grey dots stand on a grid of that width.
_DOT: Final = 4.0
_GRID: Final = 2.0
_NUMBERED: Final = 40
_LETTER, _LINE = 6.6, 14.0
#: Severities in the order they are drawn, the most serious on top.
_RISING: Final = ("warning", "error")

Place = tuple[str, str | None, int]


@dataclass(frozen=True)
class Shapes:
    """What a report's map shows, EPSG:4490: the accepted shapes, and where the records lie that have a fault."""

    accepted: Sequence[Any]
    faulty: Sequence[Outline]
    district: District

    @classmethod
    def of(cls, staged: StagedLayer | None, report: Report, district: District) -> Self:
        """Return what a check found; `staged` may be None when nothing was accepted."""
        accepted = [] if staged is None or "geometry" not in staged.frame else list(staged.frame["geometry"])
        return cls(accepted, report.outlines, district)


@dataclass(frozen=True, slots=True)
class SiteMap:
    """A drawn map: SVG, how many shapes there are of each colour, and how many its arrows point to, outside of it."""

    svg: str
    counts: Mapping[str, int]
    outside: int


def site_map(shapes: Shapes, findings: Sequence[Mapping[str, Any]], words: Words) -> SiteMap | None:
    """Return the map of a report, or None when there is nothing to draw."""
    worst = _worst(findings)
    told = [(one, worst[place]) for one in shapes.faulty if (place := (one.file, one.layer, one.row)) in worst]
    west, south, east, north = shapes.district.extent
    around = shapely.box(west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
    drawn = [(one, how, shapely.from_wkt(one.wkt)) for one, how in told]
    near = [bool(shapely.intersects(shapely.envelope(shape), around)) for _, _, shape in drawn]
    inside = [one for one, here in zip(drawn, near, strict=True) if here]
    accepted = [one for one in shapes.accepted if one is not None and not one.is_empty]
    if not accepted and not inside:
        return None
    grey = on_plane(accepted, shapes.district)
    marked = on_plane([shape for _, _, shape in inside], shapes.district)
    frame = Frame.around(shapely.total_bounds(np.concatenate([grey, marked])), _SIZE, share=_SHARE, least_m=_LEAST_M)
    spots = [(one, how, shape) for (one, how, _), shape in zip(inside, marked, strict=True)]
    counts = {how: sum(one == how for _, one, _ in inside) for how in _RISING}
    counts["accepted"] = max(0, len(accepted) - counts["warning"])
    strays = [(one.row, how, shape) for (one, how, shape), here in zip(drawn, near, strict=True) if not here]
    centre = shapely.Point((west + east) / 2, (south + north) / 2)
    svg = "".join(_drawing(grey, spots, frame, words, arrows(strays, centre, frame, words)))
    return SiteMap(svg, counts, len(told) - len(inside))


def _worst(findings: Sequence[Mapping[str, Any]]) -> dict[Place, str]:
    """Return the colour of every row that is refused, or whose outline or area has a warning."""
    found: dict[Place, str] = {}
    for severity in _RISING:
        for one in findings:
            spatial = one["field"] == "geometry" or str(one["field"]).endswith("area_m2")
            if one["severity"] == severity and (severity == "error" or spatial):
                found |= dict.fromkeys(((one["file"], one["layer"], row) for row in one["rows"]), severity)
    return found


def _drawing(
    grey: Any, spots: Sequence[tuple[Outline, str, Any]], frame: Frame, words: Words, strays: Iterator[str]
) -> Iterator[str]:
    width, height = number(frame.width), number(frame.height)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    yield f"<title>{text_of(words('report.map.label'))}</title>"
    yield f'<rect class="m-ground" width="{width}" height="{height}"/>'
    yield f'<path class="m-accepted" d="{grey_path(grey, frame)}"/>'
    for severity in _RISING:
        for one, how, shape in spots:
            if how == severity:
                name = text_of(words("report.map.row", row=one.row))
                yield f'<path class="m-{how}" d="{path_of(shape, frame)}"><title>{name}</title></path>'
    yield from _numbers(spots, frame)
    yield from strays
    yield from scale_bar(frame, words)
    yield "</svg>"


def path_of(shape: Any, frame: Frame) -> str:
    """Return a shape as path data; one too small to be seen as a dot."""
    drawn = frame.drawn(shape)
    west, south, east, north = shapely.bounds(drawn)
    data = path_data(drawn) if max(east - west, north - south) >= _DOT else ""
    if data:
        return data
    x, y = (number(round(value, 1)) for value in frame.at(shapely.centroid(shape)))
    r = number(_DOT)
    return f"M{x} {y}m-{r} 0a{r} {r} 0 1 0 {number(2 * _DOT)} 0a{r} {r} 0 1 0 {number(-2 * _DOT)} 0Z"


def grey_path(shapes: Any, frame: Frame) -> str:
    """Return all accepted shapes as one path; the small ones as squares on a grid, so that a million stay a picture."""
    if not len(shapes):
        return ""
    bounds = shapely.bounds(shapes)
    tiny = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) * frame.scale < _DOT
    centres = frame.place(np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])[tiny])
    cells = np.unique(np.round(centres / _GRID) * _GRID, axis=0) if tiny.any() else np.empty((0, 2))
    squares = "".join(f"M{number(x)} {number(y)}h2v2h-2Z" for x, y in cells.tolist())
    return "".join(path_data(frame.drawn(shape)) for shape in shapes[~tiny]) + squares


def _numbers(spots: Sequence[tuple[Outline, str, Any]], frame: Frame) -> Iterator[str]:
    """Yield row numbers where they do not cover one another, the most serious first."""
    taken: list[Any] = []
    for one, how, shape in sorted(spots, key=lambda spot: -_RISING.index(spot[1])):
        x, y = frame.at(shapely.point_on_surface(shape))
        text = str(one.row)
        half = _LETTER * len(text) / 2
        box = shapely.box(x - half, y - _LINE / 2, x + half, y + _LINE / 2)
        if len(taken) < _NUMBERED and not any(shapely.intersects(box, other) for other in taken):
            taken.append(box)
            at = f'x="{number(round(x, 1))}" y="{number(round(y + 4, 1))}"'
            yield f'<text class="m-number m-{how}-text" {at}>{text}</text>'


def scale_bar(frame: Frame, words: Words) -> Iterator[str]:
    """Yield the scale and the arrow to the north."""
    metres = scale_length(frame.width / frame.scale)
    long, y = metres * frame.scale, frame.height - 16
    far = numbers.distance(metres, words.lang)
    yield f'<path class="m-scale" d="M16 {number(y - 5)}V{number(y)}h{number(round(long, 1))}v-5"/>'
    yield f'<text class="m-far" x="{number(round(22 + long, 1))}" y="{number(y)}">{text_of(far)}</text>'
    yield f'<path class="m-north" d="M{number(frame.width - 24)} 14l7 22l-7 -5l-7 5Z"/>'
