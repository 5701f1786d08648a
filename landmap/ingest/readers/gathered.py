"""Rows that come block by block, gathered into columns; a text that many rows share is kept once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

#: Rows of a block: what a reader holds of them beside the columns.
BLOCK: Final = 512
_TEXTS: Final = frozenset({str, type(None)})
#: A column of which more than this share is different is not worth comparing.
_DIFFERENT: Final = 0.5


class Column:
    """One column while it grows."""

    def __init__(self) -> None:
        self.cells: list[Any] = []
        self._known: dict[str | None, str | None] | None = {}

    def add(self, cells: Sequence[Any]) -> None:
        """Add the cells of one block; only texts are compared, for Python takes 1, 1.0 and True for equal."""
        known = self._known
        if known is None or not _TEXTS.issuperset(map(type, cells)):
            self.cells.extend(cells)
            return
        self.cells.extend(map(known.setdefault, cells, cells))
        if len(known) > max(BLOCK // 2, _DIFFERENT * len(self.cells)):
            self._known = None


def gathered(blocks: Iterable[Sequence[Sequence[Any]]], takers: Sequence[Callable[[Sequence[Any]], None]]) -> int:
    """Hand the columns of every block of rows to their takers; return how many rows there were."""
    count = 0
    for rows in blocks:
        count += len(rows)
        for take, cells in zip(takers, zip(*rows, strict=True), strict=True):
            take(cells)
    return count
