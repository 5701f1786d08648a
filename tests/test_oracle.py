"""The engine against the plain reading of the filters: random wishes, both layers, every audience."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from landmap.domain import Audience, Kind, Level, Scope, layer_named
from landmap.query import Criteria, Selection, criteria_class
from tests.oracle import Oracle, hidden_from
from tests.query_data import demo_catalog, frames_in, rough_catalog
from tests.sizes import sized
from tests.verdicts import INTENSITY

TODAY = dt.date(2026, 6, 1)
CASES = sized(1_000, 4_000)
#: Cases of one test run; each draws its own random numbers.
BATCH = 100

Draw = Callable[[random.Random, list[dict[str, Any]]], list[tuple[str, str]]]


CATALOGS = {"demo": demo_catalog, "rough": rough_catalog}


@cache
def oracle_of(name: str) -> Oracle:
    catalog = CATALOGS[name]()
    return Oracle(frames_in(catalog), catalog.district)


def number(rng: random.Random, rows: list[dict[str, Any]], field: str, factor: float = 1.0) -> str:
    """A number near the data: often one that is on file, so that limits are met exactly."""
    known = [row[field] for row in rows if row[field] is not None]
    value = rng.choice(known) * factor if known and rng.random() < 0.8 else rng.uniform(0, 60)
    return f"{min(value, 9e8):.{rng.choice((0, 1, 2))}f}"


def side(name: str, field: str, factor: float = 1.0) -> Draw:
    """One or both limits of a range, in order."""

    def draw(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        low, high = sorted((number(rng, rows, field, factor) for _ in range(2)), key=float)
        pairs = [(f"{name}_min", low), (f"{name}_max", high)]
        return rng.choice((pairs, pairs[:1], pairs[1:]))

    return draw


def least(name: str, field: str) -> Draw:
    return lambda rng, rows: [(name, number(rng, rows, field))]


def some(name: str, field: str) -> Draw:
    """One to three of the values on file."""

    def draw(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        values = sorted({one for row in rows for one in listed(row[field])})
        return [(name, value) for value in rng.sample(values, min(len(values), rng.randint(1, 3)))]

    return draw


def listed(value: Any) -> list[str]:
    return [] if value is None else value if isinstance(value, list) else [value]


def flag(name: str) -> Draw:
    return lambda rng, _: [(name, rng.choice(("true", "false")))]


def area(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    unit, per = rng.choice((("mu", 2000 / 3), ("m2", 1.0), ("ha", 10_000.0)))
    form = rng.randrange(3)
    pairs = side("area", "area_m2", 1 / per)(rng, rows)
    if form == 0:
        return [(f"{name}_{unit}", text) for name, text in pairs]
    return [*pairs, *([("area_unit", unit)] if unit != "mu" or form == 1 else [])]


def uses(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    codes = rng.sample(["10", "1001", "100101", "100102", "11", "1101", "110101", "0802", "09", "0902", "0701"], 2)
    extra = [(name, "true") for name in ("include_parent", "primary_only") if rng.random() < 0.4]
    return [*(("land_use", code) for code in codes[: rng.randint(1, 2)]), *extra]


def presets(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    keys = rng.sample(
        ["industry", "warehouse", "office", "new_industry", "industrial_land", "advanced_manufacturing"], 2
    )
    extra = [("primary_only", "true")] if rng.random() < 0.3 else []
    return [*(("preset", key) for key in keys[: rng.randint(1, 2)]), *extra]


def drawn(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    keys = rng.sample(["M0", "M1", "M2", "W1", "B1", "B2", "other"], 3)
    return [("display_class", key) for key in keys[: rng.randint(1, 3)]]


def planning(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    name, field = rng.choice(
        (
            ("floor_area_ratio", "floor_area_ratio_max"),
            ("floor_area_ratio", "floor_area_ratio_min"),
            ("coverage", "building_coverage_ratio_min_pct"),
            ("green", "green_space_ratio_max_pct"),
            ("height", "height_limit_m"),
        )
    )
    known = sorted({row[field] for row in rows if row[field] is not None})
    low, high = sorted(rng.choices(known, k=2))
    pairs = [(f"{name}_min", f"{low:g}"), (f"{name}_max", f"{high:g}")]
    extra = [("match", rng.choice(("feasible", "guaranteed")))] if rng.random() < 0.6 else []
    return [*rng.choice((pairs, pairs[:1], pairs[1:])), *extra]


def intensity(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    low, high = sorted(rng.choices(range(150, 600, 10), k=2))
    return rng.choice(
        ([("intensity_min", str(low))], [("intensity_max", str(high))], [("tax_min", str(rng.randint(5, 40)))])
    )


def industries(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    codes = rng.sample(["13", "26", "27", "34", "35", "351", "3512", "36", "37", "38", "39", "40", "64", "65", "73"], 2)
    return [("industry", code) for code in codes[: rng.randint(1, 2)]]


def words(field: str) -> Draw:
    def draw(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        text = rng.choice([row[field] for row in rows if row[field]])
        start = rng.randrange(len(text))
        part = " ".join(text[start : start + rng.randint(1, 4)].split()) or text[0]
        return [("q", rng.choice((part, part.lower(), f"{part} {text[0]}")))]

    return draw


def box(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    west, east = sorted(round(rng.uniform(120.33, 120.50), 5) for _ in range(2))
    south, north = sorted(round(rng.uniform(36.13, 36.24), 5) for _ in range(2))
    return [("bbox", rng.choice((f"{west},{south},{east},{north}", f"{west},{south},0,{east},{north},50")))]


def place(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    if rng.random() < 0.3:
        return [("within", "370213")]
    points = [(round(rng.uniform(120.33, 120.50), 5), round(rng.uniform(36.13, 36.24), 5)) for _ in range(4)]
    ring = ", ".join(f"{x} {y}" for x, y in (*points, points[0]))
    return [("within", rng.choice((f"POLYGON(({ring}))", f"multipolygon ((({ring})))")))]


def near(rng: random.Random, _: list[dict[str, Any]]) -> list[tuple[str, str]]:
    kinds = [
        "metro_station",
        "rail_station",
        "expressway_ramp",
        "hospital",
        "talent_apartment",
        "airport",
        "heat_source",
    ]
    return [("near", f"{kind}:{rng.randint(100, 4000)}") for kind in rng.sample(kinds, rng.randint(1, 2))]


def day(rng: random.Random, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [("as_of_min", rng.choice([row["data_as_of"] for row in rows if row["data_as_of"] is not None]))]


def today(rng: random.Random) -> dt.date:
    """A day on which something has just expired, or is about to."""
    items = demo_catalog().tables["site_assessments"]
    until: list[dt.date] = items["valid_until"][items.known("valid_until")].tolist()
    return rng.choice((TODAY, rng.choice(until) + dt.timedelta(days=rng.randint(0, 1))))


def chosen(layer: str) -> Draw:
    key = layer_named(layer).id_field
    return lambda rng, rows: [("ids", row[key]) for row in rng.sample(rows, min(len(rows), 40))] + [("ids", "none")]


COMMON: tuple[Draw, ...] = (box, place, near)
DRAWS: dict[str, tuple[Draw, ...]] = {
    "parcels": (
        *COMMON,
        area,
        area,
        uses,
        uses,
        presets,
        drawn,
        planning,
        planning,
        intensity,
        industries,
        some("stage", "supply_stage"),
        some("method", "supply_method"),
        some("supply_kind", "supply_kind"),
        some("subdistrict", "subdistrict"),
        some("park", "park_name"),
        flag("standard_land"),
        flag("elastic_term"),
        flag("with_design"),
        lambda _rng, _rows: [("checklist", "green")],
        words("location_text"),
        words("parcel_no"),
        day,
        chosen("parcels"),
    ),
    "buildings": (
        *COMMON,
        some("kind", "building_kind"),
        some("grade", "grade"),
        some("amenity", "amenities"),
        side("gross", "gross_floor_area_m2"),
        side("available", "available_area_m2"),
        side("occupancy", "occupancy_rate_pct"),
        side("rent", "rent_min_cny_m2_day"),
        side("rent", "rent_max_cny_m2_day"),
        least("rentable_min", "rentable_area_m2"),
        least("floor_height_min", "floor_height_m"),
        least("load_min", "floor_load_kn_m2"),
        least("parking_min", "parking_spaces"),
        words("address"),
        day,
        flag("fresh"),
        chosen("buildings"),
    ),
    "constraints": (*COMMON, some("kind", "constraint_type"), some("effect", "effect"), words("name")),
    "facilities": (*COMMON, some("kind", "kind"), some("status", "status"), words("name"), day),
    "districts": (*COMMON, some("level", "level"), words("name")),
}
HISTOGRAMS = {
    "parcels": ("area_m2", "floor_area_ratio_max", "height_limit_m", "floors_max", INTENSITY),
    "buildings": ("rent_min_cny_m2_day", "available_area_m2", "occupancy_rate_pct", "floors_above"),
    "constraints": ("buffer_m",),
    "facilities": (),
    "districts": ("area_km2",),
}


def an_audience(rng: random.Random, layer: str) -> Audience:
    level = rng.choice((Level.PUBLIC, Level.PARTNER, Level.OFFICER))
    if rng.random() > 0.25:
        return Audience(level)
    ids = demo_catalog().tables[layer][layer_named(layer).id_field].tolist()
    return Audience(level, Scope({layer: frozenset(rng.sample(ids, len(ids) // 2))}, key=str(rng.random())))


def a_wish(rng: random.Random, layer: str, rows: list[dict[str, Any]], audience: Audience) -> Criteria:
    """A few random criteria that the audience may use."""
    draws = list(DRAWS[layer])
    if layer == "parcels" and audience.level > Level.PUBLIC:
        draws.append(some("status", "land_status"))
    pairs: dict[str, list[str]] = {}
    for draw in rng.sample(draws, rng.choice((0, 1, 1, 2, 2, 3, 4))):
        drawn: dict[str, list[str]] = {}
        for name, text in draw(rng, rows):
            drawn.setdefault(name, []).append(text)
        families = {name.split("_")[0] for name in pairs} & {"area", "rent", "match", "height"}
        if not (drawn.keys() & pairs.keys()) and not ({name.split("_")[0] for name in drawn} & families):
            pairs |= drawn
    if rng.random() < 0.2:
        pairs["bucket"] = ["pending"]
    query = [(name, text) for name, texts in pairs.items() for text in texts]
    rng.shuffle(query)
    made = criteria_class(layer)
    catalog = demo_catalog()
    try:
        return made.from_query(query, catalog.district)
    except Exception as error:
        raise AssertionError(query) from error


def an_order(rng: random.Random, layer: str, audience: Audience) -> tuple[str, ...]:
    fields = layer_named(layer).fields_for(audience.policy_class)
    sortable = [n for n, f in fields.items() if not f.kind.listed and f.kind not in (Kind.JSON, Kind.GEOMETRY)]
    return tuple(rng.choice(("", "-")) + name for name in rng.sample(sortable, rng.choice((0, 0, 1, 2))))


@pytest.mark.parametrize("batch", range(CASES // BATCH))
def test_the_engine_and_the_plain_reading_agree(batch: int) -> None:
    rng = random.Random(batch)
    name = rng.choice(("demo", "rough"))
    catalog, oracle = CATALOGS[name](), oracle_of(name)
    for case in range(BATCH):
        layer = rng.choice(("parcels", "parcels", "parcels", "buildings", "buildings", rng.choice(list(DRAWS))))
        audience = an_audience(rng, layer)
        wish = a_wish(rng, layer, oracle.rows(layer, audience.policy_class), audience)
        sort = an_order(rng, layer, audience)
        selection = catalog.engine.select(layer, wish, audience, today=today(rng), sort=sort)
        compare(oracle, selection, sort, rng, (batch, case, layer, audience.key, wish.to_query(), sort))


def compare(
    oracle: Oracle, selection: Selection, sort: tuple[str, ...], rng: random.Random, about: tuple[Any, ...]
) -> None:
    layer = selection.layer.name
    asked = (layer, selection.criteria, selection.audience, selection.today)
    assert selection.ids() == oracle.ids(*asked, sort), about
    assert {
        "total": selection.total,
        "pending": selection.pending,
        "unknown": dict(selection.unknown),
        "ambiguous": dict(selection.ambiguous),
    } == oracle.counts(*asked), about
    facets = selection.facets()
    for group in rng.sample(list(facets), min(3, len(facets))):
        counts, unknown = oracle.facet(*asked, group)
        assert list(facets[group].counts.items()) == list(counts.items()), (about, group)
        assert facets[group].unknown == unknown, (about, group)
    for path in rng.sample(HISTOGRAMS[layer], min(1, len(HISTOGRAMS[layer]))):
        bins = rng.choice((20, 7))
        made = selection.histogram(path, bins)
        expected = oracle.histogram(*asked, path, bins)
        assert (list(made.edges), list(made.counts), made.unknown) == expected, (about, path)


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.PARTNER, Level.OFFICER])
@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_no_hidden_field_is_offered(layer: str, level: Level) -> None:
    audience = Audience(level)
    selection = demo_catalog().engine.select(layer, criteria_class(layer)(), audience, today=TODAY)
    hidden = hidden_from(layer, audience.policy_class)
    assert not hidden & {*selection.fields, *selection.facets(), *selection.to_geodataframe().columns}
    assert all(not hidden & record.properties.keys() for record in selection.page(limit=20).records)
