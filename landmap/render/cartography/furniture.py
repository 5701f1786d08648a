"""What every map carries: scale bar, north arrow, legend, and the marks that say what it is and is not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import shapely

from landmap.domain import Lang
from landmap.render import numbers
from landmap.render.cartography.labels import Placement, text_width
from landmap.render.cartography.marks import EDGE, LINE, SIZE, mark_lines
from landmap.render.cartography.palette import Palette
from landmap.render.cartography.scene import Scene
from landmap.render.cartography.svg import number, text_of

_SMALL: Final = 7.0
_ROW: Final = 11.0
#: At most so many classes are explained; a map with more shows the most important, its own first.
_LEGEND_MAX: Final = 8


def furniture(scene: Scene, palette: Palette, placement: Placement) -> Iterable[str]:
    """Yield the furniture of a map, and keep labels off it."""
    lines = mark_lines(scene.marks, scene.frame.width)
    bottom = scene.frame.height - LINE * len(lines)
    yield from _strip(scene, palette, placement, lines)
    yield from _scale_bar(scene, palette, placement, bottom)
    yield from _north(scene, palette, placement)
    if scene.legend or scene.focus_text:
        yield from _legend(scene, palette, placement, bottom)
    if scene.marks.notice:
        yield from _notice(scene, palette, placement)


def scale_length(metres_across: float) -> float:
    """Return a round length, metres, that takes at most a quarter of a map so wide.

    Examples
    --------
    >>> scale_length(850.0), scale_length(14_000.0)
    (200.0, 2000.0)
    """
    wanted = metres_across / 4
    power = 10.0 ** math.floor(math.log10(wanted))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= wanted)


def _text(text: str, x: float, y: float, colour: str, size: float = _SMALL, anchor: str = "start") -> str:
    return (
        f'<text x="{number(round(x, 1))}" y="{number(round(y, 1))}" font-size="{number(size)}" fill="{colour}"'
        f' text-anchor="{anchor}">{text_of(text)}</text>'
    )


def _panel(x: float, y: float, width: float, height: float, palette: Palette) -> str:
    return (
        f'<rect x="{number(round(x, 1))}" y="{number(round(y, 1))}" width="{number(round(width, 1))}"'
        f' height="{number(round(height, 1))}" rx="2" fill="{palette.panel}" fill-opacity=".88"/>'
    )


def _strip(scene: Scene, palette: Palette, placement: Placement, lines: list[list[str]]) -> Iterable[str]:
    """Yield the marks along the lower edge, each line as small as it must be to fit."""
    frame = scene.frame
    top = frame.height - LINE * len(lines)
    placement.keep_off(shapely.box(0, top, frame.width, frame.height))
    yield _panel(0, top, frame.width, frame.height - top, palette)
    for row, texts in enumerate(lines):
        wide = sum(text_width(text, SIZE) for text in texts)
        size = round(SIZE * min(1.0, (frame.width - 2 * EDGE) / wide), 2) if wide else SIZE
        y = top + row * LINE + 7.2
        yield _text(texts[0], EDGE, y, palette.soft_text, size)
        if len(texts) > 1:
            yield _text(texts[1], frame.width - EDGE, y, palette.soft_text, size, "end")


def _round_length(metres: float, lang: Lang) -> str:
    if metres < 1000:
        return numbers.distance(metres, lang)
    return f"{numbers.number(metres / 1000, 1)} {'公里' if lang == 'zh' else 'km'}"


def _scale_bar(scene: Scene, palette: Palette, placement: Placement, bottom: float) -> Iterable[str]:
    frame = scene.frame
    metres = scale_length(frame.width / frame.scale)
    long = metres * frame.scale
    x, y = EDGE + 4, bottom - 6
    placement.keep_off(shapely.box(EDGE - 2, y - 15, x + long + 8, y + 4))
    yield _panel(EDGE - 1, y - 13, long + 10, 16, palette)
    half = number(round(long / 2, 1))
    yield (
        f'<path d="M{number(x)} {number(y - 3)}h{half}v3h-{half}Z" fill="{palette.text}"/>'
        f'<path d="M{number(x)} {number(y - 3)}h{number(round(long, 1))}v3h-{number(round(long, 1))}Z" fill="none"'
        f' stroke="{palette.text}" stroke-width=".7"/>'
    )
    yield _text(_round_length(metres, scene.lang), x + long / 2, y - 5.5, palette.text, 6.5, "middle")


def _north(scene: Scene, palette: Palette, placement: Placement) -> Iterable[str]:
    x, y = scene.frame.width - 13.0, 15.0
    placement.keep_off(shapely.box(x - 10, 2, x + 10, 32))
    yield f'<circle cx="{number(x)}" cy="{number(y)}" r="9.5" fill="{palette.panel}" fill-opacity=".88"/>'
    yield f'<path d="M{number(x)} {number(y - 8)}l4.2 10.4l-4.2-2.2l-4.2 2.2Z" fill="{palette.text}"/>'
    yield _text("N", x, y + 8.2, palette.text, 5.5, "middle")


def _legend(scene: Scene, palette: Palette, placement: Placement, bottom: float) -> Iterable[str]:
    """Yield the site's own symbol and every class present, in a panel that hides neither the site nor its way."""
    entries = scene.legend[:_LEGEND_MAX]
    texts = [scene.focus_text, *(label for _, label in entries)]
    wide = max(text_width(text, _SMALL) for text in texts) + 24
    tall = _ROW * len(texts) + 5
    x, y = _corner(scene, wide, tall, bottom)
    placement.keep_off(shapely.box(x - 2, y - 2, x + wide + 2, y + tall + 2))
    yield _panel(x, y, wide, tall, palette)
    for row, text in enumerate(texts):
        at = y + 4 + row * _ROW
        colour = palette.panel if row == 0 else entries[row - 1][0]
        opacity = "" if row == 0 else f' fill-opacity="{palette.area_opacity + 0.2:g}"'
        stroke = f' stroke="{palette.focus}" stroke-width="1.6"' if row == 0 else ""
        yield (
            f'<rect x="{number(round(x + 5, 1))}" y="{number(round(at, 1))}" width="10" height="6.5"'
            f' fill="{colour}"{opacity}{stroke}/>'
        )
        yield _text(text, x + 19, at + 6, palette.text)


