"""A shifted datum shows against what lies where it should: offered, never forced, and approximate when it is taken."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.domain import layer_named
from landmap.domain.crs import Datum, shifted
from landmap.ingest import Boundary, Profile, StagedLayer, check_here
from landmap.ingest.datum import SAMPLE, corrected, judge, settle
from landmap.ingest.report import Report
from tests.making_files import feature, square, town, write_geojson

PARCELS, BUILDINGS = layer_named("parcels"), layer_named("buildings")
SHIFTED = (Datum.GCJ02, Datum.BD09)


def moved(shapes: np.ndarray, datum: Datum) -> np.ndarray:  # type: ignore[type-arg]
    return shapely.transform(shapes, lambda points: shifted(points, datum))


def array(*shapes: shapely.Geometry) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(shapes, dtype=object)


def town_parcels(count: int = 12) -> np.ndarray:  # type: ignore[type-arg]
    return array(*(square(number) for number in range(count)))


OUTLINE = Boundary("outline", array(shapely.box(120.38, 36.16, 120.45, 36.20)))
KNOWN = Boundary("parcels", town_parcels())


@pytest.mark.parametrize("datum", Datum)
def test_parcels_that_are_published_already_tell_the_datum(datum: Datum) -> None:
    verdict = judge(moved(town_parcels(), datum), PARCELS, [KNOWN])
    assert verdict is not None
    assert (verdict.datum, verdict.measure, verdict.scores[datum]) == (datum, "coincidence", 1.0)
    assert sum(verdict.scores.values()) == 1.0


@pytest.mark.parametrize("datum", Datum)
def test_a_few_known_among_many_new_parcels_are_enough(datum: Datum) -> None:
    new = array(*(shapely.box(120.40 + n * 0.002, 36.165, 120.4013 + n * 0.002, 36.1663) for n in range(20)))
    verdict = judge(moved(np.concatenate([new, town_parcels(3)]), datum), PARCELS, [KNOWN])
    assert verdict is not None
    assert verdict.datum is datum


def test_new_parcels_that_would_fall_on_others_when_shifted_are_no_evidence() -> None:
    onto_others = array(*(shapely.affinity.translate(square(number), 0.0045, 0.0001) for number in (20, 21, 22)))
    verdict = judge(onto_others, PARCELS, [Boundary("parcels", town_parcels(30)[:18])])
    assert verdict is not None
    assert verdict.datum is None


@pytest.mark.parametrize("datum", Datum)
def test_buildings_tell_by_the_parcels_they_stand_on(datum: Datum) -> None:
    houses = shapely.buffer(shapely.centroid(town_parcels()), 0.0004)
    verdict = judge(moved(houses, datum), BUILDINGS, [KNOWN])
    assert verdict is not None
    assert (verdict.datum, verdict.measure) == (datum, "share")


@pytest.mark.parametrize("datum", Datum)
def test_points_tell_by_the_areas_they_lie_in(datum: Datum) -> None:
    verdict = judge(moved(shapely.centroid(town_parcels()), datum), BUILDINGS, [KNOWN])
    assert verdict is not None
    assert verdict.datum is datum


def test_what_the_overlap_cannot_tell_stays_unknown() -> None:
    inside = town_parcels(3)
    verdict = judge(inside, PARCELS, [Boundary("outline", array(shapely.box(120.0, 36.0, 121.0, 37.0)))])
    assert verdict is not None
    assert (verdict.datum, verdict.as_dict()["verdict"]) == (None, "unknown")
    assert settle(verdict, None, lambda fault: True).faults == ()


def test_nothing_to_compare_is_no_verdict() -> None:
    assert judge(town_parcels(), PARCELS, []) is None
    assert judge(array(*[None, None]), PARCELS, [KNOWN]) is None  # type: ignore[arg-type]
    assert judge(town_parcels(), PARCELS, [Boundary("parcels", array(shapely.Point(120.4, 36.2)))]) is None


def test_the_next_boundary_is_asked_when_the_first_cannot_tell() -> None:
    elsewhere = Boundary("parcels", array(*(shapely.affinity.translate(square(n), 0.0, 0.05) for n in range(12))))
    exact = Boundary("outline", array(shapely.union_all(town_parcels())))
    verdict = judge(moved(town_parcels(), Datum.GCJ02), PARCELS, [elsewhere, exact])
    assert verdict is not None
    assert (verdict.datum, verdict.boundary, verdict.measure) == (Datum.GCJ02, "outline", "iou")


def test_large_layers_are_sampled_and_broken_shapes_borne() -> None:
    bowtie = shapely.Polygon([(120.4, 36.18), (120.402, 36.182), (120.402, 36.18), (120.4, 36.182)])
    many = np.concatenate([np.tile(town_parcels(), SAMPLE), array(bowtie)])
    verdict = judge(moved(many, Datum.BD09), PARCELS, [KNOWN])
    assert verdict is not None
    assert verdict.datum is Datum.BD09


def test_a_boundary_travels_as_text() -> None:
    back = Boundary.from_text(KNOWN.to_text())
    assert back.name == "parcels"
    assert shapely.equals_exact(back.shapes, KNOWN.shapes).all()
    assert len(Boundary.from_text(Boundary("outline", array()).to_text()).shapes) == 0


def test_a_correction_leads_back_and_leaves_gaps_alone() -> None:
    back = corrected(moved(array(square(), None), Datum.GCJ02), Datum.GCJ02)  # type: ignore[arg-type]
    assert shapely.hausdorff_distance(back[0], square()) < 1e-9
    assert back[1] is None


def delivered(folder: Path, datum: Datum, **options: object) -> tuple[StagedLayer | None, Report]:
    shapes = moved(town_parcels(), datum)
    features = [feature(number, json.loads(shapely.to_geojson(shape))) for number, shape in enumerate(shapes)]
    path = write_geojson(folder / "delivery.geojson", *features)
    return check_here([path], "parcels", town(), boundaries=[KNOWN, OUTLINE], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("datum", SHIFTED)
def test_a_shift_is_told_with_its_figures_and_left_until_somebody_agrees(tmp_path: Path, datum: Datum) -> None:
    staged, report = delivered(tmp_path, datum)
    assert staged is not None
    (told,) = [one for one in report.findings if one.code.startswith("datum_")]
    assert (told.code, told.severity, told.value) == (f"datum_{datum.value}", "warning", datum.label)
    assert told.proposal == {"kind": "datum", "field": "geometry", "from": datum.label, "to": "CGCS2000"}
    assert "±2" in told.fix
    assert report.inputs[0].datum is not None
    assert report.inputs[0].datum["verdict"] == datum.value
    assert "datum" not in staged.sources[0]
    assert shapely.distance(staged.frame.geometry.iloc[0], square()) > 0.001


@pytest.mark.parametrize("datum", SHIFTED)
def test_an_accepted_correction_is_applied_and_recorded_as_approximate(tmp_path: Path, datum: Datum) -> None:
    _, before = delivered(tmp_path, datum)
    key = next(one.key for one in before.findings if one.code == f"datum_{datum.value}")
    for accept in ([f"datum_{datum.value}"], [key]):
        staged, report = delivered(tmp_path, datum, accept=accept)
        assert staged is not None
        for number, shape in enumerate(staged.frame.geometry):
            assert shapely.hausdorff_distance(shape, square(number)) < 1e-7
        assert [one.code for one in report.findings if "datum" in one.code] == ["datum_corrected"]
        assert (staged.sources[0]["datum"], staged.sources[0]["approximate_m"]) == (datum.label, 2.0)
        assert staged.sources[0]["operation"].endswith(f"{datum.label} → CGCS2000: public approximation (within 2 m)")
        (change,) = staged.corrections
        assert (change["code"], change["from"], change["to"]) == (f"datum_{datum.value}", datum.label, "CGCS2000")


def test_nothing_is_taken_back_that_was_not_shifted(tmp_path: Path) -> None:
    staged, report = delivered(tmp_path, Datum.CGCS2000, accept=["datum_gcj02", "datum_bd09"])
    assert staged is not None
    assert not [one for one in report.findings if "datum" in one.code]
    assert report.inputs[0].datum is not None
    assert report.inputs[0].datum["verdict"] == "cgcs2000"
    assert shapely.hausdorff_distance(staged.frame.geometry.iloc[0], square()) < 1e-9


def test_a_source_that_is_known_to_be_shifted_is_taken_back_without_asking(tmp_path: Path) -> None:
    profile = Profile("高德", "parcels", datum=Datum.GCJ02)
    staged, report = delivered(tmp_path, Datum.GCJ02, profile=profile)
    assert staged is not None
    assert [one.code for one in report.findings if "datum" in one.code] == ["datum_corrected"]
    assert shapely.hausdorff_distance(staged.frame.geometry.iloc[0], square()) < 1e-7
    assert staged.sources[0]["profile"] == "高德"


@pytest.mark.parametrize("true", [Datum.CGCS2000, Datum.BD09])
def test_a_source_is_not_followed_against_the_evidence(tmp_path: Path, true: Datum) -> None:
    staged, report = delivered(tmp_path, true, profile=Profile("高德", "parcels", datum=Datum.GCJ02))
    assert staged is not None
    (told,) = [one for one in report.findings if "datum" in one.code]
    assert (told.code, told.value) == ("datum_contradicted", "GCJ-02")
    assert true.label in told.message
    assert "datum" not in staged.sources[0]


@pytest.fixture(scope="module")
def subdistricts(test_data: Path) -> gpd.GeoDataFrame:
    path = test_data / "licang/licang_subdistricts_osm_wgs84.geojson"
    return gpd.GeoDataFrame.from_features(json.loads(path.read_text(encoding="utf-8")), crs=4326).set_index("name")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "datum", "raw"),
    [("unlabelled_gcj02", Datum.GCJ02, 0.85), ("unlabelled_bd09", Datum.BD09, 0.69), ("latlon_swapped", None, 0.93)],
)
def test_deliveries_are_told_apart_by_an_outline_that_another_surveyor_drew(
    test_data: Path, repo: Path, subdistricts: gpd.GeoDataFrame, name: str, datum: Datum | None, raw: float
) -> None:
    features = json.loads((repo / "geodata/licang/districts.geojson").read_text(encoding="utf-8"))["features"]
    county = [one for one in features if one["properties"]["level"] == "county"]
    outline = Boundary("outline", array(*(shapely.from_geojson(json.dumps(one["geometry"])) for one in county)))
    path = test_data / f"messy_derived/{name}.geojson"
    code = f"datum_{datum.value}" if datum else "none"
    staged, report = check_here([path], "districts", town(), boundaries=[outline], accept=[code])
    assert staged is not None
    told = report.inputs[0].datum
    assert told is not None
    assert told["scores"]["cgcs2000"] == pytest.approx(raw, abs=0.01)
    assert told["scores"][datum.value if datum else "cgcs2000"] == pytest.approx(0.93, abs=0.01)
    for shape, called in zip(staged.frame.geometry, staged.frame.name, strict=True):
        assert shapely.hausdorff_distance(shape, subdistricts.geometry[called]) < 1e-6
