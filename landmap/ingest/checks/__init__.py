"""Whether what was read is acceptable: small checks over whole columns and outlines, sorted by what they look at.

A check yields faults; its words stand in ``findings.csv``. To add one, write a function next to its kin, list it in the
module's ``CHECKS`` with the codes it makes, and give each code a row of words; the tests then ask for a planted fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from landmap.domain import layer_named
from landmap.ingest.checks import (
    areas,
    buildings,
    conditions,
    days,
    keys,
    neighbours,
    outlines,
    pairs,
    prices,
    ranges,
    relations,
    required,
)
from landmap.ingest.checks.batch import Batch, Beside, Check
from landmap.ingest.faults import Fault

#: In the order they run. What sets values aside comes after those who would look at them, and before what is required.
CHECKS: Final[tuple[Check, ...]] = (
    *pairs.CHECKS,
    *conditions.CHECKS,
    *prices.CHECKS,
    *buildings.CHECKS,
    *days.CHECKS,
    *areas.CHECKS,
    *outlines.CHECKS,
    *neighbours.CHECKS,
    *relations.CHECKS,
    *ranges.CHECKS,
    *required.CHECKS,
    *keys.CHECKS,
)


_BESIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "parcels": ("districts", "parcels", "standard_land_indices"),
        "buildings": ("districts", "parcels"),
        "building_units": ("buildings",),
    }
)


def compared_with(layer: str) -> tuple[str, ...]:
    """Return the layers that records of `layer` are held against."""
    parent = layer_named(layer).parent
    return _BESIDE.get(layer, () if parent is None else (parent,))


def judge(batch: Batch) -> list[Fault]:
    """Return what every check says of a batch; values that cannot be meant become unknown in its columns."""
    return [fault for check in CHECKS if check.holds_for(batch) for fault in check.run(batch)]


__all__ = ["CHECKS", "Batch", "Beside", "Check", "compared_with", "judge"]
