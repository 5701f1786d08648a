"""What lies far outside a report's map: arrows at its edge, each with its rows and how far it is to the nearest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import shapely

from landmap.domain import Words, crs
from landmap.render import numbers
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.svg import number, text_of

#: What lies within one of so many equal directions shares an arrow.
_SECTORS: Final = 16
_NAMED: Final = 3
#: The tip of an arrow keeps this far from the edge, units of the drawing; so long is the arrow.
_EDGE, _LONG, _WIDE = 12.0, 14.0, 6.0
#: A label beside its arrow, not above or below it, ends or starts there.
_SIDEWAYS: Final = 0.3

#: A row, how bad its fault is, and where it lies, EPSG:4490.
Stray = tuple[int, str, Any]


def arrows(strays: Sequence[Stray], centre: Any, frame: Frame, words: Words) -> Iterator[str]:
    """Yield an arrow for every direction in which something lies off the map.

    Parameters
    ----------
    strays : sequence of (row, severity, shape)
        Shapes in EPSG:4490.
    centre : Point, EPSG:4490
        Where the map looks from.
    frame : Frame
    words : Words
    """
    sectors: dict[int, list[tuple[float, float, Stray]]] = {}
    for stray in strays:
        far, bearing = _way(centre, shapely.centroid(stray[2]))
        sectors.setdefault(round(bearing / (2 * math.pi) * _SECTORS) % _SECTORS, []).append((far, bearing, stray))
    for found in sectors.values():
        found.sort(key=lambda one: one[0])
        yield _arrow(found, frame, words)


def _way(here: Any, there: Any) -> tuple[float, float]:
    """Return distance in metres and bearing in radians, clockwise from north."""
    (far,) = crs.geodesic_length_m(np.array([shapely.LineString([here, there])], dtype=object)).tolist()
    east = (there.x - here.x) * math.cos(math.radians((here.y + there.y) / 2))
    return float(far), math.atan2(east, there.y - here.y)


def _arrow(found: Sequence[tuple[float, float, Stray]], frame: Frame, words: Words) -> str:
    far, bearing, (_, how, _) = found[0]
    how = "error" if any(stray[1] == "error" for _, _, stray in found) else how
    dx, dy = math.sin(bearing), -math.cos(bearing)
    half_w, half_h = frame.width / 2 - _EDGE, frame.height / 2 - _EDGE
    reach = min(half_w / abs(dx) if dx else math.inf, half_h / abs(dy) if dy else math.inf)
    x, y = frame.width / 2 + dx * reach, frame.height / 2 + dy * reach
    back = x - dx * _LONG, y - dy * _LONG
    sides = ((back[0] - dy * _WIDE, back[1] + dx * _WIDE), (back[0] + dy * _WIDE, back[1] - dx * _WIDE))
    path = "L".join(f"{number(round(px, 1))} {number(round(py, 1))}" for px, py in ((x, y), *sides))
    rows = sorted(row for _, _, (row, _, _) in found)
    named = ("、" if words.lang == "zh" else ", ").join(map(str, rows[:_NAMED])) + (" …" if len(rows) > _NAMED else "")
    text = words("report.map.stray", row=named, far=numbers.distance(far, words.lang))
    place = x - dx * (_LONG + 10), y - dy * (_LONG + 14) + 4
    side = " m-end" if dx > _SIDEWAYS else " m-start" if dx < -_SIDEWAYS else ""
    at = f'x="{number(round(place[0], 1))}" y="{number(round(place[1], 1))}"'
    label = f'<text class="m-number m-{how}-text{side}" {at}>{text_of(text)}</text>'
    return f'<path class="m-{how}" d="M{path}Z"><title>{text_of(text)}</title></path>{label}'
