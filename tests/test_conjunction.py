"""All criteria together, and all but one group's; who comes first."""

import numpy as np
import pytest

from landmap.query.conjunction import Conjunction
from landmap.query.index import Subset, bits
from landmap.query.order import Order
from landmap.query.truth import Truth, any_of
from tests.query_data import demo_catalog
from tests.query_town import OFFICER

SIZE = 200
GROUPS = {"a": ("x",), "b": ("x",), "c": ("x", "y"), "d": (), "e": ("z",)}


def answers(seed: int, *, decided: bool) -> dict[str, Truth]:
    """Return random answers, with and without doubts."""
    rng = np.random.default_rng(seed)
    drawn = {name: rng.integers(0, 2 if decided else 4, SIZE) + 1 for name in GROUPS}
    return {
        name: Truth(
            bits.packed(said == 1),
            None if decided else bits.packed(said == 3),
            None if decided else bits.packed(said == 4),
        )
        for name, said in drawn.items()
    }


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize("named", ["", "a", "ab", "abcde", "ce", "de"])
@pytest.mark.parametrize("aside", [None, "x", "y", "z", "elsewhere"])
def test_leaving_a_group_aside_is_asking_without_it(named: str, aside: str | None, decided: bool) -> None:
    truths = {name: one for name, one in answers(len(named), decided=decided).items() if name in named}
    extent = bits.packed(np.arange(SIZE) % 7 > 0)
    met = Conjunction(extent, truths, GROUPS)
    rest = [one for name, one in truths.items() if aside not in GROUPS[name]]
    inside = bits.mask_of(extent, SIZE)
    true = np.logical_and.reduce([inside, *(bits.mask_of(one.true, SIZE) for one in rest)])
    possible = np.logical_and.reduce([inside, *(bits.mask_of(one.possible, SIZE) for one in rest)])
    assert bits.mask_of(met.matched(aside).bits, SIZE).tolist() == true.tolist()
    assert bits.mask_of(met.pending(aside).bits, SIZE).tolist() == (possible & ~true).tolist()


def test_groups_that_leave_the_same_aside_share_one_answer() -> None:
    met = Conjunction(bits.everyone(SIZE), answers(1, decided=False), GROUPS)
    assert met.matched("elsewhere") is met.matched()
    assert met.matched("z") is not met.matched()


def test_or_is_true_before_it_is_unknown() -> None:
    one, other = (
        Truth(bits.packed(np.array(true)), bits.packed(np.array(unknown)))
        for true, unknown in (
            ([True, False, False, False], [False, True, True, False]),
            ([False, True, False, False], [True, False, False, True]),
        )
    )
    both = any_of([one, other])
    assert both.unknown is not None
    assert (both.true.tolist(), both.unknown.tolist()) == ([0b0011], [0b1100])


@pytest.mark.parametrize("keys", [(), (("area_m2", True),), (("subdistrict", False), ("area_m2", False))])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_the_head_of_an_order_is_its_beginning(keys: tuple[tuple[str, bool], ...], share: float) -> None:
    view = demo_catalog().engine.view("parcels", OFFICER.policy_class)
    chosen = np.random.default_rng(2).random(view.size) < share
    whole = Order(view, Subset(bits.packed(chosen)), keys).rows.tolist()
    assert sorted(whole) == np.flatnonzero(chosen).tolist()
    for size in (0, 1, 7, len(whole), len(whole) + 5):
        assert Order(view, Subset(bits.packed(chosen)), keys).head(size).tolist() == whole[:size]
    others = np.flatnonzero(~chosen)
    everyone = Order(view, Subset(view.everyone), keys).rows
    assert everyone[~np.isin(everyone, others)].tolist() == whole
