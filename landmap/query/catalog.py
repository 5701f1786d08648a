"""The catalog: one snapshot in memory, frozen; a request holds one from start to end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from landmap.domain import District, Layer, PolicyClass, Table, children_of, collections, layer_named, redact_among
from landmap.domain.audience import sees_class
from landmap.domain.errors import NotFoundError, StoreError, shown
from landmap.query.engine import Engine, Record
from landmap.query.exhibits import Exhibit, Key, by_record
from landmap.query.memory import MemoryEngine
from landmap.query.names import NameBook
from landmap.query.phrase import PhraseBook

BASEMAP: Final = "basemap.geojson"


class SnapshotLike(Protocol):
    """What a catalog needs of a snapshot on disk."""

    @property
    def id(self) -> str:
        """Content hash."""
        ...

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers it holds."""
        ...

    @property
    def district(self) -> District:
        """The district it was published for."""
        ...

    def table(self, name: str) -> Table:
        """Return a layer."""
        ...

    def asset(self, name: str) -> Path:
        """Return the path of a file that was published beside the layers."""
        ...

    def attachments(self) -> list[dict[str, Any]]:
        """Return the attachments of its records, in their order."""
        ...


@dataclass(frozen=True, eq=False)
class Catalog:
    """A snapshot ready to answer.

    Attributes
    ----------
    snapshot : SnapshotLike
    district : District
    tables : mapping
        Layers by name, everything in them: hand out `table`, which is redacted.
    engine : Engine
    exhibits : mapping
        Attachments by layer and record, all of them: hand out `attached`, which leaves out what is hidden.
    """

    snapshot: SnapshotLike
    district: District
    tables: Mapping[str, Table] = field(repr=False)
    engine: Engine = field(repr=False)
    exhibits: Mapping[Key, tuple[Exhibit, ...]] = field(repr=False)

    @classmethod
    def load(cls, snapshot: SnapshotLike) -> Catalog:
        """Read every layer of `snapshot`; collections it does not have, and their nested layers, are empty."""
        tables = {name: snapshot.table(name) for name in snapshot.layers}
        tables |= {layer.name: Table.empty(layer) for layer in _served() if layer.name not in tables}
        district = snapshot.district
        engine = MemoryEngine(snapshot.id, district, tables)
        return cls(snapshot, district, tables, engine, by_record(snapshot.attachments()))

    @property
    def snapshot_id(self) -> str:
        """The snapshot's id."""
        return self.snapshot.id

    def table(self, layer: str, asking: PolicyClass) -> Table:
        """Return what `asking` sees of any layer; NotFoundError for a layer that is not there."""
        if layer not in self.tables:
            raise NotFoundError(f"the snapshot has no layer {shown(layer)}")
        return redact_among(self.tables, layer_named(layer), asking)

    def attached(self, layer: str, record: Record, asking: PolicyClass) -> tuple[Exhibit, ...]:
        """Return what is attached to a record and may be shown to `asking`, who was given the record."""
        held = self.exhibits.get((layer, record.id), ())
        return tuple(one for one in held if sees_class(asking, one.visibility))

    def holders(self, file: str) -> tuple[Key, ...]:
        """Return the layer and id of every record that a kept file is attached to, hidden ones included."""
        return tuple(key for key, held in self.exhibits.items() if any(file in one.files.values() for one in held))

    def held(self, layer: str, asking: PolicyClass) -> Table:
        """Return what `asking` sees of a collection as the engine holds it: to be read, never to be changed."""
        if isinstance(self.engine, MemoryEngine):
            return self.engine.view(layer, asking).table
        return self.table(layer, asking)

    @cached_property
    def phrases(self) -> PhraseBook:
        """What reads phrases about this snapshot."""
        return PhraseBook(self)

    @cached_property
    def names(self) -> NameBook:
        """What looks names up in this snapshot."""
        return NameBook(self, self.phrases)

    def basemap(self) -> dict[str, Any] | None:
        """Return the built-in offline basemap as GeoJSON, or None when the snapshot carries none."""
        try:
            path = self.snapshot.asset(BASEMAP)
        except (StoreError, NotFoundError):
            return None
        if not path.is_file():
            return None
        basemap: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return basemap


def _served() -> list[Layer]:
    """Return the collections and what is nested in them."""
    return [layer for name in collections() for layer in (layer_named(name), *children_of(name))]
