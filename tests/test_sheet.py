"""A record in words: signs, units, states, lights, and a place for every field."""

import datetime as dt
from typing import Any

import pytest

from landmap.domain import Audience, Layer, Level, PolicyClass, collections, layer_named
from landmap.query import Record
from landmap.render.sections import sections
from landmap.render.sheet import OTHER, Sheet, sheet, title
from tests import licang
from tests.query_data import demo_district

PARCELS, BUILDINGS = layer_named("parcels"), layer_named("buildings")

PARTNER = Audience(Level.PARTNER)


def parcel(**properties: Any) -> Record:
    return Record("P1", None, {"parcel_id": "P1", "parcel_no": "LC-1", "parcel_name": "兴华路西侧地块", **properties})


def told(record: Record, lang: str = "zh", layer: Layer = PARCELS, today: dt.date = licang.TODAY) -> Sheet:
    return sheet(record, layer, licang.words("zh" if lang == "zh" else "en"), today=today, district=demo_district())


def bound(raw: str | None, status: str | None, **limits: Any) -> tuple[str, str | None, str]:
    """Return text, note and state of the floor area ratio."""
    properties = {"floor_area_ratio_min": None, "floor_area_ratio_max": None, **limits}
    if status is not None:
        properties["planning_parse_status"] = {"floor_area_ratio": status}
    if raw is not None:
        properties["planning_raw"] = {"floor_area_ratio": raw}
    row = told(parcel(land_use_code="1001", **properties)).row("floor_area_ratio_min")
    assert row is not None
    return row.text, row.note, row.state


@pytest.mark.parametrize(
    ("status", "limits", "text"),
    [
        ("ok", {"min": 1.5}, "≥1.5"),
        ("ok", {"min": 1.5, "max": 2.5}, "1.5–2.5"),
        ("ok", {"min": 1.0, "max": 1.9, "min_inclusive": False}, ">1.0且≤1.9"),
        ("ok", {"max": 2.0}, "≤2.0"),
        (None, {"max": 2.0}, "≤2.0"),
    ],
)
def test_a_bound_is_printed_with_its_signs(status: str | None, limits: dict[str, Any], text: str) -> None:
    named = {f"floor_area_ratio_{name}": value for name, value in limits.items()}
    assert bound(None, status, **named) == (text, None, "ok")


@pytest.mark.parametrize(
    ("raw", "status", "shown"),
    [
        ("R1.5", "ambiguous_no_operator", ("R1.5", "待核实", "ambiguous")),
        (None, "ambiguous_no_operator", ("待核实", None, "ambiguous")),
        ("≥*.*", "unparsed", ("≥*.*", "待核实", "ambiguous")),
        (None, "reversed", ("待核实", None, "ambiguous")),
        ("/", "unspecified", ("/", "未规定", "unknown")),
        (None, None, ("—", None, "unknown")),
    ],
)
def test_what_was_not_read_for_certain_is_never_a_number(
    raw: str | None, status: str | None, shown: tuple[str, str | None, str]
) -> None:
    assert bound(raw, status) == shown


def test_an_exception_is_told_beside_its_bound() -> None:
    raw = "≤24米(局部≤30米)"
    properties = {
        "planning_parse_status": {"height": "ok_with_exception"},
        "height_limit_m": 24.0,
        "height_min_m": None,
    }
    with_words = told(parcel(planning_raw={"height": raw}, **properties)).row("height_limit_m")
    without = told(parcel(**properties)).row("height_limit_m")
    assert with_words is not None
    assert without is not None
    assert (with_words.text, with_words.note) == ("≤24 m", f"原文：{raw}")
    assert (without.text, without.note) == ("≤24 m", "另有例外")


def test_area_is_told_in_three_units() -> None:
    known = told(parcel(area_m2=20504.29, area_basis="net")).row("area_m2")
    assert known is not None
    assert (known.text, known.note) == ("20,504.29 ㎡ · 30.76 亩 · 2.05 公顷", "净用地面积")
    computed = told(parcel(area_m2=20504.29, area_basis="geodesic"), "en").row("area_m2")
    assert computed is not None
    assert computed.text == "20,504 m² · 30.76 mu · 2.05 ha"


def test_a_value_that_waits_for_the_notice_says_so_whether_or_not_there_is_one() -> None:
    waiting = told(parcel(supply_stage="ready", starting_price_10k_cny=None, supply_kind="new")).row(
        "starting_price_10k_cny"
    )
    unknown = told(parcel(supply_stage="announced", starting_price_10k_cny=None)).row("starting_price_10k_cny")
    assert waiting is not None
    assert unknown is not None
    assert (waiting.text, waiting.note, waiting.state) == ("—", "公告后公布", "unknown")
    assert (unknown.text, unknown.note, unknown.state) == ("—", None, "unknown")


