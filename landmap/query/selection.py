"""The selection of the memory engine: every answer is drawn, when it is asked for, from the same packed bitmaps."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from landmap import domain
from landmap.domain import Audience, District, Field, Layer, deadline
from landmap.domain.errors import InvalidValueError
from landmap.query import cursor, facets, faults
from landmap.query.conjunction import Conjunction
from landmap.query.criteria import Criteria, asks
from landmap.query.engine import Facet, Histogram, Ordinals, Page, Record
from landmap.query.index import Bits, Rows, Subset, bits
from landmap.query.order import Order
from landmap.query.records import records_at
from landmap.query.scene import Scene
from landmap.query.truth import Truth

if TYPE_CHECKING:
    import geopandas as gpd

_BINS_MAX: Final = 200
#: How many records are made at a time when all are asked for.
_AT_ONCE: Final = 500


class MemorySelection:
    """A `Selection` over the indexes of a view; see the protocol for what each answer means.

    Parameters
    ----------
    snapshot_id : str
    scene : Scene
    criteria : Criteria
    truths : mapping
        The answer of every active criterion by its name.
    extent : Bits
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
        extent: Bits,
        sort: Sequence[tuple[str, bool]],
    ) -> None:
        self.snapshot_id = snapshot_id
        self.criteria = criteria
        self._scene = scene
        self._truths = truths
        self._extent = Subset(extent)
        self._sort = sort
        declared = asks(type(criteria))
        self._met = Conjunction(extent, truths, {name: declared[name].counts for name in truths})

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

    @property
    def _chosen(self) -> Subset:
        return self._leaving_aside(None)

    @property
    def total(self) -> int:
        """Records in the asked bucket."""
        return self._chosen.total

    @property
    def pending(self) -> int:
        """Records that are pending."""
        return self._met.pending().total

    @cached_property
    def unknown(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is unknown."""
        return self._why({name: one.unknown for name, one in self._truths.items()})

    @cached_property
    def ambiguous(self) -> Mapping[str, int]:
        """Pending records by the criterion whose value is ambiguous."""
        return self._why({name: one.ambiguous for name, one in self._truths.items()})

    def _why(self, doubts: Mapping[str, Bits | None]) -> Mapping[str, int]:
        pending = self._met.pending()
        doubted = {name: doubt for name, doubt in doubts.items() if doubt is not None}
        counts = zip(doubted, pending.within(doubted.values()), strict=True)
        return {name: count for name, count in counts if count}

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the selected records."""
        return self._scene.view.zones.extent(self._chosen.bits)

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
    def _order(self) -> Order:
        return Order(self._scene.view, self._chosen, self._sort)

    def ids(self) -> tuple[str, ...]:
        """Every selected id, in order."""
        return tuple(self._scene.view.ids[self._order.rows])

    def ordinals(self) -> Ordinals:
        """Ordinals of the selected records, ascending."""
        return self._chosen.rows.astype(np.uint32)

    def order(self) -> Ordinals:
        """Ordinals of the selected records, in order."""
        return self._order.rows.astype(np.uint32)

    def bitmap(self) -> bytes:
        """The selected ordinals as bits, LSB first."""
        return bits.octets(self._chosen.bits, self._scene.size)

    def page(self, after: str | None = None, limit: int = 100) -> Page:
        """The records that follow `after`."""
        if limit < 1:
            raise InvalidValueError.of("limit", limit, "must be at least 1", "1 or more")
        mark = cursor.mark_of(self.layer.name, self._query, self._sorted)
        start = 0 if after is None else self._resume(cursor.decode(after, mark))
        rows = self._order.head(start + limit)[start:]
        end = start + len(rows)
        more = end < self.total and len(rows) > 0
        following = cursor.Cursor(mark, end, str(self._scene.view.ids[rows[-1]])).encode() if more else None
        return Page(rows.astype(np.uint32), following, self.at)

    def _resume(self, last: cursor.Cursor) -> int:
        """Return how many records come before the next page: up to the last one sent, if it is still selected."""
        ordinal = self._scene.view.ordinal_of.get(last.id)
        rows: Rows = self._order.head(last.position)
        if ordinal is not None and len(rows) and rows[-1] == ordinal:
            return len(rows)
        found = np.flatnonzero(self._order.rows == ordinal) if ordinal is not None else rows[:0]
        return int(found[0]) + 1 if len(found) else min(last.position, self.total)

    def records(self) -> Iterator[Record]:
        """Every selected record, in order."""
        for start in deadline.in_time(range(0, self.total, _AT_ONCE)):
            yield from records_at(self._scene, self._order.rows[start : start + _AT_ONCE])

    def at(self, ordinals: Ordinals) -> Iterator[Record]:
        """The records at `ordinals`, in that order."""
        rows = ordinals.astype(np.int64)
        if not bits.holds(self._chosen.bits, rows).all():
            raise KeyError("a record is not selected")
        return records_at(self._scene, rows)

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

    def _leaving_aside(self, group: str | None) -> Subset:
        """Return the asked bucket as it would be without the criteria of `group`."""
        return self._met.pending(group) if self.criteria.bucket == "pending" else self._met.matched(group)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The selected records, in order, indexed by id."""
        view = self._scene.view
        chosen = view.table.only([*self.fields, "geometry"]).at(self._order.rows)
        frame = domain.frame_of(chosen).set_index(view.layer.id_field)
        return cast("gpd.GeoDataFrame", frame)
