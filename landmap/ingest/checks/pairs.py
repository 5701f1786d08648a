"""Two fields of one record of which one cannot be above the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from landmap.domain import Kind
from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Change, Fault, Proposal


class _Pair(NamedTuple):
    """`small` is at most `large`; where the two are the ends of one range, exchanging them is the cure."""

    small: str
    large: str
    code: str = "pair_reversed"
    ends: bool = True


_PAIRS: Final[Mapping[str, tuple[_Pair, ...]]] = MappingProxyType(
    {
        "parcels": (
            _Pair("net_area_m2", "gross_area_m2", "net_area_exceeds_gross", ends=False),
            _Pair("height_min_m", "height_limit_m"),
            _Pair("gfa_min_m2", "gfa_max_m2"),
            _Pair("right_start_on", "right_end_on"),
        ),
        "buildings": (
            _Pair("available_area_m2", "rentable_area_m2", "available_exceeds_rentable", ends=False),
            _Pair("rentable_area_m2", "gross_floor_area_m2", "rentable_exceeds_gross", ends=False),
            _Pair("rent_min_cny_m2_day", "rent_max_cny_m2_day"),
            _Pair("clear_height_m", "floor_height_m", "clear_height_exceeds_floor_height", ends=False),
        ),
        "building_units": (_Pair("usable_area_m2", "unit_area_m2", ends=False),),
        "parks": (_Pair("gfa_used_m2", "gfa_total_m2", ends=False),),
        "site_assessments": (_Pair("done_on", "valid_until"),),
        "constraints": (_Pair("valid_from", "valid_to"),),
    }
)


def in_order(batch: Batch) -> Iterator[Fault]:
    """Yield every pair whose smaller side is the larger."""
    for pair in _PAIRS.get(batch.layer.name, ()):
        if batch.values(pair.small) is None or batch.values(pair.large) is None:
            continue
        if batch.layer.fields[pair.small].kind is Kind.DATE:
            wrong = np.less(batch.days(pair.large), batch.days(pair.small))
        else:
            wrong = batch.numbers(pair.small) > batch.numbers(pair.large)
        yield from _told(batch, pair, wrong)


def _told(batch: Batch, pair: _Pair, wrong: Any) -> list[Fault]:
    small, large = batch.columns[pair.small], batch.columns[pair.large]

    def words(index: int) -> dict[str, object]:
        return {"small": pair.small, "large": pair.large, "low": small[index], "high": large[index]}

    def swapped(index: int) -> Proposal:
        low, high = small[index], large[index]
        return Proposal("swap", (Change(pair.small, low, high), Change(pair.large, high, low)))

    told = pair.large if pair.code == "net_area_exceeds_gross" else pair.small
    return batch.faults(
        pair.code,
        wrong,
        told,
        words,
        value=lambda index: f"{small[index]} > {large[index]}",
        proposal=swapped if pair.ends else None,
    )


CHECKS: Final = (
    Check(
        in_order,
        (
            "net_area_exceeds_gross",
            "available_exceeds_rentable",
            "rentable_exceeds_gross",
            "clear_height_exceeds_floor_height",
            "pair_reversed",
        ),
        tuple(_PAIRS),
    ),
)
