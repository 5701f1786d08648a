"""Texts cut to the room a page gives them: no name, however long, pushes anything off the sheet."""

from __future__ import annotations

import unicodedata
from typing import Final

ELLIPSIS: Final = "…"
#: Marks that turn the reading direction, which one text could use on its neighbours.
_TURNING: Final = frozenset(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F))


def shorten(text: str, width: int) -> str:
    """Return `text` on one line, cut with an ellipsis where it is wider than `width` Latin characters.

    A Chinese character is as wide as two Latin ones; control characters and marks of direction are left out.

    Examples
    --------
    >>> shorten("楼山片区 地块", 9), shorten("short", 9)
    ('楼山片区…', 'short')
    """
    line = " ".join("".join(_shown(char) for char in text).split())
    total = 0
    for index, char in enumerate(line):
        total += _width(char)
        if total > width:
            return _cut(line, index, width)
    return line


def _cut(line: str, end: int, width: int) -> str:
    while end and sum(_width(char) for char in line[:end]) + 1 > width:
        end -= 1
    return line[:end].rstrip() + ELLIPSIS


def _shown(char: str) -> str:
    if char in _TURNING or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn"):
        return " " if char in "\t\n\r" else ""
    return char


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
