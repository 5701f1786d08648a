"""Each wall alone, tried in a process that puts it up and then runs against it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landmap.ingest.confined import drivers, landlock, network

#: What a process behind a wall tries; each line of the answer says whether it got through.
TRIES = """
import json, os, socket, subprocess, sys
from pathlib import Path

def through(action):
    try:
        action()
    except OSError:
        return False
    return True

def tries(inside, outside, port, abstract, scratch):
    return {
        "read inside": through(lambda: Path(inside).read_text()),
        "read outside": through(lambda: Path(outside).read_text()),
        "read through a link": through(lambda: Path(inside).with_name("link").read_text()),
        "list outside": through(lambda: os.listdir(Path(outside).parent)),
        "write inside": through(lambda: Path(inside).write_text("x")),
        "write scratch": through(lambda: (Path(scratch) / "new").write_text("x")),
        "write outside": through(lambda: (Path(outside).parent / "new").write_text("x")),
        "connect": through(lambda: socket.create_connection(("127.0.0.1", port), 2).close()),
        "send a datagram": through(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))),
        "listen": through(lambda: socket.create_server(("127.0.0.1", 0)).close()),
        "reach an abstract socket": through(lambda: socket.socket(socket.AF_UNIX).connect(chr(0) + abstract)),
        "signal its parent": through(lambda: os.kill(os.getppid(), 0)),
        "start a program": through(lambda: subprocess.run(["/bin/true"])),
        "fork": through(lambda: os.fork() or os._exit(0)),
    }
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A file inside, one outside, a scratch folder, and two listeners."""
    inside, outside, scratch = tmp_path / "inside", tmp_path / "outside", tmp_path / "scratch"
    for folder in (inside, outside, scratch):
        folder.mkdir()
    (inside / "a.txt").write_text("mine")
    (outside / "canary.txt").write_text("canary")
    (inside / "link").symlink_to(outside / "canary.txt")
    abstract = f"landmap-test-{tmp_path.name}-{id(tmp_path)}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as local:
        local.bind(f"\0{abstract}")
        local.listen()
        yield {
            "inside": str(inside / "a.txt"),
            "outside": str(outside / "canary.txt"),
            "port": tcp.getsockname()[1],
            "abstract": abstract,
            "scratch": str(scratch),
        }


def behind(wall: str, town: dict[str, Any]) -> dict[str, bool]:
    """Return what got through, by a process that first runs `wall`."""
    program = (
        f"{TRIES}\nfrom landmap.ingest.confined import landlock, network\ntown = json.loads(sys.argv[1])\n{wall}\n"
    )
    program += "print(json.dumps(tries(**town)))"
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, json.dumps(town)],
        env=drivers.environment(os.environ),
        capture_output=True,
        check=True,
        timeout=100,
    )
    told: dict[str, bool] = json.loads(found.stdout)
    return told


FENCE = "landlock.restrict([Path(town['inside']).parent, *map(Path, sys.path), Path('/lib')], [Path(town['scratch'])])"
NETWORK = ("connect", "send a datagram", "listen", "reach an abstract socket")


def test_without_walls_everything_is_reached(town: dict[str, Any]) -> None:
    assert all(behind("", town).values())


@pytest.mark.skipif(landlock.abi() < 1, reason="this kernel has no Landlock")
class TestLandlock:
    def test_leaves_what_was_named_and_nothing_else(self, town: dict[str, Any]) -> None:
        got = behind(FENCE, town)
        assert {name for name in ("read inside", "write scratch", "fork") if got[name]} == {
            "read inside", "write scratch", "fork",
        }  # fmt: skip
        for name in ("read outside", "read through a link", "list outside", "write inside", "write outside"):
            assert not got[name], name
        assert not got["start a program"]

    @pytest.mark.skipif(landlock.abi() < landlock.NET_ABI, reason="this kernel's Landlock knows no network")
    def test_closes_tcp(self, town: dict[str, Any]) -> None:
        got = behind(FENCE, town)
        assert not got["connect"]
        assert not got["listen"]

    @pytest.mark.skipif(landlock.abi() < 6, reason="this kernel's Landlock has no scopes")
    def test_keeps_signals_and_abstract_sockets_inside(self, town: dict[str, Any]) -> None:
        got = behind(FENCE, town)
        assert not got["signal its parent"]
        assert not got["reach an abstract socket"]

    def test_passes_over_a_path_that_does_not_exist(self, town: dict[str, Any]) -> None:
        assert behind(f"{FENCE[:-2]}, Path('/no/such/folder')])", town)["write scratch"]


@pytest.mark.skipif(not network.can_filter(), reason="this kernel or machine filters no calls")
def test_the_filter_of_calls_closes_every_network_and_starts_no_program(town: dict[str, Any]) -> None:
    got = behind("assert network.filter_calls()", town)
    assert not any(got[name] for name in NETWORK)
    assert not got["start a program"]
    assert got["read outside"]
    assert got["fork"]


@pytest.mark.skipif(not network.can_separate(), reason="this kernel gives no network of one's own")
def test_a_network_of_its_own_reaches_nobody_and_keeps_its_files(town: dict[str, Any]) -> None:
    got = behind("assert network.separate()", town)
    assert not got["connect"]
    assert not got["send a datagram"]
    assert got["read outside"]
    assert got["write scratch"]


def test_an_older_kernel_still_closes_the_network(town: dict[str, Any]) -> None:
    got = behind("landlock.NET_ABI = 99; assert network.close_network()", town)
    assert not any(got[name] for name in NETWORK)


def test_no_driver_but_the_allowed_exists_in_the_checking_process() -> None:
    program = "import json, pyogrio; print(json.dumps(sorted(pyogrio.list_drivers())))"
    env = drivers.environment({})
    found = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=True, timeout=100)
    assert set(json.loads(found.stdout)) == drivers.ALLOWED
    assert found.stderr == b""


def test_drivers_that_a_newer_gdal_brings_are_skipped_too() -> None:
    env = drivers.environment({})
    stray = drivers.strangers({"FlatGeobuf", "New Cloud"})
    assert stray == {"New Cloud"}
    assert drivers.skip_also(env, stray)["GDAL_SKIP"].split(",")[-2:] == ["XLSX", "New Cloud"]


def test_the_checking_process_is_told_no_secret_of_ours() -> None:
    env = drivers.environment({"LANDMAP_HOME": "/srv/landmap", "SECRET": "x", "LANG": "C.UTF-8", "GDAL_SKIP": ""})
    assert env["LANG"] == "C.UTF-8"
    assert "x" not in env.values()
    assert not [name for name in env if name.startswith("LANDMAP_")]
