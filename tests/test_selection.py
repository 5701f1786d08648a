"""Paging over versions, and the speed of a select."""

import time

import pandas as pd

from landmap.domain import PolicyClass, canonical_frame, layer_named
from landmap.query import Catalog, MemoryEngine, ParcelCriteria, cursor
from tests.query_data import FakeSnapshot, demo_catalog
from tests.query_town import DISTRICT, OFFICER, PARCELS, TODAY, frame_of, town


def later(ids: str) -> Catalog:
    """Return the town as a later version would have it: only these parcels."""
    rows = [row for row in PARCELS if row["parcel_id"] in ids]
    return Catalog.load(FakeSnapshot("later", DISTRICT, {"parcels": frame_of("parcels", rows)}, {}))


def test_paging_goes_on_where_it_stood_after_a_publish() -> None:
    after = town().engine.select("parcels", ParcelCriteria(), OFFICER, today=TODAY).page(limit=3).next
    still_there = later("ACDEF").engine.select("parcels", ParcelCriteria(), OFFICER, today=TODAY)
    assert [record.id for record in still_there.page(after).records] == ["D", "E", "F"]


def test_paging_goes_on_at_its_position_when_the_record_is_gone() -> None:
    after = town().engine.select("parcels", ParcelCriteria(), OFFICER, today=TODAY).page(limit=3).next
    gone = later("ABDEF").engine.select("parcels", ParcelCriteria(), OFFICER, today=TODAY)
    assert [record.id for record in gone.page(after).records] == ["E", "F"]
    assert later("A").engine.select("parcels", ParcelCriteria(), OFFICER, today=TODAY).page(after).records == ()


def test_a_cursor_is_short_and_safe_in_a_url() -> None:
    made = cursor.Cursor("mark", 7, "地块 1/&?#").encode()
    assert made.isascii()
    assert made.replace("-", "").replace("_", "").isalnum()
    assert cursor.decode(made, "mark") == cursor.Cursor("mark", 7, "地块 1/&?#")


def test_ten_thousand_parcels_are_selected_in_milliseconds() -> None:
    small = demo_catalog().frames["parcels"]
    copies = [small.assign(parcel_id=small["parcel_id"] + f"-{number}") for number in range(17)]
    frames = dict(demo_catalog().frames) | {
        "parcels": canonical_frame(pd.concat(copies, ignore_index=True), layer_named("parcels"))
    }
    engine = MemoryEngine("big", demo_catalog().district, frames)
    assert engine.view("parcels", PolicyClass.INTERNAL).size > 10_000
    wish = ParcelCriteria(area_min=20, land_use=("1001", "0902"), floor_area_ratio_min=1.5, near=(), q="路")

    def seconds() -> float:
        start = time.perf_counter()
        selection = engine.select("parcels", wish, OFFICER, today=TODAY)
        assert selection.total + selection.pending > 0
        return time.perf_counter() - start

    seconds()
    assert min(seconds() for _ in range(10)) < 0.02
