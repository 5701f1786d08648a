"""One tile as fragments: the bytes of each feature, between a head and a tail that hold for any choice among them.

Source: Mapbox Vector Tile Specification 2.1, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from landmap.query import Ordinals
from landmap.render.tiles.commands import Drawn
from landmap.render.tiles.grid import EXTENT, Whole
from landmap.render.tiles.paths import spans
from landmap.render.tiles.varint import lengths, varint, varints

Mask = npt.NDArray[np.bool_]

#: Protobuf keys: number of the field, and how its value is written.
_LAYER, _NAME, _FEATURE, _KEY, _VALUE = b"\x1a", b"\x0a", 0x12, b"\x1a", b"\x22"
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
#: Values of a feature beside its tags and geometry; and bytes of its marks and type inside its message.
_AROUND_TAGS: Final = 10
_MARKS: Final = 5
_VERSION_2: Final = b"\x78\x02"
_TEXT, _WHOLE, _EXTENT = b"\x0a", b"\x28", b"\x28"

#: What a tag may say: a text, or a whole number from 0.
Value = str | int


@dataclass(frozen=True, slots=True)
class Tile:
    """The features of one tile.

    Attributes
    ----------
    ordinals : array, shape (m,)
        Their ids, ascending.
    body : bytes
        The fragments, one after the other.
    ends : array, shape (m + 1,)
        Fragment k stands from ``ends[k]`` to ``ends[k + 1]``.
    head, tail : bytes
        What stands before and after the fragments in the layer.
    """

    ordinals: Ordinals
    body: bytes
    ends: Whole
    head: bytes
    tail: bytes

    @property
    def size(self) -> int:
        """How many bytes it keeps."""
        return len(self.body) + len(self.tail) + self.ends.nbytes + self.ordinals.nbytes

    def whole(self) -> bytes:
        """Return the tile with every feature; without any, no bytes."""
        return self._wrapped(self.body) if self.body else b""

    def only(self, kept: Mask) -> bytes:
        """Return the tile with the features that `kept` chooses, shape (m,); without any, no bytes."""
        if not len(kept):
            return b""
        # The fragments of neighbours that are kept leave as one slice.
        marks = self.ends[np.flatnonzero(kept[1:] != kept[:-1]) + 1].tolist()
        if kept[0]:
            marks.insert(0, 0)
        if kept[-1]:
            marks.append(len(self.body))
        held = memoryview(self.body)
        slices = [held[start:stop] for start, stop in zip(marks[::2], marks[1::2], strict=True)]
        return self._wrapped(b"".join(slices)) if slices else b""

    def _wrapped(self, features: bytes) -> bytes:
        size = len(self.head) + len(features) + len(self.tail)
        return b"".join((_LAYER, varint(size), self.head, features, self.tail))


def kept_of(bitmap: bytes, ordinals: Ordinals) -> Mask:
    """Return which ordinals a bitmap holds (bit i = ordinal i, LSB first), shape (m,)."""
    bits = np.frombuffer(bitmap, dtype=np.uint8)
    found: Mask = (bits[ordinals >> 3] >> (ordinals & 7).astype(np.uint8) & 1).astype(np.bool_)
    return found


def head_of(name: str) -> bytes:
    """Return what stands before the fragments of a layer called `name`."""
    return _VERSION_2 + _NAME + _sized(name.encode())


def tail_of(keys: Sequence[str], values: Sequence[Value]) -> bytes:
    """Return what stands after the fragments: the names and values that their tags count in."""
    named = b"".join(_KEY + _sized(key.encode()) for key in keys)
    told = b"".join(_VALUE + _sized(_value(value)) for value in values)
    return named + told + _EXTENT + varint(EXTENT)


def _value(value: Value) -> bytes:
    return _WHOLE + varint(value) if isinstance(value, int) else _TEXT + _sized(value.encode())


def _sized(content: bytes) -> bytes:
    return varint(len(content)) + content


def fragments(ordinals: Ordinals, tags: npt.NDArray[np.int64], made: Drawn) -> tuple[bytes, Whole]:
    """Return features as fragments one after the other, and where each ends.

    Parameters
    ----------
    ordinals : array, shape (m,)
    tags : array, shape (m, k)
        The position of each value in the tail, by key; -1 where there is none.
    made : Drawn
        Of the same features.
    """
    told = tags >= 0
    pairs = np.stack([np.broadcast_to(np.arange(tags.shape[1]), tags.shape), tags], axis=2)[told].ravel()
    tag_counts = 2 * told.sum(axis=1)
    counts = _AROUND_TAGS + tag_counts
    ends = np.cumsum(counts)
    begins = ends - counts
    tag_row = np.repeat(np.arange(len(ordinals)), tag_counts)
    tag_sizes = np.bincount(tag_row, weights=lengths(pairs), minlength=len(ordinals)).astype(np.int64)
    ids = ordinals.astype(np.int64)
    sized = lengths(ids) + lengths(tag_sizes) + tag_sizes + lengths(made.lengths) + made.lengths
    # Marks and values alike are varints: what stands before the geometry of each feature is one run of them.
    values = np.empty(int(ends[-1]), dtype=np.int64)
    first: tuple[Whole | int, ...] = (_FEATURE, _MARKS + sized, _ID, ids, _TAGS, tag_sizes)
    for place, value in enumerate(first):
        values[begins + place] = value
    values[spans(begins + 6, tag_counts)] = pairs
    last: tuple[Whole | int, ...] = (_TYPE, made.types, _GEOMETRY, made.lengths)
    for place, value in enumerate(last):
        values[ends - 4 + place] = value
    before, taken = varints(values)
    sizes = np.column_stack([np.add.reduceat(taken, begins), made.lengths])
    geometry = np.repeat(np.tile([False, True], len(ordinals)), sizes.ravel())
    out = np.empty(len(geometry), dtype=np.uint8)
    out[geometry], out[~geometry] = made.body, before
    return out.tobytes(), np.concatenate([[0], np.cumsum(sizes.sum(axis=1))])
