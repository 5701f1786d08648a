import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from landmap.domain import District, canonical_frame, layer_named
from landmap.domain.errors import NotFoundError, SourceError
from landmap.ingest import check
from landmap.pipeline import DERIVATIONS, demo_home, publish_layers, publish_staged
from landmap.pipeline.demo import layer_files
from landmap.pipeline.derivations import (
    control_line_levels,
    metro_distances,
    occupancy_rates,
    parcel_areas,
    planning_conditions_expiry,
)
from landmap.resources import geodata_root
from landmap.store import Home, Snapshot, check_frame, history, open_current, stage, staged
from tests.hamlet import SOUTH, STEP, WEST, layer_frame, make_home, parcels, square, stations

#: One step by one step in the corner of the hamlet, by the closed formula for a cell of the GRS80 ellipsoid.
STEP_AREA_M2 = 9981.93


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


@pytest.fixture
def district(home: Home) -> District:
    return home.district()


def known(column: pd.Series) -> list[Any]:
    """Return a column as plain values, None for unknown."""
    return [None if pd.isna(value) else value for value in column]


def lines(
    *rows: tuple[Any, str | None], kind: str = "industrial_control_line", visibility: str = "public"
) -> pd.DataFrame:
    fixed = {"constraint_type": kind, "visibility": visibility}
    return layer_frame(
        "constraints",
        [
            {"constraint_id": f"L{number}", "level": level, "geometry": shape, **fixed}
            for number, (shape, level) in enumerate(rows)
        ],
    )


