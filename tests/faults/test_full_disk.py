"""A disk that is full, for real: what is served stays, it is told, and with room again everything goes on."""

import errno
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landmap.domain.errors import StoreError
from landmap.store import Home, mend, troubles
from tests.faults.cases import CASES, error_of, fork_server
from tests.sizes import sized

#: How much room is left when the deed begins, in bytes: from nothing to nearly enough.
ROOM = (0, 4_096, 12_288, 20_480, 32_768, 49_152, 65_536)
DISK_BYTES = 4_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of four megabytes of its own, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "landmap-test", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk here, the file size limit stands for it: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, room: int) -> Path:
    """Fill a disk until only `room` bytes are left; return the file that does."""
    padding = folder / "padding"
    free = shutil.disk_usage(folder).free
    padding.write_bytes(b"x" * max(0, free - room))
    return padding


@pytest.mark.parametrize("name", CASES)
def test_on_a_full_disk_nothing_is_torn_and_all_is_told(name: str, small_disk: Path, tmp_path: Path) -> None:
    case = CASES[name]
    source = case.prepare(tmp_path / "prepared")
    refused = 0
    for place, room in enumerate(sized(ROOM[::2], ROOM)):
        home = Home(small_disk / f"home{place}")
        shutil.copytree(source.path, home.path)
        padding = fill(small_disk, room)
        error = error_of(case.deed, home)
        refused += error is not None
        assert error is None or "No space left on device" in error
        assert case.look(home) in ({case.done} if error is None else case.found)
        assert {one.kind for one in troubles(home)} <= {"leftover", "staging"}
        padding.unlink()
        list(mend(home, "doctor"))
        assert troubles(home) == []
        case.deed(home)
        assert case.look(home) == case.done
        shutil.rmtree(home.path)
    assert refused >= 1


def limited(path: Path, name: str, limit: int, pipe: Any) -> None:
    """Run in a process of its own that may write no file longer than `limit`: do the deed, say what went wrong."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        CASES[name].deed(Home(path))
    except StoreError as error:
        cause = error.__cause__
        pipe.send((error.message, cause.errno if isinstance(cause, OSError) else None))
    else:
        pipe.send(None)


@pytest.mark.parametrize("name", CASES)
def test_where_no_file_may_grow_nothing_is_torn(name: str, tmp_path: Path) -> None:
    context = fork_server()
    case = CASES[name]
    source = case.prepare(tmp_path / "prepared")
    refused = 0
    for limit in sized((0, 1_000), (0, 100, 300, 1_000, 3_000, 10_000, 30_000)):
        home = Home(tmp_path / f"home{limit}")
        shutil.copytree(source.path, home.path)
        ours, theirs = context.Pipe()
        process = context.Process(target=limited, args=(home.path, name, limit, theirs))
        process.start()
        told = ours.recv()
        process.join(60)
        assert process.exitcode == 0
        if told is not None:
            refused += 1
            assert told[1] == errno.EFBIG
        assert case.look(home) in (case.found if told is not None else {case.done})
        case.deed(home)
        assert case.look(home) == case.done
    assert refused >= 1
