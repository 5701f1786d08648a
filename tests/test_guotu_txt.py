"""国土 TXT 报盘 in all the forms that land offices send it, and as we write it ourselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from landmap.domain import crs, layer_named
from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import READERS, RawLayer, Request
from landmap.ingest.readers.guotu_txt import GuotuTxtReader
from landmap.render import FORMATS
from tests import licang
from tests.making_files import write_bytes

HEAD = (
    "[属性描述]",
    "格式版本号=1.01",
    "数据产生单位=某市自然资源局",
    "数据产生日期=2025-6-15",
    "坐标系=2000国家大地坐标系",
    "几度分带=3",
    "投影类型=高斯克吕格",
    "计量单位=米",
    "带号=40",
    "精度=0.001",
    "转换参数=,,,,,,",
    "[地块坐标]",
)
#: A square of 100 m in zone 40, north first as the rule is, and the same without the zone in the easting.
SQUARE = ((4005000.0, 40540000.0), (4005100.0, 40540000.0), (4005100.0, 40540100.0), (4005000.0, 40540100.0))
PLAIN = tuple((north, east - 40e6) for north, east in SQUARE)
ATTRIBUTES = "4,1.0000,LC-1,甲地块,面,,工业用地,1001,@"


def points(
    ring: Sequence[tuple[float, float]], number: int = 1, first: int = 1, label: str = "J", *, closed: bool = True
) -> list[str]:
    """Return the lines of one ring."""
    lines = [f"{label}{first + index},{number},{a:.3f},{b:.3f}" for index, (a, b) in enumerate(ring)]
    return [*lines, f"{label}{first},{number},{ring[0][0]:.3f},{ring[0][1]:.3f}"] if closed else lines


def moved(ring: Sequence[tuple[float, float]], by: float, size: float = 1.0) -> list[tuple[float, float]]:
    """Return a ring moved to the north-east, and shrunk towards its own corner."""
    (north, east), *_ = ring
    return [(north + by + (a - north) * size, east + by + (b - east) * size) for a, b in ring]


def written(
    folder: Path, *lines: str, head: Sequence[str] = HEAD, encoding: str = "gb18030", end: str = "\r\n"
) -> Path:
    return write_bytes(folder / "a.txt", end.join((*head, *lines)).encode(encoding))


def read(path: Path) -> RawLayer:
    head = path.read_bytes()[:4096]
    assert next(reader.key for reader in READERS if reader.recognises(head, path)) == "guotu_txt"
    (layer,) = GuotuTxtReader().read(Request(path, "a"))
    return layer


def codes(layer: RawLayer) -> list[str]:
    return [fault.code for fault in layer.faults]


def only(layer: RawLayer) -> Any:
    assert layer.geometry is not None
    assert len(layer.geometry) == 1
    return layer.geometry[0]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_file_by_the_rule_is_read_whole(tmp_path: Path, encoding: str, end: str) -> None:
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE), encoding=encoding, end=end))
    assert layer.crs == "EPSG:4528"
    assert layer.encoding == encoding
    assert layer.faults == ()
    assert only(layer).equals(shapely.box(40540000, 4005000, 40540100, 4005100))
    assert {name: values[0] for name, values in layer.columns.items()} == {
        "地块编号": "LC-1", "地块名称": "甲地块", "面积(公顷)": "1.0000", "图幅号": None,
        "地块用途": "工业用地", "地类编码": "1001",
    }  # fmt: skip


def test_a_ring_that_lies_in_another_is_a_hole_whatever_its_number(tmp_path: Path) -> None:
    hole, part = moved(SQUARE, 20, 0.2), moved(SQUARE, 500)
    for rings in ((SQUARE, hole, part), (hole, part, SQUARE)):
        lines: list[str] = []
        for number, ring in enumerate(rings, start=1):
            lines += points(ring, number, first=1 + 4 * (number - 1))
        shape = only(read(written(tmp_path, ATTRIBUTES.replace("4,1", "12,1.96", 1), *lines)))
        assert shape.geom_type == "MultiPolygon"
        assert shape.area == pytest.approx(10_000 - 400 + 10_000)
        assert shape.is_valid


def test_an_island_in_a_hole_is_land_again(tmp_path: Path) -> None:
    rings = [SQUARE, moved(SQUARE, 20, 0.5), moved(SQUARE, 30, 0.2)]
    lines = [line for number, ring in enumerate(rings, start=1) for line in points(ring, number)]
    assert only(read(written(tmp_path, ATTRIBUTES, *lines))).area == pytest.approx(10_000 - 2_500 + 400)


def test_a_ring_that_closes_ends_even_when_its_number_goes_on(tmp_path: Path) -> None:
    lines = [*points(SQUARE), *points(moved(SQUARE, 500), first=5)]
    shape = only(read(written(tmp_path, "8,2.0,LC-1,甲,面,,,,@", *lines)))
    assert len(shapely.get_parts(shape)) == 2


@pytest.mark.parametrize("label", ["J", "", "j0", "界"])
@pytest.mark.parametrize("closed", [True, False])
def test_labels_and_closing_points_are_free(tmp_path: Path, label: str, closed: bool) -> None:
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE, label=label, closed=closed)))
    assert only(layer).area == pytest.approx(10_000)
    assert layer.faults == ()


@pytest.mark.parametrize(
    ("attributes", "number", "name", "area"),
    [
        ("4,1.0000,LC-1,甲,面,,,,@", "LC-1", "甲", "1.0000"),
        ("4,1.0000,LC-1,甲,面,I50G,工业用地,1001,备注一,@", "LC-1", "甲", "1.0000"),
        ("4,1.0000,LC-1,甲,面,,,,旱地,0103,9,8,@", "LC-1", "甲", "1.0000"),
        ("4,1.0000,LC-1,甲,面,,,,旱地,0103,9,8,无,@", "LC-1", "甲", "1.0000"),
        ("1.0000,LC-1,甲,面,,,,@", "LC-1", "甲", "1.0000"),
        ("4,1.0公顷,LC-1,甲,面,,,,@", "LC-1", "甲", "1.0公顷"),
        ("4,1.0000,LC-1,甲,乙,面,,,,@", "LC-1", "甲,乙", "1.0000"),
        ("4，1.0000，LC-1，甲，面，，，，@", "LC-1", "甲", "1.0000"),
        (",,LC-1,甲,面,,,,@", "LC-1", "甲", None),
    ],
)
def test_attributes_of_any_length_are_found_around_the_kind(
    tmp_path: Path, attributes: str, number: str, name: str, area: str | None
) -> None:
    layer = read(written(tmp_path, attributes, *points(SQUARE)))
    assert (layer.columns["地块编号"], layer.columns["地块名称"]) == ([number], [name])
    assert layer.columns["面积(公顷)"] == [area]
    assert layer.faults == ()


def test_what_follows_the_class_code_keeps_its_name(tmp_path: Path) -> None:
    layer = read(written(tmp_path, "4,1,LC-1,甲,面,,,,旱地,0103,9,8,无,@", *points(SQUARE)))
    assert {name: layer.columns[name] for name in ("图斑类型", "地类", "改造前等别", "改造后等别", "备注")} == {
        "图斑类型": ["旱地"], "地类": ["0103"], "改造前等别": ["9"], "改造后等别": ["8"], "备注": ["无"],
    }  # fmt: skip


def test_easting_first_is_told_by_the_values_and_said(tmp_path: Path) -> None:
    for ring in (SQUARE, PLAIN):
        turned = [(east, north) for north, east in ring]
        layer = read(written(tmp_path, ATTRIBUTES, *points(turned)))
        assert codes(layer) == ["guotu_east_first"]
        assert only(layer).bounds[1] == 4005000


@pytest.mark.parametrize(
    ("changes", "ring", "declared"),
    [
        ({}, SQUARE, "EPSG:4528"),
        ({}, PLAIN, "EPSG:4549"),
        ({"带号": "120"}, PLAIN, "EPSG:4549"),
        ({"带号": ""}, PLAIN, None),
        ({"带号": ""}, SQUARE, "EPSG:4528"),
        ({"几度分带": "6", "带号": "20"}, PLAIN, "EPSG:4509"),
        ({"坐标系": "80国家大地坐标系"}, SQUARE, "EPSG:2364"),
        ({"坐标系": "1954北京坐标系"}, PLAIN, "EPSG:2437"),
        ({"坐标系": "青岛城建坐标系"}, PLAIN, "青岛城建坐标系"),
        ({"坐标系": ""}, PLAIN, None),
    ],
)
def test_the_head_and_the_eastings_name_the_system(
    tmp_path: Path, changes: dict[str, str], ring: Sequence[tuple[float, float]], declared: str | None
) -> None:
    head = [f"{line.split('=')[0]}={changes.get(line.split('=')[0], line.partition('=')[2])}" if "=" in line else line
            for line in HEAD]  # fmt: skip
    layer = read(written(tmp_path, ATTRIBUTES, *points(ring), head=head))
    assert layer.crs == declared
    assert only(layer).area == pytest.approx(10_000)


def test_keys_that_run_together_on_a_line_are_told_apart(tmp_path: Path) -> None:
    head = ("[属性描述]", "坐标系=2000国家大地坐标系几度分带=3", "投影类型=高斯克吕格计量单位=米带号=40", "[地块坐标]")
    assert read(written(tmp_path, ATTRIBUTES, *points(PLAIN), head=head)).crs == "EPSG:4549"


def test_a_head_that_names_another_zone_is_told_and_the_points_count(tmp_path: Path) -> None:
    head = [line.replace("带号=40", "带号=39") for line in HEAD]
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE), head=head))
    assert (layer.crs, codes(layer)) == ("EPSG:4528", ["guotu_zone_disagrees"])


def test_transformation_parameters_are_told_without_being_shown(tmp_path: Path) -> None:
    head = [line.replace("转换参数=,,,,,,", "转换参数=12.345,-6.7,8.9,0,0,0,1") for line in HEAD]
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE), head=head))
    assert codes(layer) == ["guotu_parameters_unused"]
    assert "12.345" not in str(layer)


def test_zero_parameters_and_digits_for_precision_are_nothing_to_tell(tmp_path: Path) -> None:
    head = [line.replace("转换参数=,,,,,,", "转换参数=0,0,0,0,0,0,0").replace("精度=0.001", "精度=3") for line in HEAD]
    assert read(written(tmp_path, ATTRIBUTES, *points(SQUARE), head=head)).faults == ()


def test_degrees_without_a_head_are_read_too(tmp_path: Path) -> None:
    ring = ((36.18, 120.40), (36.182, 120.40), (36.182, 120.402), (36.18, 120.402))
    lines = [f"J{index},1,{north},{east}" for index, (north, east) in enumerate(ring, start=1)]
    layer = read(written(tmp_path, "4,3.9928,LC-1,甲,面,,,,@", *lines, head=()))
    assert layer.crs is None
    assert only(layer).equals(shapely.box(120.40, 36.18, 120.402, 36.182))
    assert codes(layer) == []


def test_other_sections_are_passed_over(tmp_path: Path) -> None:
    extra = ("[扩展信息]", "项目名称=测试,项目,名,称@", "J1,1,1,1")
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE), head=(*HEAD[:-1], *extra, HEAD[-1])))
    assert (len(layer.rows), layer.faults) == (1, ())


@pytest.mark.parametrize(
    ("count", "told"), [(4, []), (5, []), (3, ["guotu_count_disagrees"]), (66, ["guotu_count_disagrees"])]
)
def test_a_wrong_number_of_points_is_told(tmp_path: Path, count: int, told: list[str]) -> None:
    assert codes(read(written(tmp_path, ATTRIBUTES.replace("4,", f"{count},", 1), *points(SQUARE)))) == told


@pytest.mark.parametrize(("area", "unit"), [("1.0000", "公顷"), ("10000.00", "㎡"), ("15.00", "亩"), ("3.21", "公顷")])
def test_the_unit_of_the_area_is_the_one_that_agrees_with_the_points(tmp_path: Path, area: str, unit: str) -> None:
    layer = read(written(tmp_path, f"4,{area},LC-1,甲,面,,,,@", *points(SQUARE)))
    assert layer.columns[f"面积({unit})"] == [area]
    assert codes(layer) == ([] if unit == "公顷" else ["guotu_area_unit"])


def test_several_plots_are_several_records(tmp_path: Path) -> None:
    lines = []
    for number in range(3):
        lines += [f"4,1.0000,LC-{number},地块{number},面,,,,@", *points(moved(SQUARE, 500 * number))]
    layer = read(written(tmp_path, *lines))
    assert layer.rows == (1, 2, 3)
    assert layer.columns["地块编号"] == ["LC-0", "LC-1", "LC-2"]


def test_points_without_attributes_and_lines_that_are_neither_are_told(tmp_path: Path) -> None:
    layer = read(written(tmp_path, *points(SQUARE), "此行无意义", "J9,1,abc,def"))
    assert codes(layer) == ["guotu_line_unread", "guotu_line_unread", "guotu_attributes_missing"]
    assert [fault.words["line"] for fault in layer.faults] == [18, 19, 13]
    assert only(layer).area == pytest.approx(10_000)


def test_a_plot_that_encloses_nothing_keeps_its_row_and_is_told(tmp_path: Path) -> None:
    layer = read(written(tmp_path, ATTRIBUTES, *points(SQUARE[:2]), "4,1,LC-2,乙,面,,,,@"))
    assert layer.geometry is not None
    assert list(layer.geometry) == [None, None]
    assert [(one.code, one.row) for one in layer.faults] == [("guotu_count_disagrees", 1), ("guotu_ring_short", 1)]


def test_more_rings_than_a_parcel_has_are_refused_in_time(tmp_path: Path) -> None:
    lines = [line for at in range(3000) for line in points(moved(SQUARE, at / 100, 1 - at / 4000), at)]
    layer = read(written(tmp_path, ATTRIBUTES.replace("4,", "12000,", 1), *lines))
    assert (only(layer), codes(layer)) == (None, ["too_many_rings"])


def test_a_ring_of_more_points_than_a_shape_may_have_is_counted_and_not_made(tmp_path: Path) -> None:
    ring = [f"J{at},1,{4005000 + at / 1000:.3f},40540000.000" for at in range(120_000)]
    layer = read(written(tmp_path, ATTRIBUTES, *ring, "4,1,LC-2,乙,面,,,,@", *points(SQUARE)))
    assert layer.geometry is not None
    assert [shape is None for shape in layer.geometry] == [True, False]
    assert [(one.code, one.row) for one in layer.faults] == [("guotu_count_disagrees", 1), ("too_many_vertices", 1)]
    assert [one.words.get("count", one.value) for one in layer.faults] == [120_000, 120_000]


def test_lines_and_points_are_taken_as_such(tmp_path: Path) -> None:
    lines = ["4,,A,线,线,,,,@", *points(SQUARE, closed=False), "1,,B,点,点,,,,@", *points(SQUARE[:1], closed=False)]
    layer = read(written(tmp_path, *lines))
    assert layer.geometry is not None
    assert [shape.geom_type for shape in layer.geometry] == ["LineString", "Point"]


def test_a_head_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="guotu_no_plot"):
        GuotuTxtReader().read(Request(written(tmp_path), "a"))


@pytest.mark.parametrize("text", ["地块编号,坐落\nA-1,甲路\n", "a@b.cn,c@\n1,2,3,4\n", "J1,1,2,3\n"])
def test_other_texts_are_not_taken_for_it(tmp_path: Path, text: str) -> None:
    path = write_bytes(tmp_path / "a.txt", text)
    assert not GuotuTxtReader().recognises(path.read_bytes(), path)


@pytest.mark.parametrize("layer", ["parcels", "districts", "constraints", "facilities", "buildings"])
def test_what_we_write_comes_back_within_a_millimetre(tmp_path: Path, layer: str) -> None:
    selection = licang.select(layer, licang.OFFICER)
    path = write_bytes(tmp_path / "a.txt", FORMATS["guotu_txt"].write(selection, licang.words("zh")))
    again = read(path)
    records = list(selection.records())
    assert [fault.code for fault in again.faults] == []
    assert again.columns[layer_named(layer).fields[layer_named(layer).id_field].label_zh] == [one.id for one in records]
    assert again.crs == "EPSG:4528"
    stored = np.array([one.geometry for one in records], dtype=object)
    ours = crs.transform(stored, 4490, 4528)
    assert again.geometry is not None
    for shape, was in zip(again.geometry, ours, strict=True):
        assert shapely.hausdorff_distance(shapely.normalize(shape), shapely.normalize(was)) <= 0.001
        assert shape.area == pytest.approx(was.area, abs=0.001 * was.length + 1e-9)


def test_what_we_write_keeps_to_the_rule(tmp_path: Path) -> None:
    body = FORMATS["guotu_txt"].write(licang.select("parcels"), licang.words("zh"))
    lines = body.decode("gb18030").split("\r\n")
    assert lines[0] == "[属性描述]"
    assert {"坐标系=2000国家大地坐标系", "几度分带=3", "带号=40", "计量单位=米"} <= set(lines)
    first = lines.index("[地块坐标]") + 1
    count, area, *_, end = lines[first].split(",")
    ring = lines[first + 1 : first + 1 + int(count)]
    assert end == "@"
    assert len(area.partition(".")[2]) == 4
    assert ring[0].split(",")[0] == "J1"
    north, east = ring[0].split(",")[2:]
    assert (len(north.partition(".")[2]), len(east.partition(".")[2])) == (3, 3)
    assert 3.9e6 < float(north) < 4.1e6
    assert 40.4e6 < float(east) < 40.6e6
