"""Protobuf's numbers, whole columns at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from landmap.render.tiles.grid import Whole

Bytes = npt.NDArray[np.uint8]

#: Values below 2^28 fit: places in a tile and around it, ids, lengths.
_GROUPS: Final = 4
#: By length: the bits that say that a varint goes on, and a byte of one for each of its bytes.
_MORE: Final = np.array([0, 0, 0x80, 0x8080, 0x808080], dtype=np.uint32)
_THERE: Final = np.array([0, 1, 0x101, 0x10101, 0x1010101], dtype="<u4")


def zigzag(values: Whole) -> Whole:
    """Return signed numbers as unsigned ones, small for small.

    Examples
    --------
    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return (values << 1) ^ (values >> 63)


def lengths(values: Whole) -> Whole:
    """Return how many bytes each value takes as a varint."""
    taken = np.ones(len(values), dtype=np.int64)
    for group in range(1, _GROUPS):
        longer = values >= 1 << 7 * group
        if not longer.any():
            break
        taken += longer
    return taken


def varints(values: Whole) -> tuple[Bytes, Whole]:
    """Return values as one run of varints, and the length of each."""
    taken = lengths(values)
    found = values.astype(np.uint32)
    spread = found & 0x7F
    for group in range(1, int(taken.max(initial=1))):
        spread |= (found & 0x7F << 7 * group) << group
    # Four bytes for each, of which only those that count are taken.
    laid_out = (spread | _MORE[taken]).astype("<u4").view(np.uint8)
    return np.compress(_THERE[taken].view(np.bool_), laid_out), taken


def varint(value: int) -> bytes:
    """Return one number as a varint.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)
