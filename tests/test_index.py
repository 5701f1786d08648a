"""Every index answers as a plain look at each record would, whatever the data: ties, gaps, edges, nothing, all."""

import itertools
import random

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from shapely.affinity import translate

from landmap.query.index import Codes, Lists, Ordered, Searched, Subset, Zones, bits, covered
from tests.sizes import sized

ROUNDS = sized(4, 60)
#: Around a word of 64, a block of 4 096, and none at all.
SIZES = (0, 1, 63, 64, 65, 300, 4_095, 4_097)


def told(answer: bits.Bits, size: int) -> list[bool]:
    """Return a bitmap as one answer for each record; bits past the last are never set."""
    assert len(answer) == bits.words_for(size)
    assert bits.count(answer) == bits.mask_of(answer, size).sum()
    return bits.mask_of(answer, size).tolist()


def some(rng: np.random.Generator, size: int, share: float) -> tuple[npt.NDArray[np.bool_], Subset]:
    """Return about a share of the records as a mask and as a subset."""
    mask = rng.random(size) < share
    return mask, Subset(bits.packed(mask))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("share", [0.0, 0.004, 0.3, 1.0])
def test_a_bitmap_is_a_mask_in_other_clothes(size: int, share: float) -> None:
    mask, subset = some(np.random.default_rng(1), size, share)
    rows = np.flatnonzero(mask)
    assert told(subset.bits, size) == told(bits.of_rows(rows[::-1], size), size) == mask.tolist()
    assert subset.rows.tolist() == rows.tolist()
    assert subset.total == len(rows)
    assert bits.octets(subset.bits, size) == np.packbits(mask, bitorder="little").tobytes()
    assert told(bits.everyone(size) ^ subset.bits, size) == (~mask).tolist()
    assert told(bits.drop(bits.everyone(size), rows), size) == (~mask).tolist()
    assert bits.holds(subset.bits, np.arange(size)).tolist() == mask.tolist()
    assert subset.within([bits.everyone(size), bits.none(size), subset.bits]) == [len(rows), 0, len(rows)]


