"""Fields computed at publish, from the outline or from other layers; what cannot be computed stays as it was given.

Each derivation takes all layers as they were imported and returns those it changed. A field drawn from geometry
replaces what a source gave; a field that a document may state (an expiry date, an occupancy rate) is computed only
where it is unknown. Nothing depends on the day of publishing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landmap.domain import District, PolicyClass, crs, layer_named, visible_records

Frames = dict[str, pd.DataFrame]

#: A parcel lies within a control line when the line covers more than this share of it: outlines drawn at different
#: scales touch along their edges.
CONTROL_SHARE_MIN: Final = 0.01
#: First level is the stricter: its land may not leave industrial use. Source: 青岛市工业用地控制线规划管理办法（试行）.
CONTROL_LEVELS: Final = {"1": 1, "2": 2}
#: Areas are kept to a square decimetre, discrepancies to a thousandth of a percent, rates to a tenth.
_BASES: Final = ("net", "registered", "geodesic")
_AREA_DECIMALS: Final = 2
_DISCREPANCY_DECIMALS: Final = 3
_RATE_DECIMALS: Final = 1


def parcel_areas(frames: Frames, district: District) -> Frames:
    """Compute the geodesic and planar area of each parcel, the reference area with its basis, and the discrepancy.

    The reference area ``area_m2`` is the first known of net, registered and geodesic area. The discrepancy is
    ``|geodesic - registered| / registered`` in percent, unknown without a registered area.
    """
    if "parcels" not in frames:
        return {}
    parcels = frames["parcels"].copy(deep=False)
    shapes = parcels["geometry"].to_numpy()
    with ThreadPoolExecutor(max_workers=1) as beside:
        planar = beside.submit(crs.planar_area_m2, shapes, district.planar_epsg)
        parcels["geodesic_area_m2"] = np.round(crs.geodesic_area_m2(shapes), _AREA_DECIMALS)
    parcels["planar_area_m2"] = np.round(planar.result(), _AREA_DECIMALS)
    net, registered, geodesic = (parcels[f"{basis}_area_m2"] for basis in _BASES)
    parcels["area_m2"] = net.fillna(registered).fillna(geodesic)
    basis = np.select([net.notna(), registered.notna(), geodesic.notna()], range(len(_BASES)), len(_BASES))
    parcels["area_basis"] = pd.Series(np.array([*_BASES, None], dtype=object)[basis], index=parcels.index, dtype=object)
    parcels["area_diff_pct"] = ((geodesic - registered).abs() / registered * 100).round(_DISCREPANCY_DECIMALS)
    return {"parcels": parcels}


def control_line_levels(frames: Frames, district: District) -> Frames:
    """Overlay parcels with the industrial land control lines: 1, 2, or 0 outside all of them.

    The strictest level that covers more than 1 % of a parcel counts. Inside a line whose level is not 1 or 2 the answer
    is unknown, unless a first-level line decides. The field is public, so a line that is not counts as one of unknown
    level. Without any control line the given levels stay. Lines count whatever their dates: one that is no longer in
    force is taken out of the layer.
    """
    if "parcels" not in frames or "constraints" not in frames:
        return {}
    constraints = frames["constraints"]
    lines = constraints[constraints["constraint_type"] == "industrial_control_line"]
    if lines.empty:
        return {}
    parcels = frames["parcels"].copy(deep=False)
    shapes = crs.planar(parcels["geometry"].to_numpy(), district.planar_epsg)
    public = visible_records(lines, layer_named("constraints"), PolicyClass.PUBLIC)
    levels = lines["level"].where(public, None)
    covered = _covered_shares(shapes, crs.planar(lines["geometry"].to_numpy(), district.planar_epsg), levels)
    within = {level: covered.get(level, np.zeros(len(parcels))) > CONTROL_SHARE_MIN for level in (1, 2, None)}
    level = np.select([within[1], within[None], within[2]], [1, -1, 2], 0)
    parcels["industrial_control_line_level"] = pd.array(level, dtype="Int64")
    parcels.loc[level == -1, "industrial_control_line_level"] = pd.NA
    return {"parcels": parcels}


def metro_distances(frames: Frames, district: District) -> Frames:
    """Name the nearest metro station in operation and the straight-line distance to it, edge to edge on the plane.

    Planned stations do not count: the field is public, an unpublished plan is not. Of stations equally far the first by
    id is named. Without a station the given values stay.
    """
    if "facilities" not in frames:
        return {}
    facilities = frames["facilities"].sort_values("facility_id")
    stations = facilities[(facilities["kind"] == "metro_station") & (facilities["status"] == "existing")]
    if stations.empty:
        return {}
    places = crs.planar(stations["geometry"].to_numpy(), district.planar_epsg)
    tree = shapely.STRtree(places)
    changed: Frames = {}
    for name in ("parcels", "buildings"):
        if name not in frames or frames[name].empty:
            continue
        frame = frames[name].copy(deep=False)
        shapes = crs.planar(frame["geometry"].to_numpy(), district.planar_epsg)
        pairs, metres = tree.query_nearest(shapes, return_distance=True)
        nearest = pd.DataFrame({"row": pairs[0], "station": pairs[1], "metres": metres})
        nearest = nearest.sort_values(["row", "station"]).drop_duplicates("row")
        frame["metro_station"] = _texts(stations["name"].to_numpy()[nearest["station"]], frame.index)
        frame["metro_distance_m"] = pd.array(np.rint(nearest["metres"]).astype(np.int64), dtype="Int64")
        changed[name] = frame
    return changed


def planning_conditions_expiry(frames: Frames, district: District) -> Frames:
    """Reckon when planning conditions lapse: the date of issue plus the years the district sets, where not given."""
    years = district.rules.planning_conditions_valid_years
    if "parcels" not in frames or years is None:
        return {}
    parcels = frames["parcels"].copy(deep=False)
    reckoned = (parcels["planning_conditions_issued_on"] + pd.DateOffset(years=years)).astype("datetime64[s]")
    parcels["planning_conditions_expires_on"] = parcels["planning_conditions_expires_on"].fillna(reckoned)
    return {"parcels": parcels}


def occupancy_rates(frames: Frames, district: District) -> Frames:
    """Compute the occupancy rate by area, ``1 - available / rentable``, where the source gives none.

    A building whose rate is declared on another basis (firms, units) is left alone, and so is one that offers more than
    it has to let: that is an error for the checks, not a rate.
    """
    if "buildings" not in frames:
        return {}
    buildings = frames["buildings"].copy(deep=False)
    rentable, available = buildings["rentable_area_m2"], buildings["available_area_m2"]
    by_area = buildings["occupancy_basis"].isna() | (buildings["occupancy_basis"] == "area")
    ours = buildings["occupancy_rate_pct"].isna() & by_area & (rentable > 0) & (available <= rentable)
    rate = ((1 - available / rentable.where(rentable > 0)) * 100).round(_RATE_DECIMALS)
    buildings["occupancy_rate_pct"] = buildings["occupancy_rate_pct"].mask(ours, rate)
    buildings["occupancy_basis"] = buildings["occupancy_basis"].mask(ours, "area")
    return {"buildings": buildings}


#: Run at every publish, in this order.
DERIVATIONS: Final[tuple[Callable[[Frames, District], Frames], ...]] = (
    parcel_areas,
    control_line_levels,
    metro_distances,
    planning_conditions_expiry,
    occupancy_rates,
)


def _covered_shares(
    parcels: NDArray[np.object_], lines: NDArray[np.object_], levels: pd.Series[Any]
) -> dict[int | None, NDArray[np.float64]]:
    """Return by level the share of each parcel within its lines, shape (n,); None is a level that says nothing."""
    known = [CONTROL_LEVELS.get(str(level).strip()) for level in levels]
    found: dict[int | None, NDArray[np.float64]] = {}
    area = shapely.area(parcels)
    for level in dict.fromkeys(known):
        zone = shapely.union_all(lines[[one == level for one in known]])
        shapely.prepare(zone)
        touched = np.flatnonzero(shapely.intersects(zone, parcels))
        covered = np.zeros(len(parcels))
        covered[touched] = shapely.area(shapely.intersection(parcels[touched], zone))
        found[level] = np.divide(covered, area, out=np.zeros(len(parcels)), where=area > 0)
    return found


def _texts(values: NDArray[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """Return texts as a canonical column; an empty text is unknown."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = [str(value) if isinstance(value, str) and value else None for value in values]
    return pd.Series(cells, index=index, dtype=object)
