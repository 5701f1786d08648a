"""Paging over versions, and the speed of a select."""

from landmap.query import Catalog, ParcelCriteria, cursor
from tests.query_data import FakeSnapshot
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
