"""The small map of a change: what comes, what goes, what moves, over the layer as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import shapely

from landmap.domain import District, Words
from landmap.render.cartography.board import on_plane
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.svg import number, text_of
from landmap.render.report.site_map import grey_path, path_of, scale_bar
from landmap.store import LayerDiff

_SIZE: Final = (640.0, 440.0)
_SHARE: Final = 0.88
_LEAST_M: Final = 400.0
_NAMED: Final = 30
#: More of one kind are drawn as one shape without names, so that a million stay a picture.
_SINGLE: Final = 400
_LETTER, _LINE = 6.4, 14.0
#: What is drawn, from the bottom up: class, kind of change, and the side of it.
_ORDER: Final = (
    ("removed", "removed", 0),
    ("before", "changed", 0),
    ("renumbered", "renumbered", 1),
    ("changed", "changed", 1),
    ("added", "added", 1),
)

Drawn = tuple[str, str, Any]


def change_map(diffs: Sequence[LayerDiff], standing: Sequence[Any], district: District, words: Words) -> str:
    """Return the map of what changed in some layers as SVG; empty when nothing of it has a place.

    Parameters
    ----------
    diffs : sequence of LayerDiff
    standing : sequence of geometry or None, EPSG:4490
        The layers as they stand, drawn in grey beneath.
    district : District
    words : Words

    Notes
    -----
    Marks have classes (``m-added``, ``m-removed``, ``m-before``, ``m-changed``, ``m-renumbered``); the page that shows
    the drawing colours them, in light and in dark.
    """
    found = [one for diff in diffs for one in _drawn(diff)]
    if not found:
        return ""
    placed = on_plane([shape for _, _, shape in found], district)
    grey = on_plane([one for one in standing if one is not None and not one.is_empty], district)
    frame = Frame.around(shapely.total_bounds(placed), _SIZE, share=_SHARE, least_m=_LEAST_M)
    near = grey[shapely.intersects(shapely.envelope(grey), frame.box)] if len(grey) else grey
    spots = [(how, id, shape) for (how, id, _), shape in zip(found, placed, strict=True)]
    return "".join(_svg(spots, near, frame, words))


def layer_map(shapes: Sequence[Any], district: District, words: Words) -> str:
    """Return a small map of a whole layer in grey as SVG; empty when nothing of it has a shape (EPSG:4490)."""
    there = [one for one in shapes if one is not None and not one.is_empty]
    if not there:
        return ""
    grey = on_plane(there, district)
    frame = Frame.around(shapely.total_bounds(grey), _SIZE, share=_SHARE, least_m=_LEAST_M)
    return "".join(_svg((), grey, frame, words))


def _drawn(diff: LayerDiff) -> Iterator[Drawn]:
    kinds = {
        "added": diff.added,
        "removed": diff.removed,
        "renumbered": tuple(diff.renumbered),
        "changed": tuple(diff.changed),
    }
    for how, kind, side in _ORDER:
        for id in kinds[kind]:
            shape = diff.shapes.get(id, (None, None))[side]
            moved = how != "before" or "geometry" in diff.changed.get(id, {})
            if shape is not None and not shapely.is_empty(shape) and moved:
                yield how, id, shape


def _svg(spots: Sequence[Drawn], grey: Any, frame: Frame, words: Words) -> Iterator[str]:
    width, height = number(frame.width), number(frame.height)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    yield f"<title>{text_of(words('admin.changes.map'))}</title>"
    yield f'<rect class="m-ground" width="{width}" height="{height}"/>'
    if len(grey):
        yield f'<path class="m-accepted" d="{grey_path(grey, frame)}"/>'
    for how, _, _ in _ORDER:
        alike = [spot for spot in spots if spot[0] == how]
        if len(alike) > _SINGLE:
            yield f'<path class="m-{how}" d="{grey_path(np.array([shape for _, _, shape in alike]), frame)}"/>'
            continue
        for _, id, shape in alike:
            yield f'<path class="m-{how}" d="{path_of(shape, frame)}"><title>{text_of(id)}</title></path>'
    yield from _names(spots if len(spots) <= _SINGLE else (), frame)
    yield from scale_bar(frame, words)
    yield "</svg>"


def _names(spots: Sequence[Drawn], frame: Frame) -> Iterator[str]:
    """Yield numbers of records where they do not cover one another."""
    taken: list[Any] = []
    for how, id, shape in reversed(spots):
        half = _LETTER * len(id) / 2
        x, y = (float(value) for value in np.round(frame.at(shapely.point_on_surface(shape)), 1))
        x = min(max(x, half + 4), frame.width - half - 4)
        box = shapely.box(x - half, y - _LINE / 2, x + half, y + _LINE / 2)
        if how == "before" or len(taken) >= _NAMED or any(shapely.intersects(box, other) for other in taken):
            continue
        taken.append(box)
        yield f'<text class="m-number" x="{number(x)}" y="{number(round(y + 4, 1))}">{text_of(id)}</text>'
