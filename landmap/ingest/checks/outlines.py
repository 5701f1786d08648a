"""One outline by itself: parts, holes, slivers, kind, and whether it lies in the district."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely

from landmap.domain import crs
from landmap.ingest.checks.batch import Batch, Check, Mask, Numbers, Shapes
from landmap.ingest.faults import Change, Fault, Proposal

#: A part, hole or outline narrower than this on average is a leftover of drawing, not land. Mark: own.
SLIVER_WIDTH_M: Final = 0.5
#: The same for one smaller than this.
SLIVER_M2: Final = 1.0
#: How far an outline may lie beyond the district's boundary. Source: domain reference §10.1, "区界缓冲500m内".
BOUNDARY_BUFFER_M: Final = 500.0
_LAND: Final = ("parcels", "buildings")


def of_one_kind(batch: Batch) -> Iterator[Fault]:
    """Yield a note where one layer holds points, lines and areas together."""
    if batch.geometry is None:
        return
    kinds = shapely.get_dimensions(batch.geometry)
    counts = {int(kind): int((kinds == kind).sum()) for kind in np.unique(kinds) if kind >= 0}
    if len(counts) > 1:
        told = {0: "point", 1: "line", 2: "area"}
        value = "、".join(f"{told[kind]} × {count}" for kind, count in counts.items())
        yield Fault("geometry_kinds_mixed", field="geometry", value=value)


def whole(batch: Batch) -> Iterator[Fault]:
    """Yield a note for every outline of several parts that are land."""
    parts, owner = batch.parts
    land = np.bincount(owner[~_sliver(parts)], minlength=len(batch))
    yield from batch.faults("geometry_multipart", land > 1, "geometry", value=lambda index: int(land[index]))


def no_slivers(batch: Batch) -> Iterator[Fault]:
    """Yield outlines that are slivers, or that have slivers among their parts; accepted, those parts are left out."""
    parts, owner = batch.parts
    thin, shapes = _sliver(parts), batch.geometry
    if shapes is None or not thin.any():
        return
    thin_parts = np.bincount(owner[thin], minlength=len(batch))
    all_parts = np.bincount(owner, minlength=len(batch))

    def without(index: int) -> Proposal | None:
        if thin_parts[index] == all_parts[index]:
            return None
        shape = shapes[index]
        kept = np.asarray(shapely.get_parts(shape))[~thin[owner == index]]
        return Proposal("outline", (Change("geometry", shape, shapely.multipolygons(kept)),))

    yield from batch.faults(
        "geometry_sliver",
        thin_parts > 0,
        "geometry",
        lambda index: {"parts": int(all_parts[index])},
        value=lambda index: int(thin_parts[index]),
        proposal=without,
    )


def holes(batch: Batch) -> Iterator[Fault]:
    """Yield outlines with holes: a note where they are land, a proposal to close them where they are slivers."""
    parts, owner = batch.parts
    pierced = shapely.get_num_interior_rings(parts) > 0
    shapes = batch.geometry
    if shapes is None or not pierced.any():
        return
    for index in np.unique(owner[pierced]).tolist():
        sizes, thin = _holes(batch.outlines[index])
        row = int(batch.rows[index])
        if not thin.all():
            words: dict[str, object] = {"area": f"{sizes[~thin].sum():,.1f}"}
            yield Fault("geometry_hole", row, "geometry", int((~thin).sum()), words)
        if thin.any():
            shape = shapes[index]
            cure = Proposal("outline", (Change("geometry", shape, _closed(shape, thin)),))
            yield Fault("geometry_hole_sliver", row, "geometry", int(thin.sum()), {}, cure)


def inside_the_district(batch: Batch) -> Iterator[Fault]:
    """Yield parcels and buildings that reach more than 500 m beyond the boundary, or the extent where none is known."""
    if batch.geometry is None:
        return
    boundary = crs.local_metres(np.array([_boundary(batch)], dtype=object), batch.centre)[0]
    limit = shapely.buffer(boundary, BOUNDARY_BUFFER_M, quad_segs=4)
    shapely.prepare(limit)
    outside = ~shapely.covers(limit, batch.outlines) & ~shapely.is_missing(batch.outlines)

    def metres(index: int) -> int:
        return round(max(float(shapely.distance(boundary, batch.outlines[index])), BOUNDARY_BUFFER_M))

    yield from batch.faults("outside_boundary", outside, "geometry", value=metres)


def _boundary(batch: Batch) -> Any:
    """Return the district's own outline where the version has one, else its extent."""
    districts = batch.beside.get("districts")
    if districts is not None:
        own = districts.loc[districts["district_code"] == batch.district.code, "geometry"]
        known = [shape for shape in own if shape is not None]
        if known:
            return known[0]
    return shapely.box(*batch.district.extent)


def _sliver(parts: Shapes) -> Mask:
    """Return which polygons are no land: too small, or too narrow, taking twice the area over the length for width."""
    return _thin(shapely.area(parts), shapely.length(parts))


def _thin(areas: Numbers, lengths: Numbers) -> Mask:
    thin: Mask = (areas < SLIVER_M2) | (2 * areas < SLIVER_WIDTH_M * lengths)
    return thin


def _holes(outline: Any) -> tuple[Numbers, Mask]:
    rings = [ring for part in shapely.get_parts(outline) for ring in part.interiors]
    areas = shapely.area(shapely.polygons(rings))
    return areas, _thin(areas, shapely.length(np.array(rings, dtype=object)))


def _closed(shape: Any, thin: Mask) -> Any:
    """Return a geometry without the holes that are marked, counted over all its parts."""
    number = iter(thin.tolist())
    parts = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if not next(number)])
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if shape.geom_type == "Polygon" else shapely.MultiPolygon(parts)


CHECKS: Final = (
    Check(of_one_kind, ("geometry_kinds_mixed",), ("buildings",)),
    Check(whole, ("geometry_multipart",), _LAND),
    Check(no_slivers, ("geometry_sliver",), _LAND),
    Check(holes, ("geometry_hole", "geometry_hole_sliver"), _LAND),
    Check(inside_the_district, ("outside_boundary",), _LAND),
)
