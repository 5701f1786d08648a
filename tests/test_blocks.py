"""Outlines that share their edges are settled together, and never when one of them overlaps another."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.register import outlines
from landmap.ingest.checks.blocks import settled_blocks
from landmap.ingest.checks.neighbours import OVERLAP_M2, meetings

Shapes = NDArray[np.object_]


def town(rows: int = 100, seed: int = 1) -> Shapes:
    """Return parcels without a gap between them."""
    return outlines(rows, np.random.default_rng(seed))


def cut(shapes: Shapes) -> set[tuple[int, int]]:
    """Return the pairs that share more than 1 ㎡, by cutting each with each."""
    one, other = np.triu_indices(len(shapes), 1)
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    return {(int(a), int(b)) for a, b in zip(one[shared > OVERLAP_M2], other[shared > OVERLAP_M2], strict=True)}


def met(shapes: Shapes) -> set[tuple[int, int]]:
    """Return the pairs that are found."""
    return {
        pair
        for found in meetings(shapes, blocks=settled_blocks(shapes, 0.5))
        for pair in zip(found.left.tolist(), found.right.tolist(), strict=True)
    }


def test_parcels_that_share_their_edges_are_one_block() -> None:
    assert set(settled_blocks(town(), 0.5).tolist()) == {0}


def test_the_way_an_outline_is_drawn_makes_no_difference() -> None:
    shapes = town()
    shapes[::2] = shapely.reverse(shapes[::2])
    assert set(settled_blocks(shapes, 0.5).tolist()) == {0}


def test_streets_part_blocks_and_one_parcel_is_no_block() -> None:
    shapes = town(4)
    away = shapely.transform(shapes[:3], lambda points: np.add(points, (5000, 0)))
    assert settled_blocks(np.concatenate([shapes, away[:2], away[2:]]), 0.5).tolist() == [0, 0, 0, 0, 4, 4, 4]
    assert settled_blocks(shapes[[0, 3]], 0.5).tolist() == [-1, -1]


def test_a_parcel_drawn_twice_is_in_no_block() -> None:
    shapes = town()
    twice = np.concatenate([shapes, shapes[[44]]])
    assert settled_blocks(twice, 0.5)[[44, 100]].tolist() == [-1, -1]
    assert met(twice) == {(44, 100)}


def test_a_corner_pulled_over_a_neighbour_unsettles_its_block() -> None:
    shapes = town(4)
    shapes[3] = shapely.union(shapes[3], shapely.buffer(shapes[3].centroid, 60))
    assert not set(settled_blocks(shapes, 0.5).tolist()) & {3}
    assert met(shapes) == cut(shapes) != set()


def test_one_sheet_of_parcels_over_another_is_found_pair_by_pair() -> None:
    shapes = town(36)
    moved = shapely.transform(shapes, lambda points: np.add(points, (40, 25)))
    both = np.concatenate([shapes, moved])
    assert len(set(settled_blocks(both, 0.5).tolist())) == 2
    assert met(both) == cut(both) != set()


def test_a_hole_in_a_block_may_hold_a_parcel_and_a_parcel_too_large_is_found() -> None:
    shapes = town(25)
    rest, middle = np.delete(shapes, 12), shapes[12]
    assert met(np.append(rest, shapely.buffer(middle, -1))) == set()
    large = np.append(rest, shapely.buffer(middle, 3))
    assert met(large) == cut(large) != set()


@pytest.mark.parametrize("shape", [shapely.MultiPolygon(), None])
def test_what_has_no_outline_is_passed_over(shape: shapely.Geometry | None) -> None:
    shapes = np.array([*town(9), shape], dtype=object)
    assert met(shapes) == set()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 35), st.sampled_from(["move", "grow", "shrink", "again", "drop", "hole"])), max_size=6
    ),
    st.integers(0, 5),
)
def test_whatever_is_done_to_parcels_the_pairs_are_those_of_cutting(done: list[tuple[int, str]], seed: int) -> None:
    shapes = town(36, seed).tolist()
    for place, what in done:
        shape = shapes[place]
        match what:
            case "move":
                shapes[place] = shapely.transform(shape, lambda points: np.add(points, (7.0, -4.0)))
            case "grow":
                shapes[place] = shapely.buffer(shape, 2, join_style="mitre")
            case "shrink":
                shapes[place] = shapely.buffer(shape, -2)
            case "again":
                shapes.append(shape)
            case "drop":
                shapes[place] = shapely.box(0, 0, 1, 1)
            case "hole":
                shapes[place] = shapely.difference(shape, shapely.buffer(shape, -20))
    found = np.array(shapes, dtype=object)
    assert met(found) == cut(found)
