"""The parent's side: one server process for as long as this process lives, and one exchange for each check."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, Final, Self

from landmap.domain.errors import UnavailableError
from landmap.ingest.confined import drivers

_SERVER: Final = "landmap.ingest.confined.server"
#: No message about progress is longer.
_LINE_MAX: Final = 1 << 20
_ENDING_S: Final = 30.0


@dataclass
class Ended:
    """How a check ended: its exit code (a negative one is the signal), what it took, and which file it was at.

    `late` says that it was ended because its time was up.
    """

    code: int
    rss_kib: int = 0
    cpu_s: float = 0.0
    at: tuple[int, str] | None = None
    late: bool = False

    @property
    def out_of_time(self) -> bool:
        """Whether it worked or waited for longer than it may."""
        return self.late or self.code == -signal.SIGXCPU


@dataclass
class _Line:
    """What a child says of its progress, cut into messages."""

    progress: Callable[[str, int, int], None] | None
    at: tuple[int, str] | None = None
    rest: bytes = b""

    def take(self, block: bytes) -> None:
        """Read what came; a message of another form than ours is passed over, for its sender may be anything."""
        *lines, self.rest = (self.rest + block).split(b"\n")
        for line in lines:
            match _message(line):
                case {"at": [int(number), str(name)]}:
                    self.at = (number, name)
                case {"progress": [str(text), int(done), int(total)]} if self.progress is not None:
                    self.progress(text, done, total)
        self.rest = self.rest[:_LINE_MAX]


def _message(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


@dataclass
class ForkServer:
    """The server process; it ends when this object is closed, and with this process at the latest."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls) -> Self:
        """Start a server; it loads while the caller goes on."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-m", _SERVER, str(theirs.fileno())],
                env=drivers.environment(os.environ),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        return cls(process, ours)

    def exchange(
        self,
        job: bytes,
        words: IO[bytes],
        records: IO[bytes],
        wall_s: float,
        progress: Callable[[str, int, int], None] | None,
    ) -> Ended:
        """Have one job done, whose answer is in `words` and `records` afterwards, and return how it ended.

        Raises
        ------
        UnavailableError
            When the server is gone.
        """
        channel, theirs = socket.socketpair()
        ended, status = os.pipe()
        try:
            with theirs, self.lock:
                socket.send_fds(self.control, [b"."], [theirs.fileno(), words.fileno(), records.fileno(), status])
        except OSError as error:
            os.close(ended)
            channel.close()
            raise UnavailableError("the process that checks files is gone", hint="try again") from error
        finally:
            os.close(status)
        line = _Line(progress)
        with channel, os.fdopen(ended, "rb") as how:
            late = not _followed(channel, job, line, time.monotonic() + wall_s)
            if late:
                return Ended(-signal.SIGKILL, at=line.at, late=True)
            told = how.read()
        if not told:
            raise UnavailableError("the process that checks files is gone", hint="try again")
        return Ended(**json.loads(told), at=line.at)

    def close(self) -> None:
        """End the server and wait for it."""
        self.control.close()
        try:
            self.process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _followed(channel: socket.socket, job: bytes, line: _Line, deadline: float) -> bool:
    """Send a job and follow what is said of it to its end; False when the time was up before."""
    try:
        channel.settimeout(max(0.01, deadline - time.monotonic()))
        channel.sendall(job)
        channel.shutdown(socket.SHUT_WR)
        while True:
            channel.settimeout(max(0.01, deadline - time.monotonic()))
            block = channel.recv(1 << 16)
            if not block:
                return True
            line.take(block)
            if time.monotonic() > deadline:
                return False
    except TimeoutError:
        return False
    except (BrokenPipeError, ConnectionResetError):
        return True


_GUARD: Final = threading.Lock()
_running: list[ForkServer] = []


def running() -> ForkServer:
    """Return the server of this process, started at the first use and again should it have ended."""
    with _GUARD:
        if _running and _running[0].process.poll() is None:
            return _running[0]
        stop()
        _running.append(ForkServer.start())
        return _running[0]


@atexit.register
def stop() -> None:
    """End the server of this process, if there is one."""
    while _running:
        _running.pop().close()
