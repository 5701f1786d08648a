"""The brief on paper: one page, the record's own figures, every sign printed, nothing executed."""

import io
import json
import subprocess
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pypdf
import pytest

from landmap.domain import Audience, layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.query import Catalog
from landmap.render.brief import brief
from landmap.render.brief.shorten import shorten
from landmap.render.sheet import sheet
from landmap.resources import web_root
from tests import licang
from tests.query_data import demo_district, demo_frames

Lang = Literal["zh", "en"]
URL = "https://map.example.gov.cn/parcels/370213-LC-0701-005"
PAYLOADS = [
    "#set page(fill: red)", "#panic()", "$1/0$", "{{7*7}}", "{% set x=1 %}", "<script>alert(1)</script>",
    '"); #eval("1")', "`code` *bold* _it_", "C:\\path\\2026", "//comment", "[#link]", "@ref <label>",
    "= heading", "\\u{1F600}",
]  # fmt: skip


def made(
    layer: str,
    id: str,
    lang: Lang = "zh",
    audience: Audience = licang.PUBLIC,
    url: str | None = None,
    catalog: Catalog | None = None,
) -> bytes:
    return brief(layer, id, catalog or licang.catalog(), audience, licang.words(lang), today=licang.TODAY, url=url)


def reader(body: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(body))


def plain(text: str) -> str:
    """Return text without blanks, as lines break where they like."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def text_of(body: bytes) -> str:
    return plain("".join(page.extract_text() for page in reader(body).pages))


def fullest(layer: str) -> str:
    """Return the record of which most is known."""

    def known(record: Any) -> int:
        return sum(len(one) if isinstance(one, list) else one is not None for one in record.properties.values())

    return max(licang.select(layer).records(), key=lambda one: (known(one), one.id)).id


def changed(given: Mapping[str, Mapping[str, Any]]) -> Catalog:
    """Return the district with these values of these parcels put in place of theirs."""
    frames = dict(demo_frames())
    parcels = frames["parcels"].copy()
    place = {id: index for index, id in parcels["parcel_id"].items()}
    for id, values in given.items():
        for name, value in values.items():
            parcels.at[place[id], name] = value
    frames["parcels"] = parcels
    return licang.catalog_of(frames)


@cache
def poisoned() -> tuple[Catalog, Mapping[str, str]]:
    """Return the district with every payload in the texts of a parcel of its own, and that parcel's id by payload."""
    ids = dict(zip(PAYLOADS, licang.select("parcels").ids(), strict=False))
    texts = {
        id: {"parcel_name": payload, "location_text": payload, "highlights": payload} for payload, id in ids.items()
    }
    return changed(texts), ids


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_figures_on_the_page_are_those_of_the_sheet(layer: str, lang: Lang) -> None:
    id = fullest(layer)
    printed = text_of(made(layer, id, lang))
    record = licang.record(layer, id)
    told = sheet(record, layer_named(layer), licang.words(lang), today=licang.TODAY, district=demo_district())
    keys = {
        "parcels": ("area_m2", "floor_area_ratio_min", "green_space_ratio_min_pct", "height_limit_m", "gfa_min_m2",
                    "starting_price_10k_cny", "deposit_10k_cny", "planning_conditions_no", "location_text"),
        "buildings": ("gross_floor_area_m2", "available_area_m2", "rent_min_cny_m2_day", "floor_load_kn_m2", "address",
                      "occupancy_rate_pct", "typical_floor_area_m2", "amenities"),
    }[layer]  # fmt: skip
    rows = [row for key in keys if (row := told.row(key)) is not None and row.known]
    assert len(rows) >= 5
    for row in rows:
        assert plain(row.text) in printed, row
    for light in told.lights:
        assert plain(light.label) in printed
    assert plain(told.title) in printed
    assert plain(told.no) in printed


def test_the_page_says_what_it_is_whose_data_and_since_when() -> None:
    id = fullest("parcels")
    printed = text_of(made("parcels", id, url=URL))
    for text in (
        "本资料仅供招商参考", "示例数据", licang.SNAPSHOT_ID[:12], "数据截至", "生成于2026-11-22", id, plain(URL),
        "李沧区产业用地招商示例窗口", "无审图号", "CGCS2000",
    ):  # fmt: skip
        assert plain(text) in printed, text


def test_nothing_internal_reaches_the_public_page() -> None:
    for layer in ("parcels", "buildings"):
        id = fullest(layer)
        known = licang.record(layer, id, licang.OFFICER).properties
        public = licang.record(layer, id).properties
        printed = text_of(made(layer, id))
        for name in (
            "contact_person",
            "right_holder_name",
            "owner_name",
            "real_estate_unit_code",
            "reserve_price_10k_cny",
        ):
            if known.get(name) is not None and name not in public:
                assert plain(str(known[name])) not in printed, name


