"""Folding: the approved edits are laid over what was imported, at every publish, and on their own when they are due.

What was imported is kept as it came (the manifest's ``given``); the edits in force are the first derivation. So an edit
outlives the next import, is never laid on twice, and can be taken back. Which edits a version rests on stands in its
manifest, one ``edit/field`` each: a rollback goes back on edits as on everything else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from landmap.access import DEBOUNCE, Amendment, Amendments, Attachments, Change, Database, Standing, edits
from landmap.domain import District, Layer, layer_named
from landmap.domain.errors import NotFoundError, StoreError
from landmap.pipeline.derivations import DERIVATIONS
from landmap.store import (
    Decisions,
    Delivery,
    Derivation,
    Home,
    LayerPlan,
    Snapshot,
    current_base,
    planned,
    publish,
)

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Effect:
    """An edit that a file does not simply go along with.

    ``kept``: the file still says what the edit was based on, and the edit stands. ``contradicted``: the file says
    something else again; the edit stands, and somebody should look. ``missing``: the record is not there; the edit
    waits. `amendment` is the last edit of the field, `held` what the file says, `value` what is published.
    """

    kind: Literal["kept", "contradicted", "missing"]
    amendment: str
    layer: str
    feature_id: str
    field: str
    held: Any
    value: Any

    def as_dict(self) -> dict[str, Any]:
        """Return the effect as JSON-ready values."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class _Chain:
    """The edits of one field of one record in their turn, with the names a version lists them by."""

    field: str
    amendments: tuple[Amendment, ...]
    changes: tuple[Change, ...]

    @property
    def names(self) -> list[str]:
        return [amendment.key(self.field) for amendment in self.amendments]


@dataclass(frozen=True)
class _Records:
    """One layer by record."""

    layer: Layer
    frame: pd.DataFrame | None
    rows: Mapping[str, int]

    @classmethod
    def of(cls, layer: Layer, frame: pd.DataFrame | None) -> _Records:
        keys = () if frame is None else edits.keys(frame, layer)
        return cls(layer, frame, {id: row for row, id in enumerate(keys)})

    def held(self, id: str, name: str) -> Any:
        assert self.frame is not None
        return edits.plain(self.frame[name].iloc[self.rows[id]], self.layer.fields[name].kind)

    def caught_up(self, chain: _Chain, id: str) -> bool:
        """Return whether the file said by then what the edits want: from there on it alone speaks."""
        return id in self.rows and edits.last(chain.changes, self.held(id, chain.field))[1] is Standing.CAUGHT_UP

    def effect(self, chain: _Chain, id: str) -> Effect | None:
        """Return what the edits do to the record; None when it says what they want."""
        told = (chain.amendments[-1].id, self.layer.name, id, chain.field)
        if id not in self.rows:
            return Effect("missing", *told, None, chain.changes[-1].value)
        held = self.held(id, chain.field)
        value, standing = edits.last(chain.changes, held)
        if standing is Standing.CAUGHT_UP:
            return None
        return Effect("contradicted" if standing is Standing.CONTRADICTS else "kept", *told, held, value)


def _chains(found: Sequence[Amendment], ids: Mapping[str, str]) -> dict[tuple[str, str], _Chain]:
    """Return edits by record and field; `ids` names the record of each edit as it is called by now."""
    gathered: dict[tuple[str, str], list[tuple[Amendment, Change]]] = {}
    for one in found:
        for change in one.changes if one.id in ids else ():
            gathered.setdefault((ids[one.id], change.field), []).append((one, change))
    return {
        (id, name): _Chain(name, tuple(one for one, _ in chain), tuple(change for _, change in chain))
        for (id, name), chain in gathered.items()
    }


