"""The field tables, code lists and header aliases: complete, bilingual, unambiguous, and no looser than the schema."""

import csv
import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from landmap.domain.audience import Visibility
from landmap.domain.fields import Code, Field, Kind, code_lists, data_text, fields_of

LAYERS = tuple(sorted(tomllib.loads(data_text("layers.toml"))))
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")

#: Lists whose codes stand inside a JSON field, name a class of fields or a unit, or label an integer.
NESTED_LISTS = {
    "attachment_kind",
    "field_visibility",
    "header_unit",
    "industrial_control_line_level",
    "industry",
    "other_condition",
    "parse_status",
    "share_basis",
    "side",
    "site_service",
    "site_service_state",
    "term_use",
    "unit",
}
#: What an interval is read from, and the fields it is read into.
STEMS = {
    "floor_area_ratio": ("floor_area_ratio_min", "floor_area_ratio_max"),
    "building_coverage_ratio": ("building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct"),
    "green_space_ratio": ("green_space_ratio_min_pct", "green_space_ratio_max_pct"),
    "height": ("height_min_m", "height_limit_m"),
}
#: Fields of the product beyond the schema: all derived, all public.
ADDED = {"parcels": {"area_m2", "area_basis", "metro_station", "metro_distance_m"}}
#: Without a registered area there is no difference to it: unknown, where the schema says never null.
NULLABLE_AFTER_ALL = {("parcels", "area_diff_pct")}
#: The schema calls both the kind of supply and the source of the record 来源.
SAID_OF_TWO = {("parcels", "来源")}

EVERY_FIELD = [field for layer in LAYERS for field in fields_of(layer).values()]
EVERY_CODE = [(name, code) for name, codes in code_lists().items() for code in codes.values()]
ALIASES = list(csv.DictReader(data_text("aliases.csv").splitlines()))


def plain(header: str) -> str:
    """Return a header as a reader compares it: half-width, lower case, without blanks and underscores."""
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", header)).casefold()


def aliases_of(layer: str) -> list[dict[str, str]]:
    return [row for row in ALIASES if row["layer"] == layer]


def said_twice(labels: list[str]) -> list[str]:
    return [label for label, times in Counter(map(plain, labels)).items() if times > 1]


