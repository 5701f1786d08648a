"""The report: one shape for machines, plain words in two languages for people; a file's own words stay words."""

import re
from collections import Counter
from pathlib import Path

import pytest

from landmap.domain.errors import NotFoundError
from landmap.ingest import Finding, InputReport, Report, formats
from landmap.ingest import check_here as check
from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.report import GROUPED_FROM, ROWS_LISTED, group_key, key_of, place, place_all, templates
from tests.making_files import feature, town, write_geojson

ROOT = Path(__file__).parent.parent / "landmap" / "ingest"


def test_every_code_that_is_made_has_words_and_every_word_is_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py")))
    built = tuple(re.findall(r'Fault\(\s*f"(\w+_)\{', source))
    unused = [code for code in templates() if f'"{code}"' not in source and not (built and code.startswith(built))]
    assert unused == []
    made = set(re.findall(r'(?:Fault|RefusedError|ShapeError|CellError)\(\s*"(\w+)"', source))
    assert made - templates().keys() == set()


def test_every_finding_says_what_in_both_languages_and_what_to_do_unless_it_is_a_note() -> None:
    for template in templates().values():
        assert all(template.message.values()), template.code
        assert re.search("[\u4e00-\u9fff]|^认", template.message["zh"]), template.code
        assert not re.search("[\u4e00-\u9fff]", template.message["en"]), template.code
        if template.severity != "info":
            assert all(template.fix.values()), template.code


def test_both_languages_name_the_same_things() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text)) - {"reason", "note", "help", "help_en", "value"}

    for template in templates().values():
        zh, en = (names(template.message[lang]) for lang in ("zh", "en"))
        assert {name.removesuffix("_zh") for name in zh} == {name.removesuffix("_en") for name in en}, template.code


def test_the_report_has_the_shape_that_machines_rely_on(tmp_path: Path) -> None:
    _, report = check([write_geojson(tmp_path / "a.geojson", feature(), None), tmp_path / "no.csv"], "parcels", town())
    told = report.as_dict()
    assert set(told) == {"inputs", "findings"}
    wanted = {"file", "layer", "format", "crs", "encoding", "rows_read", "rows_accepted", "refused"}
    assert all(wanted <= set(one) for one in told["inputs"])
    keys = ["code", "severity", "file", "layer", "row", "field", "value", "message", "fix"]
    keys += ["rows", "count", "proposal", "key", "title"]
    assert all(list(one) == keys for one in told["findings"])
    good, missing = told["inputs"]
    assert (good["file"], good["layer"], good["format"], good["encoding"]) == ("a.geojson", "a", "geojson", "utf-8")
    assert (good["rows_read"], good["rows_accepted"], good["refused"]) == (2, 1, None)
    assert (missing["file"], missing["refused"]) == ("no.csv", "文件不存在")


def test_a_report_is_ok_only_without_errors_and_refusals() -> None:
    note, wrong = place(Fault("height_dropped", 1), "a", None), place(Fault("geometry_missing", 1), "a", None)
    assert Report((InputReport("a"),), (note,)).ok
    assert not Report((InputReport("a"),), (note, wrong)).ok
    refused = Report((InputReport("a", refused="空"),), ())
    assert (refused.ok, refused.refused) == (False, refused.inputs)
    assert Report((), (note, wrong, wrong)).counts() == {"error": 2, "warning": 0, "info": 1}


def test_a_report_is_told_in_another_language_refusals_too(tmp_path: Path) -> None:
    _, report = check([tmp_path / "no.csv"], "parcels", town())
    english = report.told("en")
    assert english.inputs[0].refused == "The file does not exist"
    assert english.findings[0].fix == "Check the path and the name"
    assert english.told("zh") == report


def test_messages_are_given_in_the_language_asked_for(tmp_path: Path) -> None:
    _, report = check([tmp_path / "no.csv"], "parcels", town(), lang="en")
    assert report.findings[0].message == "The file does not exist"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{row} {value}", "{row} {value}"),
        ("甲\n乙\t丙", "甲 乙 丙"),
        ("x" * 500, "x" * 119 + "…"),
        ("\u202eabc\x00", "\ufffdabc\ufffd"),
        (float("inf"), "inf"),
        (10**30, str(10**30)),
        (1.5, 1.5),
        (True, True),
        (None, None),
    ],
)
def test_what_was_found_is_shown_short_printable_and_never_filled_in(value: object, shown: object) -> None:
    finding = place(Fault("number_malformed", 3, "net_area_m2", value), "a.csv", "a")
    assert finding.value == shown
    assert str("—" if shown is None else shown) in finding.message


