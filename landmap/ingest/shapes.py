"""Geometries made fit for their layer: valid, of an accepted type, and every change stated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import Layer, crs
from landmap.ingest.faults import Fault

#: Overlaps of less are drawing noise.
OVERLAP_M2: Final = 1.0
OVERLAPS_TOLD: Final = 500
_BLOCK: Final = 200
_KIND_OF: Final = {"Polygon": 2, "MultiPolygon": 2, "LineString": 1, "MultiLineString": 1, "Point": 0, "MultiPoint": 0}

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
    """
    fitted = np.full(len(geometry), None, dtype=object)
    faults: list[Fault] = []
    for index, (shape, row) in enumerate(zip(geometry, rows, strict=True)):
        if shape is not None:
            fitted[index] = _fit_one(shape, row, layer, faults)
    return fitted, faults


def duplicates(geometry: NDArray[np.object_], rows: Sequence[int]) -> Iterator[Fault]:
    """Yield a fault for every geometry that an earlier row has too."""
    seen: dict[bytes, int] = {}
    for shape, row in zip(shapely.normalize(geometry), rows, strict=True):
        if shape is None:
            continue
        first = seen.setdefault(shapely.to_wkb(shape), row)
        if first != row:
            yield Fault("geometry_duplicate", row, "geometry", words={"first": first})


def overlaps(geometry: NDArray[np.object_], rows: Sequence[int]) -> Iterator[Fault]:
    """Yield a fault for every pair of polygons that share more than 1 ㎡, told at the later row.

    Equal outlines are left to `duplicates`; past 500 overlaps the rest is said to exist and not listed.
    """
    present = _distinct(geometry)
    shapes = geometry[present]
    tree = shapely.STRtree(shapes)
    told = 0
    for start in range(0, len(shapes), _BLOCK):
        left, right = tree.query(shapes[start : start + _BLOCK], predicate="intersects")
        left = left + start
        pairs = left < right
        left, right = left[pairs], right[pairs]
        for a, b, area in zip(left, right, _shared_m2(shapes[left], shapes[right]), strict=True):
            if area > OVERLAP_M2:
                words = {"other": rows[present[a]]}
                yield Fault("geometry_overlap", rows[present[b]], "geometry", round(float(area), 1), words)
                told += 1
        if told > OVERLAPS_TOLD:
            yield Fault("overlaps_unlisted", field="geometry", words={"limit": OVERLAPS_TOLD})
            return


def _distinct(geometry: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return where each outline stands first."""
    first: dict[bytes, int] = {}
    for index, shape in enumerate(shapely.normalize(geometry)):
        if shape is not None:
            first.setdefault(shapely.to_wkb(shape), index)
    return np.array(sorted(first.values()), dtype=np.intp)


def _shared_m2(left: NDArray[np.object_], right: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the area two arrays of polygons share pair by pair, ㎡; pairs that only touch share none."""
    area = np.zeros(len(left))
    meet = np.flatnonzero(~shapely.touches(left, right))
    common = [_polygons(shape) for shape in shapely.intersection(left[meet], right[meet])]
    area[meet] = crs.geodesic_area_m2(np.array(common, dtype=object))
    return np.nan_to_num(area)


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
