"""Forms for those who keep buildings: a sheet filled with what is published, read back as edits of the same records.

The name of the sheet says which layer and version it was filled from, so that a cell nobody touched changes nothing
even when the record has moved on, and a cell changed on an old form is held against the record of today.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from landmap.access.amendment import Amendment
from landmap.access.amendments import Amendments
from landmap.access.editing import propose_edit
from landmap.access.edits import cell, keys, plain, record
from landmap.domain import STORE_EPSG, Kind, Lang, Layer, layer_named
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError
from landmap.ingest import Finding, Report, StagedLayer, check
from landmap.store import Home, Snapshot, open_current, open_version

#: How many characters of a version's id a sheet's name holds: with the longest layer it has 31 at most.
VERSION_SHOWN: Final = 8
#: Fields beside the answered ones by which a reader knows the record.
_TELLING: Final[Mapping[str, tuple[str, ...]]] = {"building_units": ("building_id", "floor_no", "unit_no")}


@dataclass(frozen=True)
class Form:
    """A form to be filled in: one row per record, values as JSON, `fixed` fields first and not to be changed.

    `shapes` tells whereabouts each record lies, as EWKT, for layers whose rows have to say so; it is not asked.
    """

    layer: Layer
    sheet: str
    fixed: tuple[str, ...]
    answered: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    shapes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FormAnswer:
    """What a form came to.

    `conflicts` tells, by record, why its cells could not be taken: it has become another one since the form was made.
    `unknown` are rows of records that are not there; `report` is that of the file, None for a form on a page.
    """

    proposed: tuple[Amendment, ...]
    unchanged: int
    findings: tuple[tuple[str, Finding], ...]
    conflicts: Mapping[str, str]
    unknown: tuple[str, ...]
    report: Report | None = None

    @property
    def ok(self) -> bool:
        """Whether every changed cell is in the queue."""
        told = any(finding.severity == "error" for _, finding in self.findings)
        return not (told or self.conflicts or self.unknown or (self.report is not None and self.report.refused))


def make_form(home: Home, layer: str, *, parent: str | None = None, ids: tuple[str, ...] = ()) -> Form:
    """Return the form of some records as they are published now.

    Parameters
    ----------
    home : Home
    layer : str
    parent : str, optional
        The record whose nested records are wanted: a building for its units.
    ids : tuple of str
        The records themselves; with neither, every record of the layer.

    Raises
    ------
    InvalidValueError
        For a layer that nobody outside answers for.
    NotFoundError
        When no record fits.
    """
    target = layer_named(layer)
    if not target.confirmable:
        raise InvalidValueError.of("layer", layer, "has no fields that are answered by form", where="cli")
    current = open_current(home)
    frame = current.layer(layer)
    wanted = np.ones(len(frame), dtype=bool)
    if parent is not None and target.parent_field is not None:
        wanted &= (frame[target.parent_field] == parent).to_numpy()
    if ids:
        wanted &= np.isin(keys(frame, target).astype(str), list(ids))
    if not wanted.any():
        raise NotFoundError(f"no record of {layer} is asked for", hint="see `landmap export` for the ids")
    fixed = (*target.key, *(name for name in _telling(target) if name not in target.key))
    rows = [record(frame, target, id) for id in keys(frame, target)[wanted]]
    if not target.spatial:
        rows.sort(key=lambda row: [_in_order(row[name]) for name in _telling(target)])
    kept = (*fixed, *target.confirmable)
    return Form(
        target,
        f"{layer} {current.id[:VERSION_SHOWN]}",
        fixed,
        target.confirmable,
        tuple({name: row[name] for name in kept} for row in rows),
        None if not target.spatial else tuple(_whereabouts(list(frame.loc[wanted, "geometry"]), target)),
    )


def read_form(
    home: Home,
    amendments: Amendments,
    path: Path,
    layer: str,
    *,
    by: str,
    now: dt.datetime,
    lang: Lang = "zh",
    checked: Callable[..., tuple[StagedLayer | None, Report]] = check,
) -> FormAnswer:
    """Read a form back and put an edit into the queue for every record of which a cell was changed.

    Parameters
    ----------
    home : Home
    amendments : Amendments
    path : Path
    layer : str
    by : str
        Who filled it in.
    now : aware datetime
    lang : {"zh", "en"}
    checked : callable
        What reads files; the confined check unless told.

    Raises
    ------
    InvalidValueError
        For a sheet whose name does not say which version it was filled from.
    """
    target = layer_named(layer)
    staged, report = checked([path], layer, home.district(), lang=lang)
    if staged is None:
        return FormAnswer((), 0, (), {}, (), report)
    base = _base(home, report, layer)
    columns = [name for name in _columns(report) if name in (*_telling(target), *target.confirmable)]
    before = base.layer(layer)
    there = set(keys(before, target))
    unread = _unread(report)
    taking = _Taking(home, amendments, layer, base, by, now, lang)
    for place, id in enumerate(keys(staged.frame, target)):
        if id not in there:
            taking.unknown.append(id)
            continue
        held = record(before, target, id)
        read = {name: plain(staged.frame[name].iloc[place], target.fields[name].kind) for name in columns}
        values = {
            name: cell(value, target.fields[name].kind)
            for name, value in read.items()
            if not _same(value, held[name], target.fields[name].kind)
        }
        # What nobody can read is handed on as it was written, so that it is told and makes nothing unknown.
        row = staged.rows[place]
        values |= {name: unread[row, name] for name in columns if read[name] is None and (row, name) in unread}
        taking.take(id, values)
    return taking.answer(report)


def take_form(
    home: Home,
    amendments: Amendments,
    layer: str,
    answers: Mapping[str, Mapping[str, str]],
    *,
    version: str,
    by: str,
    now: dt.datetime,
    lang: Lang = "zh",
) -> FormAnswer:
    """Take a form that was filled in on a page, and put an edit into the queue for every record that it changes.

    Parameters
    ----------
    home : Home
    amendments : Amendments
    layer : str
    answers : mapping of record to mapping of field to value, as people write them
        A value that is as published changes nothing.
    version : str
        The version the form was filled from.
    by : str
    now : aware datetime
    lang : {"zh", "en"}

    Raises
    ------
    InvalidValueError
        For a field that is not answered by form.
    NotFoundError
        When the version is not there any more.
    """
    target = layer_named(layer)
    base = open_version(home, version)
    there = set(keys(base.layer(layer), target))
    strangers = {name for values in answers.values() for name in values if name not in target.confirmable}
    if strangers:
        raise InvalidValueError.of("fields", ", ".join(sorted(strangers)), "are not answered by form", where="body")
    taking = _Taking(home, amendments, layer, base, by, now, lang)
    for id, values in answers.items():
        if id in there:
            taking.take(id, values)
        else:
            taking.unknown.append(id)
    return taking.answer(None)


@dataclass
class _Taking:
    """A form being taken, record by record."""

    home: Home
    amendments: Amendments
    layer: str
    base: Snapshot
    by: str
    now: dt.datetime
    lang: Lang
    proposed: list[Amendment] = field(default_factory=list)
    unchanged: int = 0
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    conflicts: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def take(self, id: str, values: Mapping[str, Any]) -> None:
        """Put the edit of one record into the queue, or tell why not."""
        if not values:
            self.unchanged += 1
            return
        try:
            told = propose_edit(
                self.home,
                self.amendments,
                self.layer,
                id,
                values,
                by=self.by,
                now=self.now,
                base=self.base,
                origin="form",
                lang=self.lang,
            )
        except (ConflictError, NotFoundError) as error:
            self.conflicts[id] = error.message
            return
        self.findings += [(id, finding) for finding in told.findings]
        if told.amendment is not None:
            self.proposed.append(told.amendment)
        elif not told.findings:
            self.unchanged += 1

    def answer(self, report: Report | None) -> FormAnswer:
        """Return what it came to."""
        return FormAnswer(
            tuple(self.proposed), self.unchanged, tuple(self.findings), self.conflicts, tuple(self.unknown), report
        )


def _in_order(value: Any) -> tuple[bool, float, str]:
    """Return what sorts floors and rooms as people count them: numbers by size, before texts."""
    text = "" if value is None else str(value)
    number = value if isinstance(value, int | float) else int(text) if text.isdecimal() else None
    return number is None, number or 0.0, text


def _whereabouts(shapes: Sequence[Any], layer: Layer) -> Iterator[str]:
    """Yield a shape of each record that fits into a cell: a point, or the box round an outline."""
    for shape in shapes:
        small = shapely.point_on_surface(shape) if "Point" in layer.geometry else shapely.envelope(shape)
        yield f"SRID={STORE_EPSG};{shapely.to_wkt(small, rounding_precision=7)}"


def _telling(layer: Layer) -> tuple[str, ...]:
    return _TELLING.get(layer.name, () if layer.title is None else (layer.title,))


def _base(home: Home, report: Report, layer: str) -> Snapshot:
    name = next((one.layer for one in report.inputs if one.layer is not None), None) or ""
    said, _, version = name.partition(" ")
    if said != layer or len(version) != VERSION_SHOWN:
        raise InvalidValueError.of(
            "sheet", name, "does not say which version it was filled from", "keep the sheet's name"
        )
    return open_version(home, version)


def _unread(report: Report) -> dict[tuple[int, str], Any]:
    """Return what was written where something was found, by row and field."""
    found: dict[tuple[int, str], Any] = {}
    for one in report.findings:
        if one.field is None or one.severity == "info":
            continue
        cases = one.cases or ({"row": one.row, "value": one.value},)
        for case in cases:
            if case["row"] is not None and case["value"] is not None:
                found[int(str(case["row"])), one.field] = case["value"]
    return found


def _columns(report: Report) -> tuple[str, ...]:
    """Return the fields that the sheet has a column for."""
    return tuple(one.field for entry in report.inputs for one in entry.columns if one.field is not None)


def _same(read: Any, held: Any, kind: Kind) -> bool:
    """Return whether a cell says what it was filled with; a spreadsheet keeps fifteen digits."""
    if kind is Kind.NUMBER and read is not None and held is not None:
        return math.isclose(read, held, rel_tol=1e-12)
    return bool(read == held)
