"""The engine on a district laid out many times over: what the plain reading says of a record holds for its copies.

The plain reading takes a second for a few hundred records, so it judges the original; place alone is measured on every
copy, each shape on its own.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely

from landmap.domain import Audience, PolicyClass, children_of, layer_named, table_of
from landmap.query import Criteria, MemoryEngine, Selection, area_of
from landmap.query.index import bits
from tests.oracle import GROUPS, Oracle
from tests.query_data import rough_catalog, rough_frames
from tests.sizes import sized
from tests.test_oracle import HISTOGRAMS, a_wish, an_audience, an_order, oracle_of, today
from tests.verdicts import best, halves

ROWS = sized(5_000, 100_000)
CASES = sized(60, 10_000)
BATCH = 20
PLACES = {"bbox": None, "within": None, "near": (), "ids": ()}
_MARK = "~"
FALSE, TRUE, UNKNOWN, AMBIGUOUS = range(4)
SAID = {"false": FALSE, "true": TRUE, "unknown": UNKNOWN, "ambiguous": AMBIGUOUS}


def original(id: str) -> str:
    """Return the id of the record that `id` is a copy of."""
    return id.rpartition(_MARK)[0]


@cache
def laid_out() -> MemoryEngine:
    """Return the rough district with its parcels repeated, each copy a little aside, in Hilbert order."""
    frames = dict(rough_frames())
    copies = -(-ROWS // len(frames["parcels"]))
    rng = np.random.default_rng(11)
    for layer in ("parcels", *(child.name for child in children_of("parcels") if child.name in frames)):
        frames[layer] = _repeated(frames[layer], layer_named(layer).name == "parcels", copies, rng)
    tables = {name: table_of(frame, layer_named(name)) for name, frame in frames.items()}
    return MemoryEngine("laid out", rough_catalog().district, tables)


def _repeated(frame: pd.DataFrame, placed: bool, copies: int, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for copy in range(copies):
        part = frame.copy()
        part["parcel_id"] = part["parcel_id"] + f"{_MARK}{copy}"
        if placed:
            part["geometry"] = part.geometry.translate(*rng.uniform(-0.03, 0.03, 2))
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    if not placed:
        return whole
    whole = gpd.GeoDataFrame(whole, crs=frame.crs).head(ROWS)
    centres = whole.geometry.representative_point().fillna(shapely.Point(120.4, 36.2))
    return whole.iloc[np.argsort(centres.hilbert_distance().to_numpy(), kind="stable")].reset_index(drop=True)


@dataclass(frozen=True)
class Copies:
    """The records of a class: their ids, shapes, and the number of the record each one is a copy of."""

    ids: npt.NDArray[np.object_]
    shapes: npt.NDArray[np.object_]
    bounds: npt.NDArray[np.float64]
    of: npt.NDArray[np.int64]
    rows: list[dict[str, Any]]


@cache
def copies(asking: PolicyClass) -> Copies:
    view = laid_out().view("parcels", asking)
    rows = oracle_of("rough").rows("parcels", asking)
    number = {row["parcel_id"]: place for place, row in enumerate(rows)}
    of = np.array([number[original(id)] for id in view.ids])
    return Copies(view.ids, view.geometry, shapely.bounds(view.geometry), of, rows)


@cache
def metres(asking: PolicyClass, kind: str) -> npt.NDArray[np.float64] | None:
    """Return the distance of every copy to the nearest standing facility, each pair on its own."""
    standing = [
        row["geometry"]
        for row in oracle_of("rough").rows("facilities", asking)
        if row["kind"] == kind and row["status"] in ("existing", "under_construction")
    ]
    if not standing:
        return None
    epsg = rough_catalog().district.planar_epsg
    sites = gpd.GeoSeries(copies(asking).shapes, crs=4490).to_crs(epsg)
    targets = gpd.GeoSeries(standing, crs=4490).to_crs(epsg)
    return np.min([shapely.distance(sites.to_numpy(), target) for target in targets], axis=0)


def verdicts(name: str, wish: Criteria, asking: PolicyClass) -> npt.NDArray[np.integer[Any]]:
    """Return what a criterion of place, or of ids, says of every copy."""
    here = copies(asking)
    value = getattr(wish, name)
    if name == "ids":
        return np.where(among(here.ids, frozenset(value)), TRUE, FALSE)
    missing = shapely.is_missing(here.shapes)
    if name == "bbox":
        met = np.logical_or.reduce([shapely.intersects(here.shapes, shapely.box(*box)) for box in halves(value)])
    elif name == "within":
        districts = {row["district_code"]: row["geometry"] for row in oracle_of("rough").rows("districts", asking)}
        area = districts[value] if value in districts else area_of(value)
        shapely.prepare(area)
        met = shapely.covers(area, here.shapes)
    else:
        each = [metres(asking, near.kind) for near in value]
        far = [m is not None and (m > near.metres) for m, near in zip(each, value, strict=True)]
        lost = [m is None or np.isnan(m) for m in each]
        false = np.logical_or.reduce([np.broadcast_to(one, len(here.ids)) for one in far])
        unknown = np.logical_or.reduce([np.broadcast_to(one, len(here.ids)) for one in lost])
        return np.where(false, FALSE, np.where(unknown, UNKNOWN, TRUE))
    return np.where(missing, UNKNOWN, np.where(met, TRUE, FALSE))


def among(ids: npt.NDArray[np.object_], wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([id in wanted for id in ids], dtype=np.bool_)


class Expected:
    """What the plain reading says of every copy."""

    def __init__(self, oracle: Oracle, wish: Criteria, audience: Audience, day: Any) -> None:
        self.here = copies(audience.policy_class)
        self.wish = wish
        plain = wish.model_copy(update=PLACES)
        _, said = oracle.judge("parcels", plain, Audience(audience.level), day)
        names = [*said[0]] if said else []
        self.said = {name: np.array([SAID[one[name]] for one in said])[self.here.of] for name in names}
        placed = [name for name, nothing in PLACES.items() if getattr(wish, name) != nothing]
        self.said |= {name: verdicts(name, wish, audience.policy_class) for name in placed}
        scope = audience.scope
        self.extent = np.ones(len(self.here.ids), dtype=np.bool_)
        if scope is not None:
            self.extent = among(self.here.ids, scope.ids.get("parcels", frozenset()))

    def chosen(self, wanted: str, aside: str | None = None) -> npt.NDArray[np.bool_]:
        """Return who is in a bucket when the criteria of group `aside` do not count."""
        own = {name for name, fields in GROUPS["parcels"].items() if aside in fields}
        said = [one for name, one in self.said.items() if name not in own]
        possible, true = self.extent.copy(), self.extent.copy()
        for one in said:
            possible &= one != FALSE
            true &= one == TRUE
        return true if wanted == "match" else possible & ~true

    def weights(self, wanted: str, aside: str) -> list[tuple[dict[str, Any], int]]:
        """Return every original with the number of its copies that are chosen."""
        counts = np.bincount(self.here.of[self.chosen(wanted, aside)], minlength=len(self.here.rows))
        return [(self.here.rows[number], int(count)) for number, count in enumerate(counts) if count]

    def why(self, reason: int) -> dict[str, int]:
        pending = self.chosen("pending")
        counts = {name: int((pending & (one == reason)).sum()) for name, one in self.said.items()}
        return {name: count for name, count in counts.items() if count}


def compare(
    selection: Selection, expected: Expected, oracle: Oracle, rng: random.Random, about: tuple[Any, ...]
) -> None:
    wanted = selection.criteria.bucket
    chosen = expected.chosen(wanted)
    assert np.array_equal(selection.ordinals(), np.flatnonzero(chosen)), about
    assert selection.bitmap() == np.packbits(chosen, bitorder="little").tobytes(), about
    assert (selection.total, selection.pending) == (chosen.sum(), expected.chosen("pending").sum()), about
    assert dict(selection.unknown) == expected.why(UNKNOWN), about
    assert dict(selection.ambiguous) == expected.why(AMBIGUOUS), about
    sides = expected.here.bounds[chosen & ~np.isnan(expected.here.bounds[:, 0])]
    box = (*sides[:, :2].min(axis=0).tolist(), *sides[:, 2:].max(axis=0).tolist()) if len(sides) else None
    assert selection.bounds == box, about
    for group in rng.sample(list(selection.facets()), 2):
        compare_facet(selection, expected, oracle, group, about)
    compare_histogram(selection, expected, rng, about)


def compare_facet(selection: Selection, expected: Expected, oracle: Oracle, group: str, about: tuple[Any, ...]) -> None:
    counts: Counter[str] = Counter()
    unknown = 0
    for row, copies_left in expected.weights(selection.criteria.bucket, group):
        codes = oracle._codes(row, group)
        lost = row["land_use_code"] is None if group == "display_class" else codes is None
        unknown += copies_left * lost
        counts.update(dict.fromkeys(codes or [], copies_left))
    made = selection.facets([group])[group]
    assert list(made.counts.items()) == sorted(counts.items(), key=lambda one: (-one[1], one[0])), (about, group)
    assert made.unknown == unknown, (about, group)


def compare_histogram(selection: Selection, expected: Expected, rng: random.Random, about: tuple[Any, ...]) -> None:
    path, bins = rng.choice(HISTOGRAMS["parcels"]), rng.choice((20, 7))
    made = selection.histogram(path, bins)
    reach = np.unique(expected.here.of[expected.extent]).tolist()
    known = [value for number in reach if (value := best(expected.here.rows[number], path, max)) is not None]
    left = [(best(row, path, max), count) for row, count in expected.weights(selection.criteria.bucket, path)]
    assert made.unknown == sum(count for value, count in left if value is None), (about, path)
    if not known:
        assert (made.edges, made.counts) == ((), ()), (about, path)
        return
    edges = np.linspace(min(known), max(known), bins + 1) if min(known) < max(known) else np.array([min(known)] * 2)
    counts = [0] * (len(edges) - 1)
    for value, count in left:
        if value is not None:
            counts[min(max(place for place, edge in enumerate(edges) if edge <= value), len(counts) - 1)] += count
    assert (made.edges, made.counts) == (tuple(edges.tolist()), tuple(counts)), (about, path)


def compare_order(selection: Selection, expected: Expected, sort: tuple[str, ...], about: tuple[Any, ...]) -> None:
    """Compare the whole order, and the pages that make it up."""
    numbers = np.flatnonzero(expected.chosen(selection.criteria.bucket)).tolist()
    numbers.sort(key=lambda number: expected.here.ids[number])
    for name in reversed(sort):
        field = name.removeprefix("-")
        value = {number: field_of(expected, number, field) for number in numbers}
        known = sorted((one for one in numbers if value[one] is not None), key=value.get, reverse=name[0] == "-")  # type: ignore[arg-type]
        numbers = known + [number for number in numbers if value[number] is None]
    ids = tuple(expected.here.ids[numbers])
    pages = [selection.page(limit=7)]
    while pages[-1].next and len(pages) < 4:
        pages.append(selection.page(pages[-1].next, limit=7))
    assert [int(one) for page in pages for one in page.ordinals] == numbers[: 7 * len(pages)], (about, sort)
    assert selection.ids() == ids, (about, sort)


def field_of(expected: Expected, number: int, field: str) -> Any:
    return expected.here.ids[number] if field == "parcel_id" else expected.here.rows[expected.here.of[number]][field]


def disjoint(selection: Selection, size: int, about: tuple[Any, ...]) -> None:
    """A record is true, unknown or ambiguous at most once, and no bit stands past the last record."""
    for name, one in selection._truths.items():  # type: ignore[attr-defined]
        sides = [side for side in (one.true, one.unknown, one.ambiguous) if side is not None]
        told = [bits.mask_of(side, size) for side in sides]
        assert np.sum(told, axis=0).max(initial=0) <= 1, (about, name)
        assert [bits.count(side) for side in sides] == [mask.sum() for mask in told], (about, name)


def an_id(id: str, rng: random.Random) -> str:
    return f"{id}{_MARK}{rng.randrange(-(-ROWS // len(rough_frames()['parcels'])))}"


@pytest.mark.parametrize("batch", range(CASES // BATCH))
def test_the_engine_and_the_plain_reading_agree_on_many_copies(batch: int) -> None:
    rng = random.Random(f"copies {batch}")
    engine, oracle = laid_out(), oracle_of("rough")
    for case in range(BATCH):
        audience = an_audience(rng, "parcels")
        if audience.scope is not None:
            ids = frozenset(an_id(id, rng) for id in audience.scope.ids["parcels"])
            audience = Audience(audience.level, type(audience.scope)({"parcels": ids}, key=audience.scope.key))
        wish = a_wish(rng, "parcels", oracle.rows("parcels", audience.policy_class), audience)
        wish = wish.model_copy(update={"ids": tuple(an_id(id, rng) for id in wish.ids)})
        sort, day = an_order(rng, "parcels", audience), today(rng)
        about = (batch, case, audience.key, wish.to_query()[:6], sort)
        selection = engine.select("parcels", wish, audience, today=day, sort=sort)
        expected = Expected(oracle, wish, audience, day)
        compare(selection, expected, oracle, rng, about)
        disjoint(selection, len(expected.here.ids), about)
        if rng.random() < 0.1:
            compare_order(selection, expected, sort, about)
