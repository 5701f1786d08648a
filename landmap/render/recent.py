"""What was used last, up to a weight."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The values used last; thread-safe.

    Parameters
    ----------
    capacity : int
        What the weights of the values come to at the most.
    weigh : callable
        The weight of a value; each counts one by default.
    """

    def __init__(self, capacity: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self.capacity = capacity
        self._weigh = weigh
        self._held: OrderedDict[Hashable, T] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """Return a value that is kept."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, value: T) -> None:
        """Keep a value; the ones not used for longest make room."""
        with self._lock:
            before = self._held.pop(key, None)
            self._weight += self._weigh(value) - (0 if before is None else self._weigh(before))
            self._held[key] = value
            while self._weight > self.capacity and len(self._held) > 1:
                self._weight -= self._weigh(self._held.popitem(last=False)[1])
