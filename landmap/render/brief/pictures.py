"""What is attached to a record, in its brief: pictures on a page of their own, documents by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from landmap.domain import Words
from landmap.ingest import attached
from landmap.query import Exhibit
from landmap.render.album import Picture, album
from landmap.render.brief.blocks import WIDE, Block, line, section
from landmap.render.brief.shorten import shorten

#: What one page shows; the others are told by their number.
PICTURES_MAX: Final = 6
DOCUMENTS_MAX: Final = 4
#: Long enough for half a page at 300 dots an inch.
EDGE: Final = 1280

#: Returns the bytes of a kept file.
Read = Callable[[str], bytes]


def pictures(
    exhibits: Sequence[Exhibit], title: str, words: Words, read: Read
) -> tuple[Block | None, dict[str, bytes]]:
    """Return what the page of pictures says, and the pictures by the names it calls them; None for a record without.

    Parameters
    ----------
    exhibits : sequence of Exhibit
        What may be shown.
    title : str
        What the record is called.
    words : Words
    read : callable
        Returns the bytes of a kept file.

    Raises
    ------
    RefusedError, StoreError
        When a kept file is damaged.
    """
    found = [one for one in album(exhibits, title, words) if one.exhibit.picture]
    if not found:
        return None, {}
    shown, more = found[:PICTURES_MAX], len(found) - PICTURES_MAX
    files = {f"{place}.jpg": attached.printed(read(one.exhibit.nearest(EDGE))) for place, one in enumerate(shown, 1)}
    items = [_item(one, name) for one, name in zip(shown, files, strict=True)]
    return {
        "label": words("brief.pictures"),
        "more": words("brief.more", n=more) if more > 0 else "",
        "items": items,
    }, files


def documents(exhibits: Sequence[Exhibit], title: str, words: Words) -> list[Block]:
    """Return the section that names the documents of a record, to stand across the page; empty without any."""
    found = [one for one in album(exhibits, title, words) if not one.exhibit.picture]
    lines = [line(one.label, one.caption or one.label, _note(one), width=WIDE) for one in found[:DOCUMENTS_MAX]]
    return [section(words("brief.documents"), lines)] if lines else []


def _item(one: Picture, name: str) -> Block:
    width, height = one.exhibit.width or 1, one.exhibit.height or 1
    return {
        "file": name,
        "caption": shorten(one.caption or one.label, 90),
        "note": shorten(one.note, 90),
        "restricted": one.restricted,
        "alt": shorten(one.alt, 200),
        "plan": one.drawn,
        "whole": one.drawn or width < height,
    }


def _note(one: Picture) -> str:
    return " · ".join(text for text in (one.note, one.restricted) if text)
