"""Geometries made fit for their layer: valid, of an accepted type, and every change stated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import Layer, crs
from landmap.ingest.faults import Fault

_KIND_OF: Final = {"Polygon": 2, "MultiPolygon": 2, "LineString": 1, "MultiLineString": 1, "Point": 0, "MultiPoint": 0}
#: GEOS type ids of the single types, and what makes many of them one geometry.
_SINGLE: Final = {"Point": 0, "LineString": 1, "Polygon": 3}
_BUNDLE: Final[Mapping[str, Callable[..., Any]]] = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}
_POLYGON: Final = 2
_MULTI: Final[Mapping[int, Callable[[list[Any]], Any]]] = {
    0: shapely.MultiPoint,
    1: shapely.MultiLineString,
    _POLYGON: shapely.MultiPolygon,
}


def fit(geometry: NDArray[np.object_], rows: Sequence[int], layer: Layer) -> tuple[NDArray[np.object_], list[Fault]]:
    """Return geometries as `layer` stores them; one that cannot be used is None, with a fault.

    Parameters
    ----------
    geometry : object array, shape (n,), EPSG:4490
    rows : sequence of int, length n
    layer : Layer

    Notes
    -----
    What is valid and of one of the layer's types (or becomes so by being bundled) is done for all at once; the others
    are looked at one by one.
    """
    fitted = np.full(len(geometry), None, dtype=object)
    sound = shapely.is_valid(geometry)
    types = shapely.get_type_id(geometry)
    for name in layer.geometry:
        own = sound & (types == shapely.GeometryType[name.upper()])
        fitted[own] = geometry[own]
    for single, number in _SINGLE.items():
        if f"Multi{single}" in layer.geometry and single not in layer.geometry:
            bare = np.flatnonzero(sound & (types == number))
            if len(bare):
                fitted[bare] = _BUNDLE[single](geometry[bare], indices=np.arange(len(bare)))
    faults: list[Fault] = []
    for index in np.flatnonzero(shapely.is_missing(fitted) & ~shapely.is_missing(geometry)).tolist():
        fitted[index] = _fit_one(geometry[index], rows[index], layer, faults)
    return fitted, faults


def _fit_one(shape: Any, row: int, layer: Layer, faults: list[Fault]) -> Any:
    wanted = {_KIND_OF[name] for name in layer.geometry}
    if not shapely.is_valid(shape):
        shape = _repaired(shape, row, faults)
        if shape is None:
            return None
    kind = shape.geom_type
    if kind == "GeometryCollection":
        shape = _from_collection(shape, wanted, row, faults)
        if shape is None:
            return None
        kind = shape.geom_type
    if kind in layer.geometry:
        return shape
    if f"Multi{kind}" in layer.geometry:
        return _MULTI[_KIND_OF[kind]]([shape])
    single = kind.removeprefix("Multi")
    parts = list(shapely.get_parts(shape))
    if single in layer.geometry and len(parts) == 1:
        return parts[0]
    faults.append(Fault("geometry_type_wrong", row, "geometry", kind, {"wanted": "、".join(layer.geometry)}))
    return None


def _repaired(shape: Any, row: int, faults: list[Fault]) -> Any:
    """Return a valid geometry with what was done to its area; None when it cannot be had."""
    reason = shapely.is_valid_reason(shape)
    try:
        mended = shapely.make_valid(shape)
    except shapely.errors.ShapelyError as error:
        faults.append(Fault("geometry_unrepairable", row, "geometry", reason, {"reason": str(error)[:160]}))
        return None
    if _KIND_OF.get(shape.geom_type) == _POLYGON:
        mended = _polygons(mended)
    area, now = _area(shape), _area(mended)
    if mended.is_empty or (area > 0 and now == 0):
        faults.append(Fault("geometry_unrepairable", row, "geometry", reason, {"reason": "no area left"}))
        return None
    words = {"area": f"{now:,.1f}", "change": f"{now - area:+,.1f}"}
    faults.append(Fault("geometry_repaired", row, "geometry", reason, words))
    return mended


def _area(shape: Any) -> float:
    """Return the area on the ellipsoid, ㎡; of a broken outline, what a program would have computed from it."""
    return float(np.nan_to_num(crs.geodesic_area_m2(np.array([shape], dtype=object))[0]))


def _from_collection(shape: Any, wanted: set[int], row: int, faults: list[Fault]) -> Any:
    """Return the parts of a collection that the layer can hold, when they are of one kind."""
    parts = list(_flat(shape))
    usable = [part for part in parts if _KIND_OF.get(part.geom_type) in wanted and not part.is_empty]
    highest = max((_KIND_OF[part.geom_type] for part in usable), default=None)
    usable = [part for part in usable if _KIND_OF[part.geom_type] == highest]
    if highest is None or (len(wanted) > 1 and len({part.geom_type.removeprefix("Multi") for part in parts}) > 1):
        faults.append(Fault("geometry_type_wrong", row, "geometry", "GeometryCollection", {"wanted": "—"}))
        return None
    words = {"kept": len(usable), "parts": len(parts)}
    faults.append(Fault("collection_taken", row, "geometry", "GeometryCollection", words))
    simple = [piece for part in usable for piece in shapely.get_parts(part)]
    return shapely.union_all(simple) if highest == _POLYGON else _MULTI[highest](simple)


def _flat(shape: Any) -> Iterator[Any]:
    for part in shape.geoms:
        if part.geom_type == "GeometryCollection":
            yield from _flat(part)
        else:
            yield part


def _polygons(shape: Any) -> Any:
    """Return only the polygons of a geometry, as areas want them."""
    pieces = [piece for part in shapely.get_parts(shape) for piece in shapely.get_parts(part)]
    return shapely.MultiPolygon([piece for piece in pieces if piece.geom_type == "Polygon"])
