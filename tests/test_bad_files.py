"""What a steward may bring by mistake: each case is told by its own finding, with its row, its words and advice."""

import re
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from landmap.ingest import Finding, check
from tests.bad_files import files, shapes, tables
from tests.bad_files.making import OPEN_RING, Case, parcel_csv
from tests.making_files import (
    feature,
    town,
    write_geojson,
)

CASES: Final = files.CASES | shapes.CASES | tables.CASES


def told(folder: Path, case: Case) -> tuple[list[Finding], list[str | None]]:
    _, report = check([case.make(folder)], case.layer, town())
    return [one for one in report.findings if one.code == case.code], [one.refused for one in report.inputs]


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_told_what_is_wrong_and_where(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found, refused = told(tmp_path, case)
    assert found, f"no {case.code}"
    assert case.says in " ".join(one.message for one in found)
    assert case.row in {one.row for one in found}
    assert any(refused) is case.refused


@pytest.mark.parametrize("name", CASES)
def test_every_bad_file_is_also_told_in_english_with_advice(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found, _ = told(tmp_path, case)
    for one in found:
        english = one.told("en")
        assert english.message != one.message
        assert not re.search(r"\{[a-z_]+\}", english.message + english.fix)
        assert one.severity == "info" or (one.fix and english.fix)


def test_there_are_over_sixty_kinds_of_bad_file() -> None:
    assert len(CASES) >= 60


def test_a_file_past_the_size_cap_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmap.ingest.door.MAX_BYTES", 10)
    _, report = check([write_geojson(tmp_path / "a.geojson", feature())], "parcels", town())
    assert [one.code for one in report.findings] == ["file_too_large"]


def test_good_rows_are_not_lost_for_bad_ones(tmp_path: Path) -> None:
    rows = (feature(), None, feature(1, geometry=None), feature(2), feature(3, geometry=OPEN_RING))
    path = write_geojson(tmp_path / "a.geojson", *rows)
    staged, report = check([path], "parcels", town())
    assert staged is not None
    assert list(staged.frame.parcel_id) == ["P0", "P2"]
    assert (report.inputs[0].rows_read, report.inputs[0].rows_accepted) == (5, 2)
    assert {one.row for one in report.findings if one.severity == "error"} == {2, 3, 5}


def test_what_cannot_be_read_is_unknown_and_never_zero(tmp_path: Path) -> None:
    staged, _ = check([parcel_csv("净用地面积", "很大", "/", "", "0.5万㎡")(tmp_path)], "parcels", town())
    assert staged is not None
    np.testing.assert_array_equal(staged.frame.net_area_m2.to_numpy(), [np.nan, np.nan, np.nan, 5000])
