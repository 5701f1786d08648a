"""What was published when, what changed between two versions, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landmap.domain import Kind, Layer, layer_named
from landmap.domain.errors import StoreError
from landmap.store import current
from landmap.store.canonical import key_texts
from landmap.store.home import Home
from landmap.store.snapshot import Snapshot


@dataclass(frozen=True)
class Version:
    """One version on disk; of a damaged one only the id and what is wrong with its manifest are known."""

    id: str
    parent: str | None
    created_at: str
    by: str
    note: str
    rows: Mapping[str, int]
    current: bool
    damaged: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the version as JSON-ready values."""
        return {**self.__dict__, "rows": dict(self.rows)}


@dataclass(frozen=True)
class LayerDiff:
    """What changed in one layer, by record; composite keys are joined by ``/``.

    `changed` maps record to field to the values before and after, None for unknown; a changed geometry is told as WKT.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Diff:
    """What changed from one version to another; layers without a change are left out."""

    before: str
    after: str
    layers: Mapping[str, LayerDiff]


def history(home: Home) -> list[Version]:
    """Return every version on disk, the newest first; damaged ones at the end."""
    served = home.current_id()
    found = [_version(home, id, current=id == served) for id in current.version_ids(home)]
    return sorted(found, key=lambda version: version.created_at, reverse=True)


def rollback(home: Home, id: str, by: str, note: str) -> Snapshot:
    """Make an existing version current again, after checking that it is whole; nothing is removed.

    Raises
    ------
    BusyError
        When another writer holds the home.
    NotFoundError, StoreError
        When there is no such version, or it is damaged.
    """
    with home.lock():
        current.recover(home)
        snapshot = current.open_version(home, id)
        current.swap(home, snapshot, "rollback", by, note)
    return snapshot


def diff(a: Snapshot, b: Snapshot) -> Diff:
    """Return what changed from version `a` to version `b`, record by record and field by field."""
    names = sorted({*a.layers, *b.layers})
    found = {name: _layer_diff(a, b, name) for name in names}
    return Diff(a.id, b.id, {name: one for name, one in found.items() if one})


def _version(home: Home, id: str, *, current: bool) -> Version:
    try:
        table = Snapshot.open(home.snapshots / id).manifest
    except StoreError as error:
        return Version(id, None, "", "", "", {}, current, damaged=error.message)
    rows = {name: entry["rows"] for name, entry in table["layers"].items()}
    return Version(id, table["parent"], table["created_at"], table["by"], table["note"], rows, current)


def _layer_diff(a: Snapshot, b: Snapshot, name: str) -> LayerDiff:
    hashes = [one.manifest["layers"][name]["sha256"] if name in one.layers else None for one in (a, b)]
    if hashes[0] == hashes[1]:
        return LayerDiff()
    layer = layer_named(name)
    before, after = (_by_key(one, layer) for one in (a, b))
    both = before.index.intersection(after.index).sort_values()
    changed: dict[str, dict[str, tuple[Any, Any]]] = {}
    for field_ in layer.fields.values():
        old, new = (_comparable(frame.loc[both, field_.name], field_.kind) for frame in (before, after))
        for row in np.flatnonzero([x != y for x, y in zip(old, new, strict=True)]):
            changed.setdefault(str(both[int(row)]), {})[field_.name] = (old[row], new[row])
    return LayerDiff(
        added=tuple(sorted(after.index.difference(before.index))),
        removed=tuple(sorted(before.index.difference(after.index))),
        changed=dict(sorted(changed.items())),
    )


def _by_key(snapshot: Snapshot, layer: Layer) -> pd.DataFrame:
    if layer.name not in snapshot.layers:
        return pd.DataFrame(columns=list(layer.fields), index=pd.Index([], dtype=object))
    frame = snapshot.layer(layer.name)
    return frame.set_index(pd.Index(key_texts(frame, layer), dtype=object))


def _comparable(column: pd.Series[Any], kind: Kind) -> list[Any]:
    """Return values that compare as they read: plain Python, None for unknown, WKT for shapes."""
    if kind is Kind.GEOMETRY:
        return list(shapely.to_wkt(np.asarray(column, dtype=object), rounding_precision=9))
    if kind is Kind.DATE:
        return [None if pd.isna(value) else value.date().isoformat() for value in column]
    plain = column.astype(object)
    return [None if missing else value for value, missing in zip(plain, plain.isna(), strict=True)]
