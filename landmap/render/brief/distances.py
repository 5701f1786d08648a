"""How far a site lies from what investors ask for first: rail, road, harbour, airport, school, hospital."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import shapely

from landmap.domain import Audience, Words
from landmap.query import Catalog, Record
from landmap.render import numbers, values
from landmap.render.cartography.board import every, on_plane

#: Kinds in the order they are told.
KINDS: Final = ("metro_station", "rail_station", "expressway_ramp", "port", "airport", "bus_hub", "school", "hospital")


def distances(
    record: Record, catalog: Catalog, audience: Audience, words: Words, today: dt.date
) -> list[tuple[str, str, str]]:
    """Return kind, name and straight-line distance of the nearest standing facility of each kind.

    A kind of which the audience sees none is left out. Measured edge to edge on the district's plane; the distance to
    the metro is the record's own where it has one, so that page and data never differ.
    """
    if record.geometry is None or shapely.is_empty(record.geometry):
        return []
    (site,) = on_plane([record.geometry], catalog.district)
    nearest: dict[str, tuple[float, str]] = {}
    for one, shape in every(catalog, "facilities", audience, today):
        kind, name = str(one.properties.get("kind")), str(one.properties.get("name") or "")
        if one.properties.get("status") == "existing" and kind in KINDS:
            found = (float(shapely.distance(site, shape)), name)
            nearest[kind] = min(nearest.get(kind, found), found)
    told = {**nearest, **_own(record.properties)}
    return [
        (
            values.code_text("facility_kind", kind, words.lang),
            told[kind][1],
            numbers.distance(told[kind][0], words.lang),
        )
        for kind in KINDS
        if kind in told
    ]


def _own(properties: Any) -> dict[str, tuple[float, str]]:
    metres, station = properties.get("metro_distance_m"), properties.get("metro_station")
    return {} if metres is None or not station else {"metro_station": (float(metres), str(station))}
