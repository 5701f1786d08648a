"""What of a join is published already: such a row waits for no shape, and such a shape for no row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from landmap.ingest.faults import Fault
from landmap.ingest.known import Known
from landmap.ingest.ledger.pairing import Pairing
from landmap.ingest.ledger.sides import Row, Shape
from landmap.ingest.terms import Mode


def standing(found: Pairing, rows: Sequence[Row], shapes: Sequence[Shape], known: Known | None, mode: Mode) -> Pairing:
    """Return a pairing in which rows and shapes of published records stand apart from what waits.

    Parameters
    ----------
    found : Pairing
    rows, shapes : sequence of Row, of Shape
    known : Known or None
        The layer as it is; None where that is not known.
    mode : {"replace", "append", "update"}
        What waits since earlier files is changed by an update alone.
    """
    if known is None:
        return found
    mine = {row: known.record(rows[row].id, rows[row].number) for row in found.unplaced}
    published = {row: id for row, id in mine.items() if id is not None and (mode == "update" or not rows[row].kept)}
    theirs = {shape: known.id_of(shapes[shape].number) for shape in found.unclaimed if not shapes[shape].kept}
    redrawn = {shape: id for shape, id in theirs.items() if id is not None}
    return replace(
        found,
        unplaced=tuple(row for row in found.unplaced if row not in published),
        unclaimed=tuple(shape for shape in found.unclaimed if shape not in redrawn),
        published=published,
        redrawn=redrawn,
    )


def told_rows(found: Pairing, rows: Sequence[Row], places: range, mode: Mode) -> Iterator[Fault]:
    """Yield what is to be said of the published rows among `places`."""
    code = "row_there" if mode == "append" else "row_published"
    for place in (place for place in found.published if place in places):
        one = rows[place]
        yield Fault(code, one.row, one.field, one.number, {"id": found.published[place]})


def told_shapes(found: Pairing, shapes: Sequence[Shape], places: range) -> Iterator[Fault]:
    """Yield what is to be said of the published shapes among `places`."""
    for place in (place for place in found.redrawn if place in places):
        one = shapes[place]
        yield Fault("shape_published", one.row, "geometry", one.number, {"id": found.redrawn[place]})
