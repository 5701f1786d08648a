"""Maps as SVG: well-formed, repeatable, honest about what they are, and deaf to what names would like to be."""

import re
from xml.etree import ElementTree

import pytest
import shapely

from landmap.domain import District
from landmap.query import Record
from landmap.render import cartography
from landmap.render.cartography.board import on_plane
from landmap.render.cartography.frame import Frame
from landmap.render.cartography.labels import Label, Placement
from landmap.render.cartography.marks import marks, strip_height
from landmap.render.cartography.scene import LABEL_MAX, Scene
from tests import licang
from tests.query_data import demo_district

SVG = "{http://www.w3.org/2000/svg}"
#: What browsers and Typst both draw.
KNOWN = {"svg", "title", "defs", "clipPath", "g", "rect", "path", "circle", "text"}
PAYLOADS = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    '"><img onerror=x>',
    "]]>&lt;",
    "${1+1}",
    "\x00\x08坏",
    "‮反",
    "C:\\path\\2026",
]


def site(id: str = "", lang: str = "zh", size: tuple[float, float] = (470, 330)) -> Scene:
    record = licang.record("parcels", id or licang.select("parcels", stage="announced").ids()[0])
    words = licang.words("zh" if lang == "zh" else "en")
    return cartography.site_scene(
        record, "parcels", licang.catalog(), licang.PUBLIC, words, today=licang.TODAY, size=size
    )


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_site_map_carries_what_a_map_must(lang: str) -> None:
    scene = site(lang=lang)
    said = texts(cartography.draw(scene))
    assert scene.marks.notice in said
    assert scene.marks.approval in said
    assert scene.marks.source in said
    assert "N" in said
    assert any(re.fullmatch(r"[0-9.]+ (米|公里|m|km)", text) for text in said)
    assert scene.focus_text in said
    assert scene.focus[0].label in said


def test_the_same_scene_is_the_same_text() -> None:
    assert cartography.draw(site()) == cartography.draw(site())


def test_only_what_every_reader_draws_is_used() -> None:
    for element in ElementTree.fromstring(cartography.draw(site())).iter():
        assert element.tag.removeprefix(SVG) in KNOWN


def test_no_two_labels_lie_on_one_another() -> None:
    placed = Placement(100, 100).place([Label("甲", 50, 50, 10, 1, "#000"), Label("乙", 53, 50, 10, 2, "#000")])
    assert [label.text for label in placed] == ["甲"]


def test_a_label_goes_where_there_is_room() -> None:
    offsets = ((0.0, 0.0, "middle"), (0.0, 20.0, "middle"))
    first = Label("甲", 50, 50, 10, 1, "#000")
    second = Label("乙", 50, 50, 10, 2, "#000", offsets=offsets)  # type: ignore[arg-type]
    assert [(one.text, one.y) for one in Placement(100, 100).place([second, first])] == [("甲", 50), ("乙", 70.0)]


def test_the_legend_names_exactly_the_classes_in_sight() -> None:
    scene = site()
    shown = {area.legend for area in (*scene.areas, *scene.focus)}
    assert {label for _, label in scene.legend} == shown


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    scene = site()
    svg = cartography.draw(scene)
    found = re.search(r'd="M10 [0-9.]+h([0-9.]+)v3h-[0-9.]+Z" fill="none"', svg)
    assert found is not None
    assert f"{round(float(found[1]) / scene.frame.scale, -1):g} 米" in texts(svg)


def test_the_way_to_the_metro_says_the_distance_of_the_record() -> None:
    id = next(one.id for one in licang.select("parcels").records() if (one.properties["metro_distance_m"] or 9e9) < 300)
    record = licang.record("parcels", id)
    scene = site(id)
    assert scene.tie is not None
    assert scene.tie.station == record.properties["metro_station"]
    assert scene.tie.distance == f"{record.properties['metro_distance_m']} 米"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_stays_text(payload: str) -> None:
    record = licang.record("parcels", licang.select("parcels").ids()[0])
    named = Record(record.id, record.geometry, {**record.properties, "parcel_no": payload})
    scene = cartography.site_scene(
        named, "parcels", licang.catalog(), licang.PUBLIC, licang.words(), today=licang.TODAY, size=(400, 300)
    )
    svg = cartography.draw(scene)
    kinds = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert kinds <= KNOWN
    seen = "".join(char for char in payload if char.isprintable() and char != "‮")[:LABEL_MAX]
    assert any(seen[:10] in text for text in texts(svg))


