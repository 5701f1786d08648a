"""What the store takes in: canonical frames whose records can be told apart; anything else is a SchemaError."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landmap.domain import STORE_EPSG, Kind, Layer
from landmap.domain.errors import SchemaError, shown

_DTYPES: Final = {
    Kind.NUMBER: "float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime64[s]",
}


def check_frame(frame: pd.DataFrame, layer: Layer, *, partial: bool = False) -> pd.DataFrame:
    """Return `frame` itself when it may be stored as `layer`; shapes may be missing where it is `partial`, an update.

    Raises
    ------
    SchemaError
        For columns, dtypes, coordinate system or geometries that are not canonical, and for a key that is unknown or
        given twice.
    """
    _check_columns(frame, layer)
    _check_keys(frame, layer)
    if layer.spatial:
        _check_geometry(frame, layer, partial)
    return frame


def key_texts(frame: pd.DataFrame, layer: Layer) -> pd.Series[Any]:
    """Return one text per record that tells it apart: its key fields, joined by ``/``."""
    texts = frame[layer.key[0]]
    for name in layer.key[1:]:
        texts = texts + "/" + frame[name]
    return texts


def _check_columns(frame: pd.DataFrame, layer: Layer) -> None:
    wanted = [name for name, field in layer.fields.items() if field.kind is not Kind.GEOMETRY]
    wanted += ["geometry"] if layer.spatial else []
    found = [str(name) for name in frame.columns]
    if found != wanted:
        odd = sorted(set(found) ^ set(wanted)) or ["the order of the columns"]
        raise SchemaError(f"layer {layer.name!r} is not canonical: {', '.join(odd)}", hint=_HINT)
    for name, field in layer.fields.items():
        dtype = _DTYPES.get(field.kind, "object")
        if field.kind is not Kind.GEOMETRY and str(frame[name].dtype) != dtype:
            raise SchemaError(f"{layer.name}.{name} has dtype {frame[name].dtype} instead of {dtype}", hint=_HINT)
    if not frame.index.equals(pd.RangeIndex(len(frame))):
        raise SchemaError(f"layer {layer.name!r} is not canonical: its index does not count from 0", hint=_HINT)


def _check_keys(frame: pd.DataFrame, layer: Layer) -> None:
    for name in layer.key:
        rows = np.flatnonzero(frame[name].isna().to_numpy())
        if len(rows):
            raise SchemaError(
                f"layer {layer.name!r} has {len(rows)} records without {name}, the first in row {rows[0] + 1}",
                hint=f"{name} must be known",
            )
    twice = frame.duplicated(list(layer.key)).to_numpy()
    if twice.any():
        name = key_texts(frame, layer)[twice].iloc[0]
        raise SchemaError(
            f"layer {layer.name!r} has two records called {shown(name)}", hint=f"{' + '.join(layer.key)} must be unique"
        )


def _check_geometry(frame: pd.DataFrame, layer: Layer, partial: bool) -> None:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None or frame.crs.to_epsg() != STORE_EPSG:
        raise SchemaError(f"layer {layer.name!r} is not in EPSG:{STORE_EPSG}", hint=_HINT)
    shapes = frame.geometry.to_numpy()
    given = ~shapely.is_missing(shapes)
    kinds = [shapely.GeometryType[name.upper()] for name in layer.geometry]
    for faulty, what in (
        (shapely.is_empty(shapes) if partial else ~given | shapely.is_empty(shapes), "no geometry"),
        (given & ~np.isin(shapely.get_type_id(shapes), kinds), f"no {' or '.join(layer.geometry)}"),
        (given & ~np.isfinite(shapely.bounds(shapes)).all(axis=1), "coordinates that are not finite"),
    ):
        if faulty.any():
            name = key_texts(frame, layer)[np.asarray(faulty)].iloc[0]
            raise SchemaError(f"{layer.name} {shown(name)} has {what}", hint="check and repair it before publishing")


_HINT: Final = "canonical_frame() arranges a frame"
