"""What lies on the table before anything is drawn: a catalog's basemap and features on the district's plane, metres."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from landmap.domain import Audience, District, Lang, crs
from landmap.query import Catalog, Record, criteria_class

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Base:
    """One feature of the basemap: `shape` on the plane, metres."""

    kind: str
    name_zh: str
    name_en: str
    shape: Any

    def name(self, lang: Lang) -> str:
        """Return the name in `lang`; the Chinese one where there is no other."""
        return self.name_zh if lang == "zh" else self.name_en or self.name_zh


def on_plane(shapes: Sequence[Any], district: District) -> Shapes:
    """Return stored shapes (EPSG:4490) on the district's plane, in metres whatever the unit of its system."""
    moved = crs.planar(np.asarray(shapes, dtype=object), district.planar_epsg)
    metres = crs.metres_per_unit(district.planar_epsg)
    return moved if metres == 1 else shapely.transform(moved, lambda points: points * metres)


#: Basemaps by catalog; a catalog that is let go takes its basemap with it.
_BASEMAPS: Final[weakref.WeakKeyDictionary[Catalog, tuple[Base, ...]]] = weakref.WeakKeyDictionary()


def basemap(catalog: Catalog) -> tuple[Base, ...]:
    """Return the offline basemap on the plane, from the bottom up; empty when the snapshot carries none."""
    if catalog not in _BASEMAPS:
        _BASEMAPS[catalog] = tuple(_read(catalog))
    return _BASEMAPS[catalog]


def _read(catalog: Catalog) -> Iterable[Base]:
    found = catalog.basemap()
    features = [one for one in (found or {}).get("features", ()) if one.get("geometry")]
    shapes = [shapely.from_geojson(orjson.dumps(one["geometry"])) for one in features]
    for one, shape in zip(features, on_plane(shapes, catalog.district) if shapes else (), strict=True):
        if shape is not None:
            about = one["properties"]
            yield Base(str(about.get("kind")), about.get("name") or "", about.get("name_en") or "", shape)


def around(catalog: Catalog, layer: str, audience: Audience, today: dt.date, box: Any) -> list[tuple[Record, Any]]:
    """Return what the audience sees of `layer` within `box` (metres on the plane): records with their shapes there."""
    west, south, east, north = _degrees(box, catalog.district)
    query = [("bbox", f"{west:.6f},{south:.6f},{east:.6f},{north:.6f}")]
    wanted = criteria_class(layer).from_query(query, catalog.district)
    records = catalog.engine.select(layer, wanted, audience, today=today).records()
    shown = [record for record in records if record.geometry is not None and not shapely.is_empty(record.geometry)]
    if not shown:
        return []
    return list(zip(shown, on_plane([record.geometry for record in shown], catalog.district), strict=True))


def every(catalog: Catalog, layer: str, audience: Audience, today: dt.date) -> list[tuple[Record, Any]]:
    """Return all the audience sees of `layer`, with shapes on the plane."""
    wanted = criteria_class(layer)()
    found = catalog.engine.select(layer, wanted, audience, today=today).records()
    shown = [record for record in found if record.geometry is not None and not shapely.is_empty(record.geometry)]
    if not shown:
        return []
    return list(zip(shown, on_plane([record.geometry for record in shown], catalog.district), strict=True))


def _degrees(box: Any, district: District) -> tuple[float, float, float, float]:
    metres = crs.metres_per_unit(district.planar_epsg)
    plane = shapely.transform(shapely.segmentize(box, 500), lambda points: points / metres)
    (back,) = crs.transform(np.array([plane], dtype=object), district.planar_epsg, crs.STORE_CRS)
    west, south, east, north = (float(one) for one in shapely.bounds(back))
    return west, south, east, north
