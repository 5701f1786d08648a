"""What the planning conditions of a parcel say against each other, and whether they still hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.dates import years_after
from landmap.ingest.faults import Fault

#: Statutory maxima of land-use terms, in years. Source: 城镇国有土地使用权出让和转让暂行条例 12 条.
TERM_MAX: Final[Mapping[str, int]] = MappingProxyType(
    {
        "住宅": 70, "居住": 70, "residential": 70,
        "商业": 40, "商务": 40, "商服": 40, "旅游": 40, "娱乐": 40, "零售": 40, "酒店": 40, "commercial": 40,
    }
)  # fmt: skip
TERM_MAX_OTHER: Final = 50
#: Metres that a permitted storey usually takes. Mark: own, from the floor heights of domain reference §10.4.
STOREY_M: Final = (2.2, 12.0)
#: How far the permitted floor area may lie off area times ratio. Source: domain reference §10.1, `gfa_max_m2`.
GFA_WITHIN: Final = 0.02
_CLOSED_STAGES: Final = ("sold", "withdrawn", "off_market", "promoted")


def not_lapsed(batch: Batch) -> Iterator[Fault]:
    """Yield planning conditions that are older than the district lets them hold, of parcels not yet under contract."""
    years = batch.district.rules.planning_conditions_valid_years
    if not years or batch.values("planning_conditions_issued_on") is None:
        return
    limit = np.datetime64(years_after(batch.today, -years))
    old = batch.days("planning_conditions_issued_on") < limit
    stale = old & ~batch.among("supply_stage", _CLOSED_STAGES)
    yield from batch.faults("planning_conditions_stale", stale, "planning_conditions_issued_on", {"years": years})


def height_fits_storeys(batch: Batch) -> Iterator[Fault]:
    """Yield height limits that the permitted number of storeys cannot have been meant with."""
    height, floors = batch.numbers("height_limit_m"), batch.numbers("floors_max")
    low, high = STOREY_M
    wrong = (height < low * floors) | (height > high * floors)
    yield from batch.faults(
        "height_disagrees_floors", wrong, "height_limit_m", lambda index: {"floors": int(floors[index])}
    )


def floor_area_follows(batch: Batch) -> Iterator[Fault]:
    """Yield permitted floor areas that are not land area times floor area ratio, within 2 %."""
    if batch.values("gfa_max_m2") is None:
        return
    permitted, area = batch.numbers("gfa_max_m2"), batch.declared_area()
    implied = area * batch.numbers("floor_area_ratio_max")
    wrong = np.abs(permitted - implied) > GFA_WITHIN * implied
    yield from batch.faults("gfa_disagrees", wrong, "gfa_max_m2", lambda index: {"implied": f"{implied[index]:,.1f}"})


def terms_lawful(batch: Batch) -> Iterator[Fault]:
    """Yield land-use terms above the statutory maximum of their use."""
    column = batch.values("term_years") or ()
    for index, terms in enumerate(column):
        for term in terms or ():
            fault = _term(term, int(batch.rows[index]))
            if fault is not None:
                yield fault


def _term(term: Any, row: int) -> Fault | None:
    years, use = (term.get("years"), str(term.get("use") or "")) if isinstance(term, dict) else (None, "")
    most = next((most for word, most in TERM_MAX.items() if word in use), TERM_MAX_OTHER)
    if not isinstance(years, int | float) or years <= (most if use else max(TERM_MAX.values())):
        return None
    return Fault("term_exceeds_statutory", row, "term_years", years, {"use": use or "—", "most": most})


def shares_add_up(batch: Batch) -> Iterator[Fault]:
    """Yield mixed uses whose shares are more than the whole."""
    for index, uses in enumerate(batch.values("mixed_uses") or ()):
        if not uses:
            continue
        shares = [part.get("share_pct") for part in uses if isinstance(part, dict)]
        total = sum(share for share in shares if isinstance(share, int | float))
        if total > 100.01:
            yield Fault("shares_exceed_hundred", int(batch.rows[index]), "mixed_uses", total)


CHECKS: Final = (
    Check(not_lapsed, ("planning_conditions_stale",), ("parcels",)),
    Check(height_fits_storeys, ("height_disagrees_floors",), ("parcels",), chinese=True),
    Check(floor_area_follows, ("gfa_disagrees",), ("parcels",)),
    Check(terms_lawful, ("term_exceeds_statutory",), ("parcels",), chinese=True),
    Check(shares_add_up, ("shares_exceed_hundred",), ("parcels",)),
)
