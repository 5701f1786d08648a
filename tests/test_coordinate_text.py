"""Places written into cells: outlines as strings of points, degrees in every form, shapes in every code."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landmap.ingest import check_here as check
from landmap.ingest.readers.cell_shapes import read_shapes
from landmap.ingest.readers.coordinate_text import coordinate, looks_like_points, shape_of_points
from landmap.ingest.readers.rings import polygon_of
from tests.making_files import square, town, write_csv

#: A triangle, longitude first; what every text below outlines.
TRIANGLE = shapely.Polygon([(120.425, 36.25), (120.5, 36.25), (120.5, 36.3)])


@pytest.mark.parametrize(
    "text",
    [
        "120.425,36.25;120.5,36.25;120.5,36.3",
        "120.425,36.25;120.5,36.25;120.5,36.3;120.425,36.25;",
        "120.425，36.25；120.5，36.25；120.5，36.3",
        "120.425,36.25|120.5,36.25|120.5,36.3",
        "120.425 36.25\n120.5 36.25\r\n120.5 36.3",
        "120.425,36.25 120.5,36.25 120.5,36.3",
        "(120.425 36.25, 120.5 36.25, 120.5 36.3)",
        "(120.425,36.25),(120.5,36.25),(120.5,36.3)",
        "[[120.425,36.25],[120.5,36.25],[120.5,36.3]]",
        "[[[120.425,36.25],[120.5,36.25],[120.5,36.3]]]",
        "120.425 36.25 120.5 36.25 120.5 36.3",
        "120.425,36.25,120.5,36.25,120.5,36.3",
        "J1:120.425,36.25; J2:120.5,36.25; J3:120.5,36.3",
        "1、120.425,36.25；2、120.5,36.25；3、120.5,36.3",
        "1,120.425,36.25;2,120.5,36.25;3,120.5,36.3",
        "120.425,36.25,12.5;120.5,36.25,12.5;120.5,36.3,12.6",
        "东经120°25′30″，北纬36°15′；东经120°30′，北纬36°15′；东经120°30′，北纬36°18′",
        "120°25'30\",36°15'00\";120°30'00\",36°15'00\";120°30'00\",36°18'00\"",
        "120度25分30秒 36度15分;120度30分 36度15分;120度30分 36度18分",
        "E120°25.5′ N36°15′|E120°30′ N36°15′|E120°30′ N36°18′",
        "经度:120.425,纬度:36.25;经度:120.5,纬度:36.25;经度:120.5,纬度:36.3",
    ],
)
def test_an_outline_is_read_whatever_parts_its_points(text: str) -> None:
    assert looks_like_points(text)
    assert shapely.equals_exact(shape_of_points(text), TRIANGLE, 1e-9)


def test_axes_may_be_named_and_north_may_stand_first() -> None:
    shape = shape_of_points("X=4005000.1，Y=40540000.2；X=4005100.1，Y=40540000.2；X=4005100.1，Y=40540100.2")
    assert shape.bounds == (4005000.1, 40540000.2, 4005100.1, 40540100.2)


@pytest.mark.parametrize("mark", ["#", "&", "||"])
def test_rings_are_parted_by_a_mark_and_one_inside_another_is_a_hole(mark: str) -> None:
    shape = shape_of_points(mark.join(["0.5,0.5;9,0.5;9,9;0.5,9", "2,2;3,2;3,3;2,3", "20,20;21,20;21,21"]))
    assert (len(shapely.get_parts(shape)), shape.area) == (2, 8.5**2 - 1 + 0.5)


def test_one_point_is_a_point() -> None:
    assert shape_of_points("120.43,36.16").wkt == "POINT (120.43 36.16)"


@pytest.mark.parametrize(
    "text",
    ["120.1,36.1;120.2,36.1", "120.1,36.1;120.2", "120.1,甲;120.2,36.1;1,2", "", "120°61′,36°;1,2;3,4", "[[1,2],[3]]"],
)
def test_what_is_no_outline_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"coordinates|points|list"):
        shape_of_points(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-09-01、3 栋、5 层",
        "1,2,3,4,5,6",
        "0532-88888888",
        "李沧区九水东路130号，2.5万㎡，3.6亩，1.2，3，4.5",
        "≥1.5",
        "",
        "2.5/3.5",
    ],
)
def test_other_texts_are_not_taken_for_outlines(text: str) -> None:
    assert not looks_like_points(text)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("120°30′00″", 120.5),
        ("E120°30′", 120.5),
        ("北纬36度30分0秒", 36.5),
        ("36°30'0''S", -36.5),
        ("120d30m", 120.5),
        ("120°", 120.0),
        ("120°60′", None),
        ("120.5.5", None),
        (float("nan"), None),
    ],
)
def test_degrees_are_read_in_every_form(cell: Any, value: float | None) -> None:
    assert coordinate(cell) == value


def test_one_column_may_mix_codes_and_a_bad_cell_is_told_by_its_row() -> None:
    wkb = shapely.to_wkb(shapely.set_srid(square(), 4326), hex=True, include_srid=True)
    points = ";".join(f"{x},{y}" for x, y in square().exterior.coords)
    found = read_shapes([square().wkt, wkb, points, shapely.to_geojson(square()), "见附图", None], range(2, 8))
    assert found is not None
    shapes, declared, faults = found
    assert all(shape.equals(square()) for shape in shapes[:4])
    assert (shapes[4:], declared) == ([None, None], "EPSG:4326")
    assert [(one.code, one.row) for one in faults] == [("shape_text_malformed", 6)]


def test_cells_nested_beyond_reason_are_told_and_the_others_kept() -> None:
    """GEOS and the JSON parser call themselves for each level, and GEOS ends the process when there is no end to it."""
    depth = 100_000
    wkt = "GEOMETRYCOLLECTION(" * depth + "POINT(1 1)" + ")" * depth
    wkb = (struct.pack("<BII", 1, 7, 1) * depth + struct.pack("<BIdd", 1, 1, 1, 1)).hex()
    geojson = '{"type":"GeometryCollection","geometries":[' * depth
    found = read_shapes([square().wkt, wkt, wkb, geojson, "[[" * depth], range(5))
    assert found is not None
    shapes, _, faults = found
    assert shapes == [square(), None, None, None, None]
    assert [(one.code, one.row) for one in faults] == [("shape_text_malformed", row) for row in (1, 2, 3, 4)]


def test_more_points_than_a_shape_may_have_are_not_made() -> None:
    for text in ("1.5," * 2_000_000, "120.4,36.1;" * 100_001):
        with pytest.raises(ValueError, match="more than 100000 points"):
            shape_of_points(text)


@given(
    st.lists(st.tuples(st.integers(1, 9_999_999), st.integers(1, 9_999_999)), min_size=3, max_size=40, unique=True),
    st.sampled_from([(",", ";"), (" ", "|"), (",", "\n"), (" ", ","), (",", " ")]),
)
def test_what_is_written_is_what_is_read(points: Sequence[tuple[int, int]], marks: tuple[str, str]) -> None:
    pairs = [(x / 100 + 0.005, y / 100 + 0.005) for x, y in points]
    text = marks[1].join(marks[0].join(f"{value:.3f}" for value in pair) for pair in pairs)
    wanted = polygon_of([[(float(f"{x:.3f}"), float(f"{y:.3f}")) for x, y in pairs]])
    assert shapely.get_coordinates(shape_of_points(text)).tolist() == shapely.get_coordinates(wanted).tolist()


@given(st.text(alphabet="0123456789.,;|°′″ NE()[]#J-eE东\n", max_size=80))
def test_any_text_is_an_outline_or_an_error(text: str) -> None:
    try:
        shape_of_points(text)
    except ValueError:
        return
    assert coordinate(text) is None or isinstance(coordinate(text), float)


def test_strings_of_points_in_the_national_grid_become_parcels(tmp_path: Path) -> None:
    corners = ((5000.123, 0.456), (5100.123, 0.456), (5100.123, 100.456), (5000.123, 100.456))
    outline = ";".join(f"J{at},{4e6 + north:.3f},{4.054e7 + east:.3f}" for at, (north, east) in enumerate(corners, 1))
    path = write_csv(tmp_path / "a.csv", [("地块编号", "坐标串"), ("A-1", outline)], "gb18030")
    staged, report = check([path], "parcels", town())
    assert staged is not None
    assert report.inputs[0].crs == "EPSG:4528"
    assert staged.frame.geometry.iloc[0].geom_type == "MultiPolygon"
