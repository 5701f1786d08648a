"""Ledgers and drawings joined with what waits in a home; what finds no partner waits there from then on."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from landmap.domain import STORE_EPSG
from landmap.ingest import Joined, Report, StagedLayer, check_joined
from landmap.pipeline.beside import published_of
from landmap.pipeline.publishing import stage_layer
from landmap.pipeline.waiting_rows import ROWS, SHAPES
from landmap.store import Home, Mode, Unplaced, WaitingRow, WaitingShape, keep_unplaced, waiting


@dataclass(frozen=True)
class Join:
    """What a join found, and what waited before it; nothing is kept or staged yet."""

    name: str
    layer: StagedLayer | None
    report: Report
    before: Unplaced
    mode: Mode = "replace"

    @property
    def joined(self) -> Joined:
        """The account of every row and every shape."""
        return self.report.joined or Joined()


def join_files(
    home: Home, ledgers: Sequence[Path], drawings: Sequence[Path], name: str, *, mode: Mode = "replace", **options: Any
) -> Join:
    """Join files with one another, with what waits, and with what is published.

    Parameters
    ----------
    home : Home
    ledgers, drawings : sequence of Path
        Either may be empty: then the others are joined with what waits.
    name : str
    mode : {"replace", "append", "update"}
        How what is placed will be staged.
    options
        As for `landmap.ingest.check_joined`.
    """
    before = waiting(home, name)
    options.setdefault("published", published_of(home, name))
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        rows = as_file(Path(folder) / ROWS, ({"properties": dict(one.values)} for one in before.rows))
        shapes = as_file(Path(folder) / SHAPES, map(as_feature, before.shapes))
        layer, report = check_joined(
            [*ledgers, *rows],
            [*drawings, *shapes],
            name,
            home.district(),
            kept=(len(rows), len(shapes)),
            mode=mode,
            **options,
        )
    return Join(name, layer, report, before, mode)


def keep_join(home: Home, join: Join, *, mode: Mode | None = None, by: str = "", stage: bool = True) -> Unplaced:
    """Keep what waits after a join, stage what was placed, and return what waits.

    What is kept comes first: a row is never in neither place. One that was placed waits until it is published. `mode`
    is that of the join unless told.

    Raises
    ------
    BusyError, SchemaError, StoreError
        As `landmap.store.keep_unplaced` and `landmap.store.stage`.
    """
    today = home.district().today()
    joined = join.joined
    told = [one for one in joined.rows if not one.source.startswith(ROWS)]
    drawn = [one for one in joined.shapes if not one.source.startswith(SHAPES)]
    rows = [
        WaitingRow(one.number, one.key, one.source, one.row, _since(join.before.rows, one.key, today), one.values)
        for one in told
        if one.waits
    ]
    shapes = [
        WaitingShape(
            one.number,
            one.key,
            one.source,
            one.entity,
            _since(join.before.shapes, one.key, today),
            one.wkb or "",
            one.values,
        )
        for one in drawn
        if one.waits
    ]
    staged = _staged(join) if stage else {}
    kept = keep_unplaced(home, join.name, rows, shapes, staged)
    if stage and join.layer is not None:
        stage_layer(home, join.layer, mode=mode or join.mode, by=by)
    return kept


def _staged(join: Join) -> dict[str, str]:
    """Return the records that what waited became, and those that the numbers of today's files did."""
    joined, before = join.joined, join.before
    found = {}
    for row in joined.rows:
        if row.id is not None:
            old = row.source.startswith(ROWS)
            found[before.rows[row.row - 1].same if old else row.key] = row.id
    for shape in joined.shapes:
        if shape.id is not None:
            old = shape.source.startswith(SHAPES)
            found[before.shapes[shape.place - 1].same if old else shape.key] = shape.id
    found.pop("", None)
    return found


def _since(before: Sequence[WaitingRow] | Sequence[WaitingShape], key: str, today: dt.date) -> dt.date:
    """Return since when a number waits."""
    return min((one.since for one in before if key and one.key == key), default=today)


def as_feature(one: WaitingShape) -> dict[str, Any]:
    """Return a shape that waits as a feature."""
    geometry = json.loads(shapely.to_geojson(shapely.from_wkb(one.wkb)))
    return {"properties": dict(one.values), "geometry": geometry}


def as_file(path: Path, features: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Write what waits as a file of features; no file where nothing does."""
    found = [{"type": "Feature", "geometry": None} | dict(one) for one in features]
    if not found:
        return []
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{STORE_EPSG}"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": found}), encoding="utf-8")
    return [path]