@dataclass
class Folding:
    """The edits in force, laid over frames as a derivation does: called under the lock of a publish, and once.

    `amendments` is None for a home whose database was never made.
    """

    home: Home
    amendments: Amendments | None
    effects: list[Effect] = field(default_factory=list)
    _plans: dict[str, LayerPlan] = field(default_factory=dict)
    _listed: list[str] = field(default_factory=list)

    def watch(self, plan: LayerPlan) -> None:
        """Take note of what a publish makes of one layer: what it was, and which records get new numbers."""
        self._plans[plan.layer.name] = plan

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the edits that were laid on, for the manifest."""
        return iter(self._listed)

    def __call__(self, frames: Frames, district: District) -> Frames:
        """Return the layers that edits change."""
        base = self._base()
        live = frozenset() if base is None else frozenset(base.manifest["amendments"])
        self._check_known(live)
        if base is not None:
            self.done(base)  # whoever published it may have been ended before saying so
        found = () if self.amendments is None else self.amendments.in_force(live)
        self._listed, self.effects = [], []
        changed: Frames = {}
        for name in dict.fromkeys(one.layer for one in found):
            layer = layer_named(name)
            now = _Records.of(layer, frames.get(name))
            plan = self._plans.get(name)
            before = now if plan is None else _Records.of(layer, plan.before)
            edited: dict[int, dict[str, Any]] = {}
            fresh_ids = {one.id: self._renamed(layer, one.feature_id, base) for one in found if one.layer == name}
            for (fresh, field_name), chain in _chains(found, fresh_ids).items():
                was = next((one.feature_id for one in chain.amendments if one.feature_id in before.rows), fresh)
                if live.issuperset(chain.names) and before.caught_up(chain, was):
                    continue
                self._listed += chain.names
                effect = now.effect(chain, fresh)
                if effect is not None:
                    self.effects.append(effect)
                    if effect.kind != "missing":
                        edited.setdefault(now.rows[fresh], {})[field_name] = effect.value
            if now.frame is not None and edited:
                changed[name] = edits.with_values(now.frame, layer, edited)
        return changed

    def attachments(self) -> list[dict[str, Any]]:
        """Return the attachments of all records as a version lists them, each under the number its record has now."""
        if self.amendments is None:
            return []
        base, found = self._base(), Attachments(self.home, self.amendments.database).listed()
        return [
            {**one.as_dict(), "feature_id": self._renamed(layer_named(one.layer), one.feature_id, base)}
            for one in found
        ]

    def done(self, snapshot: Snapshot) -> None:
        """Remember that `snapshot` holds the edits it lists."""
        ids = {name.partition("/")[0] for name in snapshot.manifest["amendments"]}
        if self.amendments is not None and ids:
            self.amendments.mark_published(ids, snapshot.id)

    def _renamed(self, layer: Layer, feature_id: str, base: Snapshot | None) -> str:
        """Return the key that a record has by now, its own or its parent's new number in it."""
        owner = layer.parent or layer.name
        aliases: dict[str, str] = {}
        if base is not None:
            aliases = {old: one["to"] for old, one in base.manifest["aliases"].get(owner, {}).items()}
        if owner in self._plans:
            aliases |= self._plans[owner].renumbered
        field_name = layer.parent_field if layer.parent is not None else layer.id_field
        if field_name not in layer.key:
            return feature_id
        parts = feature_id.split("/", maxsplit=len(layer.key) - 1)
        place, seen = layer.key.index(field_name), set[str]()
        while parts[place] in aliases and parts[place] not in seen:
            seen.add(parts[place])
            parts[place] = aliases[parts[place]]
        return "/".join(parts)

    def _base(self) -> Snapshot | None:
        id = self.home.current_id()
        return None if not id else Snapshot.open(self.home.snapshots / id)

    def _check_known(self, live: frozenset[str]) -> None:
        ids = {name.partition("/")[0] for name in live}
        lost = ids if self.amendments is None else ids - self.amendments.known(ids)
        if lost:
            raise StoreError(
                f"the current version rests on {len(lost)} edits that landmap.db does not have",
                hint="restore landmap.db from the backup, or roll back to a version before those edits",
            )


