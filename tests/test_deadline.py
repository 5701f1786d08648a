"""Work that takes long looks at the clock itself, and says why it was too long."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from landmap.domain import deadline
from landmap.domain.deadline import Deadline
from landmap.domain.errors import TooCostlyError, UnavailableError


class Clock:
    """A clock set by hand: how late it is, and how long this thread has computed."""

    def __init__(self) -> None:
        self.now = 100.0
        self.worked = 7.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.worked

    def compute(self, seconds: float) -> None:
        self.now += seconds
        self.worked += seconds

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("landmap.domain.deadline.time", made)
    return made


def test_without_a_deadline_work_takes_as_long_as_it_needs() -> None:
    deadline.check()
    assert list(deadline.in_time([1, 2])) == [1, 2]


def test_work_in_time_is_let_go_on() -> None:
    with deadline.running(Deadline(60)):
        assert list(deadline.in_time([1, 2])) == [1, 2]


def test_work_that_computes_too_long_is_too_costly(clock: Clock) -> None:
    taken = []

    def work() -> None:
        for number in deadline.in_time(range(1000)):
            taken.append(number)
            clock.compute(0.5)

    with deadline.running(Deadline(2)), pytest.raises(TooCostlyError, match="more than the 2 s it may take"):
        work()
    assert taken == [0, 1, 2, 3]


def test_work_that_was_kept_waiting_is_told_to_try_again(clock: Clock) -> None:
    with deadline.running(Deadline(2)):
        deadline.check()
        clock.compute(0.9)
        clock.wait(1.0)
        with pytest.raises(UnavailableError, match="not there within 2 s"):
            deadline.check()


def test_a_loop_is_told_before_the_time_is_up_for_good(clock: Clock) -> None:
    one = Deadline(10)
    clock.wait(8.9)
    one.check()
    clock.wait(0.2)
    assert one.left() == pytest.approx(0.9)
    with pytest.raises(UnavailableError):
        one.check()


def test_what_a_thread_did_before_it_first_looked_is_not_held_against_the_work(clock: Clock) -> None:
    with deadline.running(Deadline(2)):
        clock.compute(1.95)
        with pytest.raises(UnavailableError):
            deadline.check()


def test_a_deadline_holds_in_the_thread_that_does_the_work_and_ends_with_it(clock: Clock) -> None:
    def late() -> str:
        try:
            deadline.check()
        except UnavailableError as error:
            return error.code
        return "in time"

    with ThreadPoolExecutor(1) as pool:
        with deadline.running(Deadline(2)):
            clock.wait(3)
            assert pool.submit(copy_context().run, late).result() == "unavailable"
        assert pool.submit(late).result() == "in time"
    deadline.check()


def test_a_restart_gives_the_whole_time_again(clock: Clock) -> None:
    one = Deadline(2)
    with deadline.running(one):
        clock.wait(3)
        assert one.left() == 0
        one.restart()
        deadline.check()
        assert one.left() == 2
