"""A scene as SVG: the same scene gives the same text, and every word of it is text, never markup.

Only what browsers and Typst's SVG reader both know is used: paths, rectangles, circles, text, one clip path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import shapely

from landmap.render.cartography import furniture
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.labels import Label, Placement, street_label
from landmap.render.cartography.outline import number, path_data
from landmap.render.cartography.palette import PALETTES, Palette
from landmap.render.cartography.scene import Scene

FONT: Final = "Noto Sans SC"
#: Everything that names a place or a person comes from data: control characters have no place in XML.
_PRINTABLE: Final = {code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
#: Streets by kind: metres across, and the least width in units of the drawing.
_STREETS: Final = {"road_minor": (15.0, 0.8), "road_major": (28.0, 1.3), "expressway": (30.0, 2.0)}
_FILLS: Final = ("sea", "hill", "green", "water", "block")
_CLASS_CODE_LEAST: Final = 26.0


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
        *_labels(scene, palette, placement),
        "</g>",
        f'<rect x=".5" y=".5" width="{number(frame.width - 1)}" height="{number(frame.height - 1)}" fill="none"'
        f' stroke="{palette.subline}"/></svg>',
    ]
    return "".join(parts)


def text_of(text: str) -> str:
    """Return `text` as XML text; whatever XML cannot hold is left out."""
    held = text.translate(_PRINTABLE).encode("utf-8", "ignore").decode("utf-8")
    return escape(held, {'"': "&quot;", "'": "&#39;"})


def label_svg(label: Label, palette: Palette) -> str:
    """Return a label with a halo in the colour of the ground."""
    turn = f' transform="rotate({number(round(label.angle, 1))} {_xy(label.x, label.y)})"' if label.angle else ""
    weight = ' font-weight="700"' if label.bold else ""
    return (
        f'<text x="{number(round(label.x, 1))}" y="{number(round(label.y + label.size * 0.36, 1))}"'
        f' font-size="{number(label.size)}" text-anchor="{label.anchor}"{weight}{turn} fill="{label.colour}"'
        f' stroke="{palette.halo}" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke">'
        f"{text_of(label.text)}</text>"
    )


def _xy(x: float, y: float) -> str:
    return f"{number(round(x, 1))} {number(round(y, 1))}"


def _title(scene: Scene) -> str:
    named = [area.label for area in scene.focus if area.label]
    return " · ".join([scene.words("map_sheet.title"), *named[:8]])


def _paths(shapes: Iterable[Any], frame: Frame) -> str:
    return "".join(path_data(frame.drawn(shape)) for shape in shapes)


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
        path = _paths((one.shape for one in scene.base if one.kind == kind), frame)
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
            f'<path d="{path}" fill="{area.colour}" fill-rule="evenodd" stroke="{palette.focus}" stroke-width="2.4"'
            ' stroke-linejoin="round"/>'
        )


def _labels(scene: Scene, palette: Palette, placement: Placement) -> Iterable[str]:
    """Yield stations and facilities as dots, then every label that finds room."""
    labels: list[Label] = []
    dots: list[str] = []
    for one in scene.base:
        if one.kind == "station" and scene.frame.inside(one.shape, 4):
            dots.append(_dot(scene, one.shape, palette.metro, palette))
            labels.append(_beside(scene, one.shape, one.name(scene.lang), 1, palette.metro, size=8.0))
        elif one.kind == "place":
            inside = scene.frame.inside(one.shape, 10)
            if inside:
                x, y = scene.frame.at(one.shape)
                size = 8.0 if scene.overview else 9.5
                labels.append(Label(one.name(scene.lang), x, y, size, 3, palette.soft_text))
    for spot in scene.spots:
        if scene.frame.inside(spot.shape, 4):
            dots.append(_dot(scene, spot.shape, palette.soft_text, palette))
            labels.append(_beside(scene, spot.shape, spot.name, 4, palette.soft_text, size=7.0))
    labels += _area_labels(scene, palette)
    if not scene.overview:
        labels += _street_labels(scene, palette)
    labels += _tie_labels(scene, palette)
    if scene.overview:
        labels = [one for one in labels if one.rank in (0, 3)]
        dots = []
    yield from dots
    yield from (label_svg(label, palette) for label in placement.place(labels))


def _dot(scene: Scene, point: Any, colour: str, palette: Palette) -> str:
    x, y = scene.frame.at(point)
    return (
        f'<circle cx="{number(round(x, 1))}" cy="{number(round(y, 1))}" r="2.8" fill="{palette.halo}"'
        f' stroke="{colour}" stroke-width="1.6"/>'
    )


def _beside(scene: Scene, point: Any, text: str, rank: int, colour: str, size: float) -> Label:
    x, y = scene.frame.at(point)
    return Label(
        text,
        x,
        y,
        size,
        rank,
        colour,
        bold=rank == 1,
        anchor="start",
        offsets=((6, 0, "start"), (-6, 0, "end"), (0, -9, "middle"), (0, 10, "middle")),
    )


def _area_labels(scene: Scene, palette: Palette) -> list[Label]:
    """Return the numbers of the chosen, and the class codes of neighbours that have room for one."""
    found = []
    for area in scene.focus:
        if area.label:
            x, y = scene.frame.at(shapely.point_on_surface(area.shape))
            found.append(Label(area.label, x, y, 9.0, 0, palette.focus, bold=True, must=True))
    for area in scene.areas:
        cut = scene.frame.drawn(area.shape)
        if area.code and not shapely.is_empty(cut) and shapely.area(cut) >= _CLASS_CODE_LEAST**2:
            point = shapely.point_on_surface(cut)
            found.append(Label(area.code, float(point.x), float(point.y), 7.5, 6, palette.text))
    return found


def _street_labels(scene: Scene, palette: Palette) -> list[Label]:
    ranks = {"expressway": 2, "road_major": 2, "road_minor": 5, "rail": 5, "metro": 5, "water": 4}
    found = []
    for one in scene.base:
        text = one.name(scene.lang)
        if one.kind not in ranks or not text:
            continue
        size = 8.0 if ranks[one.kind] == 2 else 7.0
        line = scene.frame.drawn(one.shape if one.kind != "water" else shapely.boundary(one.shape))
        place = street_label(line, text, size)
        if place is not None:
            colour = palette.metro if one.kind == "metro" else palette.soft_text
            found.append(Label(text, place[0], place[1], size, ranks[one.kind], colour, angle=place[2]))
    return found


def _tie_labels(scene: Scene, palette: Palette) -> Sequence[Label]:
    """Return the distance to the metro: on the way where the station is in sight, at the edge where it is not."""
    if scene.tie is None:
        return ()
    way = scene.frame.drawn(scene.tie.line)
    if shapely.is_empty(way):
        return ()
    end = shapely.Point(shapely.get_coordinates(scene.tie.line)[-1])
    in_sight = scene.frame.inside(end, 4)
    text = scene.tie.distance if in_sight else f"{scene.tie.station} {scene.tie.distance}"
    middle = shapely.line_interpolate_point(way, 0.5 if in_sight else 0.72, normalized=True)
    x, y = float(middle.x), float(middle.y)
    offsets = (
        (0.0, 0.0, "middle"),
        (0.0, -10.0, "middle"),
        (0.0, 10.0, "middle"),
        (8.0, 0.0, "start"),
        (-8.0, 0.0, "end"),
    )
    return (Label(text, x, y, 8.0, 1, palette.metro, offsets=offsets),)
