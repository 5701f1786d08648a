"""Well-known binary into shapes: all at once, and one by one only where that fails; what cannot be read is told."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from landmap.ingest.faults import Fault

#: Types of SQL/MM with arcs in them, less the thousands that say Z and M.
_CURVED: Final = frozenset({8, 9, 10, 11, 12, 13, 14})
_DIMENSIONS: Final = 0xE0000000
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_POINT, _LINE, _COLLECTION = 1, 2, 7
_CONTAINERS: Final = frozenset({4, 5, 6, _COLLECTION})
#: How two-dimensional single shapes, and bundles of them, begin.
_SINGLE_HEADS: Final = frozenset(struct.pack("<BI", 1, kind) for kind in (1, 2, 3))
_BUNDLE_HEADS: Final = frozenset(struct.pack("<BI", 1, kind) for kind in (4, 5, 6))
#: GEOS reads a collection inside a collection by calling itself, and ends the process when there is no end to it.
DEPTH_MAX: Final = 32


class _Head(NamedTuple):
    """What a geometry says of itself: its type, byte order, the bytes of one point, and where its content starts."""

    kind: int
    order: str
    point: int
    end: int


def shapes_of(blobs: Sequence[bytes | None], faults: list[Fault], *, after: int = 0) -> NDArray[np.object_]:
    """Return the geometry of each blob; None for none, and for one that cannot be read, which is a fault.

    Parameters
    ----------
    blobs : sequence of bytes or None, length n
        The number of a record in messages is its place here, from 1.
    faults : list of Fault
        What is found is added.
    after : int
        How many records went before these.
    """
    given = np.empty(len(blobs), dtype=object)
    given[:] = blobs
    if not _flat_throughout(blobs):
        given[[blob is not None and nested_too_deeply(blob) for blob in blobs]] = None
    with np.errstate(invalid="ignore"):  # damaged coordinates are told by the checks
        try:
            found = shapely.from_wkb(given, on_invalid="ignore")
        except NotImplementedError:  # a curve among them stops the whole batch
            found = np.array([*map(_one, given), None], dtype=object)[:-1]
    for row in np.flatnonzero(shapely.is_missing(found)).tolist():
        if blobs[row] is not None:
            code = "geometry_curved" if given[row] is not None and _is_curved(given[row]) else "geometry_unreadable"
            faults.append(Fault(code, after + row + 1, "geometry"))
    return found


def _flat_throughout(blobs: Sequence[bytes | None]) -> bool:
    """Return whether all blobs are single shapes, or bundles whose first part is one: what nearly all files hold."""
    if not {blob[:5] for blob in blobs if blob is not None} <= _SINGLE_HEADS | _BUNDLE_HEADS:
        return False
    return {blob[9:14] for blob in blobs if blob is not None and blob[:5] in _BUNDLE_HEADS} <= _SINGLE_HEADS


def nested_too_deeply(blob: bytes) -> bool:
    """Return whether collections in a blob are nested deeper than in any drawing.

    Examples
    --------
    >>> point = struct.pack("<BIdd", 1, 1, 120.4, 36.2)
    >>> nested_too_deeply(point), nested_too_deeply(struct.pack("<BII", 1, 7, 1) * 100 + point)
    (False, True)
    """
    try:
        head = _head(blob, 0)
        if head.kind not in _CONTAINERS:
            return False
        if head.kind != _COLLECTION and _head(blob, head.end + 4).kind not in _CONTAINERS:
            return False
        return _deeper(blob, DEPTH_MAX)
    except (struct.error, IndexError):  # cut off: GEOS refuses it
        return False


def _deeper(blob: bytes, most: int) -> bool:
    """Walk through the parts of a blob, which may be cut off, and return whether they are nested deeper than `most`."""
    left, at = [1], 0
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        head = _head(blob, at)
        if head.kind == _POINT:
            at = head.end + head.point
            continue
        (count,) = struct.unpack_from(f"{head.order}I", blob, head.end)
        at = head.end + 4
        if head.kind in _CONTAINERS:
            left.append(count)
            if len(left) > most + 1:
                return True
        elif head.kind == _LINE:
            at += head.point * count
        else:
            for _ in range(count):
                (points,) = struct.unpack_from(f"{head.order}I", blob, at)
                at += 4 + head.point * points
    return False


def _one(blob: bytes | None) -> BaseGeometry | None:
    try:
        return shapely.from_wkb(blob, on_invalid="ignore")
    except NotImplementedError:
        return None


def _is_curved(blob: bytes) -> bool:
    return len(blob) >= 5 and _head(blob, 0).kind in _CURVED


def _head(blob: bytes, at: int) -> _Head:
    """Return what the geometry that starts at `at` says of itself; struct.error or IndexError where it is cut off."""
    order = "<" if blob[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", blob, at + 1)
    plain = kind & ~_DIMENSIONS
    ordinates = 2 + bool(kind & _Z or plain // 1000 in (1, 3)) + bool(kind & _M or plain // 1000 in (2, 3))
    return _Head(plain % 1000, order, 8 * ordinates, at + 5 + (4 if kind & _SRID else 0))
