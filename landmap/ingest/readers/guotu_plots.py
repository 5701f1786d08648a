"""The plots of a 国土 TXT file: lines of attributes that end in ``@``, each followed by the lines of its points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from landmap.ingest.faults import Fault
from landmap.ingest.readers.coordinate_text import coordinate
from landmap.ingest.readers.rings import LEAST, MOST_POINTS, Position, cut

KINDS: Final = ("面", "线", "点")
#: Names of what follows the class code in the files of land consolidation.
_MORE: Final = ("图斑类型", "地类", "改造前等别", "改造后等别", "备注")
#: Unlabelled points may also be parted by blanks.
_PARTS: Final = re.compile(r"[,\s]+")


@dataclass
class Plot:
    """One plot as written: `rings` hold (first, second) coordinates, in the order of the file.

    Lines of points past the most that a shape may have are only counted, in `beyond`.
    """

    line: int
    count: int | None = None
    area: str | None = None
    number: str | None = None
    name: str | None = None
    kind: str = "面"
    sheet: str | None = None
    use: str | None = None
    code: str | None = None
    more: dict[str, str] = field(default_factory=dict)
    rings: list[list[Position]] = field(default_factory=list)
    described: bool = True
    beyond: int = 0

    @property
    def points(self) -> list[Position]:
        """All points of the plot."""
        return [point for ring in self.rings for point in ring]

    def agrees(self) -> bool:
        """Return whether the announced number of points is right, with or without those that close a ring."""
        closing = sum(len(ring) > LEAST and ring[0] == ring[-1] for ring in self.rings)
        found = sum(map(len, self.rings)) + self.beyond
        return self.count is None or self.count in (found, found - closing)


def is_attributes(line: str) -> bool:
    """Return whether a line is the attributes of a plot."""
    return line.endswith("@") and line.count(",") + line.count("，") >= LEAST


def read_plots(lines: Iterable[tuple[int, str]], ninth: str | None, faults: list[Fault]) -> list[Plot]:
    """Return the plots that numbered lines hold; `ninth` names the ninth attribute where the head does.

    Points before any attributes are a plot of their own; lines that are neither attributes nor points are told.
    """
    plots: list[Plot] = []
    runs: dict[str, list[Position]] = {}
    held = 0

    def finish() -> None:
        if plots:
            plots[-1].rings = [ring for points in runs.values() for ring in cut(points)]
        runs.clear()

    for number, text in lines:
        line = text.strip()
        if not line or line.startswith("["):
            continue
        if is_attributes(line):
            finish()
            held = 0
            plots.append(_attributes(number, line, ninth))
            continue
        if held > MOST_POINTS:
            plots[-1].beyond += 1
            continue
        point = _point(line)
        if point is None:
            faults.append(Fault("guotu_line_unread", value=line, words={"line": number}))
            continue
        if not plots:
            plots.append(Plot(number, described=False))
        held += 1
        ring, position = point
        runs.setdefault(ring, []).append(position)
    finish()
    return plots


def _attributes(number: int, line: str, ninth: str | None) -> Plot:
    """Return a plot of its line: eight attributes by the rule; some files leave out the first, others append more."""
    fields = [one.strip() for one in _comma(line.rstrip("@").rstrip()).removesuffix(",").split(",")]
    kind = next((index for index, text in enumerate(fields) if index > 1 and text in KINDS), None)
    before, after = (fields[:4], fields[5:]) if kind is None else (fields[:kind], fields[kind + 1 :])
    plot = Plot(number, kind="面" if kind is None else fields[kind])
    if before and (re.fullmatch(r"\d{1,9}", before[0]) or (not before[0] and len(before) > LEAST)):
        count = before.pop(0)
        plot.count = int(count) if count else None
    if before:
        plot.area = before.pop(0) or None
    if before:
        plot.number = before.pop(0) or None
    plot.name = ",".join(before) or None
    plot.sheet, plot.use, plot.code = ((after[index] or None) if index < len(after) else None for index in range(3))
    extra = after[3:]
    names = _MORE if len(extra) >= len(_MORE) - 1 else (ninth or "备注", *_MORE)
    plot.more = {name: text for name, text in zip(names, extra, strict=False) if text}
    return plot


def _comma(line: str) -> str:
    """Return a line with half-width commas, where it was typed with full-width ones throughout."""
    return line if line.count(",") >= LEAST else line.replace("，", ",")


def _point(line: str) -> tuple[str, Position] | None:
    """Return ring number and coordinates of a line ``J1,1,x,y``; label and ring may be missing, a height may follow."""
    parts = _parts(line)
    ring = "1"
    if len(parts) >= 4:
        ring, parts = parts[1], parts[2:]
    elif len(parts) == 3:
        parts = parts[1:]
    if len(parts) not in (2, 3, 4):
        return None
    first, second = coordinate(parts[0]), coordinate(parts[1])
    return None if first is None or second is None else (ring, (first, second))


def _parts(line: str) -> Sequence[str]:
    text = _comma(line).strip(", \t")
    return [one.strip() for one in text.split(",")] if "," in text else _PARTS.split(text)
