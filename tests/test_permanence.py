"""Ids last: what is renumbered or withdrawn is remembered from version to version, and no id is used twice."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from landmap.domain import PolicyClass
from landmap.domain.errors import InvalidValueError, SchemaError
from landmap.store import Decisions, Delivery, Home, LayerPlan, Snapshot, fate_of, open_current, publish, rollback
from tests.hamlet import layer_frame, make_home, square


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def at(**places: float) -> pd.DataFrame:
    """Return one public parcel per name, with its lower left corner so many steps east."""
    rows = [
        {
            "parcel_id": name,
            "geometry": shapely.MultiPolygon([square(column, 0)]),
            "visibility": "public",
            "plan_publicity": "approved_public",
            "review_status": "published",
        }
        for name, column in places.items()
    ]
    return layer_frame("parcels", rows)


def all_with(frame: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the records with these texts in all of them."""
    return frame.assign(**{name: pd.Series([text] * len(frame), dtype=object) for name, text in values.items()})


def put(home: Home, frame: pd.DataFrame | None = None, mode: str = "replace", **decided: Any) -> Snapshot:
    layers = {} if frame is None else {"parcels": Delivery(frame, mode)}  # type: ignore[arg-type]
    return publish(home, layers, by="", note="", decisions=Decisions(**decided))


def ids(snapshot: Snapshot) -> list[str]:
    return sorted(snapshot.layer("parcels")["parcel_id"])


def told(snapshot: Snapshot, id: str) -> tuple[str | None, str | None] | None:
    fate = fate_of(snapshot.manifest, "parcels", id)
    return None if fate is None else (fate.to, fate.reason)


def test_what_a_delivery_no_longer_holds_is_withdrawn_with_its_reason_or_the_day(home: Home) -> None:
    put(home, at(A=0, B=2, C=4))
    after = put(home, at(A=0), withdraw={"B": "已收储"})
    assert (told(after, "A"), told(after, "B"), told(after, "C")) == (None, (None, "已收储"), (None, None))
    fate = fate_of(after.manifest, "parcels", "C")
    assert fate is not None
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date().isoformat()
    assert (fate.on, fate.told("en"), fate.told("zh")) == (
        today,
        f"not in the delivery of {today}",
        f"{today}的交付数据中没有",
    )
    assert after.manifest["withdrawn"]["parcels"]["B"]["version"] == after.manifest["parent"]


def test_fates_are_carried_from_version_to_version(home: Home) -> None:
    put(home, at(A=0, B=2))
    put(home, at(A=0), withdraw={"B": "合并"})
    after = publish(home, {"parcels": Delivery(at(C=4), "append")}, by="", note="")
    assert told(after, "B") == (None, "合并")
    assert ids(after) == ["A", "C"]


def test_the_same_land_under_another_number_is_proposed_and_not_decided(home: Home) -> None:
    plans: list[LayerPlan] = []
    put(home, at(A=0, B=2))
    publish(home, {"parcels": at(A=0, N=2.05)}, by="", note="", watch=plans.append)
    (one,) = plans[0].proposed
    assert (one.old, one.new) == ("B", "N")
    assert one.share == pytest.approx(0.95 / 1.05, abs=1e-3)
    assert told(open_current(home), "B") == (None, None)


@pytest.mark.parametrize("shift", [0.11, 0.5, 2.0])
def test_land_that_overlaps_less_than_nine_tenths_is_other_land(home: Home, shift: float) -> None:
    plans: list[LayerPlan] = []
    put(home, at(A=0))
    publish(home, {"parcels": at(N=shift)}, by="", note="", watch=plans.append)
    assert plans[0].proposed == ()


@pytest.mark.parametrize("decided", [{"renumber": {"B": "N"}}, {"accept_renumbered": True}])
def test_an_accepted_number_leads_to_the_new_record(home: Home, decided: dict[str, Any]) -> None:
    put(home, at(A=0, B=2))
    after = put(home, at(A=0, N=2), **decided)
    assert told(after, "B") == ("N", None)
    assert after.manifest["withdrawn"] == {}
    assert ids(after) == ["A", "N"]


