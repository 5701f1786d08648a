"""Waiting for another writer of a home to be done, inside a job that goes on being ours meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from landmap.domain.errors import BusyError
from landmap.pipeline.working import Task

T = TypeVar("T")

#: How long a job waits for another writer before it fails.
BUSY_WAIT_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.5


def patiently(task: Task, progress: float, step: Callable[[], T]) -> T:
    """Return what `step` returns, tried again while another writer holds the home; BusyError after a minute."""
    until = time.monotonic() + BUSY_WAIT_S
    while True:
        try:
            return step()
        except BusyError:
            if time.monotonic() > until:
                raise
            task.report(progress, "busy")
            time.sleep(_LOOK_EVERY_S)
