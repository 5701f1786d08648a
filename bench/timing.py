"""How a benchmark measures: interleaved rounds, medians, and the ratio to a named peer."""

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 5


def medians(tasks: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each task; rounds are interleaved, so that noise falls on all alike."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def table(title: str, seconds: Mapping[str, float], ours: str) -> str:
    """Return the medians as a text table, with the ratio of every peer to ours."""
    lines = [title, f"{'':32} {'ms':>10} {'× ours':>8}"]
    lines += [f"{name:32} {taken * 1e3:10.2f} {taken / seconds[ours]:8.1f}" for name, taken in seconds.items()]
    return "\n".join(lines)
