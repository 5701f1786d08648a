"""How faults are planted in a clean district: what a flaw is, and the tools that spoil values and outlines.

A flaw is planted at a pair of neighbouring records `a` and `b` that are its own, and returns the one at which the
report must tell it. `also` names findings that come with it by their nature; nothing else may.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

import shapely
from shapely import affinity

from tests.clean_garden import SIDE, STEP, Record, area_m2, beside, plot

#: Spoils records in place and returns the place of the fault; None when it is one of the whole layer.
Plant = Callable[[list[Record], int, int], int | None]


@dataclass(frozen=True)
class Flaw:
    """One kind of fault.

    Parameters
    ----------
    name : str
    layer, code, field : str
        Where the report must tell it, and as what.
    plant : Plant
    also : frozenset of str
        Codes of findings that come with it.
    heals : bool
        Whether accepting its proposal gives back the record as it was.
    more : callable
        Layers of the version that have to look otherwise for it, made when it is planted.
    """

    name: str
    layer: str
    code: str
    field: str
    plant: Plant
    also: frozenset[str] = frozenset()
    heals: bool = False
    more: Callable[[], Mapping[str, Any]] = made(default=dict)


def given(layer: str, code: str, told: str, *also: str, heals: bool = False, name: str = "", **values: object) -> Flaw:
    """Return a flaw that is a matter of some values of one record; a callable takes the record."""

    def plant(records: list[Record], a: int, b: int) -> int:
        before = dict(records[a])
        for key, value in values.items():
            records[a][key] = value(before) if callable(value) else value
        return a

    return Flaw(name or f"{code} {told}", layer, code, told, plant, frozenset(also), heals)


def drawn(code: str, shape: Callable[[shapely.Polygon], Any], *also: str, heals: bool = False, name: str = "") -> Flaw:
    """Return a flaw of the outline of one parcel; its declared areas follow where the new outline has an area."""

    def plant(records: list[Record], a: int, b: int) -> int:
        records[a]["geometry"] = shape(plot(a))
        measured(records[a])
        return a

    return Flaw(name or code, "parcels", code, "geometry", plant, frozenset(also), heals)


def measured(record: Record) -> None:
    """Declare the areas that the outline has, so that the outline is the only fault."""
    shape = record["geometry"]
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or not shape.is_valid or shape.is_empty:
        return
    area = area_m2(shape)
    record |= {"registered_area_m2": area, "net_area_m2": area, "gross_area_m2": area + 500}
    record |= {"gfa_min_m2": round(area * 1.5, 1), "gfa_max_m2": round(area * 2.5, 1)}
    price = round(area * 150 / 1e4, 2)
    record |= {"starting_price_10k_cny": price, "deposit_10k_cny": round(price / 4, 2)}


def bow_tie(box: shapely.Polygon) -> shapely.Polygon:
    west, south, east, north = box.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def hole_outside(box: shapely.Polygon) -> Record:
    _, south, east, _ = box.bounds
    hole = [[east + 0.0001, south], [east + 0.0002, south], [east + 0.0002, south + 0.0001], [east + 0.0001, south]]
    shell = [list(point) for point in box.exterior.coords]
    return {"type": "Polygon", "coordinates": [shell, hole]}


def raised(box: shapely.Polygon) -> Record:
    return {"type": "Polygon", "coordinates": [[[x, y, 31.5] for x, y in box.exterior.coords]]}


def halves(box: shapely.Polygon) -> shapely.MultiPolygon:
    west, south, east, north = box.bounds
    middle = (west + east) / 2
    return shapely.MultiPolygon(
        [shapely.box(west, south, middle - 0.0001, north), shapely.box(middle + 0.0001, south, east, north)]
    )


def with_splinter(box: shapely.Polygon) -> shapely.MultiPolygon:
    _, south, east, north = box.bounds
    return shapely.MultiPolygon([box, shapely.box(east + 0.0003, south, east + 0.000301, north)])


def with_hole(size: float) -> Callable[[shapely.Polygon], shapely.Polygon]:
    def pierced(box: shapely.Polygon) -> shapely.Polygon:
        middle = box.centroid
        hole = shapely.box(middle.x, middle.y, middle.x + size, middle.y + size)
        return shapely.Polygon(box.exterior, [hole.exterior])

    return pierced


def stuttering(box: shapely.Polygon) -> Record:
    points = [list(point) for point in box.exterior.coords]
    return {"type": "Polygon", "coordinates": [[points[0], points[0], *points[1:]]]}


def in_a_bag(box: shapely.Polygon) -> shapely.GeometryCollection:
    return shapely.GeometryCollection([box, shapely.Point(box.centroid)])


def pushed(records: list[Record], a: int, b: int) -> int:
    records[a]["geometry"] = affinity.translate(plot(a), STEP - SIDE / 4)
    measured(records[a])
    return b


def same_land(records: list[Record], a: int, b: int) -> int:
    west, south, east, north = plot(a).bounds
    records[b]["geometry"] = shapely.box(west, south, east, north - SIDE / 50)
    measured(records[b])
    return b


def same_outline(records: list[Record], a: int, b: int) -> int:
    records[b]["geometry"] = plot(a)
    measured(records[b])
    return b


def repeated(records: list[Record], a: int, b: int) -> int:
    own = {name: records[b][name] for name in ("parcel_id", "parcel_no")}
    records[b] = dict(records[a]) | own
    return b


def same_values(layer: str, *names: str) -> Plant:
    def plant(records: list[Record], a: int, b: int) -> int:
        records[b] |= {name: records[a][name] for name in names}
        return b

    return plant


def renamed(records: list[Record], a: int, b: int) -> int:
    records[a]["parcel_id"] += "9"
    return a


def far_off(kilometres: float) -> Callable[[shapely.Polygon], shapely.Polygon]:
    """Return what moves a parcel so far south of the district's extent."""
    return lambda box: affinity.translate(box, 0, 36.1 - kilometres / 111 - SIDE - box.bounds[1])


def as_point(records: list[Record], a: int, b: int) -> None:
    records[a]["geometry"] = records[a]["geometry"].centroid


def without_indices() -> Mapping[str, Any]:
    rows = beside()["standard_land_indices"]
    return {"standard_land_indices": rows[rows.index < 0]}


def with_raw(**texts: str) -> Callable[[Record], Record]:
    """Return what replaces texts of planning conditions and keeps the others."""
    return lambda record: record["planning_raw"] | texts


def without(*keys: str) -> Callable[[Record], Record]:
    """Return what takes texts of planning conditions away, so that the numbers beside them count."""
    return lambda record: {key: text for key, text in record["planning_raw"].items() if key not in keys}


def multiplied(name: str, factor: float, digits: int = 6) -> Callable[[Record], float]:
    return lambda record: round(record[name] * factor, digits)
