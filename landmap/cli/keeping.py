"""A worker at the side of a server: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOOK_EVERY_S: Final = 1.0


@contextmanager
def working(home: Path) -> Iterator[None]:
    """Keep a worker at the side of this process; one that died is started again, and it ends with this process."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(home, over), name="worker", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(home: Path, over: threading.Event) -> None:
    command = [sys.executable, "-m", "landmap", "work", "--home", str(home), "--parent", str(os.getpid())]
    while not over.is_set():
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while worker.poll() is None and not over.wait(_LOOK_EVERY_S):
            pass
        if worker.poll() is None:
            worker.terminate()
            worker.wait()
        over.wait(_LOOK_EVERY_S)
