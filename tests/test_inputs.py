"""Fields to be filled in: what nobody touched says what it was filled with; what was said is what somebody wrote."""

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from landmap.access import edits
from landmap.domain import Words, layer_named, layers, read_all_words
from landmap.ingest import check_record
from landmap.render.inputs import Input, field_input, stated, told, written
from landmap.resources import web_root
from landmap.store import Home, open_current

WORDS = read_all_words(web_root() / "i18n")
PARCELS, BUILDINGS = layer_named("parcels").fields, layer_named("buildings").fields


@pytest.fixture
def zh() -> Words:
    return WORDS["zh"]


def sent(one: Input) -> dict[str, tuple[str, ...]]:
    """Return what a browser sends of a field nobody touched."""
    if one.shape == "parts":
        return {name: values for part in one.parts for name, values in sent(part).items()}
    if one.shape == "one":
        return {one.name: tuple(choice.value for choice in one.choices if choice.chosen)[:1] or (one.choices[0].value,)}
    if one.shape == "some":
        return {one.name: ("", *(choice.value for choice in one.choices if choice.chosen))}
    return {one.name: (unescape(one.text).replace("\n", "\r\n"),)}


def said(form: dict[str, tuple[str, ...]]) -> Callable[[str], tuple[str, ...]]:
    return lambda name: form.get(name, ())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", sorted(layers.layers()))
def test_a_form_that_nobody_touched_changes_nothing(demo_home: Path, layer: str, lang: Any) -> None:
    home, target = Home(demo_home), layer_named(layer)
    snapshot = open_current(home)
    if layer not in snapshot.layers:
        pytest.skip("the demo district has no such layer")
    frame, district = snapshot.layer(layer), home.district()
    asked = [one for one in target.fields.values() if edits.editable(one, target) and one.kind != "geometry"]
    for id in edits.keys(frame, target)[:: max(1, len(frame) // 12)]:
        held = edits.record(frame, target, id)
        values = {}
        for one in asked:
            text = written(one, said(sent(field_input(one, stated(held[one.name]), WORDS[lang]))))
            assert text is not None, one.name
            values[one.name] = text
        cells = {name: edits.cell(value, target.fields[name].kind) for name, value in held.items()}
        edited = check_record(cells, values, layer, district, today=district.today())
        assert dict(edited.values) == {}, id


@pytest.mark.parametrize(
    ("field", "form", "text"),
    [
        (BUILDINGS["available_area_m2"], {"available_area_m2": (" 1 200 平方米 ",)}, "1 200 平方米"),
        (BUILDINGS["available_area_m2"], {}, None),
        (BUILDINGS["amenities"], {"amenities": ("", "canteen", "gym")}, '["canteen","gym"]'),
        (BUILDINGS["amenities"], {"amenities": ("",)}, ""),
        (BUILDINGS["amenities"], {}, None),
        (
            PARCELS["encouraged_industries"],
            {"encouraged_industries": ("35, 36\r\n\r\n 新能源",)},
            '["35, 36","新能源"]',
        ),
        (PARCELS["handover_note"], {"handover_note": ("甲\r\n乙",)}, "甲\n乙"),
        (PARCELS["site_services"], {"site_services.road": ("yes",), "site_services.gas": ("",)}, '{"road":"yes"}'),
        (PARCELS["site_services"], {"site_services.road": ("",)}, ""),
        (PARCELS["site_services"], {"site_services": ('{"road":"yes"}',)}, '{"road":"yes"}'),
    ],
)
def test_what_a_form_says_is_what_somebody_wrote(
    field: Any, form: dict[str, tuple[str, ...]], text: str | None
) -> None:
    assert written(field, said(form)) == text


def test_a_field_is_asked_in_the_shape_of_its_kind(zh: Words) -> None:
    shapes = {
        "available_area_m2": "number",
        "building_kind": "one",
        "registrable": "one",
        "amenities": "some",
        "data_as_of": "day",
        "operator_name": "line",
        "tenant_names": "lines",
    }
    assert {name: field_input(BUILDINGS[name], "", zh).shape for name in shapes} == shapes
    assert field_input(PARCELS["site_services"], "", zh).shape == "parts"
    assert field_input(PARCELS["highlights"], "", zh).shape == "lines"


def test_nothing_known_can_be_chosen_only_where_it_may_be(zh: Words) -> None:
    assert [c.value for c in field_input(BUILDINGS["registrable"], "false", zh).choices] == ["", "true", "false"]
    assert "" not in [c.value for c in field_input(BUILDINGS["building_kind"], "office", zh).choices]


def test_a_value_outside_its_list_stays_to_be_seen(zh: Words) -> None:
    made = field_input(BUILDINGS["building_kind"], "shed", zh)
    assert [c.label for c in made.choices if c.chosen] == ["shed"]
    odd = field_input(PARCELS["site_services"], '{"road":"soon"}', zh)
    assert (odd.shape, json.loads(odd.text)) == ("lines", {"road": "soon"})


def test_parts_have_names_of_their_own(zh: Words) -> None:
    made = field_input(PARCELS["site_services"], '{"road":"partial"}', zh, "3.site_services")
    road = next(part for part in made.parts if part.name == "3.site_services.road")
    assert [c.value for c in road.choices if c.chosen] == ["partial"]


@pytest.mark.parametrize(
    ("field", "value", "zh_text", "en_text"),
    [
        (PARCELS["site_services"], '{"gas":"no","road":"yes"}', "道路：已通；燃气：未通", "Road: Yes; Gas: No"),
        (PARCELS["bounds_text"], '{"east":"金水路"}', "东：金水路", "East: 金水路"),
        (BUILDINGS["available_area_m2"], 1200.0, "1,200 ㎡", "1,200 m²"),
        (BUILDINGS["available_area_m2"], None, "—", "—"),
        (BUILDINGS["registrable"], False, "否", "No"),
    ],
)
def test_a_reader_is_told_in_words(field: Any, value: Any, zh_text: str, en_text: str) -> None:
    assert (told(field, value, WORDS["zh"]), told(field, value, WORDS["en"])) == (zh_text, en_text)
