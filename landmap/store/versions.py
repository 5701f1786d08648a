"""What was published when, what changed between two versions, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from landmap.domain import layer_named
from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import current
from landmap.store.compare import LayerDiff, layer_diff, plan_diff
from landmap.store.fates import fates_of
from landmap.store.home import Home
from landmap.store.modes import Mode
from landmap.store.plan import Decisions
from landmap.store.plans import planned
from landmap.store.publishing import current_base
from landmap.store.snapshot import Snapshot
from landmap.store.staging import staged


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
class Diff:
    """What changed from one version to another; layers without a change are left out."""

    before: str
    after: str
    layers: Mapping[str, LayerDiff]

    def as_dict(self) -> dict[str, Any]:
        """Return the diff as JSON-ready values."""
        layers = [one.as_dict() for one in self.layers.values()]
        return {"before": self.before, "after": self.after, "layers": layers}


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


def diff_staged(home: Home, name: str, mode: Mode | None = None, decisions: Decisions | None = None) -> LayerDiff:
    """Return what publishing the staged layer `name` would change; nothing is written.

    Compared as the layers were imported: what is computed from other layers is not the delivery's doing.

    Parameters
    ----------
    home : Home
    name : str
    mode : {"replace", "append", "update"}, optional
        In place of the mode it was staged with.
    decisions : Decisions, optional
        As for `publish`; what is refused there is refused here.

    Raises
    ------
    NotFoundError
        When nothing of that layer is staged.
    InvalidValueError, SchemaError, StoreError
        As `publish`.
    """
    waiting = staged(home)
    if layer_named(name).name not in waiting:
        raise NotFoundError(f"nothing of layer {name!r} is staged", hint=f"staged: {', '.join(waiting) or 'nothing'}")
    delivery = waiting[name].delivery()
    plans = planned(
        home,
        current_base(home),
        {name: delivery if mode is None else replace(delivery, mode=mode)},
        decisions,
        home.district(),
    )
    return plan_diff(plans[name])


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
        return LayerDiff(layer=name)
    before, after = (one.layer(name) if name in one.layers else None for one in (a, b))
    fates = fates_of(b.manifest, name)
    return layer_diff(
        layer_named(name),
        before,
        after,
        renumbered={id: fate.to for id, fate in fates.items() if fate.to is not None},
        withdrawn={id: fate.reason for id, fate in fates.items() if fate.to is None},
    )
