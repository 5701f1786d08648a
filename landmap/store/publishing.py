"""Publish: layers in, a new version out, and not a moment in between at which a reader could see a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import structlog

from landmap.domain import District, layer_named
from landmap.domain.errors import NotFoundError, SchemaError, StoreError
from landmap.store import current, durable
from landmap.store.canonical import check_frame
from landmap.store.draft import Draft, drafted
from landmap.store.entries import (
    Finding,
    Sidecar,
    Written,
    asset_entries,
    attachments_entry,
    findings_entry,
    layer_entry,
    sidecar_entries,
)
from landmap.store.fates import Fate, entries_of
from landmap.store.home import Home
from landmap.store.manifest import NAME, SCHEMA, app_version, identity
from landmap.store.modes import Delivery
from landmap.store.plan import Decisions, LayerPlan
from landmap.store.plans import fates_after, planned
from landmap.store.references import followed
from landmap.store.seal import seal
from landmap.store.snapshot import Snapshot

#: Computes fields of some layers from all of them: takes every layer by name, returns those it changed.
Derivation = Callable[[dict[str, pd.DataFrame], District], dict[str, pd.DataFrame]]


def publish(
    home: Home,
    layers: Mapping[str, pd.DataFrame | Delivery],
    *,
    by: str,
    note: str,
    sources: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    findings: Mapping[str, Iterable[Finding]] | None = None,
    decisions: Decisions | None = None,
    amendments: Iterable[str] | None = None,
    attachments: Callable[[], Iterable[Mapping[str, Any]]] | None = None,
    derivations: Sequence[Derivation] = (),
    sidecars: Mapping[str, Sidecar] | None = None,
    watch: Callable[[LayerPlan], None] = lambda _: None,
) -> Snapshot:
    """Publish `layers` on top of the current version and make the result current.

    Parameters
    ----------
    home : Home
    layers : mapping of str to DataFrame or Delivery
        Canonical frames, each the whole layer unless its delivery says otherwise; a layer that is not given is carried
        over, hard-linked when nothing about it changes.
    by, note : str
        Who publishes, and why.
    sources : mapping of str to iterable of mapping, optional
        Per layer, the files its records came from; added to those there were unless the layer is replaced.
    findings : mapping of str to iterable of mapping, optional
        Per layer, what the checks had to say; each names its ``severity``.
    decisions : Decisions, optional
        New numbers and withdrawals. An id that goes without a word is withdrawn as "not in the delivery of today"; the
        reason may be given later.
    amendments : iterable of str, optional
        Ids of all the amendments this version rests on, read once the derivations have run (one of them lays the edits
        over what was imported); those of the version before unless told.
    attachments : callable, optional
        Returns the attachments of records, asked once; those of the version before unless told.
    derivations : sequence of callable, optional
        Run in order over all layers as they were imported, so that what is computed from another layer is never stale.
    sidecars : mapping of str to callable, optional
        By file name.
    watch : callable, optional
        Told what becomes of each layer before anything is written; what it raises stops the publish.

    Returns
    -------
    Snapshot
        The new current version, or the current one itself when nothing changed.

    Raises
    ------
    BusyError
        When another writer holds the home.
    InvalidValueError
        For a decision about an id that no record has.
    NotFoundError, SchemaError
        For an unknown layer, a frame that is not canonical, records that cannot be told apart, a delivery that does not
        fit its mode, or an id that was given up and comes back with other land.
    StoreError
        When the current version is damaged (roll back first) or the disk fails; readers see the old version or the new
        one, whole either way.
    """
    with home.lock():
        current.recover(home)
        base = current_base(home)
        district = home.district()
        plans = planned(home, base, {name: _delivery(name, one) for name, one in layers.items()}, decisions, district)
        for plan in plans.values():
            watch(plan)
        fates = fates_after(base, plans, decisions, district)
        frames, imported = _gathered(base, plans, fates)
        frames = _derived(frames, derivations, district)
        replaced = [name for name, plan in plans.items() if plan.delivery and plan.delivery.mode == "replace"]
        with drafted(home.snapshots, base) as draft:
            aliases, withdrawn = entries_of(fates)
            manifest: dict[str, Any] = {
                "schema": SCHEMA,
                "parent": None if base is None else base.id,
                "created_at": current.now(),
                "by": by,
                "note": note,
                "app_version": app_version(),
                "district": district.code,
                "layers": {
                    name: layer_entry(
                        draft,
                        _written(name, frame, imported.get(name), base, plans.get(name), (sources or {}).get(name, ())),
                        district,
                    )
                    for name, frame in sorted(frames.items())
                },
                "assets": asset_entries(draft, home),
                "aliases": aliases,
                "withdrawn": withdrawn,
                "findings": findings_entry(draft, findings or {}, replaced, base),
                "amendments": list(_listed(base) if amendments is None else amendments),
                "attachments": attachments_entry(draft, _attached(base) if attachments is None else attachments()),
                "sidecars": {},
            }
            manifest["id"] = identity(manifest)
            if base is not None and base.id == manifest["id"]:
                return base
            told = Snapshot(manifest["id"], draft.path, manifest)
            manifest["sidecars"] = sidecar_entries(draft, told, sidecars or {})
            durable.write_file(draft.path / NAME, seal(manifest))
            durable.sync_tree(draft.path)
            snapshot = _settle(home, draft, manifest["id"])
        current.swap(home, snapshot, "publish", by, note)
    return snapshot


def _listed(base: Snapshot | None) -> Iterable[str]:
    return () if base is None else base.manifest["amendments"]


def _attached(base: Snapshot | None) -> Iterable[Mapping[str, Any]]:
    return () if base is None else base.attachments()


def current_base(home: Home) -> Snapshot | None:
    """Return the current version, whole; a writer never builds on a fallback."""
    try:
        change = current.read_pointer(home)
        return None if change is None else current.opened(home.snapshots / change.id, change.sha256)
    except StoreError as error:
        raise StoreError(error.message, hint="roll back to a good version before publishing") from error


def _delivery(name: str, given: pd.DataFrame | Delivery) -> Delivery:
    delivery = given if isinstance(given, Delivery) else Delivery(given)
    _checked(name, delivery.frame, partial=delivery.mode == "update")
    return delivery


def _checked(name: str, frame: pd.DataFrame, *, partial: bool = False) -> pd.DataFrame:
    try:
        return check_frame(frame, layer_named(name), partial=partial)
    except NotFoundError as error:
        raise SchemaError(error.message, hint=error.hint) from error


def _gathered(
    base: Snapshot | None, plans: Mapping[str, LayerPlan], fates: Mapping[str, Mapping[str, Fate]]
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return every layer of the next version before derivations, and those among them that change."""
    changed = {name: _checked(name, plan.frame) for name, plan in plans.items()}
    held = {} if base is None else {name: base.given(name) for name in base.layers if name not in changed}
    changed |= {name: _checked(name, frame) for name, frame in followed({**held, **changed}, fates).items()}
    return {**held, **changed}, changed


