"""Many at once: readers while publishers are killed at random moments, and publishers who get in each other's way."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from landmap.domain.errors import BusyError, LandmapError
from landmap.store import Home, changes, mend, open_current, open_version, publish, troubles
from tests.faults.cases import NEW, OLD, fork_server, held, leftovers, publish_new, publish_old
from tests.hamlet import make_home, parcels, stations
from tests.sizes import sized


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    """Return what forks processes with the store already imported, so that killing many is cheap."""
    return fork_server()


def publish_for_ever(path: Path, started: Any) -> None:
    """Run in a process of its own: publish one version after the other until killed."""
    home = Home(path)
    started.set()
    while True:
        publish_new(home)
        publish_old(home)


def read_for_ever(path: Path, stop: Any, reads: Any, faults: Any) -> None:
    """Run in a process of its own: open what is current again and again, and tell of all that is not whole."""
    home = Home(path)
    while not stop.is_set():
        try:
            found = held(home)
        except (AssertionError, LandmapError) as error:
            faults.put(repr(error))
            return
        if found not in (OLD, NEW):
            faults.put(f"neither the old nor the new version: {found}")
            return
        with reads.get_lock():
            reads.value += 1


@contextmanager
def reading(server: ForkServerContext, path: Path, readers: int) -> Iterator[Any]:
    """Let readers read while the block runs; yield how often they did, and fail when one saw anything but a version."""
    stop, reads, faults = server.Event(), server.Value("q", 0), server.Queue()
    crowd = [server.Process(target=read_for_ever, args=(path, stop, reads, faults)) for _ in range(readers)]
    for reader in crowd:
        reader.start()
    try:
        yield reads
    finally:
        stop.set()
        for reader in crowd:
            reader.join(60)
    assert [faults.get() for _ in range(readers) if not faults.empty()] == []
    assert [reader.exitcode for reader in crowd] == [0] * readers


def ended(process: BaseProcess) -> None:
    process.kill()
    process.join(60)


@pytest.mark.timeout(1800)
def test_killed_at_random_moments_readers_see_whole_versions(tmp_path: Path, server: ForkServerContext) -> None:
    home = make_home(tmp_path / "home")
    publish_old(home)
    moments = random.Random(20)
    kills = sized(12, 400)
    with reading(server, home.path, readers=2) as reads:
        for _ in range(kills):
            started = server.Event()
            process = server.Process(target=publish_for_ever, args=(home.path, started))
            process.start()
            assert started.wait(60)
            time.sleep(moments.uniform(0, 0.3))
            ended(process)
            assert held(home) in (OLD, NEW)
            assert {one.kind for one in troubles(home)} <= {"leftover", "staging", "journal"}
    assert reads.value >= kills
    list(mend(home, "doctor"))
    assert troubles(home) == []
    publish_new(home)
    assert held(home) == NEW
    assert leftovers(home) == []


def publish_many(path: Path, name: str, rounds: int, told: Any) -> None:
    """Run in a process of its own: publish so many versions of one's own, trying again while another is at it."""
    home = Home(path)
    for turn in range(rounds):
        while True:
            try:
                frame = parcels(*OLD, floors_max=turn + 1, source_ref=name)
                told.put(publish(home, {"parcels": frame}, by=name, note=str(turn)).id)
                break
            except BusyError:
                time.sleep(0.005)


@pytest.mark.timeout(600)
def test_two_publishers_at_once_take_turns_and_lose_nothing(tmp_path: Path, server: ForkServerContext) -> None:
    home = make_home(tmp_path / "home")
    publish(home, {"parcels": parcels(*OLD), "facilities": stations("S")}, by="", note="old")
    told, rounds = server.Queue(), sized(6, 60)
    publishers = [server.Process(target=publish_many, args=(home.path, name, rounds, told)) for name in "xy"]
    acknowledged = []
    with reading(server, home.path, readers=1):
        for publisher in publishers:
            publisher.start()
        acknowledged = [told.get(timeout=120) for _ in range(2 * rounds)]
        for publisher in publishers:
            publisher.join(60)
            assert publisher.exitcode == 0
    journal = list(changes(home))[1:]
    assert sorted(change.id for change in journal) == sorted(acknowledged)
    assert [change.before for change in journal[1:]] == [change.id for change in journal[:-1]]
    for name in "xy":
        assert [change.note for change in journal if change.by == name] == [str(turn) for turn in range(rounds)]
    for id in acknowledged:
        assert open_version(home, id).rows("parcels") == len(OLD)
    assert open_current(home).id == journal[-1].id
    assert troubles(home) == []
