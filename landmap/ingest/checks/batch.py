"""What a check looks at: whole columns of one layer as arrays, its outlines on a plane, and the layers beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landmap.domain import District, Layer, crs
from landmap.domain.intervals import ParseStatus
from landmap.ingest.checks.blocks import settled_blocks
from landmap.ingest.dates import days_of
from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.planning import BOUNDS

Numbers = NDArray[np.float64]
Days = NDArray[np.datetime64]
Mask = NDArray[np.bool_]
Shapes = NDArray[np.object_]
#: What fills the message of a fault: the same for all, or made for the record's index.
Words = Mapping[str, object] | Callable[[int], Mapping[str, object]]
#: The cure of a fault, made for the record's index.
Cure = Callable[[int], Proposal | None]
#: The other layers of the version that the batch will join, as canonical frames; a layer that is absent is unknown.
Beside = Mapping[str, pd.DataFrame]

_SETTLED_M2: Final = 0.5
#: The planning figure that each bound field is a side of, by the name its status has.
_STATUS_OF: Final[Mapping[str, str]] = MappingProxyType(
    {side: bound.key for bound in BOUNDS.values() for side in (bound.minimum, bound.maximum)}
)


@dataclass
class Batch:
    """The records of one layer of one file, column by column.

    Parameters
    ----------
    layer : Layer
    district : District
    today : date
    rows : int array, shape (n,)
        Where each record stands in its file.
    columns : dict of str to list, each of length n
        Values in the form of their fields; None is unknown.
    geometry : object array, shape (n,), EPSG:4490, valid, or None
    beside : Mapping of str to canonical frame
    partial : bool
        Whether what a record leaves open is known elsewhere: it is an update of one that is there.
    """

    layer: Layer
    district: District
    today: dt.date
    rows: NDArray[np.int64]
    columns: dict[str, list[Any]]
    geometry: Shapes | None = None
    beside: Beside = made(default_factory=dict)
    partial: bool = False
    _numbers: dict[str, Numbers] = made(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def chinese(self) -> bool:
        """Whether the ranges and rules of Chinese districts hold."""
        return self.district.rules.chinese_ranges

    def values(self, name: str) -> list[Any] | None:
        """Return a column as it is; None when the file has none."""
        return self.columns.get(name)

    def numbers(self, name: str) -> Numbers:
        """Return a numeric column, NaN where unknown."""
        found = self._numbers.get(name)
        if found is None:
            values = self.columns.get(name)
            found = np.full(len(self), np.nan) if values is None else np.array(values, dtype=np.float64)
            self._numbers[name] = found
        return found

    def days(self, name: str) -> Days:
        """Return a column of dates, NaT where unknown."""
        values = self.columns.get(name)
        if values is None:
            return np.full(len(self), np.datetime64("NaT"), dtype="datetime64[D]")
        return days_of(values)

    def known(self, name: str) -> Mask:
        """Return where a column has a value."""
        values = self.columns.get(name)
        if values is None:
            return np.zeros(len(self), dtype=np.bool_)
        if None not in values:
            return np.ones(len(self), dtype=np.bool_)
        return np.fromiter((value is not None for value in values), np.bool_, len(self))

    def among(self, name: str, wanted: Iterable[Any]) -> Mask:
        """Return where a column holds one of some values."""
        values, wanted = self.columns.get(name), frozenset(wanted)
        if values is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.fromiter(map(wanted.__contains__, values), np.bool_, len(self))

    @cached_property
    def centre(self) -> float:
        """The longitude round which the outlines are laid flat."""
        west, _, east, _ = self.district.extent
        return (west + east) / 2

    @cached_property
    def outlines(self) -> Shapes:
        """The geometries in metres on a plane that keeps areas; missing ones stay missing."""
        shapes = np.full(len(self), None, dtype=object) if self.geometry is None else self.geometry
        return crs.local_metres(shapes, self.centre)

    @cached_property
    def blocks(self) -> NDArray[np.intp]:
        """The block each outline is of, as `settled_blocks`: no two of one block share more than half of 1 ㎡."""
        return settled_blocks(self.outlines, _SETTLED_M2)

    @cached_property
    def parts(self) -> tuple[Shapes, NDArray[np.int64]]:
        """The polygons that the outlines are made of, and the record each belongs to."""
        parts, owner = shapely.get_parts(self.outlines, return_index=True)
        areal = shapely.get_dimensions(parts) == 2
        return (parts, owner) if areal.all() else (parts[areal], owner[areal])

    @cached_property
    def areas(self) -> Numbers:
        """The area of each outline, ㎡; NaN where there is none."""
        areas: Numbers = shapely.area(self.outlines)
        areas[~(areas > 0)] = np.nan
        return areas

    def declared_area(self) -> Numbers:
        """Return the area a price or a ratio is counted on: net, else registered, else that of the outline."""
        net, registered = self.numbers("net_area_m2"), self.numbers("registered_area_m2")
        found = np.where(np.isnan(net), registered, net)
        return np.where(np.isnan(found), self.areas, found)

    def faults(
        self,
        code: str,
        where: Mask,
        field: str,
        words: Words = MappingProxyType({}),
        *,
        value: Callable[[int], Any] | None = None,
        proposal: Cure | None = None,
    ) -> list[Fault]:
        """Return a fault of `code` for every record marked in `where`; its value is the field's unless told."""
        column = self.columns.get(field)
        found = []
        for index in np.flatnonzero(where).tolist():
            given = value(index) if value is not None else None if column is None else column[index]
            told = words(index) if callable(words) else words
            cure = proposal(index) if proposal is not None else None
            found.append(Fault(code, int(self.rows[index]), field, given, told, cure))
        return found

    def scaled(self, field: str, factor: float, digits: int = 6) -> Callable[[int], Proposal]:
        """Return what proposes to multiply a value, as of a unit that was mistaken."""
        column = self.columns[field]
        return lambda index: Proposal(
            "scale", (Change(field, column[index], round(float(column[index]) * factor, digits)),)
        )

    def set_aside(self, name: str, where: Sequence[int]) -> None:
        """Make values unknown that cannot be meant; a planning figure so left is marked as not read, never as open."""
        column, statuses = self.columns[name], self.columns.get("planning_parse_status")
        for index in where:
            column[index] = None
            if name in _STATUS_OF and statuses is not None and statuses[index] is not None:
                statuses[index] = statuses[index] | {_STATUS_OF[name]: ParseStatus.UNPARSED.value}
        self._numbers.pop(name, None)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the findings it makes and the layers it looks at (none named: every layer).

    `chinese` checks hold rules and ranges of Chinese districts, which others switch off; `whole` ones look at what is
    missing, which only a whole record shows.
    """

    run: Callable[[Batch], Iterable[Fault]]
    codes: tuple[str, ...]
    layers: tuple[str, ...] = ()
    chinese: bool = False
    whole: bool = False

    def holds_for(self, batch: Batch) -> bool:
        """Return whether the check has anything to say of this layer in this district."""
        if (self.chinese and not batch.chinese) or (self.whole and batch.partial):
            return False
        return not self.layers or batch.layer.name in self.layers