def _derived(
    frames: dict[str, pd.DataFrame], derivations: Sequence[Derivation], district: District
) -> dict[str, pd.DataFrame]:
    for derive in derivations:
        changed = derive(dict(frames), district)
        frames = {**frames, **{name: _checked(name, frame) for name, frame in changed.items()}}
    return frames


def _written(
    name: str,
    frame: pd.DataFrame,
    imported: pd.DataFrame | None,
    base: Snapshot | None,
    plan: LayerPlan | None,
    sources: Iterable[Mapping[str, Any]],
) -> Written:
    delivery = None if plan is None else plan.delivery
    before = base.manifest["layers"].get(name) if base is not None else None
    earlier = [] if before is None or (delivery and delivery.mode == "replace") else before["sources"]
    stored = delivery.stored if delivery is not None and imported is delivery.frame else None
    return Written(name, frame, imported, before, [*earlier, *sources], stored)


def _settle(home: Home, draft: Draft, id: str) -> Snapshot:
    """Give the finished draft its real name; keep a whole version of the same content, set a damaged one aside."""
    final = home.snapshots / id
    if final.exists():
        try:
            return current.opened(final)
        except StoreError as error:
            _log().warning("damaged_version_replaced", id=id, reason=error.message)
            durable.rename_folder(final, home.snapshots / f"{durable.TEMPORARY}damaged-{id}")
    durable.rename_folder(draft.path, final)
    return Snapshot.open(final)


def _log() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("landmap.store")
    return logger