@contextmanager
def folding(home: Home) -> Iterator[Folding]:
    """Yield the edits of a home, to be laid over what is published."""
    path = home.path / "landmap.db"
    if not path.exists():
        yield Folding(home, None)
        return
    database = Database.open(path)
    try:
        yield Folding(home, Amendments(database))
    finally:
        database.close()


def publish_amended(
    home: Home,
    layers: Mapping[str, pd.DataFrame | Delivery],
    *,
    derivations: Sequence[Derivation] = DERIVATIONS,
    **given: Any,
) -> Snapshot:
    """Publish as `landmap.store.publish`, the edits in force laid over what is imported."""
    watch = given.pop("watch", None)
    with folding(home) as fold:

        def both(plan: LayerPlan) -> None:
            fold.watch(plan)
            if watch is not None:
                watch(plan)

        snapshot = publish(
            home,
            layers,
            derivations=(fold, *derivations),
            amendments=fold,
            attachments=fold.attachments,
            watch=both,
            **given,
        )
        fold.done(snapshot)
    return snapshot


def fold_now(home: Home, *, by: str, note: str = "") -> tuple[Snapshot, tuple[Effect, ...]]:
    """Publish what was approved or taken back as a new version.

    Returns
    -------
    Snapshot
        The current one when nothing about it changes.
    tuple of Effect
        The edits that the files do not simply go along with.

    Raises
    ------
    NotFoundError
        When nothing was published yet.
    BusyError, StoreError
        As `landmap.store.publish`; the edits stay approved.
    """
    if home.current_id() is None:
        raise NotFoundError("nothing has been published yet", hint="import layers and publish them")
    with folding(home) as fold:
        snapshot = publish(
            home,
            {},
            by=by,
            note=note,
            derivations=(fold, *DERIVATIONS),
            amendments=fold,
            attachments=fold.attachments,
        )
        fold.done(snapshot)
        return snapshot, tuple(fold.effects)


def fold_when_due(home: Home, amendments: Amendments, *, now: dt.datetime) -> Snapshot | None:
    """Publish what was approved, taken back or attached when it is time; None when it is not."""
    id = home.current_id()
    if not id:
        return None
    current = Snapshot.open(home.snapshots / id)
    live = frozenset(current.manifest["amendments"])
    if not amendments.due(live, now) and not _attachments_due(home, current, amendments, now):
        return None
    waiting = amendments.waiting(live)
    who = ", ".join(dict.fromkeys(one.approved_by or one.by for one in waiting))
    what = ", ".join(dict.fromkeys(one.feature_id for one in waiting)) or "attachments"
    return fold_now(home, by=who, note=what if len(what) <= 200 else f"{what[:199]}…")[0]


def _attachments_due(home: Home, current: Snapshot, amendments: Amendments, now: dt.datetime) -> bool:
    """Return whether attachments were changed, and not within the last minute."""
    changed = Attachments(home, amendments.database).changed_at()
    if changed is None or not now - changed >= DEBOUNCE:
        return False
    return current.attachments() != Folding(home, amendments).attachments()


def effects_of(
    home: Home, layers: Mapping[str, pd.DataFrame | Delivery], decisions: Decisions | None = None
) -> tuple[Effect, ...]:
    """Return what the edits in force would do to layers that are about to be published; nothing is changed.

    Raises
    ------
    InvalidValueError, SchemaError, StoreError
        As `landmap.store.publish`.
    """
    district, base = home.district(), current_base(home)
    deliveries = {name: one if isinstance(one, Delivery) else Delivery(one) for name, one in layers.items()}
    plans = planned(home, base, deliveries, decisions, district)
    held = {} if base is None else {name: base.given(name) for name in base.layers if name not in plans}
    with folding(home) as fold:
        for plan in plans.values():
            fold.watch(plan)
        fold({**held, **{name: plan.frame for name, plan in plans.items()}}, district)
        return tuple(fold.effects)
