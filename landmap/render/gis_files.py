"""Files for geographic information systems: GeoPackage, FlatGeobuf, GeoParquet; all in EPSG:4490, longitude first.

Lists and objects are JSON text, days ISO text. The same selection gives the same bytes; nothing in a file names the
machine or the person that made it.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from landmap.domain import Field, Kind, Words, compact_json, deadline
from landmap.query import Selection

#: Column that carries the district's notice in every file; the layer's description says it too where there is one.
NOTICE: Final = "notice"
#: When a GeoPackage says it was changed: fixed, so that the same content has the same bytes.
_CHANGED: Final = "2000-01-01T00:00:00.000Z"


def gpkg_bytes(selection: Selection, words: Words) -> bytes:
    """Return a selection as a GeoPackage with one layer named as the collection."""
    title = selection.layer.label(words.lang)
    options = {"IDENTIFIER": title, "DESCRIPTION": _description(selection, words)}
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        path = Path(folder) / f"{selection.layer.name}.gpkg"
        _write(selection, words, path, "GPKG", options)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE gpkg_contents SET last_change = ?", (_CHANGED,))
        return path.read_bytes()


def flatgeobuf_bytes(selection: Selection, words: Words) -> bytes:
    """Return a selection as FlatGeobuf; without a spatial index, which would put the features in another order."""
    title = selection.layer.label(words.lang)
    options = {"SPATIAL_INDEX": "NO", "TITLE": title, "DESCRIPTION": _description(selection, words)}
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        path = Path(folder) / f"{selection.layer.name}.fgb"
        _write(selection, words, path, "FlatGeobuf", options)
        return path.read_bytes()


def geoparquet_bytes(selection: Selection, words: Words) -> bytes:
    """Return a selection as GeoParquet."""
    stream = io.BytesIO()
    _frame(selection, words).to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()


def _description(selection: Selection, words: Words) -> str:
    notice = selection.district.notice(words.lang)
    parts = (notice, selection.district.name(words.lang), selection.today.isoformat(), selection.snapshot_id)
    return " · ".join(part for part in parts if part)


def _write(selection: Selection, words: Words, path: Path, driver: str, options: dict[str, str]) -> None:
    import pyogrio  # loaded at the first file: a server is ready before it

    pyogrio.write_dataframe(
        _frame(selection, words),
        path,
        layer=selection.layer.name,
        driver=driver,
        geometry_type="Unknown",
        encoding="UTF-8",
        layer_options=options,
    )


def _frame(selection: Selection, words: Words) -> gpd.GeoDataFrame:
    """Return the selection in columns that every format holds: numbers, flags and text."""
    found = selection.to_geodataframe().reset_index()
    for name, field in deadline.in_time(selection.fields.items()):
        found[name] = _column(found[name], field)
    notice = selection.district.notice(words.lang)
    if notice:
        found[NOTICE] = notice
    return gpd.GeoDataFrame(found[[*(name for name in found if name != "geometry"), "geometry"]])


def _column(values: pd.Series[Any], field: Field) -> pd.Series[Any]:
    if field.kind.listed:
        return pd.Series(
            [None if one is None else compact_json(list(one)) for one in values], index=values.index, dtype=object
        )
    if field.kind is Kind.DATE:
        days = [None if pd.isna(one) else one.date().isoformat() for one in values]
        return pd.Series(days, index=values.index, dtype=object)
    return values
