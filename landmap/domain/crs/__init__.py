"""Coordinate systems: which one numbers are in, how to reach another, what may not be converted, what an area is.

pyproj is imported here (`systems`, `measure`) and nowhere else in the house.
"""

from landmap.domain.crs.detect import CoordinateGuess, detect_coordinates
from landmap.domain.crs.grid import GridZone, epsg, grid_zone
from landmap.domain.crs.local import local_metres
from landmap.domain.crs.measure import geodesic_area_m2, geodesic_length_m, planar, planar_area_m2
from landmap.domain.crs.names import datum_named
from landmap.domain.crs.offset import ACCURACY_M as SHIFT_ACCURACY_M
from landmap.domain.crs.offset import Datum, shifted, unshifted
from landmap.domain.crs.sanity import CoordinateFinding, sane
from landmap.domain.crs.systems import (
    STORE_CRS,
    check_epsg,
    gauss_kruger_label,
    identify,
    is_geographic,
    metres_per_unit,
    move_points,
    operation,
    rests_on,
    transform,
)

__all__ = [
    "SHIFT_ACCURACY_M",
    "STORE_CRS",
    "CoordinateFinding",
    "CoordinateGuess",
    "Datum",
    "GridZone",
    "check_epsg",
    "datum_named",
    "detect_coordinates",
    "epsg",
    "gauss_kruger_label",
    "geodesic_area_m2",
    "geodesic_length_m",
    "grid_zone",
    "identify",
    "is_geographic",
    "local_metres",
    "metres_per_unit",
    "move_points",
    "operation",
    "planar",
    "planar_area_m2",
    "rests_on",
    "sane",
    "shifted",
    "transform",
    "unshifted",
]
