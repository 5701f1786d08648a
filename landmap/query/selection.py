"""The selection of the memory engine: every answer is drawn from the same three-valued result."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from landmap import domain
from landmap.domain import Audience, District, Field, Layer, deadline
from landmap.domain.errors import InvalidValueError
from landmap.query import cursor, facets, faults
from landmap.query.criteria import Criteria, asks
from landmap.query.engine import Facet, Histogram, Page, Record
from landmap.query.records import records_at
from landmap.query.scene import Scene
from landmap.query.truth import Mask, Rows, Truth

if TYPE_CHECKING:
    import geopandas as gpd

_BINS_MAX: Final = 200
#: How many records are made at a time when all are asked for.
_AT_ONCE: Final = 500

#: How many criteria say something of each record; shape (n,).
Tally = npt.NDArray[np.int16]


class MemorySelection:
    """A `Selection` over the columns of a view; see the protocol for what each answer means.

    Parameters
    ----------
    snapshot_id : str
    scene : Scene
    criteria : Criteria
    truths : mapping
        The answer of every active criterion by its name.
    extent : array of bool, shape (n,)
        The records of the audience's scope.
    sort : sequence of (field, descending)
        Visible scalar fields.
    """

    def __init__(
        self,
        snapshot_id: str,
        scene: Scene,
        criteria: Criteria,
        truths: Mapping[str, Truth],
        extent: Mask,
        sort: Sequence[tuple[str, bool]],
    ) -> None:
        self.snapshot_id = snapshot_id
        self.criteria = criteria
        self._scene = scene
        self._truths = truths
        self._extent = extent
        self._sort = sort
        self._false = _summed([one.false for one in truths.values()], scene.size)
        self._undecided = _summed([one.undecided for one in truths.values()], scene.size)

    @property
    def layer(self) -> Layer:
        """The layer asked."""
        return self._scene.view.layer

    @property
    def audience(self) -> Audience:
        """Who asked."""
        return self._scene.audience

    @property
    def district(self) -> District:
        """The district of the snapshot."""
        return self._scene.district

    @property
    def today(self) -> dt.date:
        """The day that decides what has expired."""
        return self._scene.today

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields the audience sees, in table order, geometry left out."""
        return self._scene.fields

    @cached_property
    def _matched(self) -> Mask:
        return self._in_bucket(self._false, self._undecided, pending=False)

    @cached_property
    def _pending(self) -> Mask:
        return self._in_bucket(self._false, self._undecided, pending=True)

    @property
    def _chosen(self) -> Mask:
        return self._pending if self.criteria.bucket == "pending" else self._matched

    @property
    def total(self) -> int:
        """Records in the asked bucket."""
        return int(self._chosen.sum())

    @property
    def pending(self) -> int:
        """Records that are pending."""
        return int(self._pending.sum())

    @cached_property
    def unknown(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is unknown."""
        return self._why({name: one.unknown for name, one in self._truths.items()})

    @cached_property
    def ambiguous(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is ambiguous."""
        return self._why({name: one.ambiguous for name, one in self._truths.items()})

    def _why(self, masks: Mapping[str, Mask]) -> Mapping[str, int]:
        counts = {name: int((mask & self._pending).sum()) for name, mask in masks.items()}
        return {name: count for name, count in counts.items() if count}

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the selected records."""
        bounds = self._scene.view.bounds[self._chosen]
        bounds = bounds[~np.isnan(bounds[:, 0])]
        if not len(bounds):
            return None
        west, south = map(float, bounds[:, :2].min(axis=0))
        east, north = map(float, bounds[:, 2:].max(axis=0))
        return (west, south, east, north)

    @cached_property
    def etag(self) -> str:
        """Hash over everything the answers depend on."""
        about = [self.snapshot_id, self.layer.name, self.audience.key, self.today.isoformat()]
        return hashlib.sha256("\0".join([*about, self._query, self._sorted]).encode()).hexdigest()

    @cached_property
    def _query(self) -> str:
        return json.dumps(self.criteria.to_query(), ensure_ascii=False)

    @cached_property
    def _sorted(self) -> str:
        return ",".join(f"{'-' if down else ''}{name}" for name, down in self._sort)

    @cached_property
    def _order(self) -> Rows:
        """Ordinals of the selected records in order: sort keys, unknown last, then id."""
        view, rows = self._scene.view, np.flatnonzero(self._chosen)
        keys: list[npt.NDArray[Any]] = [view.id_ranks[rows]]
        for name, down in reversed(self._sort):
            ranks = view.columns.ranks(name)[rows]
            keys += [-ranks if down else ranks, ranks < 0]
        return rows[np.lexsort(keys)]

    def ids(self) -> tuple[str, ...]:
        """Every selected id, in order."""
        return tuple(self._scene.view.ids[self._order])

    def ordinals(self) -> npt.NDArray[np.uint32]:
        """Ordinals of the selected records, ascending."""
        return np.flatnonzero(self._chosen).astype(np.uint32)

    def bitmap(self) -> bytes:
        """The selected ordinals as bits, LSB first."""
        return np.packbits(self._chosen, bitorder="little").tobytes()

    def page(self, after: str | None = None, limit: int = 100) -> Page:
        """The records that follow `after`."""
        if limit < 1:
            raise InvalidValueError.of("limit", limit, "must be at least 1", "1 or more")
        mark = cursor.mark_of(self.layer.name, self._query, self._sorted)
        start = 0 if after is None else self._resume(cursor.decode(after, mark))
        rows = self._order[start : start + limit]
        end = start + len(rows)
        more = end < len(self._order) and len(rows) > 0
        following = cursor.Cursor(mark, end, str(self._scene.view.ids[rows[-1]])).encode() if more else None
        return Page(tuple(records_at(self._scene, rows)), following)

    def _resume(self, last: cursor.Cursor) -> int:
        ordinal = self._scene.view.ordinal_of.get(last.id)
        found = np.flatnonzero(self._order == ordinal) if ordinal is not None else np.array([], dtype=np.int64)
        return int(found[0]) + 1 if len(found) else min(last.position, len(self._order))

    def records(self) -> Iterator[Record]:
        """Every selected record, in order."""
        for start in deadline.in_time(range(0, self.total, _AT_ONCE)):
            yield from records_at(self._scene, self._order[start : start + _AT_ONCE])

    def facets(self, fields: Sequence[str] | None = None) -> Mapping[str, Facet]:
        """Facets by field, each group's own criteria left aside."""
        offered = facets.facet_fields(self._scene)
        for name in fields or ():
            if name not in offered:
                raise faults.unknown_field(name, offered)
        wanted = offered if fields is None else fields
        return {name: facets.facet(self._scene, name, self._leaving_aside(name)) for name in deadline.in_time(wanted)}

    def histogram(self, field: str, bins: int = 20) -> Histogram:
        """Histogram of a visible numeric field, or of a nested one written ``layer.field`` (its largest value)."""
        if not facets.numeric(self._scene, field):
            raise faults.unknown_field(field, self.fields)
        if not 1 <= bins <= _BINS_MAX:
            raise InvalidValueError.of("bins", bins, "is out of range", f"1 to {_BINS_MAX}")
        return facets.histogram(self._scene, field, self._extent, self._leaving_aside(field), bins)

    def _leaving_aside(self, group: str) -> Mask:
        """Return the asked bucket as it would be without the criteria of `group`."""
        declared = asks(type(self.criteria))
        own = [one for name, one in self._truths.items() if group in declared[name].counts]
        false = self._false - _summed([one.false for one in own], self._scene.size)
        undecided = self._undecided - _summed([one.undecided for one in own], self._scene.size)
        return self._in_bucket(false, undecided, pending=self.criteria.bucket == "pending")

    def _in_bucket(self, false: Tally, undecided: Tally, *, pending: bool) -> Mask:
        """Return who belongs to a bucket, given how many criteria are false of, and undecided for, each record."""
        return np.asarray(self._extent & (false == 0) & ((undecided > 0) == pending), dtype=np.bool_)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The selected records, in order, indexed by id."""
        view = self._scene.view
        chosen = view.table.only([*self.fields, "geometry"]).at(self._order)
        frame = domain.frame_of(chosen).set_index(view.layer.id_field)
        return cast("gpd.GeoDataFrame", frame)


def _summed(masks: Sequence[Mask], size: int) -> Tally:
    return np.sum(masks, axis=0, dtype=np.int16) if masks else np.zeros(size, dtype=np.int16)