def test_an_old_number_leads_on_through_every_later_one(home: Home) -> None:
    put(home, at(A=0))
    put(home, at(B=0), accept_renumbered=True)
    after = put(home, at(C=0), accept_renumbered=True)
    assert (told(after, "A"), told(after, "B")) == (("C", None), ("C", None))
    gone = put(home, at(Z=9), withdraw={"C": "撤销"})
    assert (told(gone, "A"), told(gone, "C")) == ((None, "撤销"), (None, "撤销"))


def test_a_record_is_renumbered_or_withdrawn_without_a_delivery(home: Home) -> None:
    put(home, at(A=0, B=2))
    after = put(home, renumber={"A": "N"}, withdraw={"B": "已收储"})
    assert ids(after) == ["N"]
    assert (told(after, "A"), told(after, "B")) == (("N", None), (None, "已收储"))


def test_an_update_by_the_new_number_changes_the_old_record(home: Home) -> None:
    put(home, all_with(at(A=0, B=2), parcel_name="旧"))
    update = layer_frame("parcels", [{"parcel_id": "N", "floors_max": 7}])
    after = put(home, update, "update", renumber={"A": "N"})
    row = after.layer("parcels").set_index("parcel_id").loc["N"]
    assert (row["parcel_name"], row["floors_max"], ids(after)) == ("旧", 7, ["B", "N"])


def test_an_append_of_the_same_land_may_take_over_from_the_old_number(home: Home) -> None:
    put(home, at(A=0, B=2))
    after = put(home, at(N=0), "append", accept_renumbered=True)
    assert (ids(after), told(after, "A")) == (["B", "N"], ("N", None))


def test_a_parcel_may_be_merged_into_one_that_is_there(home: Home) -> None:
    put(home, at(A=0, B=2))
    after = put(home, at(B=2), renumber={"A": "B"})
    assert (ids(after), told(after, "A")) == (["B"], ("B", None))


def test_a_reason_may_be_given_later(home: Home) -> None:
    put(home, at(A=0, B=2))
    put(home, at(A=0))
    assert told(put(home, withdraw={"B": "已收储"}), "B") == (None, "已收储")


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        ({"withdraw": {"Z": "x"}}, "no record of the current version is called 'Z'"),
        ({"renumber": {"Z": "A"}}, "no record of the current version is called 'Z'"),
    ],
)
def test_a_decision_about_nobody_is_refused(home: Home, decided: dict[str, Any], message: str) -> None:
    put(home, at(A=0))
    with pytest.raises(InvalidValueError, match=message):
        put(home, at(A=0), **decided)


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        ({"withdraw": {"A": "x"}}, "'A': to be given up, and yet delivered"),
        ({"renumber": {"A": "B"}}, "'A': to be given up, and yet delivered"),
        ({"renumber": {"B": "N"}}, "'N': another record is to get this number"),
    ],
)
def test_a_decision_against_the_delivery_is_refused(home: Home, decided: dict[str, Any], message: str) -> None:
    put(home, at(A=0, B=2))
    with pytest.raises(SchemaError, match=message):
        put(home, at(A=0), **decided)
    assert ids(open_current(home)) == ["A", "B"]


@pytest.mark.parametrize("renumber", [{"A": "A"}, {"A": "B", "B": "C"}])
def test_an_id_cannot_lead_in_a_circle_or_through_another(renumber: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError, match="cannot become"):
        Decisions(renumber=renumber)


def test_a_withdrawn_id_is_never_given_to_other_land(home: Home) -> None:
    put(home, at(A=0, B=2))
    put(home, at(A=0))
    for mode, frame in (("replace", at(A=0, B=6)), ("append", at(B=6))):
        with pytest.raises(SchemaError, match=r"'B' was withdrawn on .* not given to other land"):
            put(home, frame, mode)
    assert ids(open_current(home)) == ["A"]


def test_an_id_may_come_back_to_its_own_land(home: Home) -> None:
    put(home, at(A=0, B=2))
    put(home, at(A=0))
    after = put(home, at(A=0, B=2.01))
    assert (ids(after), told(after, "B")) == (["A", "B"], None)


def test_a_renumbered_id_is_refused_while_its_successor_is_there(home: Home) -> None:
    put(home, at(A=0))
    put(home, at(N=0), accept_renumbered=True)
    with pytest.raises(SchemaError, match="'A' was renumbered: it is 'N' since"):
        put(home, at(A=0, N=0))
    with pytest.raises(SchemaError, match=r"'A' was renumbered on .* not given to other land"):
        put(home, at(A=8))
    after = put(home, at(A=0), accept_renumbered=True)
    assert (told(after, "N"), told(after, "A")) == (("A", None), None)


