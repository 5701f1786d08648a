"""Labels that do not lie on one another: the important ones are placed first, the rest only where there is room."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Anchor = Literal["start", "middle", "end"]

#: Blank kept round a label, and the share of an em that narrow and wide characters take.
_GAP: Final = 1.5
_NARROW: Final = 0.58
_WIDE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """Text at a place of the drawing: (x, y) is the middle of its baseline box; `angle` in degrees, clockwise.

    `rank` orders labels: the lower, the earlier placed. `offsets` are other places to try, relative to (x, y).
    """

    text: str
    x: float
    y: float
    size: float
    rank: int
    colour: str
    bold: bool = False
    angle: float = 0.0
    anchor: Anchor = "middle"
    offsets: tuple[tuple[float, float, Anchor], ...] = ()
    must: bool = False

    @property
    def width(self) -> float:
        """Estimated width of the text, in units of the drawing."""
        return text_width(self.text, self.size)

    def footprint(self) -> BaseGeometry:
        """Return the box the text covers, turned as the text is."""
        start = {"start": 0.0, "middle": -self.width / 2, "end": -self.width}[self.anchor]
        box = shapely.box(start - _GAP, -self.size * 0.62, start + self.width + _GAP, self.size * 0.62)
        turn = math.radians(self.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        matrix = np.array([[cos, sin], [-sin, cos]])
        return shapely.transform(box, lambda points: points @ matrix + (self.x, self.y))


def text_width(text: str, size: float) -> float:
    """Return the estimated width of `text` at a font size; Chinese characters are an em wide.

    Examples
    --------
    >>> text_width("李村A", 10.0)
    25.8
    """
    return size * sum(_WIDE if unicodedata.east_asian_width(char) in "WF" else _NARROW for char in text)


@dataclass
class Placement:
    """Where labels may still go: inside the drawing, off everything already placed."""

    width: float
    height: float
    margin: float = 3.0
    taken: list[BaseGeometry] = field(default_factory=list)

    def keep_off(self, box: BaseGeometry) -> None:
        """Keep labels off a box of the drawing, such as a legend."""
        self.taken.append(box)

    def place(self, labels: Iterable[Label]) -> list[Label]:
        """Return the labels that find room, in order of rank, each where it fits."""
        placed = []
        for label in sorted(labels, key=lambda one: one.rank):
            for tried in _places(label):
                if self._free(tried.footprint()) or (label.must and tried is label):
                    self.taken.append(tried.footprint())
                    placed.append(tried)
                    break
        return placed

    def _free(self, box: BaseGeometry) -> bool:
        west, north, east, south = box.bounds
        edge = self.margin
        if west < edge or north < edge or east > self.width - edge or south > self.height - edge:
            return False
        return not any(box.intersects(other) for other in self.taken)


def _places(label: Label) -> Iterable[Label]:
    """Yield the label at its own place, then at each other place it may take; a must comes back to its own."""
    if not label.offsets:
        yield label
        return
    for dx, dy, anchor in label.offsets:
        yield replace(label, x=label.x + dx, y=label.y + dy, anchor=anchor)
    yield label


def street_label(line: BaseGeometry, text: str, size: float) -> tuple[float, float, float] | None:
    """Return x, y and angle where `text` lies along the longest straight run of a drawn line; None where it is short.

    Parameters
    ----------
    line : (Multi)LineString in units of the drawing
    """
    best: tuple[float, float, float] | None = None
    longest = text_width(text, size) + 2 * size
    for part in shapely.get_parts(line):
        if part.geom_type != "LineString":
            continue
        run = shapely.get_coordinates(shapely.simplify(part, size * 0.35))
        for (x0, y0), (x1, y1) in itertools.pairwise(run):
            length = math.hypot(x1 - x0, y1 - y0)
            if length > longest:
                longest = length
                angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
                angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
                best = (float(x0 + x1) / 2, float(y0 + y1) / 2, angle)
    return best
