"""The lettering of a map: stations and facilities, streets, codes of neighbours, the name of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import shapely

from landmap.render.cartography.labels import Anchor, Label, Placement, street_label, text_width
from landmap.render.cartography.palette import Palette
from landmap.render.cartography.scene import Area, Scene
from landmap.render.cartography.svg import number, text_of

#: Metres across a minor street.
MINOR_M: Final = 15.0
#: A neighbour smaller than this across has no class code, a minor street narrower than this no name.
_CLASS_CODE_LEAST: Final = 26.0
_NAMED_LEAST: Final = 4.0


def lettering(scene: Scene, palette: Palette, placement: Placement) -> Iterable[str]:
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
    labels += _area_labels(scene, palette, placement)
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


def _area_labels(scene: Scene, palette: Palette, placement: Placement) -> list[Label]:
    """Return the numbers of the chosen, and the class codes of neighbours that have room for one."""
    found = []
    for area in scene.focus:
        x, y = scene.frame.at(shapely.point_on_surface(area.shape))
        if area.badge or scene.overview:
            placement.keep_off(shapely.Point(x, y).buffer(8))
        elif area.label and not scene.overview:
            found.append(_focus_label(area, scene, palette))
            if not area.colour:
                placement.keep_off(scene.frame.drawn(area.shape))
    for area in scene.areas:
        cut = scene.frame.drawn(area.shape)
        if area.code and not shapely.is_empty(cut) and shapely.area(cut) >= _CLASS_CODE_LEAST**2:
            point = shapely.point_on_surface(cut)
            found.append(Label(area.code, float(point.x), float(point.y), 7.5, 6, palette.text))
    return found


def _focus_label(area: Area, scene: Scene, palette: Palette) -> Label:
    """Return the name of what the map is about: on it where there is room, else just below or above."""
    drawn = scene.frame.drawn(area.shape)
    x, y = scene.frame.at(shapely.point_on_surface(area.shape))
    west, north, east, south = drawn.bounds
    offsets: tuple[tuple[float, float, Anchor], ...] = ()
    if text_width(area.label, 9.0) > (east - west) * 0.9:
        offsets = ((0.0, south - y + 10, "middle"), (0.0, north - y - 10, "middle"))
    return Label(area.label, x, y, 9.0, 0, palette.focus, bold=True, offsets=offsets, must=True)


def _street_labels(scene: Scene, palette: Palette) -> list[Label]:
    ranks = {"expressway": 2, "road_major": 2, "road_minor": 5, "rail": 5, "metro": 5, "water": 4}
    named = MINOR_M * scene.frame.scale >= _NAMED_LEAST
    found = []
    for one in scene.base:
        text = one.name(scene.lang)
        if one.kind not in ranks or not text or (one.kind == "road_minor" and not named):
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
    spots = [shapely.line_interpolate_point(way, share, normalized=True) for share in (0.5, 0.3, 0.7, 0.15, 0.85)]
    x, y = float(spots[0].x), float(spots[0].y)
    offsets: list[tuple[float, float, Anchor]] = []
    for spot in spots:
        dx, dy = float(spot.x) - x, float(spot.y) - y
        offsets += [(dx, dy, "middle"), (dx, dy - 9, "middle"), (dx, dy + 9, "middle"), (dx + 7, dy, "start")]
    return (Label(text, x, y, 8.0, 1, palette.metro, offsets=tuple(offsets)),)


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