def test_an_id_whose_last_version_is_lost_is_not_given_again(home: Home) -> None:
    first = put(home, at(A=0, B=2))
    put(home, at(A=0))
    (first.path / "manifest.json").unlink()
    with pytest.raises(SchemaError, match="not given to other land"):
        put(home, at(A=0, B=2))


def test_a_rollback_goes_back_on_fates_as_on_everything_else(home: Home) -> None:
    first = put(home, at(A=0, B=2))
    put(home, at(A=0))
    rollback(home, first.id, "", "")
    assert told(open_current(home), "B") is None


def test_references_follow_a_record_to_its_new_number(home: Home) -> None:
    buildings = layer_frame("buildings", [{"building_id": "H", "parcel_id": "A", "geometry": square(0, 0)}])
    indices = layer_frame("standard_land_indices", [{"parcel_id": "A", "industry_code": "C34"}])
    publish(home, {"parcels": at(A=0), "buildings": buildings, "standard_land_indices": indices}, by="", note="")
    after = put(home, at(N=0), accept_renumbered=True)
    assert after.layer("buildings")["parcel_id"].tolist() == ["N"]
    assert after.layer("standard_land_indices")["parcel_id"].tolist() == ["N"]
    late = publish(home, {"buildings": buildings}, by="", note="")
    assert late.layer("buildings")["parcel_id"].tolist() == ["N"]
    assert late.given("buildings")["parcel_id"].tolist() == ["N"]


@pytest.mark.parametrize(
    ("visibility", "review", "seen_by"),
    [
        ("public", "published", PolicyClass.PUBLIC),
        ("partner", "published", PolicyClass.PARTNER),
        ("internal", "published", PolicyClass.INTERNAL),
        ("public", "draft", PolicyClass.INTERNAL),
    ],
)
def test_a_fate_is_known_to_whoever_could_see_the_record(
    home: Home, visibility: str, review: str, seen_by: PolicyClass
) -> None:
    put(home, all_with(at(A=0, B=2), visibility=visibility, review_status=review))
    fate = fate_of(put(home, at(A=0)).manifest, "parcels", "B")
    assert fate is not None
    assert fate.seen_by is seen_by
    assert [fate.known_to(one) for one in PolicyClass] == [
        seen_by is PolicyClass.PUBLIC,
        seen_by is not PolicyClass.INTERNAL,
        True,
    ]


def test_a_chain_is_known_only_to_whoever_saw_both_ends(home: Home) -> None:
    put(home, at(A=0, Z=9))
    put(home, all_with(at(B=0, Z=9), visibility="internal"), renumber={"A": "B"})
    fate = fate_of(put(home, at(Z=9)).manifest, "parcels", "A")
    assert fate is not None
    assert (fate.to, fate.seen_by) == (None, PolicyClass.INTERNAL)


def test_a_child_table_has_no_addresses_of_its_own(home: Home) -> None:
    rows = [{"parcel_id": "A", "industry_code": code} for code in ("C34", "C35")]
    indices = layer_frame("standard_land_indices", rows)
    publish(home, {"parcels": at(A=0), "standard_land_indices": indices}, by="", note="")
    after = publish(home, {"standard_land_indices": indices.iloc[:1].reset_index(drop=True)}, by="", note="")
    assert (after.manifest["withdrawn"], after.manifest["aliases"]) == ({}, {})


def test_points_are_the_same_place_within_a_few_metres(home: Home) -> None:
    def stop(id: str, metres: float) -> pd.DataFrame:
        place = shapely.Point(120.40, 36.18 + metres / 111_000)
        return layer_frame("facilities", [{"facility_id": id, "kind": "metro_station", "geometry": place}])

    publish(home, {"facilities": stop("S", 0)}, by="", note="")
    publish(home, {"facilities": stop("T", 0)}, by="", note="")
    assert publish(home, {"facilities": stop("S", 5)}, by="", note="").rows("facilities") == 1
    publish(home, {"facilities": stop("U", 0)}, by="", note="")
    with pytest.raises(SchemaError, match="not given to other land"):
        publish(home, {"facilities": stop("S", 40)}, by="", note="")
