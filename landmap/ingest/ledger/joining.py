"""Ledgers and drawings in; one staged layer out, and an account of every row and every shape."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from landmap.domain import STORE_EPSG, District, Lang, Layer
from landmap.domain.errors import ConfigError
from landmap.ingest.checking import Gate, Progress, Run, StagedLayer, concluded, examine_layer, fitting, take_input
from landmap.ingest.datum import Boundary
from landmap.ingest.faults import Fault
from landmap.ingest.ledger.accounting import account, drawn_report
from landmap.ingest.ledger.numbers import same
from landmap.ingest.ledger.pairing import Pairing, join
from landmap.ingest.ledger.settling import questions, settled
from landmap.ingest.ledger.sheets import Sheet, draw, keep, own_shapes, rows_of, shapes_of
from landmap.ingest.ledger.sides import Row, Shape
from landmap.ingest.profiles import Profile
from landmap.ingest.readers.raw import object_array
from landmap.ingest.report import Report
from landmap.ingest.terms import Terms

if TYPE_CHECKING:
    import pandas as pd

One = TypeVar("One", Row, Shape)


def check_joined(
    ledgers: Sequence[Path],
    drawings: Sequence[Path],
    layer: str,
    district: District,
    *,
    matches: Sequence[tuple[str, str]] = (),
    kept: tuple[int, int] = (0, 0),
    visibility: str | None = None,
    declared_crs: int | None = None,
    progress: Progress | None = None,
    lang: Lang = "zh",
    today: dt.date | None = None,
    profile: Profile | None = None,
    boundaries: Sequence[Boundary] = (),
    accept: Collection[str] = (),
    beside: Mapping[str, pd.DataFrame] | None = None,
    gate: Gate = lambda number, name: None,
) -> tuple[StagedLayer | None, Report]:
    """Return the rows of ledgers that found their shape in drawings, as a layer, and the report; this process reads.

    Parameters
    ----------
    ledgers : sequence of Path
        Tables; a row that has a shape of its own keeps it.
    drawings : sequence of Path
        Files with shapes and their numbers.
    layer : str
    district : District
    matches : sequence of (row, shape)
        What goes with what whatever their numbers say: each by its `ref`, or by an ending of it.
    kept : (int, int)
        How many of the last ledgers and drawings are what waits since earlier ones: a number that a file of today
        gives as well is no longer theirs, and what goes on waiting is not told again.
    visibility, progress, lang, today, accept, beside, gate
        As for `landmap.ingest.check`; `accept` also takes the keys of candidates.
    declared_crs, boundaries
        Of the drawings.
    profile : Profile, optional
        Of the ledgers; its coordinate system and datum are those of the drawings.

    Returns
    -------
    (StagedLayer or None, Report)
        None when no row was placed. `Report.joined` accounts for every row and every shape.

    Raises
    ------
    NotFoundError, ConfigError
        As for `landmap.ingest.check`, and for a layer without shapes; never for data.
    """
    target = spatial(fitting(layer, profile))
    terms = Terms(
        target, district, visibility, declared_crs, today, profile, tuple(boundaries), frozenset(accept), beside or {}
    )
    run = Run(terms, lang, [], [], [], [])
    tables: list[Sheet] = []
    drawn: list[Sheet] = []
    paths = [*ledgers, *drawings]
    for number, path in enumerate(paths):
        if progress is not None:
            progress(path.name, number, len(paths))
        table = number < len(ledgers)
        old = number >= len(ledgers) - kept[0] if table else number >= len(paths) - kept[1]
        run.look = partial(keep, tables if table else drawn, old)
        with tempfile.TemporaryDirectory(prefix="landmap-") as scratch:
            take_input(number, path, Path(scratch), run, gate)
    gate(len(paths), "")
    if progress is not None:
        progress(layer, len(paths), len(paths))
    return _joined(tables, drawn, run, matches)


def spatial(layer: Layer) -> Layer:
    """Return `layer`; raise ConfigError when its records have no shapes."""
    if not layer.spatial:
        raise ConfigError(f"records of {layer.name!r} have no shapes to be joined with", hint="import them as they are")
    return layer


def _joined(
    tables: list[Sheet], drawn: list[Sheet], run: Run, matches: Sequence[tuple[str, str]]
) -> tuple[StagedLayer | None, Report]:
    """Bring together what was read."""
    drawn = [sheet for sheet in drawn if draw(sheet, run)]
    tables = [sheet for sheet in tables if own_shapes(sheet, run)]
    shapes, rows = shapes_of(drawn, run), rows_of(tables, run)
    rows, shapes = _outranked(rows), _outranked(shapes)
    found = _paired(rows, shapes, run, matches)
    for sheet in tables:
        _tell_rows(sheet, rows, shapes, found, run)
    for sheet in drawn:
        left = [] if sheet.kept else [shapes[index] for index in found.unclaimed if index in sheet.places]
        sheet.tell([Fault("shape_unclaimed", one.row, "geometry", one.number or one.entity) for one in left], run)
    # From here on every shape is in the store's system, and its datum was looked at.
    profile = run.terms.profile
    plain = None if profile is None else replace(profile, crs=None, datum=None)
    run.terms = replace(run.terms, profile=plain, declared_crs=STORE_EPSG, boundaries=())
    outlines = {place: sheet.shapes[shapes[place].row] for sheet in drawn for place in sheet.places}
    for sheet in tables:
        _examine(sheet, rows, {row: outlines[shape] for row, shape in found.placed.items()}, run)
    staged, report = concluded(run)
    joined = account(tables, drawn, rows, shapes, found, run)
    for sheet in drawn:
        drawn_report(sheet, joined, run)
    report = replace(report, inputs=tuple(run.inputs), joined=joined)
    if staged is None:
        return None, report
    return replace(staged, report=report, sources=tuple(run.sources)), report


def _outranked(side: Sequence[One]) -> list[One]:
    """Return rows or shapes; what waits since earlier files has lost its number where a file of today gives it."""
    told = {same(one.number) for one in side if not one.kept and one.number is not None}
    return [
        replace(one, number=None) if one.kept and one.number is not None and same(one.number) in told else one
        for one in side
    ]


def _paired(rows: Sequence[Row], shapes: Sequence[Shape], run: Run, matches: Sequence[tuple[str, str]]) -> Pairing:
    """Join by number and by what a person settled; tell what could not be followed."""
    numbers = [row.number for row in rows], [shape.number for shape in shapes]
    found = join(*numbers)
    pairs, faults = settled(found, rows, shapes, run.terms.accept, matches)
    for place, fault in faults:
        run.tell([fault], *place)
    return join(*numbers, pairs)


def _tell_rows(sheet: Sheet, rows: Sequence[Row], shapes: Sequence[Shape], found: Pairing, run: Run) -> None:
    """Tell which rows of a ledger somebody must settle, and which have no shape."""
    told = [
        fault
        for row, likely in found.asked.items()
        if row in sheet.places
        for fault in questions(rows[row], [shapes[shape] for shape in likely])
    ]
    without = [] if sheet.kept else [rows[row] for row in found.unplaced if row in sheet.places]
    told += [Fault("row_unplaced", one.row, one.field, one.number) for one in without]
    sheet.tell(told, run)


def _examine(sheet: Sheet, rows: Sequence[Row], outlines: Mapping[int, object], run: Run) -> None:
    """Examine a ledger whose rows have their shapes now; those without are set aside.

    They come last: of two rows with one number, the one with a shape is the first.
    """
    raw = sheet.raw
    shapes = dict(sheet.shapes) | {rows[place].row: outlines[place] for place in sheet.places if place in outlines}
    order = sorted(range(len(raw.rows)), key=lambda index: raw.rows[index] not in shapes)
    if sheet.kept:
        order = order[: len(shapes)]
        if not order:
            return
    placed = replace(
        raw,
        columns={name: [values[index] for index in order] for name, values in raw.columns.items()},
        rows=tuple(raw.rows[index] for index in order),
        geometry=object_array([shapes.get(raw.rows[index]) for index in order]),
        crs=f"EPSG:{STORE_EPSG}",
        standard_crs=None,
    )
    aside = frozenset(placed.rows) - shapes.keys()
    sheet.found = examine_layer(placed, replace(sheet.entry, path=None), sheet.report, run, aside=aside)
    if sheet.found is None:
        return
    sheet.frame = len(run.frames) - 1
    run.sources[-1] |= {"sha256": sheet.sha256}
    if not sheet.shapes:  # its shapes are the drawings'
        run.inputs[-1] = replace(run.inputs[-1], crs=None, operation=None)
        run.sources[-1] |= {"crs": None, "operation": None}
