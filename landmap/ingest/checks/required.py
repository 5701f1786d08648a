"""What has to be known: in every record, or in one that says something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from landmap.domain import Kind
from landmap.ingest.checks.batch import Batch, Check
from landmap.ingest.faults import Fault


class _Need(NamedTuple):
    """Where `field` holds `value` (None: any value), `needed` has to be known."""

    layer: str
    field: str
    value: str | None
    needed: str


#: Source: domain reference §10.3 and §10.10, column "validation"; the basis of a price has a finding of its own.
_NEEDS: Final = (
    _Need("site_assessments", "status", "done", "conclusion"),
    _Need("site_assessments", "status", "covered_by_regional", "regional_assessment_ref"),
    _Need("redevelopments", "status", "completed", "completed_on"),
)


def filled(batch: Batch) -> Iterator[Fault]:
    """Yield required values that are unknown: one finding for a field nobody filled, otherwise one per record."""
    for field in batch.layer.fields.values():
        if field.nullable or field.derived or field.kind is Kind.GEOMETRY or field.name in batch.layer.key:
            continue
        values = batch.values(field.name)
        if values is None or all(value is None for value in values):
            yield Fault("required_column_missing", field=field.name)
        elif None in values:
            yield from batch.faults("required_value_missing", ~batch.known(field.name), field.name)


def filled_when(batch: Batch) -> Iterator[Fault]:
    """Yield values that are unknown although another one asks for them."""
    for need in _NEEDS:
        if need.layer != batch.layer.name:
            continue
        asked = batch.known(need.field) if need.value is None else batch.among(need.field, (need.value,))
        missing = asked & ~batch.known(need.needed)
        yield from batch.faults("needed_missing", missing, need.needed, {"when": need.field, "is": need.value})


def standard_land_true(batch: Batch) -> Iterator[Fault]:
    """Yield parcels of standard land for which the version holds no row of indices."""
    indices = batch.beside.get("standard_land_indices")
    if indices is None:
        return
    with_rows = batch.among("parcel_id", indices["parcel_id"])
    yield from batch.faults(
        "standard_land_unlisted", batch.among("standard_land", (True,)) & ~with_rows, "standard_land"
    )


CHECKS: Final = (
    Check(filled, ("required_column_missing", "required_value_missing"), whole=True),
    Check(filled_when, ("needed_missing",), ("site_assessments", "redevelopments"), whole=True),
    Check(standard_land_true, ("standard_land_unlisted",), ("parcels",)),
)
