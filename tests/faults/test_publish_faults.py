"""Publishing under faults: whatever strikes whenever, readers get a whole version, and the next publish succeeds."""

import errno
import random
import shutil
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from landmap.domain.errors import StoreError
from landmap.store import Home, changes, open_current, publish
from tests.faults.cases import CASES, NEW, OLD, Case, error_of, fork_server, held, leftovers, publish_new, publish_old
from tests.faults.injection import die, fails_with, striking
from tests.hamlet import make_home, parcels, stations
from tests.sizes import sized


def points(case: Case, folder: Path) -> int:
    """Return how many calls of an undisturbed deed change the disk."""
    home = case.prepare(folder)
    with striking(0, die) as counter:
        case.deed(home)
    return counter.calls


def run_to_its_death(deed: Callable[[Home], None], path: Path, at: int) -> None:
    """Run in a process of its own: do the deed and die at the `at`-th call that changes the disk."""
    with striking(at, die):
        deed(Home(path))


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    """Return what forks processes with the store already imported, so that killing many is cheap."""
    return fork_server()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.timeout(600)
def test_killed_at_any_point_nothing_is_torn(name: str, tmp_path: Path, server: ForkServerContext) -> None:
    case = CASES[name]
    count = points(case, tmp_path / "counted")
    assert count >= case.fewest
    prepared = case.prepare(tmp_path / "prepared")
    every = range(1, count + 1)
    for at in sized([*every[::9], count], every):
        home = Home(tmp_path / f"home{at}")
        shutil.copytree(prepared.path, home.path)
        process = server.Process(target=run_to_its_death, args=(case.deed, home.path, at))
        process.start()
        process.join(60)
        assert process.exitcode == -9, f"call {at} of {count} was not reached"
        assert case.look(home) in case.found
        case.deed(home)
        assert case.look(home) == case.done
        assert leftovers(home) == []
        assert [change.id for change in changes(home)][-1:] == [id for id in [home.current_id()] if id]
        shutil.rmtree(home.path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EMFILE])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.timeout(600)
def test_a_failing_disk_is_told_and_nothing_is_torn(name: str, code: int, tmp_path: Path) -> None:
    case = CASES[name]
    count = points(case, tmp_path / "counted")
    prepared = case.prepare(tmp_path / "prepared")
    every = range(1, count + 1)
    for at in sized([*every[::14], count], every):
        home = Home(tmp_path / f"home{at}")
        shutil.copytree(prepared.path, home.path)
        with striking(at, fails_with(code)) as counter:
            error = error_of(case.deed, home)
        assert counter.calls >= at
        assert error is None or "could not be written" in error
        assert case.look(home) in ({case.done} if error is None else case.found)
        case.deed(home)
        assert case.look(home) == case.done
        assert leftovers(home) == []
        shutil.rmtree(home.path)


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
