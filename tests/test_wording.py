"""Messages name fields and codes as people do, in both languages; a title keeps every word that does not differ."""

import re
from pathlib import Path

import pytest

from landmap.domain import layers
from landmap.domain.words import read_words
from landmap.ingest import check_here
from landmap.ingest.faults import Fault
from landmap.ingest.report import place, place_all, templates
from landmap.ingest.wording import in_words
from landmap.render.report.content import Labels, cards
from tests.making_files import feature, town, write_csv, write_geojson

RAW = re.compile(r"\b[a-z]+(_[a-z0-9]+)+\b")


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("net_area_m2", "净用地（出让）面积", "Net site area"),
        ("floor_area_ratio", "容积率", "Floor area ratio"),
        ("planning_raw.height_limit", "建筑高度", "Building height"),
        ("net_area_m2、parcel_no", "净用地（出让）面积、地块编号", "Net site area, Parcel number"),
        ("没有这个字段", "没有这个字段", "没有这个字段"),
    ],
)
def test_fields_go_by_their_label(name: str, zh: str, en: str) -> None:
    assert in_words("key_missing", {"field": name}, "parcels", "zh")["field"] == zh
    assert in_words("key_missing", {"field": name}, "parcels", "en")["field"] == en
    assert in_words("key_missing", {"field": name}, None, "en")["field"] == name


def test_codes_that_we_filled_in_go_by_their_label_and_the_file_s_own_words_stay() -> None:
    words = {"field": "visibility", "value": "internal", "count": 3}
    assert in_words("filled_default", words, "parcels", "zh")["value"] == "内部"
    assert in_words("code_unknown", words, "parcels", "zh")["value"] == "internal"


@pytest.mark.parametrize("name", layers.layers())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_message_about_a_field_shows_a_program_s_name_for_it(name: str, lang: str) -> None:
    for field in layers.layer_named(name).fields:
        for code in ("key_missing", "required_column_missing", "required_value_missing", "derived_recomputed"):
            told = place(Fault(code, 1, field), "a", None, lang, name)  # type: ignore[arg-type]
            assert not RAW.search(told.message), told.message


def test_a_vague_header_is_explained_in_the_reader_s_language(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "a.csv", [("parcel_no", "面积"), ("A-1", 5)])
    _, report = check_here([table], "parcels", town())
    (vague,) = [one for one in report.findings if one.code == "header_ambiguous"]
    assert vague.message == "表头 面积 含义不止一种，按 净用地（出让）面积 读取（没有说明是净面积还是毛面积）"
    assert vague.told("en").message.endswith("read as Net site area (says neither net nor gross)")


def test_a_title_leaves_out_only_what_differs() -> None:
    faults = [
        Fault("floor_overfull", row, "unit_area_m2", row * 10.0, {"floor": 3, "sum": row, "plate": "900"})
        for row in range(1, 8)
    ]
    (group,) = place_all(faults, "a.csv", "a", "en", "building_units")
    template = templates()["floor_overfull"].message["en"]
    assert group.title == template.replace("{floor}", "3").replace("{plate}", "900").replace("{sum}", "…").replace(
        "{value}", "…"
    )
    few = place_all(faults[:2], "a.csv", "a", "en", "building_units")
    assert {one.title for one in few} == {group.title}
    alone = place(faults[0], "a.csv", "a", "en", "building_units")
    assert alone.title == alone.message


def test_the_page_of_a_report_shows_constant_words_in_its_titles(tmp_path: Path, repo: Path) -> None:
    rows = [feature(n, parcel_no=f"A-{n}", supply_method="赠送" if n < 8 else "挂牌") for n in range(20)]
    _, report = check_here([write_geojson(tmp_path / "a.geojson", *rows)], "parcels", town())
    words = read_words("zh", repo / "web" / "i18n")
    (card,) = [
        one
        for one in cards(report.as_dict(), words, Labels(report.as_dict(), words, "parcels"))
        if one.code == "code_unknown"
    ]
    assert "赠送" in card.title
    assert "…" not in card.title
    (told,) = [one for one in report.findings if one.code == "code_unknown"]
    assert told.count == 8
    assert "…" not in told.title
    assert "赠送" in told.title
