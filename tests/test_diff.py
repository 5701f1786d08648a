"""The diff of a delivery against what is there: record by record, field by field, with the land that moved."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from landmap.domain import crs
from landmap.domain.errors import InvalidValueError, NotFoundError, SchemaError
from landmap.store import (
    Decisions,
    Home,
    LayerDiff,
    Renumbering,
    diff,
    diff_features,
    diff_staged,
    publish,
    stage,
)
from landmap.store.same_land import overlaps, same_land, same_place
from tests.hamlet import layer_frame, make_home, parcels, square


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish(made, {"parcels": parcels("A", "B", "C", floors_max=3)}, by="", note="")
    return made


def changed_parcels() -> pd.DataFrame:
    """Return A moved by half a step, B with other values, C under another number, and N, which is new."""
    frame = parcels("A", "B", "D", "N", floors_max=3)
    frame.loc[0, "geometry"] = shapely.MultiPolygon([square(0.5, 0)])
    frame.loc[1, "floors_max"] = pd.NA
    frame.loc[1, "parcel_name"] = "新名"
    frame.loc[2, ["parcel_no", "parcel_name"]] = ["C-2", "C地块"]
    return frame


def staged_diff(home: Home, frame: pd.DataFrame, decisions: Decisions | None = None) -> LayerDiff:
    stage(home, "parcels", frame, [], {})
    return diff_staged(home, "parcels", decisions=decisions)


def test_a_staged_layer_is_told_against_what_is_there(home: Home) -> None:
    found = staged_diff(home, changed_parcels())
    assert (found.layer, found.mode) == ("parcels", "replace")
    assert (found.added, found.removed) == (("D", "N"), ("C",))
    assert found.changed["B"] == {"floors_max": (3, None), "parcel_name": ("B地块", "新名")}
    assert set(found.changed["A"]) == {"geometry"}
    assert found.proposed == (Renumbering("C", "D", 1.0),)
    assert found.unexplained() == ("C",)


def test_the_area_that_moved_is_measured_on_the_ellipsoid(home: Home) -> None:
    found = staged_diff(home, changed_parcels())
    half = crs.geodesic_area_m2(np.array([shapely.box(120.40, 36.18, 120.4005, 36.181)], dtype=object))[0]
    assert found.moved_m2 == {"A": pytest.approx(2 * half, rel=1e-6)}


def test_a_decided_number_is_compared_with_the_record_it_was(home: Home) -> None:
    found = staged_diff(home, changed_parcels(), Decisions(renumber={"C": "D"}))
    assert found.renumbered == {"C": "D"}
    assert (found.added, found.removed, found.proposed) == (("N",), (), ())
    assert "D" not in found.changed


def test_several_records_may_be_merged_into_one_new(home: Home) -> None:
    frame = parcels("A", "M", floors_max=3)
    found = staged_diff(home, frame, Decisions(renumber={"B": "M", "C": "M"}))
    assert (found.renumbered, found.added, found.removed) == ({"B": "M", "C": "M"}, (), ())
    assert found.changed["M"]["parcel_name"] == ("B地块", "M地块")
    assert features(found) == {("B", "renumbered", "after"), ("C", "renumbered", "after"), ("M", "changed", "after")}


def test_reasons_stand_beside_what_goes(home: Home) -> None:
    found = staged_diff(home, parcels("A", "B", floors_max=3), Decisions(withdraw={"C": "已收储"}))
    assert (found.removed, found.unexplained()) == (("C",), ())
    assert found.as_dict()["removed"] == [{"id": "C", "reason": "已收储"}]


def test_nothing_changes_when_the_same_is_delivered_in_another_order(home: Home) -> None:
    frame = parcels("A", "B", "C", floors_max=3)
    turned = [
        shapely.MultiPolygon([shapely.Polygon(np.roll(square(2 * place, 0).exterior.coords[:-1], 1, axis=0))])
        for place in range(3)
    ]
    frame["geometry"] = turned
    found = staged_diff(home, frame.iloc[::-1].reset_index(drop=True))
    assert not found
    assert found.as_dict() | {"mode": ""} == LayerDiff("parcels").as_dict() | {"mode": ""}


def test_a_staged_layer_can_be_told_as_if_it_were_of_another_mode(home: Home) -> None:
    stage(home, "parcels", parcels("A", floors_max=9), [], {})
    assert diff_staged(home, "parcels").removed == ("B", "C")
    as_update = diff_staged(home, "parcels", "update")
    assert (as_update.removed, as_update.changed) == ((), {"A": {"floors_max": (3, 9)}})
    with pytest.raises(SchemaError, match="are there already"):
        diff_staged(home, "parcels", "append")


def test_what_publish_refuses_the_diff_refuses(home: Home) -> None:
    with pytest.raises(InvalidValueError, match="no record of the current version"):
        staged_diff(home, parcels("A"), Decisions(withdraw={"Z": "x"}))
    with pytest.raises(NotFoundError, match="nothing of layer 'buildings' is staged"):
        diff_staged(home, "buildings")


def test_the_first_delivery_is_all_new(tmp_path: Path) -> None:
    home = make_home(tmp_path / "new")
    found = staged_diff(home, parcels("A", "B"))
    assert (found.added, found.removed, found.changed) == (("A", "B"), (), {})


def test_a_diff_is_json(home: Home) -> None:
    told = json.loads(json.dumps(staged_diff(home, changed_parcels()).as_dict()))
    assert [one["id"] for one in told["changed"]] == ["A", "B"]
    assert told["changed"][1]["fields"]["floors_max"] == {"before": 3, "after": None}
    assert told["proposed"] == [{"old": "C", "new": "D", "share": 1.0}]


def test_two_versions_tell_numbers_and_reasons_too(home: Home) -> None:
    before = publish(home, {"parcels": parcels("A", "B", "C")}, by="", note="")
    decided = Decisions(renumber={"C": "D"}, withdraw={"B": "已收储"})
    frame = parcels("A", "D")
    frame.loc[1, "geometry"] = shapely.MultiPolygon([square(4, 0)])
    after = publish(home, {"parcels": frame}, by="", note="", decisions=decided)
    found = diff(before, after)
    one = found.layers["parcels"]
    assert (one.renumbered, one.removed, one.added) == ({"C": "D"}, ("B",), ())
    assert one.withdrawn["B"] == "已收储"
    assert set(one.changed["D"]) == {"parcel_no", "parcel_name"}
    assert found.as_dict()["layers"][0]["renumbered"] == [{"old": "C", "new": "D"}]


def features(found: LayerDiff) -> set[tuple[str, str, str]]:
    told = diff_features(found)
    json.dumps(told)
    assert told["type"] == "FeatureCollection"
    assert all(one["geometry"]["type"] == "MultiPolygon" for one in told["features"])
    return {tuple(one["properties"][name] for name in ("id", "change", "side")) for one in told["features"]}


def test_the_diff_is_drawn_before_and_after(home: Home) -> None:
    found = staged_diff(home, changed_parcels(), Decisions(renumber={"C": "D"}))
    assert features(found) == {
        ("A", "changed", "before"),
        ("A", "changed", "after"),
        ("B", "changed", "after"),
        ("C", "renumbered", "after"),
        ("N", "added", "after"),
    }
    removed = staged_diff(home, parcels("A", floors_max=3), Decisions(withdraw={"B": "已收储"}))
    assert features(removed) == {("B", "removed", "before"), ("C", "removed", "before")}
    told = {one["properties"]["id"]: one["properties"]["reason"] for one in diff_features(removed)["features"]}
    assert told == {"B": "已收储", "C": None}


def test_records_without_shapes_are_drawn_nowhere(home: Home) -> None:
    rows = [{"parcel_id": "A", "industry_code": code} for code in ("C34", "C35")]
    stage(home, "standard_land_indices", layer_frame("standard_land_indices", rows), [], {})
    found = diff_staged(home, "standard_land_indices")
    assert found.added == ("A/C34", "A/C35")
    assert [one["geometry"] for one in diff_features(found)["features"]] == [None, None]


def test_same_land_pairs_each_outline_once_best_fit_first() -> None:
    old = np.array([square(0, 0), square(0.02, 0), square(5, 0), shapely.Point(120.4, 36.18)], dtype=object)
    new = np.array([square(0.01, 0), square(0, 0), square(9, 0)], dtype=object)
    assert [(row, column) for row, column, _ in same_land(old, new)] == [(0, 1), (1, 0)]
    assert same_land(old[3:], new) == []
    assert overlaps(old[:1], new[2:]).tolist() == [0.0]


@pytest.mark.parametrize(("metres", "same"), [(0.0, True), (9.0, True), (12.0, False)])
def test_points_are_the_same_place_within_ten_metres(metres: float, same: bool) -> None:
    here, there = shapely.Point(120.4, 36.18), shapely.Point(120.4, 36.18 + metres / 110_990)
    assert same_place(here, there, 4549) is same


def test_of_many_records_those_that_changed_are_told(tmp_path: Path) -> None:
    home = make_home(tmp_path / "many")
    count = 2000
    columns = np.arange(count) % 50
    rows = [
        {"parcel_id": f"P{place}", "geometry": shapely.MultiPolygon([square(2 * column, 2 * (place // 50))])}
        for place, column in enumerate(columns)
    ]
    publish(home, {"parcels": layer_frame("parcels", rows)}, by="", note="")
    for row in rows[::100]:
        row["floors_max"] = 2
    assert sorted(staged_diff(home, layer_frame("parcels", rows)).changed) == sorted(
        f"P{place}" for place in range(0, count, 100)
    )