COLUMNS = {
    "all different": lambda rng, size: rng.normal(size=size),
    "few values": lambda rng, size: rng.integers(0, 5, size) * 1.5,
    "more values than bins": lambda rng, size: rng.integers(0, 90, size) * 1.0,
    "half of them the same": lambda rng, size: np.where(rng.random(size) < 0.5, 2.0, rng.random(size) * 4),
    "all the same": lambda rng, size: np.full(size, 7.0),
    "no bound": lambda rng, size: np.where(
        rng.random(size) < 0.3, np.inf, np.where(rng.random(size) < 0.5, -np.inf, 1.0)
    ),
    "days": lambda rng, size: rng.integers(-5_000, 20_000, size),
    "a long tail": lambda rng, size: np.exp(rng.normal(size=size) * 4),
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("size", SIZES)
def test_limits_are_met_exactly(column: str, size: int) -> None:
    rng = np.random.default_rng(size)
    for share in (0.0, 0.6, 1.0):
        values, known = COLUMNS[column](rng, size), rng.random(size) < share
        index = Ordered(values, known)
        ends = rng.choice(values[known], 12) if known.any() else []
        near = [step for end in ends for step in (np.nextafter(end, -np.inf), np.nextafter(end, np.inf))]
        for limit in (-1e12, -1.0, 0.0, 2.0, 1e12, *ends, *near):
            assert told(index.at_least(limit), size) == (known & (values >= limit)).tolist()
            assert told(index.at_most(limit), size) == (known & (values <= limit)).tolist()
        assert told(index.unknown, size) == (~known).tolist()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("labels", [0, 1, 5, 63, 64, 127, 128, 255, 256, 1_000, 70_000])
def test_codes_are_found_and_counted_each_way_alike(labels: int, together: bool) -> None:
    rng = np.random.default_rng(labels)
    for size in SIZES:
        codes = rng.integers(-1, labels, size)
        codes = np.sort(codes) if together else codes
        index = Codes(codes.astype(np.min_scalar_type(-labels - 1)), labels)
        for _ in range(ROUNDS):
            wanted = rng.choice(labels, rng.integers(0, min(labels, 40) + 1), replace=False) if labels else np.array([])
            assert told(index.among(wanted.tolist()), size) == np.isin(codes, wanted).tolist()
            mask, subset = some(rng, size, rng.choice([0, 0.01, 0.4, 1]))
            expected = np.bincount(codes[mask & (codes >= 0)], minlength=labels).tolist()
            assert index.tally(subset).tolist() == expected
            for way in (index._by_record, index._by_value):
                assert way(subset)[1:].tolist() == expected
        assert told(index.unknown, size) == (codes < 0).tolist()


def test_lists_are_found_and_counted() -> None:
    rng = np.random.default_rng(3)
    for size, labels in itertools.product(SIZES, (1, 6, 200)):
        held = rng.random((size, labels)) < rng.random(labels)
        known = held.any(axis=1) | (rng.random(size) < 0.5)
        rows, codes = np.nonzero(held)
        index = Lists(rows, codes, labels, known)
        mask, subset = some(rng, size, 0.3)
        assert index.tally(subset).tolist() == held[mask].sum(axis=0).tolist()
        assert told(index.unknown, size) == (~known).tolist()
        for code in rng.integers(0, labels, ROUNDS):
            assert told(index.holding(int(code)), size) == held[:, code].tolist()


def land(size: int, seed: int) -> npt.NDArray[np.object_]:
    """Return shapes of every sort side by side: with holes, in pieces, as points and lines, empty, missing."""
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    made = np.empty(size, dtype=object)
    for number, (x, y) in enumerate(zip(*rng.random((2, size)), strict=True)):
        x, y = round(120 + 0.1 * x, draw.choice((2, 9))), round(36 + 0.1 * y, draw.choice((2, 9)))
        r = draw.choice((0.0005, 0.001, 0.03))
        disc = shapely.Point(x, y).buffer(r, quad_segs=draw.choice((1, 2, 4)))
        made[number] = draw.choice(
            (
                disc,
                disc,
                shapely.box(x, y, x + r, y + r),
                disc.difference(shapely.Point(x, y).buffer(r / 2)),
                shapely.MultiPolygon([disc, translate(disc, 3 * r, 0.01)]),
                shapely.Point(x, y),
                shapely.LineString([(x, y), (x + r, y + 2 * r)]),
                shapely.MultiPoint([(x, y), (x + r, y + r)]),
                shapely.Polygon(),
                None,
            )
        )
    order = np.argsort([0 if one is None or one.is_empty else shapely.bounds(one)[0].round(2) for one in made])
    return made[order]


def boxes(shapes: npt.NDArray[np.object_], rng: random.Random) -> tuple[float, float, float, float]:
    """Return a box: anywhere, without width or height, or with a corner where a shape has one."""
    (west, east), (south, north) = (sorted(base + rng.uniform(-0.01, 0.11) for _ in range(2)) for base in (120, 36))
    shape = rng.choice(list(shapes)) if len(shapes) else None
    if shape is not None and not shape.is_empty and rng.random() < 0.5:
        least_x, _, most_x, most_y = shape.bounds
        west, south, east, north = rng.choice(
            (shape.bounds, (most_x, most_y, most_x + 0.02, most_y + 0.02), (least_x, south, least_x, north))
        )
    return (west, south, east, north)


def a_box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return the box as a shape, also where it is a line or a point."""
    return shapely.MultiPoint([(west, south), (east, south), (east, north), (west, north)]).envelope


def an_area(shapes: npt.NDArray[np.object_], rng: random.Random) -> shapely.Geometry:
    """Return an area: a star, with holes, in pieces, or one whose edges run along those of the shapes."""
    angles = sorted(rng.uniform(0, 2 * np.pi) for _ in range(rng.randint(3, 40)))
    star = shapely.Polygon(
        [(120.05 + r * np.cos(a), 36.05 + r * np.sin(a)) for a in angles for r in [0.06 * rng.random()]]
    )
    star = star if star.is_valid else shapely.make_valid(star)
    kind = rng.randrange(5)
    if kind == 0:
        return star.difference(shapely.Point(120.05, 36.06).buffer(0.01))
    if kind == 1:
        return shapely.union_all([star, shapely.box(120.08, 36.08, 120.2, 36.2)])
    polygons = [one for one in shapes if one is not None and one.geom_type.endswith("Polygon") and not one.is_empty]
    if kind == 2 and polygons:
        return shapely.union_all(rng.sample(polygons, min(len(polygons), 20)))
    if kind == 3 and polygons:
        return rng.choice(polygons)
    return star


@pytest.mark.parametrize("size", [size for size in SIZES if size < 1_000] + [sized(1_000, 4_200)])
def test_places_are_told_as_shapely_tells_them(size: int) -> None:
    shapes, rng = land(size, size), random.Random(size)
    zones = Zones(shapes)
    there = np.array([one is not None and not one.is_empty for one in shapes], dtype=np.bool_)
    assert told(zones.located, size) == there.tolist()
    assert told(zones.unlocated, size) == (~there).tolist()
    for _ in range(ROUNDS * 5):
        box = boxes(shapes, rng)
        shape = a_box(*box)
        assert told(zones.meeting(box, shape), size) == shapely.intersects(shape, shapes).tolist(), box
        area = an_area(shapes, rng)
        shapely.prepare(area)
        assert told(covered(zones, area), size) == shapely.covers(area, shapes).tolist(), area.wkt
        mask, subset = some(np.random.default_rng(rng.randrange(99)), size, rng.choice((0.0, 0.01, 0.5, 1.0)))
        seen = shapes[mask & there]
        assert zones.extent(subset.bits) == (tuple(shapely.total_bounds(seen).tolist()) if len(seen) else None)


@pytest.mark.parametrize(
    "area", [shapely.Polygon(), shapely.Point(120.05, 36.05), shapely.LineString([(120, 36), (120.1, 36.1)])]
)
def test_an_area_without_ground_holds_what_lies_in_it(area: shapely.Geometry) -> None:
    shapes = np.append(land(200, 5), [shapely.Point(120.05, 36.05)])
    assert told(covered(Zones(shapes), area), 201) == shapely.covers(area, shapes).tolist()


def test_words_are_found_wherever_they_stand() -> None:
    rng, alphabet = random.Random(8), "ab-0 路号𠮷"
    for size in (0, 1, 64, 300):
        unlike = ["".join(rng.choices(alphabet, k=rng.randint(0, 9))) for _ in range(size)]
        alike = [rng.choice(("", "一号路", "a-0", "𠮷")) for _ in range(size)]
        columns = [np.array(texts, dtype=np.dtypes.StringDType()) for texts in (unlike, alike)]
        for chosen in (columns, columns[:1], columns[1:], []):
            searched = Searched(chosen, size)
            for _ in range(ROUNDS * 10):
                words = ["".join(rng.choices(alphabet, k=rng.randint(1, 3))) for _ in range(rng.choice((0, 1, 1, 2)))]
                expected = [
                    all(any(word in str(column[row]) for column in chosen) for word in words) for row in range(size)
                ]
                assert told(searched.holding(words), size) == expected, words
