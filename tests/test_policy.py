"""What is not known about a record hides it, and nothing visible names what is hidden."""

import pandas as pd
import pytest

from landmap.domain import PolicyClass, layer_named, redact_among, table_of, visible_records
from tests.hamlet import layer_frame, parcels, square, stations

PUBLIC, PARTNER, INTERNAL = PolicyClass
OPEN = {"plan_publicity": "approved_public", "review_status": "published"}


def town() -> dict[str, pd.DataFrame]:
    """Two parcels, of which the second is for partners; a building on each, and one on a parcel nobody has."""
    both = parcels("A", "B", **OPEN)
    both["visibility"] = pd.Series(["public", "partner"], dtype=object)
    on = {"H1": "A", "H2": "B", "H3": "gone", "H4": None}
    buildings = [
        {"building_id": id, "parcel_id": parcel, "visibility": "public", "geometry": square(0, 0)}
        for id, parcel in on.items()
    ]
    events = [
        {"event_id": f"E{place}", "parcel_id": parcel, "stage": "sold"}
        for place, parcel in enumerate(("A", "B", "gone", None))
    ]
    return {
        "parcels": both,
        "buildings": layer_frame("buildings", buildings),
        "supply_events": layer_frame("supply_events", events),
    }


def told(layer: str, field: str, asking: PolicyClass, without: str = "") -> list[str | None]:
    tables = {name: table_of(frame, layer_named(name)) for name, frame in town().items() if name != without}
    return list(redact_among(tables, layer_named(layer), asking)[field])


@pytest.mark.parametrize(
    ("asking", "named"),
    [
        (PUBLIC, ["A", None, None, None]),
        (PARTNER, ["A", "B", None, None]),
        (INTERNAL, ["A", "B", "gone", None]),
    ],
)
def test_a_building_names_only_a_parcel_that_its_reader_may_know(asking: PolicyClass, named: list[str | None]) -> None:
    assert told("buildings", "parcel_id", asking) == named


def test_without_parcels_nobody_can_tell_which_are_public() -> None:
    assert told("buildings", "parcel_id", PUBLIC, without="parcels") == [None] * 4
    assert told("buildings", "parcel_id", INTERNAL, without="parcels") == ["A", "B", "gone", None]


@pytest.mark.parametrize(
    ("asking", "events"),
    [(PUBLIC, ["E0", "E3"]), (PARTNER, ["E0", "E1", "E3"]), (INTERNAL, ["E0", "E1", "E2", "E3"])],
)
def test_what_happened_to_a_hidden_parcel_is_hidden(asking: PolicyClass, events: list[str]) -> None:
    """A past parcel that is on no list has no name to give away."""
    assert told("supply_events", "event_id", asking) == events


@pytest.mark.parametrize("status", ["existing", "under_construction", "planned", None, "rumoured"])
def test_a_facility_is_internal_unless_it_stands(status: str | None) -> None:
    frame = stations("S")
    frame["status"] = pd.Series([status], dtype=object)
    stands = status in ("existing", "under_construction")
    seen = [bool(visible_records(frame, layer_named("facilities"), asking)[0]) for asking in PolicyClass]
    assert seen == [stands, stands, True]
