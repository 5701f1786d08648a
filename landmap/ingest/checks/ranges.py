"""A value by itself: within the bounds of its field, in its form, of a size that is usual."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from landmap.domain import Field
from landmap.ingest.checks.batch import Batch, Check, Cure, Mask
from landmap.ingest.faults import Fault, Proposal
from landmap.ingest.values import masked

#: What figures usually are; outside it a decimal point was probably lost.
#: Source: domain reference §2.3, sanity bands for validation.
USUAL: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "floor_area_ratio_min": (0.3, 15),
        "floor_area_ratio_max": (0.3, 15),
        "building_coverage_ratio_min_pct": (5, 90),
        "building_coverage_ratio_max_pct": (5, 90),
        "green_space_ratio_min_pct": (0, 60),
        "green_space_ratio_max_pct": (0, 60),
        "height_limit_m": (6, 350),
    }
)
#: Limits of which 0 says that none was entered, as export programs fill empty cells.
_ZERO_IS_NONE: Final = frozenset({"floor_area_ratio_max", "building_coverage_ratio_max_pct", "height_limit_m"})
#: Per mu and per hectare differ by this; above these a figure per mu was probably given per hectare.
#: Source: domain reference §3.5, whose notices say 50 to 350 of investment, 8 to 25 of tax, 250 to 400 of output.
MU_PER_HECTARE: Final = 15.0
PER_MU_SUSPECT: Final[Mapping[str, float]] = MappingProxyType(
    {
        "investment_intensity_10k_cny_per_mu": 1500,
        "tax_per_mu_10k_cny": 150,
        "output_per_mu_10k_cny": 3750,
        "value_added_per_mu_10k_cny": 1500,
    }
)
#: Percentages that are never one or less: there a share was written where a percentage belongs.
_NEVER_ONE: Final = (
    "building_coverage_ratio_min_pct",
    "building_coverage_ratio_max_pct",
    "green_space_ratio_min_pct",
    "green_space_ratio_max_pct",
    "efficiency_ratio_pct",
    "occupancy_rate_pct",
)


def not_shares(batch: Batch) -> Iterator[Fault]:
    """Yield percentages that look like shares of one; they become unknown until somebody agrees to the percentage."""
    for name in _NEVER_ONE:
        if batch.values(name) is None:
            continue
        numbers = batch.numbers(name)
        wrong = (numbers > 0) & (numbers <= 1)
        if not wrong.any():
            continue
        words = {"others": int((numbers > 1).sum())}
        yield from batch.faults("share_not_percent", wrong, name, words, proposal=batch.scaled(name, 100))
        batch.set_aside(name, np.flatnonzero(wrong).tolist())


def not_per_hectare(batch: Batch) -> Iterator[Fault]:
    """Yield figures per mu that are so large that they were probably given per hectare; they stay as they are."""
    for name, most in PER_MU_SUSPECT.items():
        if batch.values(name) is None:
            continue
        numbers = batch.numbers(name)
        inside = numbers <= (batch.layer.fields[name].maximum or np.inf)
        yield from batch.faults(
            "per_hectare_suspected", (numbers > most) & inside, name, proposal=batch.scaled(name, 1 / MU_PER_HECTARE)
        )


def no_zero_limits(batch: Batch) -> Iterator[Fault]:
    """Yield upper limits of zero, which become unknown: nothing could be built."""
    for name in sorted(_ZERO_IS_NONE & batch.columns.keys()):
        zero = batch.numbers(name) == 0
        if zero.any():
            yield from batch.faults("limit_zero", zero, name)
            batch.set_aside(name, np.flatnonzero(zero).tolist())


def within_bounds(batch: Batch) -> Iterator[Fault]:
    """Yield values outside the bounds of their field, which become unknown, and those that are only unusual.

    Bounds other than "not negative" are those of Chinese districts; others may switch them off.
    """
    for name in list(batch.columns):
        field = batch.layer.fields[name]
        if not field.kind.numeric:
            continue
        numbers = batch.numbers(name)
        wrong = _outside(numbers, field, chinese=batch.chinese)
        if wrong.any():
            words = {"minimum": _shown(field.minimum), "maximum": _shown(field.maximum)}
            cure = _per_mu(name, batch) if name in PER_MU_SUSPECT else None
            yield from batch.faults("value_out_of_range", wrong, name, words, proposal=cure)
        if batch.chinese and name in USUAL:
            low, high = USUAL[name]
            unusual = ((numbers < low) | (numbers > high)) & ~wrong
            yield from batch.faults("implausible_value", unusual, name, {"minimum": low, "maximum": high})
        if wrong.any():
            batch.set_aside(name, np.flatnonzero(wrong).tolist())


def _outside(numbers: Any, field: Field, *, chinese: bool) -> Mask:
    low, high = field.minimum, field.maximum
    wrong = np.zeros(len(numbers), dtype=np.bool_)
    if low is not None and (chinese or low == 0):
        wrong |= numbers <= low if field.exclusive_minimum else numbers < low
    if high is not None and chinese:
        wrong |= numbers > high
    return wrong


def _per_mu(name: str, batch: Batch) -> Cure:
    """Return what proposes a fifteenth where that is within bounds."""
    field, scaled = batch.layer.fields[name], batch.scaled(name, 1 / MU_PER_HECTARE)

    def proposed(index: int) -> Proposal | None:
        cure = scaled(index)
        fits = (field.minimum or 0) <= cure.changes[0].after <= (field.maximum or np.inf)
        return cure if fits else None

    return proposed


def _shown(bound: float | None) -> str:
    return "—" if bound is None else f"{bound:g}"


def in_form(batch: Batch) -> Iterator[Fault]:
    """Yield texts that are not in the form of their field, which become unknown; blanks and full width are put right.

    A district that has forms of its own (`chinese_ranges = false`) is not held to these.
    """
    for name, column in batch.columns.items():
        field = batch.layer.fields[name]
        if not field.pattern or not field.kind.textual:
            continue
        pattern = re.compile(field.pattern)
        odd = {value for value in set(column) if value is not None and not pattern.fullmatch(value)}
        if not odd:
            continue
        for index, value in enumerate(column):
            if value in odd:
                yield _misformed(batch, field, pattern, index, value)


def _misformed(batch: Batch, field: Field, pattern: re.Pattern[str], index: int, value: str) -> Fault:
    row = int(batch.rows[index])
    tidy = "".join(unicodedata.normalize("NFKC", value).split()).upper()
    if pattern.fullmatch(tidy):
        batch.columns[field.name][index] = tidy
        return Fault("code_respelled", row, field.name, value, {"tidy": tidy})
    batch.columns[field.name][index] = None
    if masked(value):
        return Fault("value_masked", row, field.name, value)
    return Fault("pattern_unmet", row, field.name, value, {"help": field.help_zh, "help_en": field.help_en})


CHECKS: Final = (
    Check(not_shares, ("share_not_percent",), ("parcels", "buildings"), chinese=True),
    Check(not_per_hectare, ("per_hectare_suspected",), ("standard_land_indices",), chinese=True),
    Check(no_zero_limits, ("limit_zero",), ("parcels",)),
    Check(within_bounds, ("value_out_of_range", "implausible_value")),
    Check(in_form, ("pattern_unmet", "code_respelled", "value_masked"), chinese=True),
)