def test_a_fault_that_repeats_is_one_finding_with_its_rows() -> None:
    wrong = [Fault("number_malformed", row, "net_area_m2", f"x{row}") for row in range(2, 102)]
    other = [Fault("number_malformed", row, "gross_area_m2", "y") for row in range(GROUPED_FROM - 1)]
    told = place_all([wrong[0], *other, *wrong[1:]], "a.csv", "a", "en")
    assert Counter(finding.field for finding in told) == {"net_area_m2": 1, "gross_area_m2": GROUPED_FROM - 1}
    first = told[0]
    assert (first.row, first.value, first.count) == (2, "x2", 100)
    assert first.rows == tuple(range(2, 102))
    assert first.message == "No number: x2; taken as unknown (100 rows alike)"
    assert first.as_dict()["cases"][7] == {"row": 9, "value": "x9"}
    assert first.told("zh").message == "不是数：x2；按未知处理（同类共 100 行）"


def test_faults_of_the_whole_layer_are_never_put_together() -> None:
    assert len(place_all([Fault("reader_said", value=str(number)) for number in range(50)], "a", None)) == 50


def test_a_great_many_rows_are_counted_and_only_the_first_are_listed() -> None:
    (told,) = place_all([Fault("height_dropped", row, "geometry") for row in range(ROWS_LISTED + 5)], "a", None)
    assert (told.count, len(told.rows), len(told.cases)) == (ROWS_LISTED + 5, ROWS_LISTED, ROWS_LISTED)


def scaled(row: int, before: float) -> Fault:
    cure = Proposal("scale", (Change("deposit_10k_cny", before, before / 10_000),))
    return Fault("price_unit_suspected", row, "deposit_10k_cny", before, {"per_m2": "1"}, cure)


def test_a_cure_is_told_with_a_key_that_stays_the_same_until_the_cell_changes() -> None:
    told = place(scaled(3, 20_000.0), "a.csv", "a")
    assert told.proposal == {"kind": "scale", "field": "deposit_10k_cny", "from": 20_000.0, "to": 2.0}
    assert told.key == key_of(scaled(3, 20_000.0), "a.csv", "a")
    others = {key_of(scaled(4, 20_000.0), "a.csv", "a"), key_of(scaled(3, 20_001.0), "a.csv", "a")}
    assert len(others | {told.key, key_of(scaled(3, 20_000.0), "b.csv", "a")}) == 4
    assert place(Fault("price_unit_suspected", 3, "deposit_10k_cny"), "a.csv", "a").key is None


def test_a_group_has_one_key_for_all_and_each_case_its_own() -> None:
    faults = [scaled(row, 20_000.0) for row in range(10)]
    (told,) = place_all(faults, "a.csv", "a")
    assert told.key == group_key(faults[0], "a.csv", "a")
    assert [case["key"] for case in told.cases] == [key_of(fault, "a.csv", "a") for fault in faults]


def test_what_changes_beside_the_field_itself_is_told_too() -> None:
    swap = Proposal("swap", (Change("gfa_min_m2", 9, 4), Change("gfa_max_m2", 4, 9)))
    told = place(Fault("pair_reversed", 1, "gfa_min_m2", "9 > 4", {}, swap), "a", None)
    assert told.proposal is not None
    assert told.proposal["also"] == [{"field": "gfa_max_m2", "from": 4, "to": 9}]


def test_a_finding_is_placed_in_file_layer_row_and_field() -> None:
    finding = place(Fault("code_unknown", 7, "supply_method", "赠送", {"list": "supply_method"}), "a.gpkg", "地块")
    assert isinstance(finding, Finding)
    assert (finding.file, finding.layer, finding.row, finding.field, finding.value) == (
        "a.gpkg",
        "地块",
        7,
        "supply_method",
        "赠送",
    )
    assert (finding.severity, finding.message) == ("warning", "取值不在代码表 supply_method 里：赠送；按未知处理")


def test_an_unknown_layer_is_the_callers_mistake_and_no_finding() -> None:
    with pytest.raises(NotFoundError, match="no layer is called"):
        check([], "lots", town())


def test_progress_is_told_for_every_input_and_at_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    check([tmp_path / "a.csv", tmp_path / "b.csv"], "parcels", town(), progress=lambda *step: told.append(step))
    assert told == [("a.csv", 0, 2), ("b.csv", 1, 2), ("parcels", 2, 2)]


def test_the_formats_on_offer_are_those_of_the_registry() -> None:
    assert set(formats()) >= {"gpkg", "flatgeobuf", "geoparquet", "shapefile", "xlsx", "geojson", "csv"}
    assert ".shp" in formats()["shapefile"]
