"""Packed bitmaps: one bit per record in little-endian words of 64, least significant bit first.

Bits past the last record are never set. A word holds the 64 records of one zone (see `landmap.query.index.zones`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

#: How many records a word holds.
WORD: Final = 64
_SHIFT: Final = 6
_TYPE: Final = np.dtype("<u8")
_ONE: Final = np.left_shift(np.uint64(1), np.arange(WORD, dtype=np.uint64))
#: Up to one record in so many, bits are set one by one; past that, in a mask that is packed as a whole.
_FEW: Final = 128


def words_for(size: int) -> int:
    """Return how many words hold `size` records."""
    return -(-size // WORD)


def none(size: int) -> Bits:
    """Return the bitmap of nobody."""
    return np.zeros(words_for(size), dtype=_TYPE)


def everyone(size: int) -> Bits:
    """Return the bitmap of all `size` records."""
    bits = np.full(words_for(size), ~np.uint64(0), dtype=_TYPE)
    if size % WORD:
        bits[-1] = (np.uint64(1) << np.uint64(size % WORD)) - np.uint64(1)
    return bits


def packed(mask: Mask) -> Bits:
    """Return the bitmap of a mask, shape (n,).

    Examples
    --------
    >>> packed(np.array([True, False, True])).tolist()
    [5]
    """
    octets = np.packbits(mask, bitorder="little")
    bits = none(len(mask))
    bits.view(np.uint8)[: len(octets)] = octets
    return bits


def packed_words(masks: Mask) -> Bits:
    """Return one word for each row of `masks`, shape (m, 64)."""
    return np.packbits(masks, axis=1, bitorder="little").view(_TYPE).ravel()


def mask_of(bits: Bits, size: int) -> Mask:
    """Return a bitmap as a mask, shape (size,)."""
    return np.unpackbits(bits.view(np.uint8), count=size, bitorder="little").view(np.bool_)


def bit_of(rows: npt.NDArray[np.integer]) -> Bits:
    """Return the bit that each record has in its word, shape of `rows`."""
    found: Bits = _ONE[rows & (WORD - 1)]
    return found


def of_rows(rows: npt.NDArray[np.integer], size: int) -> Bits:
    """Return the bitmap of some records, in any order, repeated or not."""
    bits = none(size)
    return put(bits, rows, size)


def put(bits: Bits, rows: npt.NDArray[np.integer], size: int) -> Bits:
    """Add records to a bitmap in place, and return it."""
    if len(rows) * _FEW <= size:
        np.bitwise_or.at(bits, rows >> _SHIFT, bit_of(rows))
    else:
        mask = np.zeros(size, dtype=np.bool_)
        mask[rows] = True
        bits |= packed(mask)
    return bits


def drop(bits: Bits, rows: npt.NDArray[np.integer]) -> Bits:
    """Take records, each named once, that are all in it, out of a bitmap in place, and return it."""
    np.bitwise_xor.at(bits, rows >> _SHIFT, bit_of(rows))
    return bits


def holds(bits: Bits, rows: npt.NDArray[np.integer]) -> Mask:
    """Return which of `rows` the bitmap holds, shape of `rows`."""
    return np.asarray(bits[rows >> _SHIFT] & bit_of(rows), dtype=np.bool_)


def count(bits: Bits) -> int:
    """Return how many records a bitmap holds."""
    return int(np.bitwise_count(bits).sum(dtype=np.uint32))


def rows_of(bits: Bits, words: Rows | None = None) -> Rows:
    """Return the records of a bitmap, ascending.

    Parameters
    ----------
    bits : Bits
    words : array of int, optional
        The words that are not zero, when they are known.
    """
    words = np.flatnonzero(bits) if words is None else words
    if len(words) * 2 > len(bits):
        return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))
    places = np.flatnonzero(np.unpackbits(bits[words].view(np.uint8), bitorder="little").view(np.bool_))
    rows: Rows = (words << _SHIFT)[places >> _SHIFT] + (places & (WORD - 1))
    return rows


def union(parts: Iterable[Bits], size: int) -> Bits:
    """Return who is in any of `parts`."""
    found = none(size)
    for part in parts:
        found |= part
    return found


def octets(bits: Bits, size: int) -> bytes:
    """Return the bitmap as bytes, as many as `size` bits need."""
    return bits.view(np.uint8)[: -(-size // 8)].tobytes()