@pytest.mark.parametrize(
    ("basis", "value", "text"),
    [
        ("total", 3131, "3,131 万元"),
        ("per_mu", 60, "60 万元/亩"),
        ("per_m2_land", 0.0945, "945 元/㎡"),
        (None, 60, "60"),
    ],
)
def test_a_price_has_the_unit_of_its_basis(basis: str | None, value: float, text: str) -> None:
    record = parcel(supply_stage="announced", starting_price_10k_cny=value, starting_price_basis=basis)
    row = told(record).row("starting_price_10k_cny")
    assert row is not None
    assert row.text == text
    assert row.state == ("ambiguous" if basis is None else "ok")


def test_english_counts_in_yuan_not_in_ten_thousands() -> None:
    row = told(parcel(supply_stage="sold", deposit_10k_cny=2826), "en").row("deposit_10k_cny")
    assert row is not None
    assert row.text == "CNY 28,260,000"


def test_structures_become_sentences() -> None:
    made = told(
        parcel(
            bounds_text={"north": "北路", "east": "东路"},
            term_years=[{"use": "residential", "years": 70}, {"use": "商业", "years": 40}],
            site_services={"water": "yes", "road": "yes", "gas": "no"},
            mixed_uses=[{"code": "1001", "share_pct": 70, "basis": "gfa"}, {"code": "0802"}],
            other_conditions={"parking": "0.5车位/100㎡", "entrance": "东侧"},
            encouraged_industries=["35", "生物医药"],
        )
    )
    texts = {row.key: row.text for section in made.sections for row in section.rows}
    assert texts["bounds_text"] == "东：东路；北：北路"
    assert texts["term_years"] == "居住 70年、商业 40年"
    assert texts["site_services"] == "已通：道路、给水；未通：燃气"
    assert texts["mixed_uses"] == "工业用地（1001） 70%（按建筑面积） + 科研用地（0802）"
    assert texts["other_conditions"] == "停车配建：0.5车位/100㎡；entrance：东侧"
    assert texts["encouraged_industries"] == "35 专用设备制造业；生物医药"


def test_a_structure_of_another_shape_is_shown_not_dropped() -> None:
    texts = {
        row.key: row.text
        for section in told(parcel(bounds_text="四面临路", term_years={"industrial": 50})).sections
        for row in section.rows
    }
    assert texts["bounds_text"] == "四面临路"
    assert texts["term_years"] == "industrial：50"


def test_expired_conditions_and_stale_data_warn() -> None:
    made = told(parcel(planning_conditions_expires_on="2026-11-21", data_as_of="2026-08-01", land_use_code="1001"))
    until, since = made.row("planning_conditions_expires_on"), made.row("data_as_of")
    assert until is not None
    assert since is not None
    assert (until.state, until.note) == ("warn", "已失效")
    assert (since.state, since.note) == ("warn", "待更新")
    fresh = told(parcel(planning_conditions_expires_on="2026-11-22", data_as_of="2026-09-01"))
    assert [fresh.row(key).state for key in ("planning_conditions_expires_on", "data_as_of")] == ["ok", "ok"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("known", "text", "state"),
    [
        ({"right_end_on": "2056-11-22"}, "30年", "ok"),
        ({"right_end_on": "2027-05-24", "remaining_years": 30.0}, "0.5年", "ok"),
        ({"right_end_on": "2026-11-22"}, "0年", "ok"),
        ({"right_end_on": "2026-11-21"}, "已届满", "warn"),
        ({"right_end_on": None, "remaining_years": 12.5}, "12.5年", "ok"),
        ({"right_end_on": None, "remaining_years": None}, "—", "unknown"),
    ],
)
def test_the_remaining_term_is_reckoned_on_the_day_of_the_sheet(known: dict[str, Any], text: str, state: str) -> None:
    row = told(
        parcel(remaining_years=known.get("remaining_years"), right_end_on=known["right_end_on"], right_type="use")
    )
    found = row.row("remaining_years")
    assert found is not None
    assert (found.text, found.state) == (text, state)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"required": "yes", "status": "done", "conclusion": "pass", "valid_until": "2026-11-22"}, "green"),
        ({"required": "yes", "status": "done", "conclusion": "pass", "valid_until": "2026-11-21"}, "amber"),
        ({"required": "yes", "status": "done", "conclusion": "na"}, "green"),
        ({"required": "yes", "status": "done", "conclusion": None}, "grey"),
        ({"required": "yes", "status": "done"}, "grey"),
        ({"required": "yes", "status": "done", "conclusion": "conditional"}, "amber"),
        ({"required": "yes", "status": "done", "conclusion": "fail"}, "red"),
        ({"required": "yes", "status": "covered_by_regional"}, "green"),
        ({"required": "yes", "status": "in_progress"}, "amber"),
        ({"required": "yes", "status": "not_started"}, "red"),
        ({"required": "yes", "status": "unknown"}, "grey"),
        ({"required": "unknown", "status": "unknown"}, "grey"),
        ({"required": "no", "status": "not_started"}, "green"),
        ({"status": "done"}, "grey"),
    ],
)
def test_a_light_is_green_only_for_what_is_settled_today(row: dict[str, Any], state: str) -> None:
    (light,) = told(parcel(site_assessments=[{"item": "geohazard", **row}])).lights
    assert (light.label, light.state) == ("地质灾害危险性", state)
    assert light.text


