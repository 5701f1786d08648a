"""The area that was declared, held against the outline's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Change, Fault, Proposal

#: Shares by which a declared area may differ from the outline's. Source: domain reference §6.5 (a proposal).
AREA_FINE, AREA_NOTE, AREA_GROSS = 0.001, 0.01, 0.05
AREA_FINE_M2: Final = 5.0
#: Square metres in the units that a declared area may have been given in by mistake, and how near it must then come.
UNITS: Final[Mapping[str, float]] = MappingProxyType({"公顷": 1e4, "亩": 2000 / 3, "平方公里": 1e6, "1/10000": 1e-4})
UNIT_WITHIN: Final = 0.05
_FIELDS: Final = ("registered_area_m2", "net_area_m2", "gross_area_m2")


def near_the_outline(batch: Batch) -> Iterator[Fault]:
    """Yield declared areas that lie off the outline's: up to 0.1 % is fine, up to 1 % worth a note, beyond a warning.

    Under 5 ㎡ nothing is said. A registered area is held against the outline; without one, whichever of net and gross
    area comes nearer, for an outline may be drawn of either. An area that fits in another unit is told as that.
    """
    if batch.geometry is None or not any(batch.values(name) is not None for name in _FIELDS):
        return
    chosen, declared = _declared(batch)
    off = np.abs(batch.areas - declared)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = off / declared
    told = (share > AREA_FINE) & (off > AREA_FINE_M2)
    for index in np.flatnonzero(told).tolist():
        yield _told(batch, index, _FIELDS[chosen[index]], float(share[index]))


def _declared(batch: Batch) -> tuple[Any, Any]:
    """Return which area is held against the outline (an index into `_FIELDS`), and its value, NaN where unknown."""
    registered, net, gross = (batch.numbers(name) for name in _FIELDS)
    nearer_gross = np.isnan(net) | (np.abs(batch.areas - gross) < np.abs(batch.areas - net))
    chosen = np.where(~np.isnan(registered), 0, np.where(nearer_gross & ~np.isnan(gross), 2, 1))
    return chosen, np.choose(chosen, [registered, net, gross])


def _told(batch: Batch, index: int, field: str, share: float) -> Fault:
    declared, computed = batch.numbers(field)[index], batch.areas[index]
    row, value = int(batch.rows[index]), round(float(declared), 6)
    words: dict[str, object] = {"computed": f"{computed:,.1f}", "share": f"{share:.1%}"}
    for unit, factor in UNITS.items():
        if declared > 0 and abs(declared * factor / computed - 1) <= UNIT_WITHIN:
            cure = Proposal("scale", (Change(field, value, round(float(declared * factor), 2)),))
            return Fault("area_unit_suspected", row, field, value, words | {"unit": unit}, cure)
    code = "area_differs" if share > AREA_NOTE else "area_differs_slightly"
    return Fault("area_differs_grossly" if share > AREA_GROSS else code, row, field, value, words)


CHECKS: Final = (
    Check(
        near_the_outline,
        ("area_differs_slightly", "area_differs", "area_differs_grossly", "area_unit_suspected"),
        ("parcels",),
    ),
)
