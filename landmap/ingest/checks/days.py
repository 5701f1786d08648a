"""Dates: not yet come, or past their end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Change, Fault, Proposal

#: Dates of what has happened. Source: domain reference §10, "≤today".
_PAST: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "parcels": ("planning_conditions_issued_on", "data_as_of"),
        "buildings": ("data_as_of",),
        "facilities": ("data_as_of",),
        "parks": ("data_as_of",),
        "supply_events": ("on",),
        "site_assessments": ("done_on",),
        "redevelopments": ("completed_on",),
    }
)
_VALID_STATUSES: Final = ("done", "covered_by_regional")


def not_in_future(batch: Batch) -> Iterator[Fault]:
    """Yield dates of past events that are later than today."""
    for name in _PAST[batch.layer.name]:
        if batch.values(name) is not None:
            yield from batch.faults("date_in_future", batch.days(name) > np.datetime64(batch.today), name)


def not_expired(batch: Batch) -> Iterator[Fault]:
    """Yield assessments that are past their validity and still count as done; accepted, their status is unknown."""
    if batch.values("valid_until") is None:
        return
    over = (batch.days("valid_until") < np.datetime64(batch.today)) & batch.among("status", _VALID_STATUSES)
    statuses = batch.columns.get("status") or []

    def unknown(index: int) -> Proposal:
        return Proposal("replace", (Change("status", statuses[index], "unknown"),))

    yield from batch.faults("assessment_expired", over, "valid_until", proposal=unknown)


CHECKS: Final = (
    Check(not_in_future, ("date_in_future",), tuple(_PAST)),
    Check(not_expired, ("assessment_expired",), ("site_assessments",)),
)
