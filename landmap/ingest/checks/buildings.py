"""Buildings and their units: rents, occupancy, storeys, floor plates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from landmap.domain import units
from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Change, Fault, Proposal

#: A rent above this is probably per month, 元/㎡·天. Source: domain reference §5.3, which says 40; the table's own
#: plausibility band ends at 20, and office rents of a district never reach it.
RENT_MONTHLY_ABOVE: Final = 20.0
#: Metres per storey of a building with several, and of one with one or two, which may be halls. Mark: own.
STOREY_M: Final = (2.2, 12.0)
HALL_M: Final = (2.2, 30.0)
#: Source: domain reference §10.4, `typical_floor_area_m2`; §5.7 for the units of a floor.
PLATE_MOST: Final = 1.5
PLATE_SLACK: Final = 1.02
_OCCUPANCY_WITHIN: Final = 5.0
#: How much larger than outline times storeys a floor area can be, and how much smaller, before its unit is in doubt.
_GROSS_OFF: Final = 1000.0


def rents_per_day(batch: Batch) -> Iterator[Fault]:
    """Yield rents that look like those of a month."""
    names = [f"rent_{side}_cny_m2_day" for side in ("min", "max")]
    low, high = (batch.columns.get(name) or [None] * len(batch) for name in names)

    def per_day(index: int) -> Proposal:
        given = [(name, column[index]) for name, column in zip(names, (low, high), strict=True)]
        daily = [
            Change(name, rent, round(units.rent_to_cny_m2_day(rent, "month"), 4))
            for name, rent in given
            if rent is not None
        ]
        period = (batch.columns.get("rent_unit") or [None] * len(batch))[index]
        return Proposal("scale", (*daily, Change("rent_unit", period, "month")))

    monthly = batch.numbers(names[0]) > RENT_MONTHLY_ABOVE
    yield from batch.faults("rent_looks_monthly", monthly, names[0], proposal=per_day)


def occupancy_follows(batch: Batch) -> Iterator[Fault]:
    """Yield occupancy rates that lie off what available and rentable area give."""
    available, rentable = batch.numbers("available_area_m2"), batch.numbers("rentable_area_m2")
    rate = batch.numbers("occupancy_rate_pct")
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = 100 * (1 - available / rentable)
    by_area = batch.among("occupancy_basis", (None, "area")) | (batch.values("occupancy_basis") is None)
    wrong = by_area & (available <= rentable) & (np.abs(implied - rate) > _OCCUPANCY_WITHIN)
    yield from batch.faults(
        "occupancy_disagrees", wrong, "occupancy_rate_pct", lambda index: {"implied": f"{implied[index]:.1f}"}
    )


def height_fits_storeys(batch: Batch) -> Iterator[Fault]:
    """Yield building heights that the storeys above ground cannot add up to."""
    height, floors = batch.numbers("building_height_m"), batch.numbers("floors_above")
    most = np.where(floors > 2, STOREY_M[1], HALL_M[1])
    wrong = (height < STOREY_M[0] * floors) | (height > most * floors)
    yield from batch.faults(
        "height_disagrees_floors", wrong, "building_height_m", lambda index: {"floors": int(floors[index])}
    )


def plate_fits(batch: Batch) -> Iterator[Fault]:
    """Yield typical floors that are larger than the whole building leaves room for."""
    plate, gross = batch.numbers("typical_floor_area_m2"), batch.numbers("gross_floor_area_m2")
    floors = batch.numbers("floors_above")
    with np.errstate(divide="ignore", invalid="ignore"):
        room = gross / floors * PLATE_MOST
    yield from batch.faults(
        "floor_plate_too_large", plate > room, "typical_floor_area_m2", lambda index: {"room": f"{room[index]:,.1f}"}
    )


def gross_in_square_metres(batch: Batch) -> Iterator[Fault]:
    """Yield floor areas in 万㎡, or the other way round: off by orders from plate or outline times storeys."""
    if batch.values("gross_floor_area_m2") is None:
        return
    gross, plate, floors = (
        batch.numbers(name) for name in ("gross_floor_area_m2", "typical_floor_area_m2", "floors_above")
    )
    expected = np.where(np.isnan(plate), batch.areas, plate) * floors
    for factor, wrong in ((1e4, gross * _GROSS_OFF < expected), (1e-4, gross > expected * _GROSS_OFF)):
        yield from batch.faults(
            "floor_area_unit_suspected",
            wrong,
            "gross_floor_area_m2",
            lambda index: {"expected": f"{expected[index]:,.0f}"},
            proposal=batch.scaled("gross_floor_area_m2", factor, 2),
        )


def no_floor_zero(batch: Batch) -> Iterator[Fault]:
    """Yield units on floor 0, which no building has."""
    yield from batch.faults("floor_zero", batch.numbers("floor_no") == 0, "floor_no")


CHECKS: Final = (
    Check(rents_per_day, ("rent_looks_monthly",), ("buildings",)),
    Check(occupancy_follows, ("occupancy_disagrees",), ("buildings",)),
    Check(height_fits_storeys, ("height_disagrees_floors",), ("buildings",), chinese=True),
    Check(plate_fits, ("floor_plate_too_large",), ("buildings",)),
    Check(gross_in_square_metres, ("floor_area_unit_suspected",), ("buildings",)),
    Check(no_floor_zero, ("floor_zero",), ("building_units",), chinese=True),
)