def buildings(**columns: Sequence[Any]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    rows = [{name: values[row] for name, values in columns.items()} for row in range(count)]
    return layer_frame(
        "buildings",
        [{"building_id": f"B{row}", "geometry": square(row, 5, 0.2), **values} for row, values in enumerate(rows)],
    )


def test_areas_come_from_the_outline(district: District) -> None:
    found = parcel_areas({"parcels": parcels("A")}, district)["parcels"]
    assert found["geodesic_area_m2"].tolist() == pytest.approx([STEP_AREA_M2], abs=0.02)
    assert found["planar_area_m2"].tolist() == pytest.approx([STEP_AREA_M2], rel=1e-4)


@pytest.mark.parametrize(
    ("given", "area", "basis"),
    [
        ({"net_area_m2": 9000.0, "registered_area_m2": 9500.0}, 9000.0, "net"),
        ({"registered_area_m2": 9500.0}, 9500.0, "registered"),
        ({}, STEP_AREA_M2, "geodesic"),
    ],
)
def test_the_reference_area_is_the_first_known(
    district: District, given: dict[str, float], area: float, basis: str
) -> None:
    found = parcel_areas({"parcels": parcels("A", **given)}, district)["parcels"]
    assert found["area_m2"].tolist() == pytest.approx([area], abs=0.02)
    assert found["area_basis"].tolist() == [basis]


@pytest.mark.parametrize(("registered", "off"), [(STEP_AREA_M2 / 1.01, 1.0), (STEP_AREA_M2 / 0.98, 2.0), (None, None)])
def test_the_discrepancy_needs_a_registered_area(
    district: District, registered: float | None, off: float | None
) -> None:
    found = parcel_areas({"parcels": parcels("A", registered_area_m2=registered, net_area_m2=1.0)}, district)["parcels"]
    assert known(found["area_diff_pct"]) == [off if off is None else pytest.approx(off, abs=0.002)]


@pytest.mark.parametrize(
    ("rows", "levels"),
    [
        ([(square(0, 0), "1")], [1, 0]),
        ([(square(0, 0), "2")], [2, 0]),
        ([(square(0, 0), "2"), (square(0, 0, 0.5), "1")], [1, 0]),
        ([(square(-0.99, 0), "1")], [0, 0]),
        ([(square(-0.98, 0), "1")], [1, 0]),
        ([(square(0, 0), "甲")], [None, 0]),
        ([(square(0, 0), None), (square(0, 0), "2")], [None, 0]),
        ([(square(0, 0), None), (square(0, 0), "1")], [1, 0]),
        ([(square(0, 0).exterior, "1")], [0, 0]),
        ([(square(0, 0, 3), "2")], [2, 2]),
        ([(square(40, 40), "1")], [0, 0]),
    ],
)
def test_the_strictest_control_line_over_a_parcel_counts(
    district: District, rows: list[tuple[Any, str | None]], levels: list[int | None]
) -> None:
    frames = {"parcels": parcels("A", "B"), "constraints": lines(*rows)}
    found = control_line_levels(frames, district)["parcels"]
    assert known(found["industrial_control_line_level"]) == levels


@pytest.mark.parametrize("visibility", ["partner", "internal"])
def test_a_control_line_that_is_not_public_leaves_the_public_level_unknown(district: District, visibility: str) -> None:
    frames = {"parcels": parcels("A", "B"), "constraints": lines((square(0, 0), "1"), visibility=visibility)}
    found = control_line_levels(frames, district)["parcels"]
    assert known(found["industrial_control_line_level"]) == [None, 0]


def test_without_control_lines_no_level_is_made_up(district: District) -> None:
    held = parcels("A", industrial_control_line_level=2)
    other = lines((square(0, 0), "1"), kind="heritage_protection")
    assert control_line_levels({"parcels": held}, district) == {}
    assert control_line_levels({"parcels": held, "constraints": other}, district) == {}
    assert control_line_levels({"constraints": lines((square(0, 0), "1"))}, district) == {}


def test_the_nearest_station_is_named_with_its_distance(district: District) -> None:
    frames = {"parcels": parcels("A", "B"), "facilities": stations("S", "T"), "buildings": buildings(floors_above=[3])}
    found = metro_distances(frames, district)
    assert found["parcels"]["metro_station"].tolist() == ["S站", "T站"]
    assert found["parcels"]["metro_distance_m"].tolist() == pytest.approx([9 * 111, 9 * 111], abs=3)
    assert found["buildings"]["metro_station"].tolist() == ["S站"]
    assert found["buildings"]["metro_distance_m"].tolist() == pytest.approx([4.8 * 111], abs=3)


@pytest.mark.parametrize("status", ["planned", "under_construction", None])
def test_a_station_that_does_not_run_yet_does_not_count(district: District, status: str | None) -> None:
    facilities = stations("S", "T")
    facilities.loc[0, "status"] = status
    found = metro_distances({"parcels": parcels("A"), "facilities": facilities}, district)
    assert found["parcels"]["metro_station"].tolist() == ["T站"]
    facilities.loc[1, "status"] = status
    assert metro_distances({"parcels": parcels("A"), "facilities": facilities}, district) == {}


def test_of_stations_equally_far_the_first_by_id_is_named(district: District) -> None:
    place = shapely.Point(WEST, SOUTH + 10 * STEP)
    rows = [
        {"facility_id": id, "kind": "metro_station", "name": id, "status": "existing", "geometry": place}
        for id in ("Z", "M", "X")
    ]
    frames = {"parcels": parcels("A", "B"), "facilities": layer_frame("facilities", rows)}
    assert metro_distances(frames, district)["parcels"]["metro_station"].tolist() == ["M", "M"]


def test_without_a_station_nothing_is_claimed(district: District) -> None:
    bus = stations("S").assign(kind=pd.Series(["bus_hub"], dtype=object))
    assert metro_distances({"parcels": parcels("A"), "facilities": bus}, district) == {}
    assert metro_distances({"parcels": parcels("A")}, district) == {}
    assert metro_distances({"parcels": parcels(), "facilities": stations("S")}, district) == {}


@pytest.mark.parametrize(
    ("issued", "given", "expires"),
    [
        (dt.date(2026, 3, 1), None, dt.date(2027, 3, 1)),
        (dt.date(2028, 2, 29), None, dt.date(2029, 2, 28)),
        (dt.date(2026, 3, 1), dt.date(2027, 9, 1), dt.date(2027, 9, 1)),
        (None, None, None),
    ],
)
def test_planning_conditions_lapse_after_the_years_of_the_district(
    district: District, issued: dt.date | None, given: dt.date | None, expires: dt.date | None
) -> None:
    held = parcels("A", planning_conditions_issued_on=issued, planning_conditions_expires_on=given)
    found = planning_conditions_expiry({"parcels": held}, district)["parcels"]["planning_conditions_expires_on"]
    assert str(found.dtype) == "datetime64[s]"
    assert [None if pd.isna(day) else day.date() for day in found] == [expires]


def test_a_district_without_a_validity_sets_no_expiry(district: District) -> None:
    free = district.model_copy(
        update={"rules": district.rules.model_copy(update={"planning_conditions_valid_years": None})}
    )
    assert planning_conditions_expiry({"parcels": parcels("A")}, free) == {}


@pytest.mark.parametrize(
    ("rentable", "available", "given", "basis", "rate"),
    [
        (1000.0, 150.0, None, None, 85.0),
        (1000.0, 0.0, None, "area", 100.0),
        (1000.0, 1000.0, None, "area", 0.0),
        (1000.0, 150.0, 90.0, "area", 90.0),
        (1000.0, 150.0, None, "company_count", None),
        (1000.0, None, None, "area", None),
        (None, 150.0, None, "area", None),
        (0.0, 0.0, None, "area", None),
        (1000.0, 1200.0, None, "area", None),
    ],
)
def test_occupancy_is_computed_only_where_it_is_unknown_and_can_be(
    district: District,
    rentable: float | None,
    available: float | None,
    given: float | None,
    basis: str | None,
    rate: float | None,
) -> None:
    held = buildings(
        rentable_area_m2=[rentable], available_area_m2=[available], occupancy_rate_pct=[given], occupancy_basis=[basis]
    )
    found = occupancy_rates({"buildings": held}, district)["buildings"]
    assert known(found["occupancy_rate_pct"]) == [rate]
    assert known(found["occupancy_basis"]) == [basis if basis or rate is None else "area"]


def empty(name: str) -> pd.DataFrame:
    return canonical_frame(pd.DataFrame({}), layer_named(name))


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_every_derivation_takes_what_is_there_and_keeps_frames_canonical(derive: Any, district: District) -> None:
    full = {
        "parcels": parcels("A", "B"),
        "buildings": buildings(rentable_area_m2=[10.0, None]),
        "facilities": stations("S"),
        "constraints": lines((square(0, 0), "1")),
    }
    without = [{}, *({name: frame} for name, frame in full.items()), {name: empty(name) for name in full}]
    for frames in (full, *without):
        before = {name: frame.copy() for name, frame in frames.items()}
        for name, frame in derive(dict(frames), district).items():
            check_frame(frame, layer_named(name))
            assert len(frame) == len(frames[name])
        for name, frame in before.items():
            pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(frames[name]))


