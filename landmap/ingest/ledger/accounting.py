"""The account of a join: what became of every row and every shape, and what the waiting ones say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from landmap.ingest.checking import Run
from landmap.ingest.ledger.numbers import key_text
from landmap.ingest.ledger.outcomes import Joined, LedgerRow, LedgerShape, RowFate, ShapeFate
from landmap.ingest.ledger.pairing import Pairing
from landmap.ingest.ledger.settling import candidates, key_together
from landmap.ingest.ledger.sheets import Sheet
from landmap.ingest.ledger.sides import Row, Shape, known_values, wkb_of


def account(
    tables: Sequence[Sheet],
    drawn: Sequence[Sheet],
    rows: Sequence[Row],
    shapes: Sequence[Shape],
    found: Pairing,
    run: Run,
) -> Joined:
    """Return what became of every row of `tables` and every shape of `drawn`, once all were examined.

    What waits since earlier files is told of only where it was placed, or is asked.
    """
    told = tuple(one for sheet in tables for one in _rows(sheet, rows, shapes, found, run))
    by_ref = {one.ref: one for one in told if one.fate == "placed"}
    holders = {
        shape: by_ref[rows[row].ref]
        for row in found.placed
        if rows[row].ref in by_ref
        for shape in found.shapes_of(row)
    }
    asked = set(found.asked_shapes)
    return Joined(told, tuple(one for sheet in drawn for one in _shapes(sheet, shapes, holders, asked, found, run)))


def drawn_report(sheet: Sheet, joined: Joined, run: Run) -> None:
    """Add the report of a drawing, and name it among the sources when a row has its shape from it."""
    found, raw = sheet.found, sheet.raw
    assert found is not None
    used = sum(one.fate == "claimed" and one.source == sheet.source for one in joined.shapes)
    if sheet.kept and not used:
        return
    crs = None if found.epsg is None else f"EPSG:{found.epsg}"
    told = replace(sheet.report, crs=crs, rows_read=found.read, rows_accepted=used, operation=found.operation)
    run.inputs.append(replace(told, columns=found.proposals, datum=found.datum))
    if used:
        source = {"name": sheet.source, "sha256": sheet.sha256, "reader": sheet.report.format, "encoding": raw.encoding}
        run.sources.append(source | {"crs": crs, "operation": found.operation, "profile": None} | found.approximation)


def _rows(sheet: Sheet, rows: Sequence[Row], shapes: Sequence[Shape], found: Pairing, run: Run) -> Iterator[LedgerRow]:
    ids = _ids(sheet, run)
    values = _values(sheet, run)
    for row in sorted(sheet.shapes):
        ref = f"{sheet.entry.name}#{sheet.raw.name}:{row}"
        fate: RowFate = "placed" if row in ids else "refused"
        yield LedgerRow(ref, sheet.source, row, None, fate, shape=ref, id=ids.get(row))
    for place in sheet.places:
        one = rows[place]
        known = LedgerRow(one.ref, sheet.source, one.row, one.number, "refused", key_text(one.number))
        if place in found.placed:
            fate = "placed" if one.row in ids else "refused"
            first, *more = (shapes[shape].ref for shape in found.shapes_of(place))
            yield replace(known, fate=fate, shape=first, also=tuple(more), id=ids.get(one.row))
        elif place in found.published:
            there = run.terms.mode == "append" or one.row in ids
            yield replace(known, fate="published" if there else "refused", id=ids.get(one.row))
        elif one.row not in values and not sheet.kept:
            yield known
        elif place in found.asked:
            offered = candidates(one, [shapes[shape] for shape in found.asked[place]])
            whole = key_together(found, place, rows, shapes)
            yield replace(known, fate="asked", candidates=offered, together=whole, values=values.get(one.row, {}))
        elif not sheet.kept:
            yield replace(known, fate="unplaced", values=values.get(one.row, {}))


def _shapes(
    sheet: Sheet,
    shapes: Sequence[Shape],
    holders: Mapping[int, LedgerRow],
    asked: set[int],
    found: Pairing,
    run: Run,
) -> Iterator[LedgerShape]:
    values = _values(sheet, run)
    for place in sheet.places:
        one = shapes[place]
        key, holder = key_text(one.number), holders.get(place)
        known = LedgerShape(one.ref, sheet.source, one.row, one.number, "claimed", key, one.entity)
        if holder is not None:
            yield replace(known, row=holder.ref, id=holder.id)
            continue
        if place in found.redrawn:
            yield replace(known, fate="published")
            continue
        if sheet.kept and place not in asked:
            continue
        waits: ShapeFate = "asked" if place in asked else "unclaimed"
        yield replace(known, fate=waits, values=values.get(one.row, {}), wkb=wkb_of(sheet.shapes[one.row]))
    for row in sheet.raw.rows:
        if row not in sheet.shapes:
            yield LedgerShape(f"{sheet.entry.name}#{sheet.raw.name}:{row}", sheet.source, row, None, "unusable")


def _ids(sheet: Sheet, run: Run) -> dict[int, str]:
    """Return the records that the rows of a ledger became, once what two inputs have in common is settled."""
    if sheet.frame is None:
        return {}
    found = run.frames[sheet.frame][2]
    return dict(zip(found.rows, found.frame[run.terms.layer.id_field], strict=True))


def _values(sheet: Sheet, run: Run) -> dict[int, dict[str, Any]]:
    """Return what the records of a sheet that were set aside say, by row."""
    found = sheet.found
    if found is None or found.aside is None:
        return {}
    return dict(zip(found.aside_rows, known_values(found.aside, run.terms.layer, found.faults), strict=True))
