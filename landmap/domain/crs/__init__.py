"""Coordinate systems: which one numbers are in, how to reach another, what may not be converted, what an area is.

pyproj is imported here (`systems`, `measure`) and nowhere else in the house.
"""

from landmap.domain.crs.detect import CoordinateGuess, detect_coordinates
from landmap.domain.crs.grid import GridZone, epsg, grid_zone
from landmap.domain.crs.measure import geodesic_area_m2, geodesic_length_m, planar
from landmap.domain.crs.sanity import CoordinateFinding, sane
from landmap.domain.crs.systems import (
    STORE_CRS,
    check_epsg,
    gauss_kruger_label,
    identify,
    is_geographic,
    metres_per_unit,
    operation,
    transform,
)

__all__ = [
    "STORE_CRS",
    "CoordinateFinding",
    "CoordinateGuess",
    "GridZone",
    "check_epsg",
    "detect_coordinates",
    "epsg",
    "gauss_kruger_label",
    "geodesic_area_m2",
    "geodesic_length_m",
    "grid_zone",
    "identify",
    "is_geographic",
    "metres_per_unit",
    "operation",
    "planar",
    "sane",
    "transform",
]
