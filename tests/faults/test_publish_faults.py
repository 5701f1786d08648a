"""Publishing under faults: whatever strikes whenever, readers get a whole version, and the next publish succeeds."""

import errno
import multiprocessing
import random
import shutil
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import Home, changes, open_current, publish, rollback, stage, staged
from tests.faults.injection import die, fails_with, striking
from tests.hamlet import make_home, parcels, stations
from tests.sizes import sized

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


def stage_parcels(home: Home) -> None:
    stage(home, "parcels", parcels(*NEW), [], {"findings": []})


def held(home: Home) -> tuple[str, ...] | None:
    """Return what a reader gets: the names of a whole version, or None before the first."""
    try:
        snapshot = open_current(home)
    except NotFoundError:
        return None
    assert snapshot.warnings == (), "a fault while publishing must never damage what is current"
    assert snapshot.layer("facilities")["facility_id"].tolist() == ["S"]
    return tuple(sorted(snapshot.layer("parcels")["parcel_id"]))


def leftovers(home: Home) -> list[str]:
    return [path.name for path in home.path.rglob(".tmp-*")]


class Case:
    """One deed on a prepared home, with what a reader may find afterwards."""

    def __init__(
        self, deed: Callable[[Home], None], before: Callable[[Home], None], found: set[Any], done: Any
    ) -> None:
        self.deed, self.before, self.found, self.done = deed, before, found, done

    def prepare(self, folder: Path) -> Home:
        home = make_home(folder)
        self.before(home)
        return home

    def points(self, folder: Path) -> int:
        """Return how many calls of an undisturbed deed change the disk."""
        home = self.prepare(folder)
        with striking(0, die) as counter:
            self.deed(home)
        return counter.calls


def nothing(home: Home) -> None:
    pass


def old_then_new(home: Home) -> None:
    publish_old(home)
    publish_new(home)


CASES = {
    "first publish": Case(publish_old, nothing, {None, OLD}, OLD),
    "publish": Case(publish_new, publish_old, {OLD, NEW}, NEW),
    "rollback": Case(roll_back, old_then_new, {NEW, OLD}, OLD),
}


def error_of(deed: Callable[[Home], None], home: Home) -> str | None:
    """Return what the store says went wrong; None when the deed was acknowledged."""
    try:
        deed(home)
    except StoreError as error:
        return error.message
    return None


def run_to_its_death(deed: Callable[[Home], None], path: Path, at: int) -> None:
    """Run in a process of its own: do the deed and die at the `at`-th call that changes the disk."""
    with striking(at, die):
        deed(Home(path))


