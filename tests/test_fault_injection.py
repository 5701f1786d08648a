"""Every kind of fault, planted alone and many at once in a clean district, is in one report where it was planted."""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landmap.ingest import Finding, Report
from landmap.ingest.checks import CHECKS
from landmap.ingest.report import templates
from tests.clean_garden import checked, garden, row_of
from tests.fault_garden import FLAWS
from tests.planting import Flaw
from tests.sizes import sized

AT_ONCE = 20
#: What can only be told of a whole file, or of a great many records; each has a test of its own.
ELSEWHERE = {
    "overlaps_unlisted",
    "required_column_missing",
    "key_missing",
    "reference_unchecked",
    "geometry_hole_sliver",
}
LAYERS = tuple(garden())


def name_of(flaw: Flaw) -> str:
    return f"{flaw.layer}: {flaw.name}"


def plant(records: list[Any], flaws: Iterable[Flaw], start: int = 1) -> list[tuple[Flaw, int | None]]:
    """Plant flaws of one layer at pairs of records of their own; return where each must be told."""
    found = []
    for number, flaw in enumerate(flaws):
        place = flaw.plant(records, 2 * (start + number), 2 * (start + number) + 1)
        found.append((flaw, None if place is None else row_of(flaw.layer, place)))
    return found


def told(report: Report, flaw: Flaw, row: int | None) -> list[Finding]:
    """Return the findings that tell a flaw where it was planted."""
    return [
        one
        for one in report.findings
        if (one.code, one.field) == (flaw.code, flaw.field) and (row is None or row in one.rows)
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_clean_layer_has_no_finding_at_all(layer: str, tmp_path: Path) -> None:
    staged, report = checked(tmp_path, layer, garden()[layer])
    assert report.findings == ()
    assert staged is not None
    assert len(staged.frame) == len(garden()[layer])


@pytest.mark.parametrize("flaw", FLAWS, ids=name_of)
def test_a_fault_is_told_at_its_row_and_field_and_nothing_else_is(flaw: Flaw, tmp_path: Path) -> None:
    records = garden()[flaw.layer]
    ((_, row),) = plant(records, [flaw])
    _, report = checked(tmp_path, flaw.layer, records, more=flaw.more())
    assert told(report, flaw, row), [(one.code, one.rows, one.field) for one in report.findings]
    assert {one.code for one in report.findings} - {flaw.code} <= flaw.also
    if not flaw.more():
        assert {number for one in report.findings for number in one.rows} <= {row}


@pytest.mark.parametrize("flaw", [flaw for flaw in FLAWS if flaw.heals], ids=name_of)
def test_an_accepted_proposal_gives_back_the_clean_record_and_is_written_down(flaw: Flaw, tmp_path: Path) -> None:
    records = garden()[flaw.layer]
    ((_, row),) = plant(records, [flaw])
    clean, _ = checked(tmp_path, flaw.layer, garden()[flaw.layer])
    _, report = checked(tmp_path, flaw.layer, records)
    (finding,) = told(report, flaw, row)
    assert finding.key is not None
    healed, report = checked(tmp_path, flaw.layer, records, accept=[finding.key])
    assert clean is not None
    assert healed is not None
    assert {one.code for one in report.findings} <= {"corrected"} | (flaw.also - {"bound_disagrees"})
    assert {(one["key"], one["code"], one["row"]) for one in healed.corrections} == {(finding.key, flaw.code, row)}
    assert_same(healed.frame, clean.frame, flaw)


def assert_same(healed: pd.DataFrame, clean: pd.DataFrame, flaw: Flaw) -> None:
    """Compare what a healed record says with the clean one; areas drawn anew and texts with their source differ."""
    name = flaw.field
    if name == "geometry":
        assert shapely.equals(healed["geometry"], clean["geometry"]).all()
        return
    names = [name]
    if name.startswith("planning_raw."):
        texts = [json.loads(text) for text in healed["planning_raw"]]
        assert any("原文" in text.get(name.removeprefix("planning_raw."), "") for text in texts)
        names = [f"{name.removeprefix('planning_raw.')}_max{end}" for end in ("", "_pct")]
        names = [one for one in names if one in healed.columns]
    for one in names:
        if pd.api.types.is_numeric_dtype(clean[one]):
            left, right = (frame[one].to_numpy(float, na_value=np.nan) for frame in (healed, clean))
            np.testing.assert_allclose(left, right, rtol=1e-3)
        else:
            pd.testing.assert_series_equal(healed[one], clean[one])


many = st.lists(st.sampled_from(FLAWS), min_size=AT_ONCE, max_size=AT_ONCE, unique_by=name_of)


@settings(max_examples=sized(12, 400), suppress_health_check=[HealthCheck.too_slow])
@given(flaws=many, start=st.integers(0, 2))
def test_twenty_faults_at_once_are_all_told_in_one_report(flaws: list[Flaw], start: int) -> None:
    for layer in LAYERS:
        own = [flaw for flaw in flaws if flaw.layer == layer]
        if own:
            assert_all_told(layer, own, start)


@settings(max_examples=sized(8, 300), suppress_health_check=[HealthCheck.too_slow])
@given(
    flaws=st.lists(
        st.sampled_from([flaw for flaw in FLAWS if flaw.layer == "parcels"]),
        min_size=AT_ONCE,
        max_size=AT_ONCE,
        unique_by=name_of,
    )
)
def test_twenty_faults_of_one_file_are_all_told_in_one_report(flaws: list[Flaw]) -> None:
    assert_all_told("parcels", flaws, 0)


def assert_all_told(layer: str, flaws: list[Flaw], start: int) -> None:
    records = garden()[layer]
    planted = plant(records, flaws, start)
    more = {name: frame for flaw in flaws for name, frame in flaw.more().items()}
    with TemporaryDirectory() as folder:
        _, report = checked(Path(folder), layer, records, more=more)
    missed = [(name_of(flaw), row) for flaw, row in planted if not told(report, flaw, row)]
    assert missed == [], [(one.code, one.rows, one.field) for one in report.findings]


def test_every_check_has_a_planted_fault_for_every_finding_it_makes() -> None:
    planted = {(flaw.layer, flaw.code) for flaw in FLAWS}
    codes = {code for _, code in planted}
    assert {code for check in CHECKS for code in check.codes} - codes <= ELSEWHERE
    assert codes <= templates().keys()
    for layer, code in planted:
        checks = [check for check in CHECKS if code in check.codes]
        assert all(not check.layers or any(layer in one.layers for one in checks) for check in checks)
