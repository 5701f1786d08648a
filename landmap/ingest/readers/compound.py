"""Compound files (OLE2), the container of Excel 97-2003: its streams by name, nothing more.

Format: [MS-CFB] as published by Microsoft; only what a workbook needs of it.
"""

from __future__ import annotations

import struct
from typing import Final

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST: Final = 0xFFFFFFFA
_HEADER: Final = 512
_ENTRY: Final = 128
#: Streams shorter than this lie in the small sectors.
_SMALL: Final = 4096


class Compound:
    """A compound file in memory.

    Raises
    ------
    ValueError
        For a file that is none, or whose chains of sectors do not come to an end inside it.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(MAGIC) or len(data) < _HEADER:
            raise ValueError("no compound file")
        self._data = data
        shift, small = struct.unpack_from("<HH", data, 0x1E)
        if shift not in (9, 12) or small != 6:
            raise ValueError(f"sectors of 2^{shift} and 2^{small} bytes")
        self._size, self._small = 1 << shift, 1 << small
        first_directory, _, _, first_small, _, first_more, _ = struct.unpack_from("<7I", data, 0x30)
        self._table = self._allocation(first_more)
        directory = self._chain(first_directory)
        self._entries = dict(_entry(directory, at) for at in range(0, len(directory) - _ENTRY + 1, _ENTRY))
        self._small_table = _numbers(self._chain(first_small)) if first_small < _LAST else ()

    @property
    def names(self) -> frozenset[str]:
        """The names of the streams, in lower case."""
        return frozenset(self._entries)

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream; raise KeyError when there is none of this name."""
        first, size = self._entries[name.lower()]
        if size >= _SMALL:
            return self._chain(first)[:size]
        root, _ = self._entries["root entry"]
        held = self._chain(root)
        found = bytearray()
        for sector in _follow(first, self._small_table):
            found += held[sector * self._small : (sector + 1) * self._small]
        return bytes(found[:size])

    def _allocation(self, more: int) -> tuple[int, ...]:
        """Return the allocation table, whose own sectors are listed in the header and in sectors of their own."""
        sectors = list(struct.unpack_from("<109I", self._data, 0x4C))
        each, seen = self._size // 4, 0
        while more < _LAST:
            seen += 1
            if seen > len(self._data) // self._size:
                raise ValueError("the list of sectors runs in a circle")
            listed = _numbers(self._sector(more))
            sectors += listed[: each - 1]
            more = listed[each - 1]
        return tuple(number for sector in sectors if sector < _LAST for number in _numbers(self._sector(sector)))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise ValueError(f"sector {number} lies outside the file")
        return self._data[start : start + self._size].ljust(self._size, b"\0")

    def _chain(self, first: int) -> bytes:
        return b"".join(self._sector(number) for number in _follow(first, self._table))


def _follow(first: int, table: tuple[int, ...]) -> list[int]:
    chain: list[int] = []
    while first < _LAST:
        if first >= len(table) or len(chain) > len(table):
            raise ValueError("a chain of sectors leaves the file or runs in a circle")
        chain.append(first)
        first = table[first]
    return chain


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _entry(directory: bytes, at: int) -> tuple[str, tuple[int, int]]:
    """Return the name, first sector and size of one directory entry."""
    (length,) = struct.unpack_from("<H", directory, at + 0x40)
    name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
    first, size = struct.unpack_from("<II", directory, at + 0x74)
    return name.lower(), (first, size)
