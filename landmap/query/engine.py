"""The engine protocol: criteria and audience in, one selection out.

Map, list, count, facets, export, brief, link and API are all drawn from the same `Selection`, so they cannot disagree.
A class that passes ``tests/contracts/test_engine.py`` is an engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from landmap.domain import Audience, District, Field, Layer

if TYPE_CHECKING:
    import geopandas as gpd

    from landmap.query.criteria import Criteria

#: Dense ranks of records inside a policy class.
Ordinals = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Record:
    """One feature as the audience sees it.

    `properties` holds the visible fields in table order, JSON-ready: numbers, texts, booleans, ISO dates, lists,
    objects, None for unknown; and one list of objects per nested child layer. `geometry` is a shapely geometry in
    EPSG:4490.
    `ordinal` is the record's dense rank inside the policy class, -1 for one that was not drawn from an engine.
    """

    id: str
    geometry: Any
    properties: Mapping[str, Any]
    ordinal: int = -1


@dataclass(frozen=True, slots=True)
class Facet:
    """How many features each option would give, the group's own choice left aside.

    `counts` maps code to number (codes that occur, most frequent first, ties by code); `unknown` counts features
    without a value.
    """

    field: str
    counts: Mapping[str, int]
    unknown: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in equal bins of one numeric field, the field's own range left aside.

    `edges` has one entry more than `counts`; a value on an inner edge falls into the bin to its right, the last bin is
    closed. Without any known value both are empty.
    """

    field: str
    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    unknown: int


@dataclass(frozen=True)
class Page:
    """Some records in order, and the cursor of what follows (None at the end).

    `ordinals` names the records; they are made by `make` when they are first asked for, so that whoever needs only
    their numbers does not wait for them.
    """

    ordinals: Ordinals
    next: str | None
    make: Callable[[Ordinals], Iterator[Record]] = field(repr=False)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records themselves."""
        return tuple(self.make(self.ordinals))


class Selection(Protocol):
    """What an audience gets for some criteria on one layer of one snapshot.

    A record is *matched* when every criterion is true of it, *pending* (待核实) when none is false but at least one
    cannot be decided because the value is unknown or ambiguous.
    """

    @property
    def layer(self) -> Layer:
        """The layer asked."""
        ...

    @property
    def criteria(self) -> Criteria:
        """What was asked."""
        ...

    @property
    def audience(self) -> Audience:
        """Who asked."""
        ...

    @property
    def district(self) -> District:
        """The district of the snapshot."""
        ...

    @property
    def snapshot_id(self) -> str:
        """The snapshot that answers."""
        ...

    @property
    def today(self) -> dt.date:
        """The day that decides what has expired."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields the audience sees, in table order, geometry left out."""
        ...

    @property
    def total(self) -> int:
        """How many records are in the asked bucket (matched, or pending when ``bucket=pending``)."""
        ...

    @property
    def pending(self) -> int:
        """How many records are pending."""
        ...

    @property
    def unknown(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is unknown (criterion name to count, zeros left out)."""
        ...

    @property
    def ambiguous(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is on file but ambiguous."""
        ...

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the selected records, degrees; None when empty."""
        ...

    @property
    def etag(self) -> str:
        """A strong hash over snapshot, policy class and scope, today, canonical query and sort (quotes left out)."""
        ...

    def ids(self) -> tuple[str, ...]:
        """Every selected id, in order."""
        ...

    def ordinals(self) -> Ordinals:
        """Dense ranks of the selected records inside the policy class, ascending."""
        ...

    def order(self) -> Ordinals:
        """The same ranks in the order of the records."""
        ...

    def bitmap(self) -> bytes:
        """Bit i = ordinal i, LSB first; as long as the class has records, rounded up to bytes."""
        ...

    def page(self, after: str | None = None, limit: int = 100) -> Page:
        """The records that follow cursor `after`; InvalidValueError for a cursor that is none of ours."""
        ...

    def records(self) -> Iterator[Record]:
        """Every selected record, in order."""
        ...

    def at(self, ordinals: Ordinals) -> Iterator[Record]:
        """The records at `ordinals`, in that order; KeyError for one that is not selected."""
        ...

    def facets(self, fields: Sequence[str] | None = None) -> Mapping[str, Facet]:
        """Facets by field; None for every facet field the audience may see. UnknownFieldError for any other."""
        ...

    def histogram(self, field: str, bins: int = 20) -> Histogram:
        """Histogram of a visible numeric field; UnknownFieldError for any other."""
        ...

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The selected records, in order: visible fields in canonical dtypes, EPSG:4490, indexed by id."""
        ...


class Engine(Protocol):
    """Answers for one snapshot."""

    @property
    def snapshot_id(self) -> str:
        """The snapshot that answers."""
        ...

    @property
    def district(self) -> District:
        """The district of the snapshot."""
        ...

    def select(
        self, layer: str, criteria: Criteria, audience: Audience, *, today: dt.date, sort: Sequence[str] = ()
    ) -> Selection:
        """Select from `layer`.

        Parameters
        ----------
        layer : str
            A collection; NotFoundError otherwise.
        criteria : Criteria
            Made for this layer.
        audience : Audience
        today : date
            The district's local date; decides what has expired.
        sort : sequence of str
            Field names, ``-`` before one for descending; unknown values last either way, ties by id. UnknownFieldError
            for a field the audience may not see, whether or not it exists.
        """
        ...

    def record(self, layer: str, id: str, audience: Audience, *, today: dt.date) -> Record:
        """Return one record; NotFoundError when it does not exist for the audience."""
        ...

    def size(self, layer: str, audience: Audience) -> int:
        """How many records of `layer` exist for the audience's policy class and scope."""
        ...
