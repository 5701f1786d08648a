"""Faults on purpose: the k-th call that changes the disk is where a process dies or the disk gives up."""

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

#: Every call of `os` through which a publish changes the disk.
CALLS: Final = ("open", "write", "fsync", "rename", "replace", "link", "mkdir")

Fault = Callable[[Callable[..., Any], tuple[Any, ...]], Any]


def die(call: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Die as by ``kill -9``; a write gets half of its bytes out before."""
    if call.__name__ == "write":
        call(args[0], bytes(args[1])[: len(args[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def fails_with(code: int) -> Fault:
    """Return the fault of a disk that answers `code`; a full one takes half of a write first."""

    def fail(call: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if call.__name__ == "write" and code == errno.ENOSPC:
            call(args[0], bytes(args[1])[: len(args[1]) // 2])
        raise OSError(code, os.strerror(code))

    return fail


class Counter:
    """Counts the calls made, and strikes at the k-th (never, when k is 0)."""

    def __init__(self, at: int, fault: Fault) -> None:
        self.at, self.fault, self.calls = at, fault, 0

    def wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self.at:
                return self.fault(call, args)
            return call(*args, **named)

        return counted


@contextmanager
def striking(at: int, fault: Fault) -> Iterator[Counter]:
    """Let `fault` strike at the `at`-th call that changes the disk while the block runs."""
    counter = Counter(at, fault)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counter.wrap(getattr(os, name)))
        yield counter
