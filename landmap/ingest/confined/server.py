"""The process that forks one confined child for each check.

It has loaded everything once, so that a child costs milliseconds; it opens no file from outside itself. Started as
``python -m landmap.ingest.confined.server FD``, where FD is its end of a socket pair. Each message is one byte with
four descriptors: the child's channel, its two answer files, and where to write how it ended. It ends with its parent.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Final

from landmap.domain import District
from landmap.ingest.checking import check
from landmap.ingest.confined import child, drivers, network
from landmap.ingest.readers import gdal

_DESCRIPTORS: Final = 4
_WARM: Final = '{"type":"Point","coordinates":[0,0]}'


def serve(control: socket.socket, *, networkless: bool) -> None:
    """Fork a child for every message until the parent is gone."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: dict[int, int] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(woken, select.POLLIN)
    while True:
        for handle, event in poll.poll():
            if handle == woken:
                os.read(woken, 4096)
                for status in _reaped(children):
                    poll.unregister(status)
                    os.close(status)
            elif handle != control.fileno():
                _kill(children, handle)
            elif event:
                data, handles, _, _ = socket.recv_fds(control, 1, _DESCRIPTORS)
                if not data:
                    return
                pid, status = _forked(handles, networkless=networkless)
                children[pid] = status
                poll.register(status, 0)


def _forked(handles: list[int], *, networkless: bool) -> tuple[int, int]:
    """Fork a child for one check and return its number and where to say how it ended."""
    channel, words, records, status = handles
    pid = os.fork()
    if pid:
        for handle in (channel, words, records):
            os.close(handle)
        return pid, status
    code = child.BROKEN
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(status)
        with socket.socket(fileno=channel) as line, os.fdopen(words, "wb") as told, os.fdopen(records, "wb") as kept:
            code = child.run(line, told, kept, networkless=networkless)
    finally:
        os._exit(code)


def _reaped(children: dict[int, int]) -> list[int]:
    """Say of every child that ended how it ended; return where it was said."""
    said = []
    while children:
        pid, how, usage = os.wait4(-1, os.WNOHANG)
        if not pid:
            break
        status = children.pop(pid)
        cpu_s = usage.ru_utime + usage.ru_stime
        told = {"code": os.waitstatus_to_exitcode(how), "rss_kib": usage.ru_maxrss, "cpu_s": round(cpu_s, 3)}
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(status, json.dumps(told).encode())
        said.append(status)
    return said


def _kill(children: dict[int, int], status: int) -> None:
    """End the child that nobody waits for any more."""
    for pid, handle in children.items():
        if handle == status:
            os.kill(pid, signal.SIGKILL)


def _warm() -> None:
    """Check one point, so that every table and library is loaded before the first fork."""
    district = District(code="00", name_zh="-", name_en="-", planar_epsg=4549, extent=(-1, -1, 1, 1))
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        file = Path(folder) / "warm.geojson"
        file.write_text(_WARM, encoding="utf-8")
        check([file], "facilities", district)


def main() -> None:
    """Load everything, close the network, and serve."""
    stray = drivers.strangers(gdal.drivers())
    if stray:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], drivers.skip_also(os.environ, stray))
    _warm()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    networkless = network.close_network()
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])), networkless=networkless)


if __name__ == "__main__":
    main()
