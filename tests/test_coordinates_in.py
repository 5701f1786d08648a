"""Where things are: declared, found by ranges, swapped, mislabelled or refused; always inside the district."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.domain import District, layer_named
from landmap.ingest.coordinates import Located, locate
from landmap.ingest.faults import RefusedError
from landmap.ingest.terms import Terms
from tests.making_files import square, town


def placed(
    shapes: list[shapely.Geometry | None], declared: str | None = None, layer: str = "parcels", **said: int
) -> Located:
    geometry = np.array(shapes, dtype=object)
    return locate(geometry, tuple(range(1, len(shapes) + 1)), declared, Terms(layer_named(layer), town(), **said))  # type: ignore[arg-type]


def in_system(epsg: int, count: int = 2) -> list[shapely.Geometry]:
    return list(gpd.GeoSeries([square(number) for number in range(count)], crs=4490).to_crs(epsg))


def codes(found: Located) -> list[str]:
    return [fault.code for fault in found.faults]


def assert_in_place(found: Located) -> None:
    assert shapely.hausdorff_distance(found.geometry[0], square()) < 1e-8


@pytest.mark.parametrize("epsg", [4490, 4326, 4528, 4549, 4498, 32651, 4548])
def test_a_declared_system_is_taken_at_its_word(epsg: int) -> None:
    found = placed(in_system(epsg), f"EPSG:{epsg}")
    assert (found.epsg, codes(found)) == (epsg, [])
    assert_in_place(found)


@pytest.mark.parametrize(
    ("epsg", "reason"), [(4528, "zone 40 stands in the easting"), (4549, "zone 40 from the district")]
)
def test_an_undeclared_plane_is_found_by_its_numbers_and_the_district(epsg: int, reason: str) -> None:
    found = placed(in_system(epsg))
    assert (found.epsg, codes(found), found.faults[0].words["reason"]) == (epsg, ["crs_found"], reason)
    assert_in_place(found)


@pytest.mark.parametrize("epsg", [4490, 4528, 4549])
def test_swapped_axes_are_turned_round_and_said(epsg: int) -> None:
    turned = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in in_system(epsg)]
    found = placed(turned, f"EPSG:{epsg}")
    assert "axes_swapped" in codes(found)
    assert_in_place(found)


def test_values_outrank_a_declaration_that_lies() -> None:
    found = placed(in_system(4549), "EPSG:4490")
    assert (found.epsg, codes(found)) == (4549, ["crs_declared_wrong"])
    assert_in_place(found)


def test_the_steward_outranks_the_file() -> None:
    found = placed(in_system(4549), "EPSG:4490", declared_crs=4549)
    assert (found.epsg, codes(found)) == (4549, [])


def test_an_unknown_declaration_is_said_and_left_to_the_numbers() -> None:
    found = placed(in_system(4528), 'LOCAL_CS["青岛城建"]')
    assert (found.epsg, codes(found)) == (4528, ["crs_unknown", "crs_found"])


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "OGC:CRS84"])
def test_the_names_of_geojson_are_understood(name: str) -> None:
    assert placed(in_system(4326), name).epsg == 4326


@pytest.mark.parametrize("declared", ["EPSG:2364", "EPSG:2385", "EPSG:4610", "EPSG:4214", "EPSG:2416"])
def test_datums_that_may_not_be_converted_are_refused(declared: str) -> None:
    with pytest.raises(RefusedError) as refused:
        placed(in_system(4490), declared)
    assert refused.value.fault.code == "crs_datum_refused"


def test_data_of_another_place_are_refused_as_a_whole() -> None:
    with pytest.raises(RefusedError) as refused:
        placed([shapely.box(116.3, 39.9, 116.31, 39.91)], "EPSG:4490")
    assert refused.value.fault.code == "crs_outside_district"


def test_a_stray_record_is_taken_out_and_the_others_stay() -> None:
    found = placed([*in_system(4490, 20), shapely.box(0, 0, 0.1, 0.1)], "EPSG:4490")
    assert [(fault.code, fault.row) for fault in found.faults] == [("outside_district", 21)]
    assert found.geometry[20] is None
    assert sum(shape is not None for shape in found.geometry) == 20


def test_surroundings_may_lie_farther_off() -> None:
    airport = shapely.Point(119.9, 36.361)
    found = placed([*in_system(4490, 20), airport], "EPSG:4490", layer="facilities")
    assert codes(found) == ["outside_district_near"]
    assert found.geometry[20].equals(airport)


def test_nothing_to_place_needs_no_system() -> None:
    found = placed([None, None])
    assert (found.epsg, found.operation, codes(found)) == (None, None, [])


def test_insane_coordinates_never_reach_geos() -> None:
    ring = [(120.4, 36.18), (1e308, 36.18), (5e-324, 36.19), (120.4, 36.18)]
    holed = shapely.from_wkt("POLYGON ((120.4 36.18, 120.41 36.18, 120.41 36.19, 120.4 36.18), EMPTY)")
    found = placed([*in_system(4490, 20), shapely.Polygon(ring), holed], "EPSG:4490")
    assert [(fault.code, fault.row) for fault in found.faults] == [("out_of_bounds", 21), ("ring_empty", 22)]
    assert found.geometry[20] is None
    assert found.geometry[21].is_valid


def test_feet_are_fine_where_they_are_declared(repo: Path) -> None:
    philadelphia = District.from_toml(repo / "tests/districts/philadelphia.toml")
    shape = shapely.box(-75.15, 39.95, -75.149, 39.951)
    feet = gpd.GeoSeries([shape], crs=4326).to_crs(2272)
    found = locate(np.array(list(feet), dtype=object), (1,), "EPSG:2272", Terms(layer_named("parcels"), philadelphia))
    assert found.epsg == 2272
    assert shapely.hausdorff_distance(found.geometry[0], shape) < 1e-7


@pytest.mark.parametrize("said", ["OSGB36", "OSGB 1936", "British National Grid", "EPSG:27700"])
def test_british_grid_metres_are_read_whether_the_datum_or_the_grid_is_named(repo: Path, said: str) -> None:
    england = District.from_toml(repo / "tests/districts/england.toml")
    corner = (-0.0015, 51.4779)  # Greenwich, by the Ordnance Survey's own converter: 538 880 east, 177 320 north
    shape = shapely.box(538_880, 177_320, 538_980, 177_420)
    found = locate(np.array([shape], dtype=object), (1,), said, Terms(layer_named("parcels"), england))
    datum = said.startswith("OSGB")
    assert (found.epsg, codes(found)) == (27700, ["crs_plane_of"] if datum else [])
    assert np.hypot(*(np.array(shapely.bounds(found.geometry[0])[:2]) - corner)) < 5e-4


def test_a_chinese_plane_may_be_named_by_its_datum_and_a_code_is_held_to_its_word() -> None:
    assert codes(placed(in_system(4549), "CGCS2000")) == ["crs_plane_of"]
    assert codes(placed(in_system(4528), "2000国家大地坐标系")) == ["crs_plane_of"]
    assert codes(placed(in_system(4549), "EPSG:4490")) == ["crs_declared_wrong"]
    assert codes(placed(in_system(4549), "WGS84")) == ["crs_declared_wrong"], "another datum"
