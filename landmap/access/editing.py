"""Edits and the map they are of: proposed on what is published now, checked as a row of a file, approved on sight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from landmap.access.amendment import Amendment, Conflict, Origin, Seen, Stage, conflict_error, conflicts_of
from landmap.access.amendments import Amendments
from landmap.access.edits import Change, cell, editable, keys, plain, record
from landmap.domain import Field, Kind, Lang, Layer, crs, layer_named
from landmap.domain.layers import AS_OF
from landmap.ingest import Finding, check_record
from landmap.store import Home, Snapshot, open_current


@dataclass(frozen=True)
class Answer:
    """What became of an edit: in the queue, or why not.

    `amendment` is None when a finding is an error, and when the edit changes nothing.
    """

    amendment: Amendment | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One field of an edit as somebody reads it before deciding: all values as JSON.

    `now` is what the record says with everything approved; `conflicting` that it is neither what the edit was based on
    nor what it wants. `moved_m2` is the area that a new outline no longer shares with the old one, both ways.
    """

    field: Field
    before: Any
    value: Any
    now: Any
    conflicting: bool
    moved_m2: float | None = None


@dataclass(frozen=True)
class View:
    """One edit beside the record as it is now; `missing` says that the record is no longer there."""

    amendment: Amendment
    layer: Layer
    differences: tuple[Difference, ...]
    missing: bool = False
    live: bool = field(default=False)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The fields that have become another value since."""
        return tuple(
            Conflict(one.field.name, one.before, one.now, one.value) for one in self.differences if one.conflicting
        )


@dataclass(frozen=True)
class Checked:
    """An edit that was looked at and is nowhere yet.

    `seen` is the record as it is published; `changes` is empty when a finding is an error, and when the edit changes
    nothing.
    """

    layer: Layer
    feature_id: str
    seen: Seen
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the edit."""
        return all(finding.severity != "error" for finding in self.findings)


def check_edit(
    home: Home,
    layer: str,
    feature_id: str,
    values: Mapping[str, Any],
    *,
    now: dt.datetime,
    base: Snapshot | None = None,
    watched: Iterable[str] = (),
    lang: Lang = "zh",
) -> Checked:
    """Look at an edit of one published record: every finding at once, and whether the record is still the one seen.

    Parameters
    ----------
    home : Home
    layer, feature_id : str
        The record; composite keys are joined by ``/``.
    values : mapping of str to value
        As `landmap.ingest.check_record` takes them.
    now : aware datetime
    base : Snapshot, optional
        The version that whoever made the edit had before them; the current one unless told.
    watched : iterable of str
        Fields beside the edited ones that must be as they were in `base`.
    lang : {"zh", "en"}
        Language of the findings.

    Raises
    ------
    NotFoundError
        For a layer or record that is not published.
    ConflictError
        When a field has become another value since `base`; each is a place.
    """
    target = layer_named(layer)
    current = open_current(home)
    frame = current.layer(layer)
    seen = seen_in(current, target, feature_id)
    held, beside = seen.values, None
    if "geometry" in values and target.spatial:
        others = keys(frame, target) != feature_id
        beside = dict(zip(keys(frame, target)[others], frame["geometry"].to_numpy()[others], strict=True))
    district = home.district()
    edited = check_record(
        {name: cell(value, target.fields[name].kind) for name, value in held.items()},
        values,
        layer,
        district,
        fixed=[name for name, one in target.fields.items() if not editable(one, target)],
        beside=beside,
        today=district.today(now),
        lang=lang,
    )
    changes = tuple(
        Change(name, held.get(name), plain(value, target.fields[name].kind)) for name, value in edited.values.items()
    )
    if base is not None and base.id != current.id:
        wanted = {**{name: held.get(name) for name in watched}, **{one.field: one.value for one in changes}}
        _check_base(base, target, feature_id, held, wanted)
    return Checked(target, feature_id, seen, changes, edited.findings)


