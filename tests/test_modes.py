"""Append, replace, update: what a delivery does to the layer that is there."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from landmap.domain import layer_named
from landmap.domain.errors import NotFoundError, SchemaError
from landmap.store import MODES, Delivery, Home, Snapshot, open_current, publish, stage, staged
from tests.hamlet import layer_frame, make_home, parcels, square, stations

WEST = shapely.MultiPolygon([square(0, 0)])
BOUNDS = {"floor_area_ratio": ("floor_area_ratio_min", "floor_area_ratio_max")}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish(made, {"parcels": parcels("A", "B", floors_max=3)}, by="", note="")
    return made


def put(home: Home, mode: str, frame: pd.DataFrame, **more: Any) -> Snapshot:
    return publish(home, {"parcels": Delivery(frame, mode, **more)}, by="", note="")  # type: ignore[arg-type]


def values(snapshot: Snapshot, *fields: str) -> dict[str, Any]:
    rows = snapshot.layer("parcels").set_index("parcel_id").sort_index()
    told = rows[list(fields)].astype(object).where(rows[list(fields)].notna(), None)
    return {str(id): tuple(row) for id, row in zip(told.index, told.itertuples(index=False), strict=True)}


def given(**row: Any) -> pd.DataFrame:
    return layer_frame("parcels", [{"parcel_id": "A", **row}])


def test_an_append_adds_and_leaves_the_rest_alone(home: Home) -> None:
    after = put(home, "append", parcels("C", floors_max=9))
    assert values(after, "floors_max") == {"A": (3,), "B": (3,), "C": (9,)}
    assert after.manifest["withdrawn"] == {}


def test_an_append_refuses_ids_that_are_there(home: Home) -> None:
    with pytest.raises(SchemaError, match=r"1 of the parcels to append are there already: 'A'") as told:
        put(home, "append", parcels("A", "C"))
    assert "--mode update" in str(told.value)


def test_a_replacement_is_the_whole_layer(home: Home) -> None:
    after = put(home, "replace", parcels("A", "C"))
    assert list(values(after, "floors_max")) == ["A", "C"]
    assert list(after.manifest["withdrawn"]["parcels"]) == ["B"]


def test_an_update_changes_the_given_rows_and_only_known_values(home: Home) -> None:
    after = put(home, "update", given(parcel_name="新名"))
    assert values(after, "parcel_name", "floors_max", "parcel_no") == {
        "A": ("新名", 3, "A-0"),
        "B": ("B地块", 3, "B-1"),
    }
    assert after.layer("parcels")["geometry"].notna().all()
    assert after.manifest["withdrawn"] == {}


def test_an_update_moves_a_shape_where_one_is_given(home: Home) -> None:
    moved = shapely.MultiPolygon([square(0, 1)])
    after = put(home, "update", given(geometry=moved)).layer("parcels").set_index("parcel_id")
    assert after.loc["A", "geometry"].equals(moved)


def test_an_update_refuses_rows_that_are_not_there(home: Home) -> None:
    frame = layer_frame("parcels", [{"parcel_id": id} for id in ("A", *"UVWXYZ")])
    with pytest.raises(SchemaError, match=r"6 of the parcels to update are not there: 'U', .* and 1 more"):
        put(home, "update", frame)


def test_what_was_filled_in_for_a_silent_file_updates_nothing(home: Home) -> None:
    put(home, "replace", parcels("A", "B", visibility="public"))
    after = put(home, "update", given(visibility="internal", floors_max=4), defaults={"visibility": ("internal",)})
    assert values(after, "visibility", "floors_max")["A"] == ("public", 4)
    again = put(home, "update", given(visibility="internal"))
    assert values(again, "visibility")["A"] == ("internal",)


def test_bounds_that_one_text_tells_change_together(home: Home) -> None:
    put(home, "update", given(floor_area_ratio_min=1.0, floor_area_ratio_max=2.0))
    status = {"planning_parse_status": {"floor_area_ratio": "ok"}, "planning_raw": {"floor_area_ratio": "≥1.5"}}
    after = put(home, "update", given(floor_area_ratio_min=1.5, **status), bounds=BOUNDS)
    assert values(after, "floor_area_ratio_min", "floor_area_ratio_max")["A"] == (1.5, None)
    silent = put(home, "update", given(planning_parse_status={}, planning_raw={}), bounds=BOUNDS)
    assert values(silent, "floor_area_ratio_min")["A"] == (1.5,)
    assert json.loads(values(silent, "planning_raw")["A"][0]) == {"floor_area_ratio": "≥1.5"}


def test_objects_are_updated_entry_by_entry(home: Home) -> None:
    put(home, "update", given(planning_raw={"height_limit": "≤60", "floor_area_ratio": "2"}))
    after = put(home, "update", given(planning_raw={"floor_area_ratio": "3"}))
    assert json.loads(values(after, "planning_raw")["A"][0]) == {"height_limit": "≤60", "floor_area_ratio": "3"}


def test_the_first_delivery_of_a_layer_may_be_an_append_and_not_an_update(tmp_path: Path) -> None:
    home = make_home(tmp_path / "new")
    with pytest.raises(SchemaError, match="to update are not there"):
        publish(home, {"facilities": Delivery(stations("S"), "update")}, by="", note="")
    after = publish(home, {"facilities": Delivery(stations("S"), "append")}, by="", note="")
    assert after.rows("facilities") == 1


@pytest.mark.parametrize("name", ["standard_land_indices", "site_assessments"])
def test_rows_nested_in_a_record_are_told_apart_by_all_of_their_key(home: Home, name: str) -> None:
    second = layer_named(name).key[1]
    rows = [{"parcel_id": "A", second: one} for one in ("x", "y")]
    publish(home, {name: layer_frame(name, rows[:1])}, by="", note="")
    after = publish(home, {name: Delivery(layer_frame(name, rows[1:]), "append")}, by="", note="")
    assert sorted(after.layer(name)[second]) == ["x", "y"]
    publish(home, {name: layer_frame(name, rows[1:])}, by="", note="")
    assert name not in open_current(home).manifest["withdrawn"]


def test_sources_and_findings_gather_unless_the_layer_is_replaced(home: Home) -> None:
    def told(mode: str, frame: pd.DataFrame, name: str) -> tuple[list[str], list[str]]:
        after = publish(
            home,
            {"parcels": Delivery(frame, mode)},  # type: ignore[arg-type]
            by="",
            note="",
            sources={"parcels": [{"name": name}]},
            findings={"parcels": [{"code": name, "severity": "info"}]},
        )
        sources = [one["name"] for one in after.manifest["layers"]["parcels"]["sources"]]
        return sources, [one["code"] for one in after.findings()["parcels"]]

    assert told("replace", parcels("A"), "one") == (["one"], ["one"])
    assert told("append", parcels("C"), "two") == (["one", "two"], ["one", "two"])
    assert told("update", given(floors_max=1), "three") == (["one", "two", "three"], ["one", "two", "three"])
    assert told("replace", parcels("A"), "four") == (["four"], ["four"])


def test_a_staged_layer_keeps_its_mode_and_is_refused_at_once_when_it_does_not_fit(home: Home) -> None:
    held = stage(home, "parcels", given(floors_max=5), [], {}, mode="update", defaults={"visibility": ("internal",)})
    assert (held.mode, staged(home)["parcels"].mode) == ("update", "update")
    assert staged(home)["parcels"].delivery().defaults == {"visibility": ("internal",)}
    with pytest.raises(SchemaError, match="are there already"):
        stage(home, "parcels", parcels("A"), [], {}, mode="append")
    with pytest.raises(SchemaError, match="is no mode"):
        stage(home, "parcels", parcels("A"), [], {}, mode="merge")  # type: ignore[arg-type]
    assert staged(home)["parcels"].mode == "update"


def test_a_layer_that_is_staged_for_the_first_time_may_be_appended(home: Home) -> None:
    assert stage(home, "facilities", stations("S"), [], {}, mode="append").rows == 1


def test_only_an_update_may_lack_shapes(home: Home) -> None:
    for mode in MODES:
        if mode != "update":
            with pytest.raises(SchemaError, match="has no geometry"):
                put(home, mode, layer_frame("parcels", [{"parcel_id": "N"}]))
    with pytest.raises(NotFoundError):
        open_current(home).layer("buildings")
