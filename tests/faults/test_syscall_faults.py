"""Every call by which import, publish and rollback touch the disk is struck once: killed, disk full, disk broken."""

import shutil
import subprocess
from pathlib import Path

import pytest

from landmap.store import Home, changes, mend, troubles
from tests.conftest import absent
from tests.faults.cases import CASES, fork_server, leftovers
from tests.faults.tracing import FAULTS, KilledError, Point, Tracer
from tests.sizes import sized

#: How many points of one deed are struck with one fault on every run.
QUICK = 4


def found_strace() -> str:
    """Return strace, if it may trace here."""
    found = shutil.which("strace")
    if found is None:
        absent("no strace", "apt-get install strace")
    tried = subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        absent("strace may not trace here", tried.stderr.strip().splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def tracer() -> Tracer:
    """Return what does deeds under strace, with the store already imported in the process that forks."""
    return Tracer(found_strace(), fork_server())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, tracer: Tracer) -> dict[str, tuple[Home, list[Point]]]:
    """Return by case a home made ready, and every point of its deed."""
    made = {}
    for place, (name, case) in enumerate(CASES.items()):
        folder = tmp_path_factory.mktemp(f"case{place}")
        home = case.prepare(folder / "home")
        counted = Home(folder / "counted")
        shutil.copytree(home.path, counted.path)
        made[name] = (home, tracer.points(case.deed, counted, folder / "strace.log"))
        assert case.look(counted) == case.done
    return made


def chosen(points: list[Point]) -> list[Point]:
    """Return the points to strike: all of them, or a few of every kind of call, the last of each among them."""
    by_call: dict[str, list[Point]] = {}
    for point in points:
        by_call.setdefault(point.call, []).append(point)
    few = [kind[-1] for kind in by_call.values()] + [kind[len(kind) // 2] for kind in by_call.values()]
    return sized(list(dict.fromkeys(few))[:QUICK], points)


def test_the_points_are_many_enough(prepared: dict[str, tuple[Home, list[Point]]]) -> None:
    for name, (_, points) in prepared.items():
        assert len(points) >= CASES[name].fewest
        assert {"openat", "write", "fsync"} <= {point.call for point in points}
        assert any(point.call.startswith("rename") for point in points)
    struck = sum(len(chosen(points)) for _, points in prepared.values()) * len(FAULTS)
    assert struck >= sized(40, 200)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", CASES)
def test_whatever_strikes_whenever_nothing_is_torn(
    name: str, fault: str, prepared: dict[str, tuple[Home, list[Point]]], tracer: Tracer, tmp_path: Path
) -> None:
    case = CASES[name]
    source, points = prepared[name]
    for place, point in enumerate(chosen(points)):
        home = Home(tmp_path / f"home{place}")
        shutil.copytree(source.path, home.path)
        try:
            error = tracer.strike(case.deed, home, point, fault)
        except KilledError:
            assert fault == "SIGKILL", f"{point} ended the process"
        else:
            assert fault != "SIGKILL", f"{point} was not reached"
            assert error is None or "could not be" in error or "cannot be" in error, f"{point}: {error}"
            assert error is not None or case.look(home) == case.done, f"{point}: acknowledged, and not done"
        assert case.look(home) in case.found, point
        assert {one.kind for one in troubles(home)} <= {"leftover", "staging"}, point
        list(mend(home, "doctor"))
        assert troubles(home) == [], point
        assert case.look(home) in case.found, point
        case.deed(home)
        assert case.look(home) == case.done, point
        assert leftovers(home) == []
        assert [change.id for change in changes(home)][-1:] == [id for id in [home.current_id()] if id]
        shutil.rmtree(home.path)
