"""The outlines of records that something is told of, kept for the map of a report; also of those that were refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

#: More are not told apart on a small map.
OUTLINES_MAX: Final = 2_000
#: Detail finer than this is not seen there, degrees: about half a metre.
_TOLERANCE: Final = 5e-6
_PLACES: Final = 7


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a record of a file lies: `wkt` in EPSG:4490, simplified."""

    file: str
    layer: str | None
    row: int
    wkt: str


def shapes_at(geometry: NDArray[np.object_], rows: Sequence[int], told: Collection[int]) -> dict[int, Any]:
    """Return the shapes, by row, of the records in question: the first 2 000 that have one.

    Parameters
    ----------
    geometry : object array, shape (n,), EPSG:4490
        As located, before anything is repaired; None where there is none.
    rows : sequence of int, length n
    told : collection of int
        Rows that something is told of.
    """
    if not told:
        return {}
    wanted = np.isin(np.array(rows, dtype=np.int64), np.array(sorted(told), dtype=np.int64))
    wanted &= ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    return {rows[index]: geometry[index] for index in np.flatnonzero(wanted)[:OUTLINES_MAX].tolist()}


def outlines_of(shapes: Mapping[int, Any], file: str, layer: str | None) -> list[Outline]:
    """Return shapes as a report carries them."""
    simple = shapely.simplify(np.array(list(shapes.values()), dtype=object), _TOLERANCE)
    texts = shapely.to_wkt(simple, rounding_precision=_PLACES).tolist()
    return [Outline(file, layer, row, text) for row, text in zip(shapes, texts, strict=True)]
