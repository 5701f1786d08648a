"""What the manifest says of a layer's sources: who brought a file when, how, and what was put right in it."""

from pathlib import Path
from typing import Any

import pytest

from landmap import pipeline
from landmap.domain import layer_named
from landmap.ingest import InputReport, Report, StagedLayer, filled_in
from landmap.ingest.report import Finding
from landmap.store import Home, staged
from tests.hamlet import make_home, parcels


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def correction(file: str, layer: str, row: int) -> dict[str, Any]:
    told = {"code": "interval_reversed", "kind": "swap", "key": f"k{row}", "file": file, "layer": layer, "row": row}
    return {**told, "id": f"P{row}", "field": "height_min_m", "from": 60, "to": 24}


def checked(*corrections: dict[str, Any], findings: tuple[Finding, ...] = ()) -> StagedLayer:
    sources = tuple({"name": name, "sha256": name} for name in ("a.gpkg#北", "a.gpkg#南", "b.csv"))
    report = Report((InputReport("a.gpkg"),), findings)
    return StagedLayer("parcels", parcels("A"), sources, report, corrections)


def sources(home: Home) -> dict[str, Any]:
    snapshot = pipeline.publish_staged(home, by="", note="")
    return {one["name"]: one for one in snapshot.manifest["layers"]["parcels"]["sources"]}


def test_corrections_stand_with_the_file_they_were_made_in(home: Home) -> None:
    made = (correction("a.gpkg", "南", 3), correction("b.csv", "b", 4), correction("b.csv", "b", 5))
    pipeline.stage_layer(home, checked(*made), mode="append", by="李工")
    found = sources(home)
    assert "corrections" not in found["a.gpkg#北"]
    assert found["a.gpkg#南"]["corrections"] == [made[0]]
    assert found["b.csv"]["corrections"] == [made[1], made[2]]
    assert {(one["imported_by"], one["mode"]) for one in found.values()} == {("李工", "append")}


def test_a_correction_whose_file_is_not_named_is_not_lost(home: Home) -> None:
    pipeline.stage_layer(home, checked(correction("elsewhere.csv", "x", 1)))
    assert [one["row"] for one in sources(home)["a.gpkg#北"]["corrections"]] == [1]


def test_what_was_corrected_makes_another_version_and_who_brought_it_does_not(home: Home) -> None:
    def version(*corrections: dict[str, Any], by: str) -> str:
        pipeline.stage_layer(home, checked(*corrections), by=by)
        return pipeline.publish_staged(home, by=by, note="").id

    first = version(by="李")
    assert version(by="王") == first
    assert version(correction("b.csv", "b", 4), by="李") != first


def test_what_the_check_filled_in_waits_with_the_layer(home: Home) -> None:
    def note(field: str, value: Any) -> Finding:
        return Finding("filled_default", "info", "a.gpkg", "北", None, field, value, "", "")

    filled = (("visibility", "internal"), ("source_ref", "a.gpkg"), ("source_ref", "b.csv"))
    layer = checked(findings=tuple(note(field, value) for field, value in filled))
    defaults = filled_in(layer.report, layer_named("parcels"))
    assert defaults["visibility"] == ("internal",)
    assert defaults["source_ref"] == ("a.gpkg", "b.csv")
    assert defaults["floor_area_ratio_basis"] == ("unspecified",)
    pipeline.stage_layer(home, layer)
    waiting = staged(home)["parcels"]
    assert waiting.defaults == defaults
    assert waiting.bounds["floor_area_ratio"][:2] == ("floor_area_ratio_min", "floor_area_ratio_max")
    assert waiting.bounds["height_limit"] == ("height_min_m", "height_limit_m", "floors_max")
