"""Ledgers and drawings in; one staged layer out, and an account of every row and every shape."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack

import shapely

from landmap.domain import STORE_EPSG, District
from landmap.domain.errors import ConfigError
from landmap.ingest.checking import Gate, Progress, Run, StagedLayer, concluded, examine_layer, open_gate, take_input
from landmap.ingest.faults import Fault
from landmap.ingest.known import Known
from landmap.ingest.ledger.accounting import account, drawn_report
from landmap.ingest.ledger.numbers import same
from landmap.ingest.ledger.pairing import Pairing, join
from landmap.ingest.ledger.settling import questions, settled, together
from landmap.ingest.ledger.sheets import Sheet, draw, keep, own_shapes, rows_of, shapes_of
from landmap.ingest.ledger.sides import Row, Shape
from landmap.ingest.ledger.standing import standing, told_rows, told_shapes
from landmap.ingest.readers.raw import object_array
from landmap.ingest.report import Report
from landmap.ingest.terms import Options, Terms

One = TypeVar("One", Row, Shape)


@dataclass(frozen=True)
class Question:
    """What a join wants beside its files, which are ledgers first and then drawings.

    Parameters
    ----------
    ledgers : int
        How many of the files are ledgers.
    matches : tuple of (row, shape)
        What goes with what whatever their numbers say: each by its `ref`, or by an ending of it.
    kept : (int, int)
        How many of the last ledgers and drawings are what waits since earlier ones: a number that a file of today
        gives as well is no longer theirs, and what goes on waiting is not told again.
    """

    ledgers: int
    matches: tuple[tuple[str, str], ...] = ()
    kept: tuple[int, int] = (0, 0)

    def as_dict(self) -> dict[str, Any]:
        """Return the question as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Return the question that `as_dict` wrote down."""
        row, shape = told["kept"]
        return cls(told["ledgers"], tuple((ours, theirs) for ours, theirs in told["matches"]), (row, shape))


def check_joined(
    ledgers: Sequence[Path],
    drawings: Sequence[Path],
    layer: str,
    district: District,
    *,
    matches: Sequence[tuple[str, str]] = (),
    kept: tuple[int, int] = (0, 0),
    progress: Progress | None = None,
    **options: Unpack[Options],
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
    matches, kept
        As for `Question`.
    progress : callable, optional
    options
        As the fields of `landmap.ingest.terms.Terms`, with these differences: `accept` also takes the keys of
        candidates; the coordinate system and the boundaries are of the drawings; a profile is of the ledgers, only its
        coordinate system and datum are those of the drawings.

    Returns
    -------
    (StagedLayer or None, Report)
        None when no row was placed. `Report.joined` accounts for every row and every shape.

    Raises
    ------
    NotFoundError, ConfigError
        As for `landmap.ingest.check`, and for a layer without shapes; never for data.
    """
    terms = spatial(Terms.of(layer, district, **options))
    return joined([*ledgers, *drawings], terms, Question(len(ledgers), tuple(matches), kept), progress)


def joined(
    paths: Sequence[Path], terms: Terms, question: Question, progress: Progress | None, gate: Gate = open_gate
) -> tuple[StagedLayer | None, Report]:
    """Return as `check_joined` does what is found under `terms`; `gate` is asked before anything is opened."""
    run = Run(terms)
    tables: list[Sheet] = []
    drawn: list[Sheet] = []
    for number, path in enumerate(paths):
        if progress is not None:
            progress(path.name, number, len(paths))
        table = number < question.ledgers
        old = number >= question.ledgers - question.kept[0] if table else number >= len(paths) - question.kept[1]
        run.look = partial(keep, tables if table else drawn, old)
        with tempfile.TemporaryDirectory(prefix="landmap-") as scratch:
            take_input(number, path, Path(scratch), run, gate)
    gate(len(paths), "")
    if progress is not None:
        progress(terms.layer.name, len(paths), len(paths))
    return _joined(tables, drawn, run, question.matches)


def spatial(terms: Terms) -> Terms:
    """Return `terms`; raise ConfigError when records of their layer have no shapes."""
    if not terms.layer.spatial:
        raise ConfigError(
            f"records of {terms.layer.name!r} have no shapes to be joined with", hint="import them as they are"
        )
    return terms


def _joined(
    tables: list[Sheet], drawn: list[Sheet], run: Run, matches: Sequence[tuple[str, str]]
) -> tuple[StagedLayer | None, Report]:
    """Bring together what was read."""
    drawn = [sheet for sheet in drawn if draw(sheet, run)]
    tables = [sheet for sheet in tables if own_shapes(sheet, run)]
    shapes, rows = shapes_of(drawn, run), rows_of(tables, run)
    rows, shapes = _outranked(rows), _outranked(shapes)
    known = None if run.terms.published is None else Known(run.terms.layer, run.terms.published)
    found = standing(_paired(rows, shapes, run, matches), rows, shapes, known, run.terms.mode)
    for sheet in tables:
        _tell_rows(sheet, rows, shapes, found, run)
    for sheet in drawn:
        left = [] if sheet.kept else [shapes[index] for index in found.unclaimed if index in sheet.places]
        sheet.tell([Fault("shape_unclaimed", one.row, "geometry", one.number or one.entity) for one in left], run)
        sheet.tell([*told_shapes(found, shapes, sheet.places)], run)
    # From here on every shape is in the store's system, and its datum was looked at.
    profile = run.terms.profile
    plain = None if profile is None else replace(profile, crs=None, datum=None)
    run.terms = replace(run.terms, profile=plain, declared_crs=STORE_EPSG, boundaries=())
    outlines = {place: sheet.shapes[shapes[place].row] for sheet in drawn for place in sheet.places}
    given: dict[int, Any] = {row: _whole([outlines[one] for one in found.shapes_of(row)]) for row in found.placed}
    if known is not None and run.terms.mode != "append":
        given |= {row: known.shape(id) for row, id in found.published.items()}
    for sheet in tables:
        _examine(sheet, rows, given, run)
    staged, report = concluded(run)
    joined = account(tables, drawn, rows, shapes, found, run)
    for sheet in drawn:
        drawn_report(sheet, joined, run)
    report = replace(report, inputs=tuple(run.inputs), joined=joined)
    if staged is None:
        return None, report
    return replace(staged, report=report, sources=tuple(run.sources)), report


def _whole(parts: Sequence[Any]) -> Any:
    """Return the outline of one or several shapes."""
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


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
    pairs, also, faults = settled(found, rows, shapes, run.terms.accept, matches)
    for place, fault in faults:
        run.tell([fault], *place)
    return join(*numbers, pairs, also)


def _tell_rows(sheet: Sheet, rows: Sequence[Row], shapes: Sequence[Shape], found: Pairing, run: Run) -> None:
    """Tell which rows of a ledger somebody must settle, and which have no shape."""
    told = [
        fault
        for row, likely in found.asked.items()
        if row in sheet.places
        for fault in questions(rows[row], [shapes[shape] for shape in likely])
    ]
    told += [
        fault
        for row, likely in found.asked.items()
        if row in sheet.places
        and row in found.alone
        and (fault := together(rows[row], [shapes[shape] for shape in likely])) is not None
    ]
    told += told_rows(found, rows, sheet.places, run.terms.mode)
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
