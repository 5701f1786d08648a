"""Columns as they are matched once a steward agreed to what is proposed for those that hold secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from landmap.domain import District, Layer
from landmap.ingest.columns import Matched, match_columns
from landmap.ingest.faults import Fault
from landmap.ingest.profiles import Profile, Rule


def match_as_agreed(
    columns: Mapping[str, Sequence[Any]],
    layer: Layer,
    district: District,
    *,
    may_be_cut: bool,
    profile: Profile | None,
    agreed: Callable[[Fault], bool],
) -> tuple[Matched, tuple[Fault, ...]]:
    """Return the columns of a layer as `match_columns` does, and the faults whose proposals were taken up.

    An accepted proposal is a rule of this one check: it leaves a column out, or keeps it in an internal field.
    """
    known = profile or Profile("", layer.name)
    taken: list[Fault] = []
    while True:
        matched = match_columns(columns, layer, district, may_be_cut=may_be_cut, profile=known if taken else profile)
        done = {(fault.code, fault.field) for fault in taken}
        fresh = [one for one in matched.faults if one.proposal and (one.code, one.field) not in done and agreed(one)]
        if not fresh:
            break
        taken += fresh
        known = replace(known, columns={**known.columns, **dict(_rule(fault) for fault in fresh)})
    left = [Fault("column_left", field=one.field, value=one.field) for one in taken if _rule(one)[1].field is None]
    return replace(matched, faults=[*matched.faults, *left]), tuple(taken)


def _rule(fault: Fault) -> tuple[str, Rule]:
    assert fault.proposal is not None
    (change,) = fault.proposal.changes
    return change.field, Rule(change.after)
