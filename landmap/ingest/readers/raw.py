"""What a reader hands over, and what it is asked: the one contract of every file format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from landmap.ingest.faults import Fault

#: No layer of a bureau has nearly as many fields; files made to fill the memory have.
COLUMNS_MAX: Final = 2_000


@dataclass(frozen=True)
class RawLayer:
    """One layer as the file has it: values untouched, nothing interpreted.

    Parameters
    ----------
    name : str
        The layer's, sheet's or file's own name.
    columns : Mapping of str to sequence, each of length n
        Plain Python values (str, int, float, bool, date, datetime, list, dict); None is an empty cell.
    rows : tuple of int, length n
        Where each record stands as the steward counts: the sheet's own row, or the feature's number from 1.
    geometry : object array, shape (n,), or None
        Shapely geometries or None, in the file's coordinates; None as a whole: the format or file has no geometry.
    crs : str or None
        The coordinate system as declared: an authority code, a URN or WKT.
    standard_crs : int or None
        EPSG code of the system that the format's standard prescribes for undeclared longitude and latitude.
    encoding : str or None
        The text encoding that was used, and how it was chosen where that matters.
    faults : tuple of Fault
        Structural faults, each with its row.
    lost : int
        Records that could not be turned into a row at all; each has its fault.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    rows: tuple[int, ...]
    geometry: NDArray[np.object_] | None = None
    crs: str | None = None
    standard_crs: int | None = None
    encoding: str | None = None
    faults: tuple[Fault, ...] = ()
    lost: int = 0


@dataclass(frozen=True)
class Request:
    """What to read: a local file, the name to call it by, and what the target layer's headers look like."""

    path: Path
    name: str
    knows: Callable[[str], bool] = lambda text: False


class Reader(Protocol):
    """One file format.

    `recognises` decides by content alone: the name of a file is a claim, not evidence. `read` returns the file's
    layers in file order; it raises RefusedError for a file it cannot read at all and reports everything else as faults.
    """

    @property
    def key(self) -> str:
        """Short name, as reports show it."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Usual endings of such files, with the dot, in lower case."""
        ...

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the first 4 096 bytes (and, where they do not tell, the file itself) are of this format."""
        ...

    def read(self, request: Request) -> list[RawLayer]:
        """Return the layers of the file."""
        ...


def object_array(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return a one-dimensional object array of `values`, never spread out over their parts."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
