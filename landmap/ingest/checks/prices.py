"""Prices: their basis, their unit, and what they come to per square metre of land."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from landmap.ingest.checks.batch import Batch, Check, Numbers
from landmap.ingest.faults import Fault

#: What land of a district usually costs, 元/㎡; a price off by 万 lies outside by orders. Mark: own.
LAND_PRICE_USUAL: Final = (30.0, 100_000.0)
_WAN: Final = 10_000.0
#: A deposit is at least this share of the starting price. Source: domain reference §3.4.
DEPOSIT_SHARE_MIN: Final = 0.2
_PRICES: Final = {"parcels": "starting_price_10k_cny", "supply_events": "price_10k_cny"}


def has_basis(batch: Batch) -> Iterator[Fault]:
    """Yield starting prices that do not say whether they are totals or per area."""
    missing = batch.known("starting_price_10k_cny") & ~batch.known("starting_price_basis")
    yield from batch.faults("price_basis_missing", missing, "starting_price_basis")


def deposit_high_enough(batch: Batch) -> Iterator[Fault]:
    """Yield deposits below a fifth of a total starting price."""
    price, deposit = batch.numbers("starting_price_10k_cny"), batch.numbers("deposit_10k_cny")
    low = batch.among("starting_price_basis", ("total",)) & (price > 0) & (deposit < DEPOSIT_SHARE_MIN * price)
    yield from batch.faults("deposit_below_fifth", low, "deposit_10k_cny", lambda index: {"price": float(price[index])})


def in_ten_thousands(batch: Batch) -> Iterator[Fault]:
    """Yield total prices whose price per square metre of land tells that yuan and 万元 were mixed up."""
    field = _PRICES[batch.layer.name]
    if batch.values(field) is None:
        return
    per_m2 = _per_m2(batch, field)
    low, high = LAND_PRICE_USUAL
    for factor, wrong in ((1 / _WAN, per_m2 > high), (_WAN, per_m2 < low)):
        mended = per_m2 * factor
        fits = wrong & (mended >= low) & (mended <= high)
        yield from batch.faults(
            "price_unit_suspected",
            fits,
            field,
            lambda index: {"per_m2": f"{per_m2[index]:,.2f}"},
            proposal=batch.scaled(field, factor),
        )


def above_the_benchmark(batch: Batch) -> Iterator[Fault]:
    """Yield starting prices that come to less per square metre than the least the land may be granted for."""
    per_m2, least = _per_m2(batch, "starting_price_10k_cny"), batch.numbers("benchmark_price_cny_m2")
    low = (per_m2 < least) & (per_m2 >= LAND_PRICE_USUAL[0])
    yield from batch.faults(
        "price_below_benchmark",
        low,
        "starting_price_10k_cny",
        lambda index: {"per_m2": f"{per_m2[index]:,.1f}", "least": float(least[index])},
    )


def _per_m2(batch: Batch, field: str) -> Numbers:
    """Return a total price per square metre of land, yuan; NaN where price or area is unknown, or no total is meant."""
    price = batch.numbers(field)
    if batch.layer.name == "parcels":
        price = np.where(batch.among("starting_price_basis", ("total",)), price, np.nan)
        area = batch.declared_area()
    else:
        area = batch.numbers("area_m2")
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Numbers = np.where((price > 0) & (area > 0), price * _WAN / area, np.nan)
    return found


CHECKS: Final = (
    Check(has_basis, ("price_basis_missing",), ("parcels",), whole=True),
    Check(deposit_high_enough, ("deposit_below_fifth",), ("parcels",)),
    Check(in_ten_thousands, ("price_unit_suspected",), tuple(_PRICES), chinese=True),
    Check(above_the_benchmark, ("price_below_benchmark",), ("parcels",)),
)
