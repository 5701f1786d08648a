"""A scene as SVG: the same scene gives the same text, and every word of it is text, never markup.

Only what browsers and Typst's SVG reader both know is used: paths, rectangles, circles, text, one clip path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import shapely

from landmap.domain import deadline
from landmap.render.cartography import furniture, lettering
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.labels import Placement
from landmap.render.cartography.outline import path_data
from landmap.render.cartography.palette import PALETTES, Palette
from landmap.render.cartography.scene import Area, Scene
from landmap.render.cartography.svg import number, text_of

FONT: Final = "Noto Sans SC, sans-serif"
#: Streets by kind: metres across, and the least width in units of the drawing.
_STREETS: Final = {"road_minor": (lettering.MINOR_M, 0.8), "road_major": (28.0, 1.3), "expressway": (30.0, 2.0)}
_FILLS: Final = ("sea", "hill", "green", "water", "block")


def draw(scene: Scene) -> str:
    """Return the map as one SVG element, of the frame's size.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    str
        Without XML declaration or doctype, so that it may stand inside HTML as well as on its own.
    """
    frame, palette = scene.frame, PALETTES[scene.tone]
    width, height = number(frame.width), number(frame.height)
    clip = f"map-{width}-{height}".replace(".", "_")
    placement = Placement(frame.width, frame.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" font-family="{FONT}">',
        f"<title>{text_of(_title(scene))}</title>",
        f'<defs><clipPath id="{clip}"><rect width="{width}" height="{height}"/></clipPath></defs>',
        f'<g clip-path="url(#{clip})"><rect width="{width}" height="{height}" fill="{palette.ground}"/>',
        *_ground(scene, palette),
        *_areas(scene, palette),
        *_tracks(scene, palette),
        *_limits(scene, palette),
        *_focus(scene, palette),
        *furniture.furniture(scene, palette, placement),
        *lettering.lettering(scene, palette, placement),
        "</g>",
        f'<rect x=".5" y=".5" width="{number(frame.width - 1)}" height="{number(frame.height - 1)}" fill="none"'
        f' stroke="{palette.subline}"/></svg>',
    ]
    return "".join(parts)


def _title(scene: Scene) -> str:
    named = [area.label for area in scene.focus if area.label]
    return " · ".join([scene.words("map_sheet.title"), *named[:8]])


def _paths(shapes: Iterable[Any], frame: Frame) -> str:
    return "".join(path_data(frame.drawn(shape)) for shape in deadline.in_time(shapes))


def _ground(scene: Scene, palette: Palette) -> Iterable[str]:
    """Yield fills and streets, each kind in one path; streets first as edges, then as surfaces, so that they join."""
    frame = scene.frame
    by_kind: dict[str, list[Any]] = {}
    for one in scene.base:
        by_kind.setdefault(one.kind, []).append(one.shape)
    for kind in _FILLS:
        if kind == "block" and scene.overview:
            continue
        path = _paths(by_kind.get(kind, ()), frame)
        if path:
            yield f'<path d="{path}" fill="{getattr(palette, kind)}" fill-rule="evenodd"/>'
    lines = {kind: _paths(by_kind.get(kind, ()), frame) for kind in _STREETS}
    for edge in (True, False):
        for kind, path in lines.items():
            if path and not (scene.overview and kind == "road_minor"):
                metres, least = _STREETS[kind]
                wide = max(least, metres * frame.scale) + (1.4 if edge else 0)
                surface = palette.expressway if kind == "expressway" else palette.street
                colour = palette.street_edge if edge else surface
                yield _line(path, colour, wide)


def _line(path: str, colour: str, width: float, extra: str = "") -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{number(round(width, 2))}"'
        f' stroke-linecap="round" stroke-linejoin="round"{extra}/>'
    )


def _areas(scene: Scene, palette: Palette) -> Iterable[str]:
    by_colour: dict[str, list[Any]] = {}
    for area in scene.areas:
        by_colour.setdefault(area.colour, []).append(area.shape)
    for colour, shapes in sorted(by_colour.items()):
        path = _paths(shapes, scene.frame)
        if path:
            yield (
                f'<path d="{path}" fill="{colour}" fill-opacity="{palette.area_opacity}" fill-rule="evenodd"'
                f' stroke="{palette.edge}" stroke-width=".8" stroke-linejoin="round"/>'
            )


def _tracks(scene: Scene, palette: Palette) -> Iterable[str]:
    """Yield rail, metro and the lines of administration; the veil over what lies outside comes before the lines."""
    frame = scene.frame
    if scene.veil is not None:
        path = path_data(frame.drawn(scene.veil))
        if path:
            yield f'<path d="{path}" fill="{palette.veil}" fill-opacity=".62" fill-rule="evenodd"/>'
    styles = (
        ("rail", palette.rail, 1.3, ' stroke-dasharray="6 3"'),
        ("metro", palette.metro, 2.0 if not scene.overview else 1.3, ' stroke-opacity=".85"'),
        ("subdistrict_line", palette.subline, 0.7, ' stroke-dasharray="3 2"'),
        ("district_line", palette.line, 1.4, ' stroke-dasharray="8 3 1.5 3"'),
    )
    for kind, colour, width, extra in styles:
        lines = [one.shape for one in scene.base if one.kind == kind]
        path = _paths([shapely.union_all(lines)] if kind == "subdistrict_line" else lines, frame)
        if path:
            yield _line(path, colour, width, extra)


def _limits(scene: Scene, palette: Palette) -> Iterable[str]:
    path = _paths((shapely.boundary(one.shape) for one in scene.limits), scene.frame)
    if path:
        yield _line(path, palette.limit, 1.1, ' stroke-dasharray="1.5 2.5"')


def _focus(scene: Scene, palette: Palette) -> Iterable[str]:
    frame = scene.frame
    if scene.tie is not None:
        path = path_data(frame.drawn(scene.tie.line))
        if path:
            yield _line(path, palette.metro, 1.2, ' stroke-dasharray="3 3"')
    for area in scene.focus:
        if scene.overview or area.shape.geom_type in ("Point", "MultiPoint"):
            x, y = frame.at(shapely.centroid(area.shape))
            yield (
                f'<circle cx="{number(round(x, 1))}" cy="{number(round(y, 1))}" r="4.2" fill="{palette.focus}"'
                f' stroke="{palette.halo}" stroke-width="1.6"/>'
            )
            continue
        path = path_data(frame.drawn(area.shape))
        yield _line(path, palette.halo, 5.0)
        yield (
            f'<path d="{path}" fill="{area.colour or palette.panel}" fill-rule="evenodd" stroke="{palette.focus}"'
            ' stroke-width="2.4" stroke-linejoin="round"/>'
        )
    for area in scene.focus:
        if area.badge:
            yield _badge(area, frame, palette)


def _badge(area: Area, frame: Frame, palette: Palette) -> str:
    x, y = frame.at(shapely.point_on_surface(area.shape))
    return (
        f'<circle cx="{number(round(x, 1))}" cy="{number(round(y, 1))}" r="7" fill="{palette.focus}"'
        f' stroke="{palette.halo}" stroke-width="1.4"/><text x="{number(round(x, 1))}"'
        f' y="{number(round(y + 3.1, 1))}" font-size="8.5" font-weight="700" text-anchor="middle"'
        f' fill="{palette.halo}">{text_of(area.badge)}</text>'
    )
