"""One row that waits gets its shape from a person: corners that were pasted or drawn, or a shape that waits itself.

The coordinates are read like those of any file, by the rules of the district, and the record is checked like any other.
Nothing is lost on the way: the row waits until a version has it.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import shapely

from landmap.domain import LANGS, Lang, crs, layer_named
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError
from landmap.ingest import BOUND_FIELDS, Finding, LedgerRow, Report, StagedLayer, check_joined, filled_in
from landmap.pipeline.at_hand import boundaries_of
from landmap.pipeline.beside import beside_of, published_of
from landmap.pipeline.folding import publish_amended
from landmap.pipeline.joining import as_feature, as_file
from landmap.pipeline.patience import patiently
from landmap.pipeline.publishing import sources_of
from landmap.pipeline.waiting_rows import ROWS, SHAPES
from landmap.pipeline.working import Done, Task
from landmap.store import Delivery, Home, Snapshot, WaitingRow, WaitingShape, forget_unplaced, keep_unplaced, waiting

Waiting = TypeVar("Waiting", WaitingRow, WaitingShape)

#: Pasted corners are read as a table of one cell, of this name.
CORNERS: Final = "坐标.csv"
_COLUMN: Final = "坐标串"
_PAYLOAD: Final = frozenset({"layer", "row", "by", "corners", "shape", "crs", "visibility", "lang", "publish"})
_NO_NEWS: Final = frozenset({"match_unclear", "shape_unclaimed", "row_unplaced"})


@dataclass(frozen=True)
class Placing:
    """What would become of a row that waits: its record, None when an error keeps it out, and the report of its check.

    `shape` is the shape that waits and would be taken, None for corners.
    """

    name: str
    row: WaitingRow
    shape: WaitingShape | None
    layer: StagedLayer | None
    report: Report

    @property
    def record(self) -> LedgerRow | None:
        """The account of the row; None when it got no shape."""
        return None if self.report.joined is None else next(iter(self.report.joined.rows), None)

    def findings(self, lang: Lang) -> tuple[Finding, ...]:
        """Return what the check found; that a row without a usable shape goes on waiting is no news."""
        return tuple(one for one in self.report.told(lang).findings if one.code not in _NO_NEWS)


def place_row(
    home: Home,
    name: str,
    row: str,
    *,
    corners: str | None = None,
    shape: str | None = None,
    crs: int | None = None,
    visibility: str | None = None,
    lang: Lang = "zh",
) -> Placing:
    """Return what a row that waits would become with a shape; nothing is kept, staged or published.

    Parameters
    ----------
    home : Home
    name : str
        A layer.
    row, shape : str
        The `ref` of what waits; either `shape` or `corners` is given.
    corners : str
        Coordinates as a cell of a table may hold them: points, WKT.
    crs : int, optional
        EPSG code of the corners; told by where they lie unless given.
    visibility : {"public", "partner", "internal"}, optional
        The class of the record when the row names none.
    lang : {"zh", "en"}

    Raises
    ------
    InvalidValueError
        Unless there is one of `corners` and `shape`.
    NotFoundError
        When the row or shape waits no longer.
    """
    if (corners is None) == (shape is None):
        raise InvalidValueError("a place is given by corners, or by a shape that waits")
    found = waiting(home, name)
    taken = _one(found.rows, row)
    given = None if shape is None else _one(found.shapes, shape)
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        room = Path(folder)
        layer, report = check_joined(
            as_file(room / ROWS, [{"properties": dict(taken.values)}]),
            as_table(room / CORNERS, corners or "") if given is None else as_file(room / SHAPES, [as_feature(given)]),
            name,
            home.district(),
            # A table has its head above its only row.
            matches=[("1", "2" if given is None else "1")],
            kept=(1, 0 if given is None else 1),
            declared_crs=crs,
            visibility=visibility,
            lang=lang,
            boundaries=boundaries_of(home, name),
            beside=beside_of(home, name),
            published=published_of(home, name),
            mode="append",
        )
    return Placing(name, taken, given, layer, report)


def publish_placed(home: Home, placing: Placing, *, by: str) -> Snapshot:
    """Publish the record a row became as a new version, and let go of the row; what is staged stays as it is.

    Raises
    ------
    ConflictError
        When the row became no record, or waits no longer.
    BusyError, SchemaError, StoreError
        As `landmap.store.publish`; the row goes on waiting.
    """
    layer, id = placing.layer, None if placing.record is None else placing.record.id
    if layer is None or id is None:
        raise ConflictError("this row has no shape that can be taken", hint="see what the check found")
    _one(waiting(home, placing.name).rows, placing.row.ref)
    same = {placing.row.same: id} | ({} if placing.shape is None else {placing.shape.same: id})
    keep_unplaced(home, placing.name, [], [], same)
    bounds = BOUND_FIELDS if placing.name == "parcels" else {}
    defaults = filled_in(layer.report, layer_named(placing.name))
    there = home.current_id() is not None
    snapshot = publish_amended(
        home,
        {placing.name: Delivery(layer.frame, "append" if there else "replace", defaults, bounds)},
        sources={placing.name: sources_of(layer, by=by, mode="append")},
        findings={placing.name: [finding.as_dict() for finding in placing.findings("zh")]},
        by=by,
        note=f"上图：{placing.row.number or id}",
    )
    forget_unplaced(home, placing.name, {id})
    return snapshot


def as_table(path: Path, corners: str) -> list[Path]:
    """Write pasted corners as a table of one cell."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[_COLUMN], [corners]])
    return [path]


def _one(found: Sequence[Waiting], ref: str) -> Waiting:
    for one in found:
        if one.ref == ref:
            return one
    raise NotFoundError(f"nothing that waits is called {ref[:40]!r}", hint="it was placed meanwhile, or came anew")


def place(task: Task) -> Done:
    """Check what a row that waits would become with a shape, or make it so.

    The payload is ``{layer, row, by}`` and ``{corners?, shape?, crs?, visibility?, lang?}``, each as for `place_row`,
    and ``publish?``: whether to publish what was found good. The result tells ``fate`` (of `LedgerRow`, null when the
    corners were no shape), ``id``, ``number``, ``wkb`` of the shape (EPSG:4490, hexadecimal) and its ``area_m2``,
    ``findings`` by language, and the ``version`` that has it, null unless published.
    """
    given = dict(task.job.payload)
    if not {"layer", "row", "by"} <= set(given) <= _PAYLOAD:
        raise InvalidValueError(f"placing says layer, row and by, and perhaps {', '.join(sorted(_PAYLOAD))}")
    by, wanted, name = given.pop("by"), given.pop("publish", False), given.pop("layer")
    task.report(0.1, "check")
    found = place_row(task.home, name, given.pop("row"), **given)
    version = None
    if wanted:
        task.report(0.6, "publish")
        version = patiently(task, 0.6, lambda: publish_placed(task.home, found, by=by)).id
    shape = None if found.layer is None else found.layer.frame["geometry"].iloc[0]
    return Done(
        {
            "fate": None if found.record is None else found.record.fate,
            "id": None if found.record is None else found.record.id,
            "number": found.row.number,
            "wkb": None if shape is None else shapely.to_wkb(shape, hex=True),
            "area_m2": None if shape is None else float(crs.geodesic_area_m2(np.array([shape], dtype=object))[0]),
            "findings": {lang: [finding.as_dict() for finding in found.findings(lang)] for lang in LANGS},
            "version": version,
        }
    )