def propose_edit(
    home: Home,
    amendments: Amendments,
    layer: str,
    feature_id: str,
    values: Mapping[str, Any],
    *,
    by: str,
    now: dt.datetime,
    base: Snapshot | None = None,
    origin: Origin = "edit",
    note: str = "",
    document: str = "",
    dated: dt.date | None = None,
    lang: Lang = "zh",
) -> Answer:
    """Look at an edit as `check_edit` does, and put it into the queue unless a finding is an error."""
    checked = check_edit(home, layer, feature_id, values, now=now, base=base, lang=lang)
    if not checked.changes:
        return Answer(None, checked.findings)
    queued = amendments.propose(
        layer,
        feature_id,
        checked.changes,
        base=checked.seen.version,
        by=by,
        now=now,
        origin=origin,
        note=note,
        document=document,
        dated=dated,
    )
    return Answer(queued, checked.findings)


def approve_edit(
    home: Home,
    amendments: Amendments,
    id: str,
    *,
    by: str,
    now: dt.datetime,
    urgent: bool = False,
    despite: bool = False,
) -> Amendment:
    """Approve an edit against the record as it is published now; as `Amendments.approve` for what is refused.

    Raises
    ------
    NotFoundError
        Also when the record is no longer published.
    """
    amendment = amendments.get(id)
    current = open_current(home)
    target = layer_named(amendment.layer)
    return amendments.approve(
        id,
        by=by,
        now=now,
        seen=seen_in(current, target, amendment.feature_id),
        current=home.current_id,
        urgent=urgent,
        despite=despite,
    )


def view(amendments: Amendments, id: str, current: Snapshot) -> View:
    """Return one edit beside the record as it will be once everything approved is published."""
    amendment = amendments.get(id)
    target = layer_named(amendment.layer)
    live = any(amendment.key(change.field) in current.manifest["amendments"] for change in amendment.changes)
    frame = current.layer(target.name) if target.name in current.layers else None
    if frame is None or amendment.feature_id not in keys(frame, target):
        return View(amendment, target, (), missing=True, live=live)
    shown = amendments.to_be(amendment, seen_in(current, target, amendment.feature_id))
    open_ = amendment.state is Stage.PROPOSED
    conflicting = {one.field for one in conflicts_of(amendment, shown)} if open_ else set()
    differences = tuple(
        Difference(
            target.fields[change.field],
            change.before,
            change.value,
            shown.get(change.field),
            change.field in conflicting,
            _moved_m2(change, target.fields[change.field]),
        )
        for change in amendment.changes
    )
    return View(amendment, target, differences, live=live)


def seen_in(snapshot: Snapshot, layer: Layer, feature_id: str) -> Seen:
    """Return one record as a version has it; NotFoundError when it has none of that key."""
    name = layer.name
    values = record(snapshot.layer(name), layer, feature_id)
    given = record(snapshot.given(name), layer, feature_id)
    return Seen(snapshot.id, values, given, frozenset(snapshot.manifest["amendments"]))


def _check_base(
    base: Snapshot, layer: Layer, feature_id: str, held: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    """Raise ConflictError when a wanted field has become another value since `base`."""
    frame = base.layer(layer.name)
    seen = record(frame, layer, feature_id) if feature_id in keys(frame, layer) else {}
    found = tuple(
        Conflict(name, seen.get(name), held.get(name), value)
        for name, value in wanted.items()
        if name != AS_OF and seen.get(name) != held.get(name)
    )
    if found:
        raise conflict_error(layer.name, feature_id, found)


def _moved_m2(change: Change, field: Field) -> float | None:
    if field.kind is not Kind.GEOMETRY or change.before is None or change.value is None:
        return None
    before, after = cell(change.before, field.kind), cell(change.value, field.kind)
    if before.area == 0 or after.area == 0:
        return None
    return round(float(crs.geodesic_area_m2(np.array([before.symmetric_difference(after)], dtype=object))[0]), 1)
