"""The parts a brief is made of, as the template takes them: plain objects of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from landmap.render.brief.shorten import shorten
from landmap.render.rows import Row
from landmap.render.sheet import Sheet

Block = dict[str, Any]

#: Room in Latin characters: a label, a text in a column, a text across the page, a note.
LABEL: Final = 34
COLUMN: Final = 150
WIDE: Final = 230
NOTE: Final = 60


def rows(found: Iterable[Row | None], *, width: int = COLUMN, keep: Sequence[str] = ()) -> list[Block]:
    """Return rows as the template takes them; what is not known is left out, unless its key is to `keep`."""
    return [
        line(row.label, row.text, row.note, row.state, width=width)
        for row in found
        if row is not None and (row.known or row.key in keep)
    ]


def line(label: str, text: str, note: str | None = None, state: str = "ok", *, width: int = COLUMN) -> Block:
    """Return one labelled line."""
    return {
        "label": shorten(label, LABEL),
        "text": shorten(text, width),
        "note": shorten(note or "", NOTE),
        "state": state,
    }


def picked(sheet: Sheet, keys: Iterable[str]) -> list[Row | None]:
    """Return the rows of a sheet with these keys, in the order asked."""
    return [sheet.row(key) for key in keys]


def figure(label: str, text: str, note: str = "") -> Block:
    """Return one figure of the band below the title."""
    return {"label": shorten(label, 30), "text": shorten(text, 22), "note": shorten(note, 34)}


def section(label: str, lines: list[Block]) -> Block:
    """Return lines under a heading."""
    return {"label": label, "rows": lines}
