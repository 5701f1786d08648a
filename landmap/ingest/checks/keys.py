"""What identifies a record: its key, its number, and the official codes it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Fault

#: A cadastral code starts with the county's six digits, a unit's code with the nineteen characters of its parcel.
_COUNTY, _PARCEL = 6, 19
#: What no two records have together, the number people know last. Source: domain reference §10.1 and §10.5.
_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"parcels": ("district_code", "parcel_no"), "building_units": ("building_id", "floor_no", "unit_no")}
)
_CODES: Final = ("cadastral_parcel_code", "real_estate_unit_code")


def known_once(batch: Batch) -> Iterator[Fault]:
    """Yield records without their key, and every second record of one key."""
    columns = [batch.columns.get(name) or [None] * len(batch) for name in batch.layer.key]
    if len(columns) == 1 and None not in columns[0] and len(set(columns[0])) == len(batch):
        return
    seen: dict[tuple[Any, ...], int] = {}
    for row, key in zip(batch.rows.tolist(), zip(*columns, strict=True), strict=True):
        if None in key:
            yield Fault("key_missing", row, batch.layer.key[key.index(None)])
            continue
        first = seen.setdefault(key, row)
        if first != row:
            yield Fault("key_duplicate", row, batch.layer.key[-1], " / ".join(map(str, key)), {"first": first})


def number_once(batch: Batch) -> Iterator[Fault]:
    """Yield parcels with the number of another one of the district, and units that share building, floor and door."""
    names = _TOGETHER[batch.layer.name]
    columns = [batch.columns[name] for name in names if name in batch.columns]
    if len(columns) < len(names):
        return
    if None not in columns[-1] and len(set(columns[-1])) == len(batch):
        return
    keys = list(zip(*columns, strict=True))
    if len(set(keys)) == len(keys):
        return
    seen: dict[Any, int] = {}
    for row, key in zip(batch.rows.tolist(), keys, strict=True):
        if None in key:
            continue
        first = seen.setdefault(key, row)
        if first != row:
            yield Fault("number_twice", row, names[-1], key[-1], {"first": first})


def of_this_district(batch: Batch) -> Iterator[Fault]:
    """Yield official codes whose first six digits are another county's."""
    own = batch.district.code
    for name in _CODES:
        column = batch.values(name)
        if column is None or len(own) != _COUNTY:
            continue
        strange = np.fromiter((code is not None and not code.startswith(own) for code in column), np.bool_, len(batch))
        yield from batch.faults("code_of_other_district", strange, name, {"own": own})


def unit_of_its_parcel(batch: Batch) -> Iterator[Fault]:
    """Yield unit codes that do not begin with the cadastral code beside them."""
    units, parcels = batch.values("real_estate_unit_code"), batch.values("cadastral_parcel_code")
    if units is None or parcels is None:
        return
    pairs = zip(units, parcels, strict=True)
    wrong = np.fromiter((bool(unit and parcel and unit[:_PARCEL] != parcel) for unit, parcel in pairs), np.bool_)
    yield from batch.faults(
        "unit_code_of_other_parcel", wrong, "real_estate_unit_code", lambda index: {"parcel": parcels[index]}
    )


CHECKS: Final = (
    Check(known_once, ("key_missing", "key_duplicate")),
    Check(number_once, ("number_twice",), ("parcels", "building_units")),
    Check(of_this_district, ("code_of_other_district",), ("parcels", "building_units"), chinese=True),
    Check(unit_of_its_parcel, ("unit_code_of_other_parcel",), ("parcels",)),
)
