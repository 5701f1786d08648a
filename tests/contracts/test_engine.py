"""What every engine promises, asked of each one on the town."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.domain import Audience, District, Level, Scope, Table, collections
from landmap.domain.errors import InvalidValueError, NotFoundError, UnknownFieldError
from landmap.query import Engine, MemoryEngine, Selection, criteria_class
from tests.query_town import DISTRICT, OFFICER, PARTNER, PUBLIC, TODAY, town

#: Every engine by name: how one is made of a snapshot id, a district and tables.
ENGINES: Mapping[str, Callable[[str, District, Mapping[str, Table]], Engine]] = {"memory": MemoryEngine}

Ask = Callable[..., Selection]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]("town", DISTRICT, town().tables)


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def select(
        audience: Audience = OFFICER, sort: tuple[str, ...] = (), layer: str = "parcels", **fields: Any
    ) -> Selection:
        return engine.select(layer, criteria_class(layer)(**fields), audience, today=TODAY, sort=sort)

    return select


def test_a_selection_says_what_it_answers(ask: Ask) -> None:
    selection = ask(area_min=1.0)
    assert (selection.layer.name, selection.audience, selection.today) == ("parcels", OFFICER, TODAY)
    assert (selection.snapshot_id, selection.district) == ("town", DISTRICT)
    assert selection.criteria.to_query() == [("area_min", "1")]


@pytest.mark.parametrize(("audience", "ids"), [(PUBLIC, "ABCD"), (PARTNER, "ABCDE"), (OFFICER, "ABCDEF")])
def test_an_audience_gets_its_own_records(engine: Engine, ask: Ask, audience: Audience, ids: str) -> None:
    assert ask(audience).ids() == tuple(ids)
    assert engine.size("parcels", audience) == len(ids)


def test_totals_and_buckets_agree(ask: Ask) -> None:
    wish = {"floor_area_ratio_min": 2.0}
    matched, pending = ask(**wish), ask(bucket="pending", **wish)
    assert (matched.total, matched.pending) == (len(matched.ids()), len(pending.ids())) == (2, 4)
    assert (pending.total, pending.pending) == (4, 4)
    assert pending.unknown == matched.unknown == {"floor_area_ratio_min": 3}
    assert not set(matched.ids()) & set(pending.ids())


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ((), "ABCDEF"),
        (("-parcel_id",), "FEDCBA"),
        (("area_m2",), "ADBCFE"),
        (("-area_m2",), "FCBDAE"),
        (("standard_land", "-area_m2"), "BAFCDE"),
        (("-data_as_of", "land_use_code"), "AFDEBC"),
        (("floors_max",), "ABCDEF"),
        (("-floors_max",), "BACDEF"),
        (("parcel_name",), "ABCDEF"),
        (("-land_use_code",), "DBAFCE"),
    ],
)
def test_order_puts_the_unknown_last_and_ties_by_id(ask: Ask, sort: tuple[str, ...], order: str) -> None:
    assert "".join(ask(sort=sort).ids()) == order


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
def test_pages_make_up_the_whole(ask: Ask, limit: int) -> None:
    selection = ask(sort=("-area_m2",))
    ids, after = [], None
    while True:
        page = selection.page(after, limit)
        ids += [record.id for record in page.records]
        after = page.next
        if after is None:
            break
        assert len(page.records) == limit
    assert tuple(ids) == selection.ids() == tuple(record.id for record in selection.records())


def test_a_page_tells_its_ordinals_without_making_records(ask: Ask) -> None:
    selection = ask(sort=("-area_m2",))
    page = selection.page(limit=4)
    assert page.ordinals.tolist() == [record.ordinal for record in page.records] == selection.order()[:4].tolist()
    assert sorted(selection.order().tolist()) == selection.ordinals().tolist()


def test_records_are_drawn_by_their_ordinals_from_those_selected(ask: Ask) -> None:
    selection = ask(stage=("announced", "sold"))
    wanted = selection.order()[::-1]
    assert [record.id for record in selection.at(wanted)] == list(reversed(selection.ids()))
    with pytest.raises(KeyError):
        list(selection.at(np.array([1], dtype=np.uint32)))


@pytest.mark.parametrize("after", ["", "x", "A", "é", "eyJ", "W10", "WyJhIiwxLCJiIl0", "x" * 5000, "bnVsbA", "MTI"])
def test_a_cursor_that_is_none_of_ours_is_refused(ask: Ask, after: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ask().page(after)
    assert caught.value.places[0].param == "after"


def test_a_cursor_belongs_to_its_query(ask: Ask) -> None:
    cursor = ask().page(limit=1).next
    assert ask().page(cursor).records[0].id == "B"
    for other in (ask(area_min=1.0), ask(sort=("-area_m2",)), ask(layer="buildings")):
        with pytest.raises(InvalidValueError, match="another query"):
            other.page(cursor)


def test_a_page_has_at_least_one_record(ask: Ask) -> None:
    with pytest.raises(InvalidValueError, match="at least 1"):
        ask().page(limit=0)


def test_bitmap_and_ordinals_are_the_same_set(ask: Ask) -> None:
    selection = ask(stage=("announced", "sold"))
    bits = np.unpackbits(np.frombuffer(selection.bitmap(), dtype=np.uint8), bitorder="little")
    assert np.flatnonzero(bits).tolist() == selection.ordinals().tolist() == [0, 5]
    assert len(selection.bitmap()) == 1


def test_ordinals_leave_no_gap_for_hidden_records(ask: Ask) -> None:
    for audience, size in ((PUBLIC, 4), (PARTNER, 5), (OFFICER, 6)):
        assert ask(audience).ordinals().tolist() == list(range(size))
        assert [record.ordinal for record in ask(audience).records()] == list(range(size))


def test_facets_leave_their_own_group_aside(ask: Ask) -> None:
    facets = ask(stage=("announced",), land_use=("1001",)).facets(["supply_stage", "land_use_code", "subdistrict"])
    assert dict(facets["supply_stage"].counts) == {"announced": 1, "ready": 1, "sold": 1}
    assert list(facets["land_use_code"].counts.items()) == [("1001", 1)]
    assert dict(facets["subdistrict"].counts) == {"东街": 1}
    assert facets["supply_stage"].unknown == facets["subdistrict"].unknown == 0


def test_facets_count_what_is_unknown(ask: Ask) -> None:
    facets = ask().facets()
    assert (dict(facets["standard_land"].counts), facets["standard_land"].unknown) == ({"false": 1, "true": 1}, 4)
    assert list(facets["land_use_code"].counts) == ["1001", "0902", "100101", "110101"]
    assert facets["preset"].counts["industry"] == 3
    assert (facets["display_class"].counts["M0"], facets["display_class"].unknown) == (1, 1)


def test_lists_count_each_of_their_codes(ask: Ask) -> None:
    amenities = ask(layer="buildings").facets(["amenities"])["amenities"]
    assert (dict(amenities.counts), amenities.unknown) == ({"bank": 1, "gym": 1}, 1)


def test_a_histogram_stands_still_while_its_own_range_moves(ask: Ask) -> None:
    free, bound = ask().histogram("area_m2", 4), ask(area_min=30.0).histogram("area_m2", 4)
    assert free == bound
    assert free.edges == (10_000.0, 20_000.0, 30_000.0, 40_000.0, 50_000.0)
    assert (free.counts, free.unknown, free.unit) == ((2, 1, 1, 1), 1, "㎡")
    other = ask(stage=("announced",)).histogram("area_m2", 4)
    assert (other.edges, other.counts) == (free.edges, (1, 0, 0, 0))


def test_a_histogram_of_nothing_is_empty(ask: Ask) -> None:
    histogram = ask().histogram("height_limit_m")
    assert (histogram.edges, histogram.counts, histogram.unknown) == ((), (), 6)


def test_a_histogram_of_one_value_is_one_bin(ask: Ask) -> None:
    histogram = ask(layer="buildings").histogram("rent_min_cny_m2_day")
    assert (histogram.edges, histogram.counts, histogram.unknown) == ((2.0, 2.0), (1,), 1)


def test_nested_numbers_have_a_histogram_of_their_largest(ask: Ask) -> None:
    histogram = ask().histogram("standard_land_indices.investment_intensity_10k_cny_per_mu")
    assert (histogram.edges, histogram.counts) == ((300.0, 300.0), (1,))


@pytest.mark.parametrize("bins", [0, -1, 10_000])
def test_a_histogram_has_a_sane_number_of_bins(ask: Ask, bins: int) -> None:
    with pytest.raises(InvalidValueError, match="bins"):
        ask().histogram("area_m2", bins)


def test_bounds_are_those_of_the_selected(ask: Ask) -> None:
    shape = ask(ids=("A",)).page().records[0].geometry
    assert ask(ids=("A",)).bounds == shape.bounds
    assert ask(ids=("none",)).bounds is None


def test_records_are_ready_for_json(ask: Ask) -> None:
    for layer in collections():
        for record in ask(layer=layer).records():
            json.dumps(dict(record.properties), allow_nan=False)
            assert record.geometry is None or shapely.is_geometry(record.geometry)


def test_a_record_tells_all_that_is_visible_and_no_more(ask: Ask, engine: Engine) -> None:
    for audience in (PUBLIC, PARTNER, OFFICER):
        fields = list(ask(audience).fields)
        nested = ["standard_land_indices", "site_assessments", "supply_events", "redevelopments"]
        record = engine.record("parcels", "A", audience, today=TODAY)
        assert [name for name in record.properties if name not in nested] == fields
        assert [row["industry_code"] for row in record.properties["standard_land_indices"]] == ["35", "39"]
        assert "parcel_id" not in record.properties["site_assessments"][0]
        assert ("conclusion" in record.properties["site_assessments"][0]) == (audience is not PUBLIC)
    assert engine.record("parcels", "D", PUBLIC, today=TODAY).properties["standard_land_indices"] == []


def test_values_come_as_plain_json(engine: Engine) -> None:
    values = engine.record("parcels", "A", OFFICER, today=TODAY).properties
    assert (values["area_m2"], values["floors_max"], values["standard_land"]) == (10_000.0, 3, True)
    assert type(values["floors_max"]) is int
    assert values["data_as_of"] == "2026-01-01"
    assert values["planning_parse_status"] == {"floor_area_ratio": "ok"}
    assert values["net_area_m2"] is None
    assert engine.record("parcels", "D", OFFICER, today=TODAY).properties["encouraged_industries"] == ["智能制造"]


def test_a_value_that_waits_for_a_notice_is_null(engine: Engine) -> None:
    def code(id: str, audience: Audience) -> Any:
        return engine.record("parcels", id, audience, today=TODAY).properties["cadastral_parcel_code"]

    assert code("A", PUBLIC) == "370213001001GB00001"
    assert code("B", PUBLIC) is None
    assert code("B", OFFICER) == "370213001001GB00002"


def test_a_record_handed_out_may_be_changed(engine: Engine) -> None:
    first = engine.record("parcels", "D", OFFICER, today=TODAY).properties
    first["encouraged_industries"].append("x")
    first["planning_parse_status"]["x"] = "y"
    second = engine.record("parcels", "D", OFFICER, today=TODAY).properties
    assert (second["encouraged_industries"], list(second["planning_parse_status"])) == (
        ["智能制造"],
        ["floor_area_ratio"],
    )


@pytest.mark.parametrize(("id", "audience"), [("F", PUBLIC), ("E", PUBLIC), ("nothing", OFFICER), ("", OFFICER)])
def test_a_record_that_is_not_there_is_not_found(engine: Engine, id: str, audience: Audience) -> None:
    with pytest.raises(NotFoundError) as caught:
        engine.record("parcels", id, audience, today=TODAY)
    assert str(caught.value) == f"the layer parcels has no record {id!r}"


@pytest.mark.parametrize("layer", ["parks", "building_units", "nothing"])
def test_only_collections_are_selected_from(engine: Engine, layer: str) -> None:
    with pytest.raises((NotFoundError, InvalidValueError)):
        engine.select(layer, criteria_class("parcels")(), OFFICER, today=TODAY)
    with pytest.raises(NotFoundError):
        engine.record(layer, "A", OFFICER, today=TODAY)
    with pytest.raises(NotFoundError):
        engine.size(layer, OFFICER)


def test_criteria_belong_to_their_layer(engine: Engine) -> None:
    with pytest.raises(InvalidValueError, match="criteria of 'buildings'"):
        engine.select("parcels", criteria_class("buildings")(), OFFICER, today=TODAY)


def told(call: Callable[[], object], name: str) -> str:
    """Return what an unknown field is told, its own name left out."""
    with pytest.raises(UnknownFieldError) as caught:
        call()
    assert all(place.field == name for place in caught.value.places)
    return str(caught.value).split(" (")[0].replace(name, "…")


@pytest.mark.parametrize(
    ("hidden", "audience"),
    [
        ("land_status", PUBLIC),
        ("right_end_on", PUBLIC),
        ("reserve_price_10k_cny", PUBLIC),
        ("reserve_price_10k_cny", PARTNER),
        ("visibility", PARTNER),
        ("planar_area_m2", PARTNER),
    ],
)
def test_a_hidden_field_reads_as_one_that_does_not_exist(ask: Ask, hidden: str, audience: Audience) -> None:
    for name in (hidden, "no_such_field"):
        assert {
            told(lambda: ask(audience, sort=(name,)), name),  # noqa: B023
            told(lambda: ask(audience, sort=("-" + name,)), name),  # noqa: B023
            told(lambda: ask(audience).facets([name]), name),  # noqa: B023
            told(lambda: ask(audience).histogram(name), name),  # noqa: B023
        } == {"no field is called '…'"}


def test_a_criterion_on_a_hidden_field_reads_as_a_field_that_does_not_exist(ask: Ask) -> None:
    assert told(lambda: ask(PUBLIC, status=("net",)), "status") == "no field is called '…'"
    assert ask(PARTNER, status=("net",)).ids() == ("A",)


def test_hints_never_name_a_hidden_field(ask: Ask) -> None:
    for name in ("land_statu", "reserve_price", "right_holder"):
        with pytest.raises(UnknownFieldError) as caught:
            ask(PUBLIC, sort=(name,))
        for hidden in ("land_status", "reserve_price_10k_cny", "right_holder_name", "right_holder_kind"):
            assert hidden not in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["mixed_uses", "encouraged_industries", "geometry", "supply_events"])
def test_what_has_no_order_is_no_sort_key(ask: Ask, name: str) -> None:
    told(lambda: ask(sort=(name,)), name)


def test_sort_keys_are_few_and_different(ask: Ask) -> None:
    with pytest.raises(InvalidValueError, match="names a field twice"):
        ask(sort=("area_m2", "-area_m2"))
    with pytest.raises(InvalidValueError, match="too many keys"):
        ask(sort=("parcel_id", "parcel_no", "area_m2", "subdistrict", "floors_max", "height_limit_m"))


def test_all_faults_of_a_select_are_told_at_once(ask: Ask) -> None:
    with pytest.raises(UnknownFieldError) as caught:
        ask(PUBLIC, status=("net",), sort=("land_status", "nonsense"))
    assert [place.field for place in caught.value.places] == ["status", "land_status", "nonsense"]


def test_a_group_of_another_district_is_refused(ask: Ask) -> None:
    assert ask(preset=("local",)).ids() == ("C",)
    with pytest.raises(InvalidValueError, match="no such value"):
        ask(preset=("elsewhere",))


def test_the_etag_differs_whenever_an_answer_could(engine: Engine, ask: Ask) -> None:
    scope = Scope({"parcels": frozenset("A")}, key="link")
    tomorrow = engine.select("parcels", criteria_class("parcels")(), OFFICER, today=TODAY.replace(day=30))
    tags = [
        selection.etag
        for selection in (
            ask(),
            ask(PUBLIC),
            ask(area_min=1.0),
            ask(area_min=1.0, area_unit="ha"),
            ask(bucket="pending"),
            ask(sort=("area_m2",)),
            ask(Audience(Level.PUBLIC, scope)),
            ask(layer="buildings"),
            tomorrow,
        )
    ]
    assert len(set(tags)) == len(tags)
    assert ask().etag == ask().etag == ask(Audience(Level.ADMIN)).etag


def test_a_geodataframe_holds_the_selection_in_order(ask: Ask) -> None:
    selection = ask(PUBLIC, sort=("-area_m2",))
    frame = selection.to_geodataframe()
    assert isinstance(frame, gpd.GeoDataFrame)
    assert tuple(frame.index) == selection.ids()
    assert frame.crs is not None
    assert frame.crs.to_epsg() == 4490
    assert [frame.index.name, *frame.columns] == [*selection.fields, "geometry"]
    assert frame["area_m2"].dtype == "float64"
    frame["area_m2"] = 0.0
    assert selection.to_geodataframe()["area_m2"].tolist() == [30_000.0, 20_000.0, 13_333.33, 10_000.0]


class TestAScope:
    """A link narrows its audience to chosen records and fields."""

    SCOPE = Scope(
        ids={"parcels": frozenset({"B", "C", "F"})},
        fields={"parcels": frozenset({"parcel_no", "area_m2", "land_use_code"})},
        key="link",
    )
    LINK = Audience(Level.PUBLIC, SCOPE)

    def test_holds_its_records_and_no_hidden_one(self, engine: Engine, ask: Ask) -> None:
        assert ask(self.LINK).ids() == ("B", "C")
        assert engine.size("parcels", self.LINK) == 2
        assert engine.size("buildings", self.LINK) == 0
        with pytest.raises(NotFoundError):
            engine.record("parcels", "A", self.LINK, today=TODAY)

    def test_keeps_the_ordinals_of_its_class(self, ask: Ask) -> None:
        assert ask(self.LINK).ordinals().tolist() == [1, 2]

    def test_shows_its_fields_only(self, ask: Ask) -> None:
        record = ask(self.LINK).page().records[0]
        assert set(record.properties) == {"parcel_id", "parcel_no", "area_m2", "land_use_code"}
        assert set(ask(self.LINK).fields) == set(record.properties)

    @pytest.mark.parametrize("name", ["stage", "standard_land", "checklist", "industry", "floor_area_ratio_min"])
    def test_filters_by_its_fields_only(self, ask: Ask, name: str) -> None:
        value: Any = {"stage": ("sold",), "standard_land": True, "checklist": "green", "industry": ("35",)}.get(
            name, 1.0
        )
        assert told(lambda: ask(self.LINK, **{name: value}), name) == "no field is called '…'"

    def test_reads_nothing_else(self, ask: Ask) -> None:
        assert ask(self.LINK, land_use=("0901",)).ids() == ()
        assert ask(self.LINK, q="LC-02").ids() == ("B",)
        assert ask(self.LINK, q="一号路").ids() == ()
        assert set(ask(self.LINK).facets()) == {"land_use_code"}
        assert ask(self.LINK).histogram("area_m2", 1).edges == (20_000.0, 30_000.0)

    def test_may_show_nested_rows(self, engine: Engine) -> None:
        fields = {"parcels": frozenset({"parcel_no"}), "standard_land_indices": frozenset({"industry_code"})}
        link = Audience(Level.PUBLIC, Scope({"parcels": frozenset({"A"})}, fields, "other"))
        record = engine.record("parcels", "A", link, today=TODAY)
        assert record.properties["standard_land_indices"] == [{"industry_code": "35"}, {"industry_code": "39"}]
        assert "site_assessments" not in record.properties