def test_a_map_without_an_approval_number_says_so() -> None:
    assert marks(demo_district(), None, licang.words()).approval == "示意图，无审图号"
    real: District = demo_district().model_copy(update={"sample": False})
    assert marks(real, None, licang.words()).approval == "内部资料，未经审图，不得公开"
    approved: District = demo_district().model_copy(update={"map_approval_no": "鲁SG（2026）001号"})
    assert marks(approved, "2026-11-02", licang.words()).approval == "审图号：鲁SG（2026）001号"
    assert "2026-11-02" in marks(approved, "2026-11-02", licang.words()).source


def test_the_public_map_shows_no_parcel_the_public_may_not_see() -> None:
    hidden = set(licang.select("parcels", licang.OFFICER).ids()) - set(licang.select("parcels").ids())
    near = next(iter(hidden))
    record = licang.record("parcels", near, licang.OFFICER)
    (shape,) = on_plane([record.geometry], demo_district())
    neighbour = min(licang.select("parcels").records(), key=lambda one: shapely.distance(one.geometry, record.geometry))
    public = site(neighbour.id)
    assert not [area for area in public.areas if shapely.equals(area.shape, shape)]


def test_a_selection_is_numbered_in_its_order() -> None:
    records = [
        *list(licang.select("parcels", stage="announced").records())[:3],
        *licang.select("buildings").page(limit=2).records,
    ]
    svg = cartography.selection_map(records, licang.catalog(), licang.PUBLIC, licang.words(), today=licang.TODAY)
    assert [text for text in texts(svg) if text.isdigit()] == ["1", "2", "3", "4", "5"]


def test_one_chosen_record_is_named_not_numbered() -> None:
    records = licang.select("parcels").page(limit=1).records
    svg = cartography.selection_map(records, licang.catalog(), licang.PUBLIC, licang.words("en"), today=licang.TODAY)
    assert records[0].properties["parcel_no"] in texts(svg)


def test_nothing_chosen_gives_the_district() -> None:
    svg = cartography.selection_map([], licang.catalog(), licang.PUBLIC, licang.words(), today=licang.TODAY)
    assert "李村" in texts(svg)


def test_dark_maps_are_drawn_in_other_colours() -> None:
    records = licang.select("parcels").page(limit=1).records
    about = (licang.catalog(), licang.PUBLIC, licang.words())
    dark = cartography.selection_map(records, *about, today=licang.TODAY, tone="dark")
    assert "#1b2129" in dark
    assert "#f4f2ec" not in dark


def test_a_frame_puts_north_up_and_keeps_its_scale() -> None:
    frame = Frame.around((0, 0, 100, 50), (200, 200), share=0.5)
    assert frame.scale == 1.0
    assert frame.at(shapely.Point(50, 25)) == (100.0, 100.0)
    assert frame.at(shapely.Point(50, 125)) == (100.0, 0.0)


def test_a_plane_in_feet_is_measured_in_metres() -> None:
    feet = demo_district().model_copy(update={"planar_epsg": 2272})
    (shape,) = on_plane([shapely.box(-75.2, 40.0, -75.19, 40.01)], feet)
    assert shapely.area(shape) == pytest.approx(853.9 * 1110.4, rel=0.002)


@pytest.mark.parametrize("size", [(173, 90), (173, 147), (396, 320)])
def test_every_parcel_of_the_district_can_be_seen_on_the_index_map(size: tuple[float, float]) -> None:
    records = list(licang.select("parcels").records())
    scene = cartography.index_scene(
        records, licang.catalog(), licang.PUBLIC, licang.words("en"), today=licang.TODAY, size=size
    )
    lowest = size[1] - strip_height(scene.marks, size[0])
    assert all(scene.frame.at(shapely.centroid(area.shape))[1] < lowest for area in scene.focus)
    assert all(scene.frame.inside(shapely.centroid(area.shape)) for area in scene.focus)