def _corner(scene: Scene, wide: float, tall: float, bottom: float) -> tuple[float, float]:
    """Return where the panel goes: the first corner off the site and its way to the metro, else the lower right."""
    frame = scene.frame
    right, low = frame.width - wide - EDGE, bottom - tall - 4
    corners = ((right, low), (EDGE, low - 16), (right, 30.0), (EDGE, 22.0))
    shown = [frame.drawn(area.shape) for area in scene.focus]
    if scene.tie is not None:
        shown.append(frame.drawn(scene.tie.line))
    for x, y in corners:
        panel = shapely.box(x, y, x + wide, y + tall)
        if y > 0 and not any(shapely.intersects(panel, one) for one in shown):
            return x, y
    return corners[0]


def _notice(scene: Scene, palette: Palette, placement: Placement) -> Iterable[str]:
    """Yield the district's notice, such as “sample data”, as a tab at the upper left."""
    text, size = scene.marks.notice, 7.5
    wide = min(text_width(text, size) + 10, scene.frame.width - 40)
    placement.keep_off(shapely.box(0, 0, wide + EDGE, 20))
    yield (
        f'<rect x="{number(EDGE)}" y="{number(EDGE)}" width="{number(round(wide, 1))}" height="12" rx="2"'
        f' fill="{palette.text}" fill-opacity=".82"/>'
    )
    yield _text(text, EDGE + 5, EDGE + 8.8, palette.panel, size)
