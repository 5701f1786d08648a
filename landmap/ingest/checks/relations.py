"""Records against the layers beside them: references that lead nowhere, units that their building has no room for.

A layer that is not at hand is unknown: nothing is said against its records, only that they were not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import shapely

from landmap.domain import Kind, crs, layer_named
from landmap.ingest.checks.batch import Batch, Check, Numbers
from landmap.ingest.checks.buildings import PLATE_SLACK
from landmap.ingest.faults import Fault

#: The layer whose records a reference names.
_TARGETS: Final = {"parcel_id": "parcels", "building_id": "buildings"}
#: A building may stand so far outside the outline of its parcel. Mark: own, the accuracy of a digitised outline.
_OFF_PARCEL_M: Final = 5.0


def leading_somewhere(batch: Batch) -> Iterator[Fault]:
    """Yield references to records that the version does not hold."""
    for name, field in batch.layer.fields.items():
        if field.kind is not Kind.REFERENCE or name not in _TARGETS or not batch.known(name).any():
            continue
        target = layer_named(_TARGETS[name])
        beside = batch.beside.get(target.name)
        words = {"target_zh": target.label_zh, "target_en": target.label_en}
        if beside is None:
            yield Fault("reference_unchecked", field=name, words=words)
            continue
        lost = batch.known(name) & ~batch.among(name, beside[target.id_field])
        yield from batch.faults("reference_lost", lost, name, words)


def on_its_parcel(batch: Batch) -> Iterator[Fault]:
    """Yield buildings that stand off the parcel they name."""
    parcels, references = batch.beside.get("parcels"), batch.values("parcel_id")
    if parcels is None or references is None or batch.geometry is None:
        return
    index = pd.Index(parcels["parcel_id"])
    place = index.get_indexer(pd.Index(references, dtype=object))
    found = np.flatnonzero((place >= 0) & ~shapely.is_missing(batch.outlines))
    theirs = crs.local_metres(np.asarray(parcels["geometry"], dtype=object)[place[found]], batch.centre)
    distance = np.full(len(batch), np.nan)
    distance[found] = shapely.distance(batch.outlines[found], theirs)
    off = distance > _OFF_PARCEL_M
    yield from batch.faults("building_off_parcel", off, "parcel_id", lambda row: {"metres": f"{distance[row]:,.0f}"})


def floor_exists(batch: Batch) -> Iterator[Fault]:
    """Yield units on floors that their building does not have."""
    floor = batch.numbers("floor_no")
    above, below = (_of_building(batch, name) for name in ("floors_above", "floors_below"))
    wrong = (floor > above) | (-floor > below)
    yield from batch.faults("floor_not_in_building", wrong, "floor_no")


def floors_not_overfull(batch: Batch) -> Iterator[Fault]:
    """Yield the last unit of every floor whose units add up to more than the building's typical floor."""
    plate = _of_building(batch, "typical_floor_area_m2")
    if np.isnan(plate).all():
        return
    frame = pd.DataFrame(
        {"building": batch.columns["building_id"], "floor": batch.numbers("floor_no"), "plate": plate}
    ).assign(area=batch.numbers("unit_area_m2"), at=np.arange(len(batch)))
    floors = (
        frame[frame["floor"] > 0].groupby(["building", "floor"]).agg({"area": "sum", "plate": "first", "at": "last"})
    )
    full = floors[floors["area"] > PLATE_SLACK * floors["plate"]].reset_index()
    for floor, area, room, at in full[["floor", "area", "plate", "at"]].itertuples(index=False):
        words: dict[str, object] = {"floor": int(floor), "sum": f"{area:,.1f}", "plate": f"{room:,.1f}"}
        yield Fault("floor_overfull", int(batch.rows[int(at)]), "unit_area_m2", round(area, 2), words)


def _of_building(batch: Batch, name: str) -> Numbers:
    """Return a number of each unit's building; NaN where the building or the number is unknown."""
    buildings, references = batch.beside.get("buildings"), batch.values("building_id")
    if buildings is None or references is None:
        return np.full(len(batch), np.nan)
    place = pd.Index(buildings["building_id"]).get_indexer(pd.Index(references, dtype=object))
    numbers = buildings[name].to_numpy(dtype=np.float64, na_value=np.nan)
    found: Numbers = np.append(numbers, np.nan)[place]
    return found


CHECKS: Final = (
    Check(leading_somewhere, ("reference_lost", "reference_unchecked")),
    Check(on_its_parcel, ("building_off_parcel",), ("buildings",)),
    Check(floor_exists, ("floor_not_in_building",), ("building_units",)),
    Check(floors_not_overfull, ("floor_overfull",), ("building_units",)),
)