def publish_for_ever(path: Path, started: Any) -> None:
    """Run in a process of its own: publish one version after the other until killed."""
    home = Home(path)
    started.set()
    while True:
        publish_new(home)
        publish_old(home)


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    """Return what forks processes with the store already imported, so that killing many is cheap."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["landmap.store", "pytest"])
    return context


@pytest.mark.parametrize("name", CASES)
@pytest.mark.timeout(600)
def test_killed_at_any_point_nothing_is_torn(name: str, tmp_path: Path, server: ForkServerContext) -> None:
    case = CASES[name]
    points = case.points(tmp_path / "counted")
    assert points >= (8 if name == "rollback" else 20)
    prepared = case.prepare(tmp_path / "prepared")
    every = range(1, points + 1)
    for at in sized([*every[:: 3 if points > 20 else 1], points], every):
        home = Home(tmp_path / f"home{at}")
        shutil.copytree(prepared.path, home.path)
        process = server.Process(target=run_to_its_death, args=(case.deed, home.path, at))
        process.start()
        process.join(60)
        assert process.exitcode == -9, f"call {at} of {points} was not reached"
        assert held(home) in case.found
        case.deed(home)
        assert held(home) == case.done
        assert leftovers(home) == []
        assert list(changes(home))[-1].id == home.current_id()
        shutil.rmtree(home.path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EMFILE])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.timeout(600)
def test_a_failing_disk_is_told_and_nothing_is_torn(name: str, code: int, tmp_path: Path) -> None:
    case = CASES[name]
    points = case.points(tmp_path / "counted")
    prepared = case.prepare(tmp_path / "prepared")
    every = range(1, points + 1)
    for at in sized([*every[::4], points], every):
        home = Home(tmp_path / f"home{at}")
        shutil.copytree(prepared.path, home.path)
        with striking(at, fails_with(code)) as counter:
            error = error_of(case.deed, home)
        assert counter.calls >= at
        assert error is None or "could not be written" in error
        assert held(home) in ({case.done} if error is None else case.found)
        case.deed(home)
        assert held(home) == case.done
        assert leftovers(home) == []
        shutil.rmtree(home.path)


def test_killed_while_staging_the_layer_staged_before_stays(tmp_path: Path, server: ForkServerContext) -> None:
    home = make_home(tmp_path / "home")
    stage(home, "parcels", parcels(*OLD), [], {"findings": []})
    with striking(0, die) as counter:
        stage_parcels(home)
    stage(home, "parcels", parcels(*OLD), [], {"findings": []})
    for at in range(1, counter.calls + 1, sized(3, 1)):
        process = server.Process(target=run_to_its_death, args=(stage_parcels, home.path, at))
        process.start()
        process.join(60)
        assert process.exitcode == -9
        assert tuple(sorted(staged(home)["parcels"].frame()["parcel_id"])) in (OLD, NEW)
        stage(home, "parcels", parcels(*OLD), [], {"findings": []})


@pytest.mark.timeout(1800)
def test_killed_at_random_moments_nothing_is_torn(tmp_path: Path, server: ForkServerContext) -> None:
    home = make_home(tmp_path / "home")
    publish_old(home)
    moments = random.Random(20)
    for _ in range(sized(12, 1000)):
        started = server.Event()
        process = server.Process(target=publish_for_ever, args=(home.path, started))
        process.start()
        assert started.wait(60)
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        process.join(60)
        assert held(home) in (OLD, NEW)
    publish_new(home)
    assert held(home) == NEW
    assert leftovers(home) == []


def damages(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one bit flipped, or cut short."""
    if rng.random() < 0.5:
        return data[: rng.randrange(len(data))]
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def test_no_flipped_bit_and_no_lost_byte_goes_unnoticed(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    publish(home, {"parcels": parcels(*OLD), "facilities": stations("S")}, by="", note="old")
    publish(home, {"parcels": parcels(*NEW), "facilities": stations("S", "T")}, by="", note="new")
    current = open_current(home)
    shared = [path for path in current.path.rglob("*") if path.is_file() and path.stat().st_nlink > 1]
    targets = [path for path in current.path.rglob("*") if path.is_file() and path not in shared] + [home.pointer]
    assert {path.name for path in targets} >= {"parcels.parquet", "facilities.parquet", "manifest.json", "CURRENT"}
    rng = random.Random(9)
    for turn in range(sized(100, 5000)):
        target = targets[turn % len(targets)]
        whole = target.read_bytes()
        target.write_bytes(damages(whole, rng))
        served = open_current(home)
        assert served.warnings, f"damage to {target.name} went unnoticed"
        names = tuple(sorted(served.layer("parcels")["parcel_id"]))
        assert names == (NEW if target == home.pointer else OLD)
        target.write_bytes(whole)
    assert open_current(home).warnings == ()


def test_damage_to_a_file_that_all_versions_share_is_told_and_nothing_wrong_is_served(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    publish_old(home)
    publish_new(home)
    shared = open_current(home).path / "layers" / "facilities.parquet"
    rng = random.Random(3)
    whole = shared.read_bytes()
    for _ in range(sized(10, 200)):
        shared.write_bytes(damages(whole, rng))
        with pytest.raises(StoreError, match=r"no version in .* is whole"):
            open_current(home)
    shared.write_bytes(whole)
    assert held(home) == NEW


def test_a_layer_damaged_after_opening_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    publish_old(home)
    snapshot = open_current(home)
    file = snapshot.path / "layers" / "parcels.parquet"
    file.write_bytes(damages(file.read_bytes(), random.Random(1)))
    with pytest.raises(StoreError, match=r"parcels\.parquet is damaged"):
        snapshot.layer("parcels")
