"""What is done to a home while faults strike, and what readers may find afterwards."""

import datetime as dt
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Final

from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import (
    Home,
    WaitingRow,
    changes,
    forget_unplaced,
    keep_unplaced,
    open_current,
    publish,
    rollback,
    stage,
    staged,
    unstage,
)
from landmap.store import waiting as rows_waiting
from tests.hamlet import make_home, parcels, stations

OLD, NEW = ("A", "B"), ("C", "D", "E")


def publish_old(home: Home) -> None:
    publish(home, {"parcels": parcels(*OLD), "facilities": stations("S")}, by="", note="old")


def publish_new(home: Home) -> None:
    publish(
        home,
        {"parcels": parcels(*NEW)},
        by="",
        note="new",
        derivations=[lambda frames, _: {"parcels": frames["parcels"].assign(area_m2=1.0)}],
        sidecars={"ids": lambda snapshot, path: path.write_text(snapshot.id, "utf-8")},
    )


def roll_back(home: Home) -> None:
    first = next(change for change in changes(home) if change.note == "old")
    rollback(home, first.id, "", "back")


def stage_new(home: Home) -> None:
    stage(home, "parcels", parcels(*NEW), [], {"findings": []})


def stage_old(home: Home) -> None:
    stage(home, "parcels", parcels(*OLD), [], {"findings": []})


def publish_staged(home: Home) -> None:
    """Publish what is staged, if anything still is, and forget it."""
    waiting = staged(home)
    if waiting:
        publish(home, {name: one.delivery() for name, one in waiting.items()}, by="", note="new")
    for name, one in waiting.items():
        unstage(home, name, sha256=one.sha256)


def nothing(home: Home) -> None:
    pass


def old_then_new(home: Home) -> None:
    publish_old(home)
    publish_new(home)


def old_and_staged(home: Home) -> None:
    publish_old(home)
    stage_new(home)


def old_and_stale(home: Home) -> None:
    publish_old(home)
    stage_old(home)


def wait_for_a_shape(home: Home, *numbers: str) -> None:
    day = dt.date(2026, 11, 22)
    rows = [WaitingRow(number, number.lower(), "台账.csv", 2, day, {"parcel_no": number}) for number in numbers]
    keep_unplaced(home, "parcels", rows, [], {})


def first_waits(home: Home) -> None:
    wait_for_a_shape(home, "W-1")


def more_waits(home: Home) -> None:
    wait_for_a_shape(home, "W-2", "W-3")


def old_and_waiting(home: Home) -> None:
    publish_old(home)
    first_waits(home)


def let_go(home: Home) -> None:
    """Settle what waited: its record is published."""
    keep_unplaced(home, "parcels", [], [], {"w-1": "A"})
    forget_unplaced(home, "parcels", ["A"])


def unplaced(home: Home) -> tuple[str | None, ...]:
    """Return what waits for a shape, and that what is served is the old version."""
    assert held(home) == OLD
    return tuple(one.number for one in rows_waiting(home, "parcels").rows)


def held(home: Home) -> tuple[str, ...] | None:
    """Return what a reader gets: the names of a whole version, or None before the first."""
    try:
        snapshot = open_current(home)
    except NotFoundError:
        return None
    assert snapshot.warnings == (), "a fault while publishing must never damage what is current"
    assert snapshot.layer("facilities")["facility_id"].tolist() == ["S"]
    return tuple(sorted(snapshot.layer("parcels")["parcel_id"]))


def waiting(home: Home) -> tuple[str, ...]:
    """Return what is staged, and that what is served is the old version."""
    assert held(home) == OLD
    return tuple(sorted(staged(home)["parcels"].frame()["parcel_id"]))


def fork_server() -> ForkServerContext:
    """Return what forks processes with the store already imported, so that killing many is cheap.

    There is one for the whole run: whoever asks first, it has imported the same.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.cases", "tests.faults.tracing", "tests.faults.injection"])
    return context


def leftovers(home: Home) -> list[str]:
    return [path.name for path in home.path.rglob(".tmp-*")]


def error_of(deed: Callable[[Home], None], home: Home) -> str | None:
    """Return what the store says went wrong; None when the deed was acknowledged."""
    try:
        deed(home)
    except StoreError as error:
        return error.message
    return None


@dataclass(frozen=True)
class Case:
    """One deed on a prepared home, with what may be found afterwards, and what must be once it is done.

    `fewest` is how many calls the deed makes at the least; `found` is told by `look`.
    """

    deed: Callable[[Home], None]
    before: Callable[[Home], None]
    found: frozenset[Any]
    done: Any
    fewest: int
    look: Callable[[Home], Any] = held

    def prepare(self, folder: Path) -> Home:
        home = make_home(folder)
        self.before(home)
        return home


CASES: Final = {
    "first publish": Case(publish_old, nothing, frozenset({None, OLD}), OLD, 20),
    "publish": Case(publish_new, publish_old, frozenset({OLD, NEW}), NEW, 20),
    "rollback": Case(roll_back, old_then_new, frozenset({NEW, OLD}), OLD, 8),
    "import": Case(stage_new, old_and_stale, frozenset({OLD, NEW}), NEW, 6, waiting),
    "first row that waits": Case(first_waits, publish_old, frozenset({(), ("W-1",)}), ("W-1",), 6, unplaced),
    "more rows that wait": Case(
        more_waits, old_and_waiting, frozenset({("W-1",), ("W-1", "W-2", "W-3")}), ("W-1", "W-2", "W-3"), 8, unplaced
    ),
    "rows that are let go": Case(let_go, old_and_waiting, frozenset({("W-1",), ()}), (), 12, unplaced),
    "publish of what was imported": Case(publish_staged, old_and_staged, frozenset({OLD, NEW}), NEW, 20),
}