@pytest.mark.parametrize("audience", [licang.PUBLIC, PARTNER, licang.OFFICER], ids=lambda one: one.key)
def test_lights_agree_with_the_criterion_all_green(audience: Audience) -> None:
    green = set(licang.select("parcels", audience, checklist="green").ids())
    assert green or audience is licang.PUBLIC
    for record in licang.select("parcels", audience).records():
        lights = told(record).lights
        assert (bool(lights) and all(light.state == "green" for light in lights)) == (record.id in green), record.id


def test_a_section_with_nothing_known_is_left_out() -> None:
    keys = [section.key for section in told(parcel(highlights=None, encouraged_industries=None)).sections]
    assert "industry" not in keys


def test_hidden_fields_have_no_row() -> None:
    made = told(licang.record("parcels", licang.select("parcels").ids()[0]))
    assert made.row("reserve_price_10k_cny") is None
    assert made.row("contact_person") is None


@pytest.mark.parametrize("name", collections())
@pytest.mark.parametrize("asking", list(PolicyClass))
def test_every_field_of_a_layer_has_a_place(name: str, asking: PolicyClass) -> None:
    layer = layer_named(name)
    placed = {field for plan in sections(name) for field in plan.fields}
    assert set(layer.fields_for(asking)) <= placed


def test_a_field_that_no_section_names_falls_into_the_last_one() -> None:
    parks = layer_named("parks")
    record = Record("PK", None, {"park_id": "PK", "name": "示例园", "gfa_total_m2": 1000.0})
    (section,) = told(record, layer=parks).sections
    assert section.key == OTHER
    assert [row.text for row in section.rows] == ["PK", "示例园", "1,000 ㎡"]


@pytest.mark.parametrize("name", collections())
def test_sections_name_fields_that_exist(name: str) -> None:
    layer = layer_named(name)
    for plan in sections(name):
        for field in plan.fields:
            assert field in layer.fields, f"{name}.{plan.key}"
        if plan.child is not None:
            assert layer_named(plan.child).parent == name


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("audience", [licang.PUBLIC, licang.PLANNER], ids=["public", "planner"])
@pytest.mark.parametrize("name", collections())
def test_every_record_of_the_district_can_be_told(name: str, audience: Audience, lang: str) -> None:
    for record in licang.select(name, audience).records():
        made = told(record, lang, layer_named(name))
        for section in made.sections:
            assert section.label
            assert all(row.label and row.text for row in section.rows), record.id
        assert set(made.as_dict()) == {
            "id", "no", "title", "subtitle", "layer", "sections", "lights", "notice", "as_of",
        }  # fmt: skip


def test_the_answer_has_the_shape_pages_rely_on() -> None:
    made = told(parcel(site_assessments=[{"item": "heritage", "required": "no"}])).as_dict()
    assert set(made["sections"][0]) == {"key", "label", "rows"}
    assert set(made["sections"][0]["rows"][0]) == {"label", "text", "note", "state"}
    assert set(made["lights"][0]) == {"item", "label", "required", "state", "text"}


def test_a_record_without_a_name_is_called_by_its_number() -> None:
    assert title(parcel(parcel_name=None), PARCELS, licang.words()) == "LC-1"
    assert title(parcel(parcel_name=None, parcel_no=None), PARCELS, licang.words()) == "P1"


def test_a_building_is_told_floor_by_floor_from_the_top() -> None:
    units = [
        {"unit_id": "U1", "floor_no": -1, "floor_label": "B1", "unit_use": "parking", "unit_area_m2": 900.0},
        {"unit_id": "U2", "floor_no": 3, "unit_no": "301", "unit_use": "office", "lease_status": "vacant"},
    ]
    building = Record("B1", None, {"building_id": "B1", "building_name": "示例楼", "building_units": units})
    stack = told(building, layer=BUILDINGS).section("stack")
    assert stack is not None
    assert [(row.label, row.text) for row in stack.rows] == [("3 层", "301 办公 空置"), ("B1 层", "车库 900 ㎡")]


def test_rent_is_one_figure_a_range_or_the_words_of_the_source() -> None:
    def rent(**given: Any) -> tuple[str, str]:
        properties = {"building_id": "B1", "building_name": "楼", "rent_min_cny_m2_day": None, **given}
        row = told(Record("B1", None, properties), layer=BUILDINGS).row("rent_min_cny_m2_day")
        assert row is not None
        return row.text, row.state

    assert rent(rent_min_cny_m2_day=1.77, rent_max_cny_m2_day=1.77) == ("1.77 元/㎡·天", "ok")
    assert rent(rent_min_cny_m2_day=1.5, rent_max_cny_m2_day=2.0) == ("1.5–2 元/㎡·天", "ok")
    assert rent(rent_min_cny_m2_day=1.5, rent_max_cny_m2_day=None) == ("≥1.5 元/㎡·天", "ok")
    assert rent(rent_raw="面议") == ("面议", "ambiguous")


def test_a_small_share_never_reads_as_none() -> None:
    row = told(parcel(area_diff_pct=0.0004, area_m2=1.0)).row("area_diff_pct")
    assert row is not None
    assert row.text == "<0.1%"