def test_derived_fields_follow_the_layers_they_come_from(home: Home) -> None:
    def with_layers(**frames: pd.DataFrame) -> pd.DataFrame:
        for name, frame in frames.items():
            stage(home, name, frame, [], {"findings": []})
        return publish_staged(home, by="", note="").layer("parcels").sort_values("parcel_id")

    assert known(with_layers(parcels=parcels("A", "B"))["industrial_control_line_level"]) == [None, None]
    first = with_layers(constraints=lines((square(0, 0), "1")))
    assert known(first["industrial_control_line_level"]) == [1, 0]
    gone = with_layers(constraints=lines((square(0, 0), "1"), kind="green_line"))
    assert known(gone["industrial_control_line_level"]) == [None, None]


def test_publishing_clears_what_was_staged_and_keeps_sources_and_findings(home: Home) -> None:
    finding = {"code": "x", "severity": "info"}
    stage(home, "parcels", parcels("A"), [{"name": "a.gpkg"}], {"findings": [finding]})
    snapshot = publish_staged(home, by="王", note="十一月")
    assert staged(home) == {}
    assert snapshot.findings() == {"parcels": [finding]}
    assert snapshot.manifest["layers"]["parcels"]["sources"] == [{"name": "a.gpkg"}]
    assert (snapshot.manifest["by"], snapshot.manifest["note"]) == ("王", "十一月")


