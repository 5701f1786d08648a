"""What was read for a join, held until everything is: tables that want shapes, drawings whose shapes want rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from landmap.ingest.checking import Run, agreed_to, digest
from landmap.ingest.checks import CHECKS
from landmap.ingest.coordinates import locate
from landmap.ingest.examine import Examined, examine
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.ledger.numbers import number_field
from landmap.ingest.ledger.sides import Row, Shape, entities_of, numbers_of
from landmap.ingest.readers import RawLayer
from landmap.ingest.report import InputReport

if TYPE_CHECKING:
    from landmap.ingest.door import Entry

#: What a shape is judged by is told of the row that gets it; of a drawing, what was read and mended.
_JUDGED: Final = frozenset(code for check in CHECKS for code in check.codes)


@dataclass
class Sheet:
    """One layer of an input, its places among all rows or shapes, and the shapes that its records have, EPSG:4490.

    `kept` says that it is no file of today, but what waits since an earlier one.
    """

    raw: RawLayer
    entry: Entry
    report: InputReport
    sha256: str
    places: range = range(0)
    kept: bool = False
    shapes: Mapping[int, Any] = field(default_factory=dict)
    found: Examined | None = None
    frame: int | None = None

    @property
    def source(self) -> str:
        """What a manifest calls it."""
        return self.entry.name if self.entry.name == self.raw.name else f"{self.entry.name}#{self.raw.name}"

    @property
    def cut(self) -> bool:
        """Whether its headers may have been cut to ten bytes."""
        return self.report.format == "shapefile"

    def tell(self, faults: Sequence[Fault], run: Run) -> None:
        """Add what was found in it to a report."""
        run.tell(faults, self.entry.name, self.raw.name)

    def refuse(self, fault: Fault, run: Run) -> None:
        """Take nothing of it."""
        self.tell(self.raw.faults, run)
        run.refuse(fault, replace(self.report, rows_read=len(self.raw.rows) + self.raw.lost))


def keep(sheets: list[Sheet], kept: bool, raw: RawLayer, entry: Entry, report: InputReport) -> None:
    """Keep a layer that was read; its file may be gone by the time it is looked at."""
    sheets.append(Sheet(raw, entry, report, digest(entry.path) if entry.path is not None else "", kept=kept))


def draw(sheet: Sheet, run: Run) -> bool:
    """Put the shapes of a drawing where they belong; False, and told, where that cannot be."""
    raw, name, profile = sheet.raw, sheet.entry.name, run.terms.profile
    # What is remembered of a ledger's columns is not about drawings.
    terms = replace(run.terms, profile=None if profile is None else replace(profile, columns={}))
    agreed = partial(agreed_to, accept=terms.accept, file=name, layer=raw.name)
    try:
        found = examine(raw, terms, source=name, may_be_cut=sheet.cut, agreed=agreed, aside=frozenset(raw.rows))
    except RefusedError as error:
        sheet.refuse(error.fault, run)
        return False
    read = [fault for fault in found.faults if fault in raw.faults or _of_shapes(fault)]
    sheet.tell(read, run)
    if found.aside is None:
        return False
    sheet.found = found
    sheet.shapes = _there(found.aside_rows, np.asarray(found.aside["geometry"], dtype=object))
    return True


def own_shapes(sheet: Sheet, run: Run) -> bool:
    """Put the shapes that a ledger's own rows have where they belong; False, and told, where that cannot be."""
    raw = sheet.raw
    if raw.geometry is None:
        return True
    agreed = partial(agreed_to, accept=run.terms.accept, file=sheet.entry.name, layer=raw.name)
    try:
        located = locate(raw.geometry, raw.rows, raw.crs, run.terms, raw.standard_crs, agreed=agreed)
    except RefusedError as error:
        sheet.refuse(error.fault, run)
        return False
    sheet.tell(located.faults, run)
    sheet.shapes = _there(raw.rows, located.geometry)
    return True


def shapes_of(sheets: Sequence[Sheet], run: Run) -> list[Shape]:
    """Return the shapes of all drawings that can be used, and note the place of each sheet among them."""
    found: list[Shape] = []
    for sheet in sheets:
        raw, first = sheet.raw, len(found)
        numbers, _ = numbers_of(raw, run.terms.layer, run.terms.district, cut=sheet.cut, profile=None)
        found += [
            Shape(sheet.entry.name, raw.name, row, number, entity, sheet.kept)
            for row, number, entity in zip(raw.rows, numbers, entities_of(raw), strict=True)
            if row in sheet.shapes
        ]
        sheet.places = range(first, len(found))
    return found


def rows_of(sheets: Sequence[Sheet], run: Run) -> list[Row]:
    """Return the rows of all ledgers that have no shape of their own, and note the place of each sheet among them."""
    found: list[Row] = []
    layer = run.terms.layer
    for sheet in sheets:
        raw, first = sheet.raw, len(found)
        numbers, ids = numbers_of(raw, layer, run.terms.district, cut=sheet.cut, profile=run.terms.profile)
        found += [
            Row(sheet.entry.name, raw.name, row, number_field(layer), number, sheet.kept, id)
            for row, number, id in zip(raw.rows, numbers, ids, strict=True)
            if row not in sheet.shapes
        ]
        sheet.places = range(first, len(found))
    return found


def _of_shapes(fault: Fault) -> bool:
    return fault.code not in _JUDGED and (fault.field == "geometry" or fault.row is not None)


def _there(rows: Sequence[int], shapes: Any) -> dict[int, Any]:
    return {row: shape for row, shape in zip(rows, shapes, strict=True) if not shapely.is_missing(shape)}
