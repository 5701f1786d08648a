"""Coordinates of every make become longitude and latitude: by the ranges, inside the district, with the step named."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.domain import District, crs, layer_named
from landmap.domain.errors import SourceError
from landmap.ingest.coordinates import Located, locate
from landmap.ingest.faults import RefusedError
from landmap.ingest.profiles import Profile
from landmap.ingest.terms import Terms
from tests.making_files import square, town

TOWN = town()


def drawn(epsg: int, scale: float = 1.0) -> list[shapely.Geometry]:
    """Return two squares of the town as a survey in `epsg` would have them."""
    shapes = gpd.GeoSeries([square(0), square(1)], crs=4490).to_crs(epsg)
    return list(shapely.transform(shapes.to_numpy(), lambda points: points * scale))


def placed(shapes: list[shapely.Geometry], declared: str | None = None, **said: object) -> Located:
    terms = Terms(layer_named("parcels"), TOWN, **said)  # type: ignore[arg-type]
    return locate(np.array(shapes, dtype=object), tuple(range(1, len(shapes) + 1)), declared, terms)


def told(found: Located) -> list[str]:
    return [fault.code for fault in found.faults]


def assert_in_place(found: Located) -> None:
    for number, shape in enumerate(found.geometry):
        assert shapely.hausdorff_distance(shape, square(number)) < 1e-8


@pytest.mark.parametrize("epsg", [4528, 4549])
def test_a_drawing_in_millimetres_is_read_in_metres_and_said(epsg: int) -> None:
    found = placed(drawn(epsg, 1000))
    assert (found.epsg, told(found)) == (epsg, ["crs_found", "crs_millimetres"])
    assert_in_place(found)


def test_a_swapped_drawing_in_millimetres_is_read_too() -> None:
    turned = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in drawn(4549, 1000)]
    found = placed(turned)
    assert told(found) == ["crs_found", "crs_millimetres", "axes_swapped"]
    assert_in_place(found)


@pytest.mark.parametrize(
    ("declared", "epsg"),
    [
        ("2000国家大地坐标系 3度带 中央经线120", 4549),
        ("CGCS2000 第40带", 4528),
        ("EPSG:32651", 32651),
        ("EPSG:4510", 4510),
        ("EPSG:4548", 4548),
    ],
)
def test_other_zones_and_systems_are_converted_and_the_step_is_named(declared: str, epsg: int) -> None:
    found = placed(drawn(epsg), declared)
    assert (found.epsg, told(found)) == (epsg, [])
    assert found.operation is not None
    assert " → China Geodetic Coordinate System 2000: " in found.operation
    assert_in_place(found)


def test_a_declared_zone_that_lies_is_outranked_by_where_the_data_then_fall() -> None:
    found = placed(drawn(4549), "EPSG:4548")  # read with meridian 117 the town would lie at 117.4° E
    assert (found.epsg, told(found)) == (4549, ["crs_declared_wrong"])
    assert_in_place(found)


def test_a_prefix_outranks_a_declared_zone() -> None:
    found = placed(drawn(4528), "EPSG:4529")
    assert (found.epsg, told(found)) == (4528, ["crs_declared_wrong"])


@pytest.mark.parametrize(
    "declared", ["西安80", "1980西安坐标系 3度带", 'LOCAL_CS["北京54 / 3度带"]', "1954年北京坐标系"]
)
def test_old_datums_are_refused_by_their_chinese_names(declared: str) -> None:
    with pytest.raises(RefusedError) as refused:
        placed(drawn(4549), declared)
    assert refused.value.fault.code == "crs_datum_refused"
    assert "is not converted here" in str(refused.value.fault.words["reason"])


@pytest.mark.parametrize(("epsg", "meridian"), [(4510, 123), (4548, 117), (4550, 123)])
def test_a_zone_that_nothing_names_is_asked_for_and_never_guessed(epsg: int, meridian: int) -> None:
    with pytest.raises(RefusedError) as refused:
        placed(drawn(epsg))
    fault = refused.value.fault
    assert fault.code == "crs_outside_district"
    assert f"EPSG:{epsg}" in str(fault.words["advice_zh"])
    assert f"中央经线{meridian}°E" in str(fault.words["advice_zh"])
    assert str(fault.words["advice_en"]).startswith("in that system they would lie here")


def test_a_local_grid_is_sent_to_the_surveyors() -> None:
    shapes = [shapely.box(170_000, 1_850_000, 170_100, 1_850_100)]
    with pytest.raises(RefusedError) as refused:
        placed(shapes)
    assert "疑似地方坐标系" in str(refused.value.fault.words["advice_zh"])


def test_the_profile_of_a_source_names_its_system() -> None:
    profile = Profile("测绘院", "parcels", crs=4510)
    found = placed(drawn(4510), profile=profile)
    assert (found.epsg, told(found)) == (4510, [])
    assert_in_place(found)
    assert placed(drawn(4549), profile=profile, declared_crs=4549).epsg == 4549, "what is said now counts"


def test_a_foreign_district_reads_its_own_plane_without_a_declaration(repo: Path) -> None:
    philadelphia = District.from_toml(repo / "tests/districts/philadelphia.toml")
    shape = shapely.box(-75.15, 39.95, -75.149, 39.951)
    feet = gpd.GeoSeries([shape], crs=4326).to_crs(philadelphia.planar_epsg)
    terms = Terms(layer_named("parcels"), philadelphia)
    found = locate(np.array(list(feet), dtype=object), (1,), None, terms)
    assert (found.epsg, told(found)) == (philadelphia.planar_epsg, ["crs_found"])
    assert shapely.hausdorff_distance(found.geometry[0], shape) < 1e-7


def test_the_district_is_needed_for_a_foreign_plane() -> None:
    with pytest.raises(SourceError, match="fit no system"):
        crs.detect_coordinates([2_690_000.0], [1_240_000.0], district_epsg=2272)
