"""The time an answer may take, looked at by whoever works long on it.

A thread that computes cannot be stopped from outside. So the server sets a deadline where a request comes in, and every
loop that may be long looks at it: `check` does nothing until the time is up, and then ends the work. Without a deadline
(the command line, a notebook) work may take as long as it needs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from landmap.domain.errors import LandmapError, TooCostlyError, UnavailableError

T = TypeVar("T")

#: Work that computed for more than this part of its time was too much; what did less was kept waiting by others.
_BUSY: Final = 0.5
#: A loop is told a little before the time is up for good: of why it took so long it knows more than a clock does.
_FOR_LOOPS: Final = 0.9


class Deadline:
    """A stretch of time, begun now.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Begin the stretch anew."""
        self._begun = time.monotonic()
        self._seen: tuple[int, float] | None = None

    def left(self) -> float:
        """Return how many seconds are left, at least 0."""
        return max(0.0, self._begun + self.seconds - time.monotonic())

    def check(self) -> None:
        """Do nothing in time; when nine tenths of it have passed, end the work.

        Raises
        ------
        TooCostlyError
            When this thread computed for most of it since it first looked: to ask again would end the same.
        UnavailableError
            When it was kept waiting: by a disk, a lock or the work of others.
        """
        thread = threading.get_ident()
        if self._seen is None or self._seen[0] != thread:
            self._seen = (thread, time.thread_time())
        if time.monotonic() - self._begun > self.seconds * _FOR_LOOPS:
            raise self.error(costly=time.thread_time() - self._seen[1] > self.seconds * _BUSY)

    def error(self, *, costly: bool) -> LandmapError:
        """Return what is told when the time is up."""
        if costly:
            return TooCostlyError(
                f"the answer takes more than the {self.seconds:.3g} s it may take",
                hint="ask for less: narrow the filters, or take it a page at a time",
            )
        return UnavailableError(f"the answer was not there within {self.seconds:.3g} s", hint="try again in a moment")


_RUNNING: Final[ContextVar[Deadline | None]] = ContextVar("landmap_deadline", default=None)


@contextmanager
def running(deadline: Deadline) -> Iterator[None]:
    """Let `deadline` hold for what is done inside, in threads and tasks that it starts as well."""
    token = _RUNNING.set(deadline)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def check() -> None:
    """Look at the deadline that holds here, if any; see `Deadline.check`."""
    deadline = _RUNNING.get()
    if deadline is not None:
        deadline.check()


def in_time(items: Iterable[T]) -> Iterator[T]:
    """Yield `items` for as long as there is time.

    Examples
    --------
    >>> list(in_time("ab"))
    ['a', 'b']
    """
    for item in items:
        check()
        yield item