@pytest.fixture(scope="module")
def schema(test_data: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return the reference schema: layer → field → row."""
    tables = {path.stem.removeprefix("schema_"): path for path in (test_data.parent / "domain").glob("schema_*.csv")}
    found = {}
    for layer, path in tables.items():
        with path.open(encoding="utf-8", newline="") as file:
            found[layer] = {row["field"]: row for row in csv.DictReader(file)}
    return found


@pytest.mark.data
def test_every_layer_and_field_of_the_schema_is_declared_in_its_order(
    schema: dict[str, dict[str, dict[str, str]]],
) -> None:
    assert sorted(schema) == list(LAYERS)
    for layer, rows in schema.items():
        added = ADDED.get(layer, set())
        assert [name for name in fields_of(layer) if name not in added] == list(rows)


@pytest.mark.data
def test_visibility_unit_and_nullability_are_those_of_the_schema(
    schema: dict[str, dict[str, dict[str, str]]],
) -> None:
    no_unit = {"—", "CGCS2000"}
    for layer, rows in schema.items():
        for name, row in rows.items():
            field = fields_of(layer)[name]
            assert field.visibility == row["visibility"].replace(" ", "_"), (layer, name)
            assert field.unit == ("" if row["unit"] in no_unit else row["unit"].replace("k㎡", "km²")), (layer, name)
            assert field.nullable == (row["nullable"] == "Y" or (layer, name) in NULLABLE_AFTER_ALL), (layer, name)


@pytest.mark.data
def test_the_codes_of_a_field_are_those_of_the_schema(schema: dict[str, dict[str, dict[str, str]]]) -> None:
    checked = 0
    for layer, rows in schema.items():
        for name, row in rows.items():
            named = re.fullmatch(r"enum ([\w/]+)", row["type"])
            field = fields_of(layer)[name]
            if named and field.kind is Kind.CODE:
                assert set(code_lists()[field.codes]) == set(named[1].split("/")), (layer, name)
                checked += 1
    assert checked > 40


@pytest.mark.data
def test_a_header_that_is_a_label_of_the_schema_leads_to_its_field(
    schema: dict[str, dict[str, dict[str, str]]],
) -> None:
    for layer, rows in schema.items():
        means = {plain(field.label_zh): field.name for field in fields_of(layer).values()}
        means |= {plain(row["alias"]): row["field"] for row in aliases_of(layer)}
        for name, row in rows.items():
            if (layer, row["label_zh"]) not in SAID_OF_TWO:
                found = means.get(plain(row["label_zh"]))
                assert name in (found, *STEMS.get(str(found), ())), (layer, name)


@pytest.mark.parametrize(("layer", "names"), ADDED.items())
def test_added_fields_are_derived_and_public(layer: str, names: set[str]) -> None:
    for name in names:
        field = fields_of(layer)[name]
        assert (field.derived, field.visibility, field.nullable) == (True, Visibility.PUBLIC, True)


@pytest.mark.parametrize("layer", LAYERS)
def test_labels_are_unique_within_a_layer(layer: str) -> None:
    fields = fields_of(layer).values()
    assert said_twice([field.label_zh for field in fields]) == []
    assert said_twice([field.label_en for field in fields]) == []


@pytest.mark.parametrize("field", EVERY_FIELD, ids=lambda field: f"{field.layer}.{field.name}")
class TestEveryField:
    def test_labels_say_something_in_both_languages(self, field: Field) -> None:
        assert CHINESE.search(field.label_zh)
        assert field.label_en[:1].isupper()
        assert not CHINESE.search(field.label_en + field.help_en)
        assert bool(field.help_zh) == bool(field.help_en)

    def test_no_label_repeats_the_unit(self, field: Field) -> None:
        assert not field.unit or f"({field.unit})" not in field.label_zh + field.label_en

    def test_only_a_code_names_a_code_list_and_the_list_exists(self, field: Field) -> None:
        assert bool(field.codes) == (field.kind in (Kind.CODE, Kind.CODES))
        assert not field.codes or field.codes in code_lists()

    def test_bounds_are_for_numbers_and_in_order(self, field: Field) -> None:
        bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
        assert not bounds or field.kind.numeric
        assert bounds == sorted(bounds)
        assert not field.exclusive_minimum or field.minimum is not None

    def test_a_pattern_is_for_text_and_matches_the_whole_value(self, field: Field) -> None:
        if field.pattern:
            assert field.kind is Kind.TEXT
            assert field.pattern.startswith("^")
            assert field.pattern.endswith("$")
            assert not re.compile(field.pattern).search("")

    def test_its_unit_has_an_english_form(self, field: Field) -> None:
        assert not field.unit or field.unit in code_lists()["unit"]

    def test_options_are_offered_only_for_fields_with_few_values(self, field: Field) -> None:
        assert not field.facet or field.kind not in (Kind.NUMBER, Kind.DATE, Kind.JSON, Kind.GEOMETRY, Kind.URL)


@pytest.mark.parametrize(
    ("layer", "field", "text", "fits"),
    [
        ("parcels", "parcel_id", "anything at all", True),
        ("parcels", "cadastral_parcel_code", "370283004115GB02011", True),
        ("parcels", "cadastral_parcel_code", "370283004115KB02011", False),
        ("parcels", "cadastral_parcel_code", "370283004115GB0201", False),
        ("parcels", "real_estate_unit_code", "370283004115GB02011F00010001", True),
        ("parcels", "real_estate_unit_code", "370283004115GB02011W00000000", True),
        ("parcels", "real_estate_unit_code", "370283004115GB02011", False),
        ("parcels", "district_code", "37021", False),
        ("parcels", "land_use_code", "100101", True),
        ("parcels", "land_use_code", "100", False),
        ("parcels", "planned_supply_on", "2026-Q1", True),
        ("parcels", "planned_supply_on", "2026-03", True),
        ("parcels", "planned_supply_on", "2026-03-15", True),
        ("parcels", "planned_supply_on", "2026-13", False),
        ("standard_land_indices", "industry_code", "35", True),
        ("standard_land_indices", "industry_code", "C35", False),
    ],
)
def test_patterns_accept_what_is_meant(layer: str, field: str, text: str, fits: bool) -> None:
    assert bool(re.search(fields_of(layer)[field].pattern, text)) is fits


@pytest.mark.parametrize(
    ("layer", "name", "minimum", "maximum", "exclusive"),
    [
        ("parcels", "floor_area_ratio_max", 0, 20, False),
        ("parcels", "green_space_ratio_max_pct", 0, 100, False),
        ("parcels", "height_limit_m", 0, 600, False),
        ("parcels", "floors_max", 1, 120, False),
        ("parcels", "net_area_m2", 0, None, True),
        ("buildings", "floor_height_m", 2.2, 12, False),
        ("buildings", "floor_load_kn_m2", 1.5, 50, False),
        ("buildings", "rent_min_cny_m2_day", 0.1, 30, False),
        ("buildings", "gross_floor_area_m2", 0, None, True),
        ("standard_land_indices", "investment_intensity_10k_cny_per_mu", 20, 3000, False),
        ("standard_land_indices", "reach_within_years", 1, 6, False),
    ],
)
def test_bounds_are_those_of_the_schema(
    layer: str, name: str, minimum: float, maximum: float | None, exclusive: bool
) -> None:
    field = fields_of(layer)[name]
    assert (field.minimum, field.maximum, field.exclusive_minimum) == (minimum, maximum, exclusive)


@pytest.mark.parametrize(("name", "code"), EVERY_CODE, ids=lambda part: part.code if isinstance(part, Code) else part)
def test_a_code_has_labels_in_both_languages(name: str, code: Code) -> None:
    assert code.code == code.code.strip() != ""
    assert code.label_zh
    assert code.label_en
    assert not CHINESE.search(code.label_en)


@pytest.mark.parametrize("name", code_lists())
def test_no_two_codes_of_a_list_share_a_label(name: str) -> None:
    codes = code_lists()[name].values()
    assert said_twice([code.label_zh for code in codes]) == []
    assert said_twice([code.label_en for code in codes]) == []


def test_every_code_list_is_used_and_nothing_else_is_named() -> None:
    assert {field.codes for field in EVERY_FIELD if field.codes} | NESTED_LISTS == set(code_lists())


def test_every_unit_with_an_english_form_is_used() -> None:
    assert {field.unit for field in EVERY_FIELD if field.unit} == set(code_lists()["unit"])


def test_aliases_lead_to_fields_and_intervals_that_exist() -> None:
    for row in ALIASES:
        targets = STEMS.get(row["field"], (row["field"],)) if row["layer"] == "parcels" else (row["field"],)
        for target in targets:
            assert target in fields_of(row["layer"]), row
            assert fields_of(row["layer"])[target].kind is not Kind.GEOMETRY, row


@pytest.mark.parametrize("layer", LAYERS)
def test_a_header_means_one_field_of_its_layer(layer: str) -> None:
    assert said_twice([row["alias"] for row in aliases_of(layer)]) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_no_alias_repeats_a_name_or_label(layer: str) -> None:
    known = {
        plain(text) for field in fields_of(layer).values() for text in (field.name, field.label_zh, field.label_en)
    }
    assert [row["alias"] for row in ALIASES if row["layer"] == layer and plain(row["alias"]) in known] == []


def test_units_of_aliases_are_known_and_all_used() -> None:
    assert {row["unit"] for row in ALIASES if row["unit"]} == set(code_lists()["header_unit"])


def test_what_a_header_sets_is_a_code_of_its_field() -> None:
    settings = [
        (row["layer"], row["note"].removeprefix("sets: ")) for row in ALIASES if row["note"].startswith("sets: ")
    ]
    assert settings
    for layer, setting in settings:
        name, _, code = setting.partition("=")
        assert code in code_lists()[fields_of(layer)[name].codes]


@pytest.mark.parametrize(
    ("layer", "header", "field", "unit"),
    [
        ("parcels", "zdBh", "parcel_no", ""),
        ("parcels", "面积（亩）", "net_area_m2", "mu"),
        ("parcels", "面积公顷", "net_area_m2", "ha"),
        ("parcels", "规划用地性质", "land_use_raw", ""),
        ("parcels", "容积率", "floor_area_ratio", ""),
        ("parcels", "DSRJLXX", "floor_area_ratio_min", ""),
        ("parcels", "maxJzMd", "building_coverage_ratio_max_pct", ""),
        ("parcels", "建筑限高", "height", ""),
        ("parcels", "绿化率", "green_space_ratio", ""),
        ("parcels", "crBzj", "deposit_10k_cny", ""),
        ("parcels", "XZBG", "ancillary_land_share_max_pct", ""),
        ("standard_land_indices", "tzQd", "investment_intensity_10k_cny_per_mu", "10k_cny_per_ha"),
        ("standard_land_indices", "HYLB", "industry_name", ""),
        ("buildings", "可租面积", "rentable_area_m2", ""),
        ("buildings", "空置面积", "available_area_m2", ""),
        ("buildings", "月租金", "rent_raw", "cny_m2_month"),
        ("districts", "街道名称", "name", ""),
    ],
)
def test_headers_seen_in_the_field_find_their_field(layer: str, header: str, field: str, unit: str) -> None:
    found = [(row["field"], row["unit"]) for row in aliases_of(layer) if plain(row["alias"]) == plain(header)]
    assert found == [(field, unit)]


@pytest.mark.parametrize(
    ("layer", "header"), [("parcels", "绿化率"), ("parcels", "面积"), ("buildings", "可租面积"), ("parcels", "ZDDM")]
)
def test_a_header_with_two_meanings_says_so(layer: str, header: str) -> None:
    (note,) = (row["note"] for row in aliases_of(layer) if row["alias"] == header)
    assert note.startswith("ambiguous: ")
    english, chinese = note.removeprefix("ambiguous: ").split(" | ")
    assert english.isascii()
    assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_every_data_file_here_names_its_source() -> None:
    sources = tomllib.loads(data_text("SOURCES.toml"))
    for name in ["codes.csv", "aliases.csv", *(f"fields/{layer}.csv" for layer in LAYERS)]:
        assert set(sources[name]) == {"source", "mark", "note"}, name
        assert all(sources[name].values()), name