def test_an_internal_brief_is_marked_so_and_never_names_the_reserve_price() -> None:
    officer = licang.select("parcels", licang.OFFICER)
    record = next(one for one in officer.records() if one.properties["reserve_price_10k_cny"] is not None)
    printed = text_of(made("parcels", record.id, audience=licang.OFFICER))
    assert plain("内部资料，不得外传") in printed
    assert plain(f"{record.properties['reserve_price_10k_cny']:,.0f}万元") not in printed
    assert plain("内部资料，不得外传") not in text_of(made("parcels", fullest("parcels")))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_brief_of_a_sample_is_one_page_of_a4(lang: Lang) -> None:
    for layer in ("parcels", "buildings"):
        for id in licang.select(layer).ids()[::40]:
            (page,) = reader(made(layer, id, lang)).pages
            assert [round(float(side)) for side in (page.mediabox.width, page.mediabox.height)] == [595, 842]


@pytest.mark.parametrize("long", ["超长名称" * 75, "Verylongname" * 25, "长 " * 150])
def test_names_of_three_hundred_characters_leave_it_one_page(long: str) -> None:
    id = fullest("parcels")
    names = (
        "parcel_name", "location_text", "land_use_raw", "highlights", "handover_note", "park_name", "subdistrict",
        "contact_office", "detailed_plan_ref", "planning_conditions_no", "notice_no",
    )  # fmt: skip
    lists = dict.fromkeys(("encouraged_industries", "restricted_industries"), (long,) * 20)
    objects = {"other_conditions": {"parking": long, "access": long}, "bounds_text": {"east": long, "west": long}}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in objects.items()}
    catalog = changed({id: {**dict.fromkeys(names, long), **lists, **texts}})
    body = made("parcels", id, catalog=catalog, url=URL)
    assert len(reader(body).pages) == 1
    printed = text_of(body)
    assert plain("…") in printed
    assert plain("本资料仅供招商参考") in printed
    assert plain("数据截至") in printed


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_record_says_is_printed_never_run(payload: str) -> None:
    catalog, ids = poisoned()
    assert plain(payload) in text_of(made("parcels", ids[payload], catalog=catalog))


def test_the_same_brief_has_the_same_bytes() -> None:
    assert made("parcels", fullest("parcels"), url=URL) == made("parcels", fullest("parcels"), url=URL)


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_the_file_knows_its_title_and_language(lang: Lang, tag: str) -> None:
    id = fullest("parcels")
    pdf = reader(made("parcels", id, lang))
    assert pdf.metadata is not None
    assert licang.record("parcels", id).properties["parcel_name"] in str(pdf.metadata.title)
    assert str(pdf.trailer["/Root"]["/Lang"]) == tag
    assert "20261122" in str(pdf.metadata.get("/CreationDate"))


def test_only_our_own_fonts_are_in_the_file() -> None:
    names = set()
    for page in reader(made("parcels", fullest("parcels"), url=URL)).pages:
        fonts = page["/Resources"].get("/Font", {})  # type: ignore[attr-defined]
        names |= {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    assert names
    assert all("NotoSansSC" in name for name in names), names


@cache
def glyphs() -> frozenset[int]:
    """Return the characters the print font can draw, read from its character map (format 12)."""
    data = (web_root() / "dist" / "fonts" / "NotoSansSC_400Regular.ttf").read_bytes()

    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(data[at : at + size], "big")

    start = next(number(at + 8) for at in range(12, 12 + 16 * number(4, 2), 16) if data[at : at + 4] == b"cmap")
    maps = [start + number(start + 8 + 8 * each) for each in range(number(start + 2, 2))]
    groups = [
        range(number(at + 16 + 12 * each), number(at + 20 + 12 * each) + 1)
        for at in maps
        if number(at, 2) == 12
        for each in range(number(at + 12))
    ]
    return frozenset(char for group in groups for char in group)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_every_character_has_a_glyph(layer: str, lang: Lang) -> None:
    text = "".join(page.extract_text() for page in reader(made(layer, fullest(layer), lang, url=URL)).pages)
    assert len(glyphs()) > 20_000
    assert {char for char in text if not char.isspace() and ord(char) not in glyphs()} == set()


def test_a_record_without_its_conditions_says_so() -> None:
    record = next(one for one in licang.select("parcels").records() if not one.properties["planning_parse_status"])
    printed = text_of(made("parcels", record.id))
    assert plain("容积率—") in printed
    assert "None" not in printed
    assert "nan" not in printed


def test_a_brief_needs_a_layer_that_has_one_and_a_record_that_exists() -> None:
    with pytest.raises(InvalidValueError, match="has no brief"):
        made("facilities", "FA-001")
    with pytest.raises(NotFoundError):
        made("parcels", "nowhere")
    hidden = set(licang.select("parcels", licang.OFFICER).ids()) - set(licang.select("parcels").ids())
    with pytest.raises(NotFoundError):
        made("parcels", next(iter(hidden)))


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("短", 2, "短"),
        ("太长了", 4, "太…"),
        ("abcdef", 4, "abc…"),
        ("a\n b\tc", 9, "a b c"),
        ("甲\u202e乙", 9, "甲乙"),
        ("", 3, ""),
    ],
)
def test_a_text_is_cut_to_its_room(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short


def test_the_page_can_be_drawn(pdftoppm_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "brief.pdf"
    path.write_bytes(made("parcels", fullest("parcels"), url=URL))
    subprocess.run(
        [str(pdftoppm_path), "-r", "30", "-png", "-singlefile", str(path), str(tmp_path / "page")], check=True
    )
    assert (tmp_path / "page.png").stat().st_size > 5_000
