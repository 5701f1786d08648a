"""The demo district passes its own door: every record is accepted, and the flaws planted in it are found."""

import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from landmap.domain import District
from landmap.ingest import Report, StagedLayer, check

LICANG = Path(__file__).parents[1] / "geodata" / "licang"
FILES = {
    path.stem: path
    for path in sorted(LICANG.iterdir())
    if path.suffix in (".geojson", ".csv") and path.stem != "basemap"
}


@cache
def imported(layer: str) -> tuple[StagedLayer | None, Report]:
    district = District.from_toml(LICANG / "district.toml")
    return check([FILES[layer]], layer, district, today=dt.date(2026, 11, 22))


@pytest.mark.parametrize("layer", FILES)
def test_every_record_of_the_demo_is_accepted(layer: str) -> None:
    staged, report = imported(layer)
    assert staged is not None
    assert [one for one in report.findings if one.severity == "error"] == []
    assert len(staged.frame) == report.inputs[0].rows_read == report.inputs[0].rows_accepted > 0


@pytest.mark.parametrize("layer", FILES)
def test_every_column_of_the_demo_is_a_field(layer: str) -> None:
    _, report = imported(layer)
    strange = {"column_unmatched", "column_ambiguous", "field_twice", "column_values_unlike", "required_column_missing"}
    assert [one for one in report.findings if one.code in strange] == []


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("parcels", "area_differs"),
        ("parcels", "net_area_exceeds_gross"),
        ("parcels", "interval_reversed"),
        ("parcels", "planning_conditions_stale"),
        ("parcels", "deposit_below_fifth"),
        ("parcels", "term_exceeds_statutory"),
        ("parcels", "implausible_value"),
        ("buildings", "available_exceeds_rentable"),
        ("buildings", "rent_looks_monthly"),
        ("buildings", "clear_height_exceeds_floor_height"),
    ],
)
def test_the_planted_flaws_are_found(layer: str, code: str) -> None:
    _, report = imported(layer)
    assert code in {one.code for one in report.findings}


def test_what_a_text_permits_is_what_the_demo_says_it_permits() -> None:
    _, report = imported("parcels")
    assert [one for one in report.findings if one.code == "bound_disagrees"] == []