def test_publishing_nothing_is_told(home: Home) -> None:
    with pytest.raises(NotFoundError, match="nothing is staged"):
        publish_staged(home, by="", note="")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    path = tmp_path_factory.mktemp("demo") / "home"
    return path, demo_home(path)


def test_the_demo_holds_every_file_of_the_district(demo: tuple[Path, Snapshot]) -> None:
    path, snapshot = demo
    assert set(snapshot.layers) == set(layer_files(geodata_root() / "licang"))
    assert open_current(Home(path)).id == snapshot.id
    assert snapshot.district.sample
    assert snapshot.asset("basemap.geojson").is_file()
    assert snapshot.manifest["note"] == "示例数据"


def test_the_demo_has_its_derived_fields(demo: tuple[Path, Snapshot]) -> None:
    parcels_, buildings_ = (demo[1].layer(name) for name in ("parcels", "buildings"))
    for name in ("area_m2", "area_basis", "geodesic_area_m2", "planar_area_m2", "metro_station", "metro_distance_m"):
        assert parcels_[name].notna().all(), name
    assert set(parcels_["industrial_control_line_level"].dropna()) == {0, 1, 2}
    assert buildings_["metro_distance_m"].notna().all()
    assert np.allclose(parcels_["planar_area_m2"], parcels_["geodesic_area_m2"], rtol=1e-4)


def test_making_the_demo_again_changes_nothing(
    demo: tuple[Path, Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, snapshot = demo
    other = demo_home(tmp_path / "other")
    assert other.id == snapshot.id
    monkeypatch.setattr("landmap.pipeline.demo.check", lambda *_: pytest.fail("the files were read again"))
    assert demo_home(path).id == snapshot.id
    assert len(history(Home(path))) == 1


def small_district(folder: Path, outline: str = "120.40,36.18,120.41,36.18,120.41,36.19,120.40,36.18") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "district.toml").write_text(
        'code = "370213"\nname_zh = "甲"\nname_en = "A"\nplanar_epsg = 4549\nextent = [120.3, 36.1, 120.5, 36.25]\n',
        "utf-8",
    )
    numbers = outline.split(",")
    points = ",".join(f"[{x},{y}]" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
    (folder / "districts.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"district_code":"370213","name":"甲",'
        f'"level":"county","epsg_planar":4549}},"geometry":{{"type":"Polygon","coordinates":[[{points}]]}}}}]}}',
        "utf-8",
    )
    return folder


def test_a_changed_file_makes_a_new_version_of_the_demo(tmp_path: Path) -> None:
    first = demo_home(tmp_path / "home", folder=small_district(tmp_path / "district"))
    small_district(tmp_path / "district", "120.40,36.18,120.42,36.18,120.42,36.19,120.40,36.18")
    second = demo_home(tmp_path / "home", folder=tmp_path / "district")
    assert second.id != first.id
    assert second.manifest["parent"] == first.id


def test_a_district_without_usable_layers_is_told(tmp_path: Path) -> None:
    folder = small_district(tmp_path / "district")
    (folder / "districts.geojson").write_text("no json", "utf-8")
    with pytest.raises(SourceError, match=r"districts\.geojson was refused"):
        demo_home(tmp_path / "home", folder=folder)
    (folder / "districts.geojson").unlink()
    with pytest.raises(SourceError, match="holds no layer"):
        demo_home(tmp_path / "home", folder=folder)


def test_checked_layers_are_published_as_one_version(home: Home, tmp_path: Path) -> None:
    folder = small_district(tmp_path / "district")
    layer, report = check([folder / "districts.geojson"], "districts", home.district())
    assert layer is not None
    snapshot = publish_layers(home, [layer], by="王", note="界线")
    assert snapshot.layers == ("districts",)
    assert snapshot.manifest["layers"]["districts"]["sources"][0]["name"].startswith("districts.geojson")
    assert len(snapshot.findings()["districts"]) == len(report.findings)
