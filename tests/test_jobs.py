"""Jobs: done once, by one worker, whoever dies on the way; shown to their owner alone."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from landmap.access import Database, Job, Jobs, Lease, State
from landmap.access.jobs import ATTEMPTS_MAX, KEPT, LEASE
from landmap.domain import Level
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError
from tests.sizes import sized

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    opened = Jobs(Database.open(tmp_path / "landmap.db"), tmp_path / "jobs")
    yield opened
    opened.database.close()


def add(jobs: Jobs, **given: Any) -> Job:
    wanted = {"kind": "import", "payload": {"layer": "parcels"}, "owner": "王", "level": Level.STEWARD, "now": NOW}
    return jobs.add(**{**wanted, **given})


def claim(jobs: Jobs, now: dt.datetime = NOW) -> Lease:
    lease = jobs.claim(["import"], now=now)
    assert lease is not None
    return lease


def test_a_job_waits_is_taken_and_is_done(jobs: Jobs) -> None:
    made = add(jobs)
    assert (made.state, made.progress, made.result) == (State.QUEUED, 0.0, None)
    lease = claim(jobs)
    assert (lease.job.id, lease.job.state, lease.job.attempts) == (made.id, State.RUNNING, 1)
    jobs.report(lease, 0.4, "地块.zip", now=NOW + SECOND)
    seen = jobs.get(made.id, "王")
    assert (seen.progress, seen.message, seen.lease_until) == (0.4, "地块.zip", NOW + SECOND + LEASE)
    jobs.finish(lease, {"rows": 3}, now=NOW + 2 * SECOND)
    done = jobs.get(made.id, "王")
    assert (done.state, done.progress, done.result) == (State.DONE, 1.0, {"rows": 3, "files": {}})
    assert done.finished_at == NOW + 2 * SECOND
    assert jobs.claim(["import"], now=NOW + dt.timedelta(days=1)) is None


def test_jobs_are_taken_in_the_order_they_came_and_only_those_a_worker_can_do(jobs: Jobs) -> None:
    first, other, second = add(jobs), add(jobs, kind="brochure"), add(jobs)
    taken = [claim(jobs).job.id, claim(jobs).job.id]
    assert taken == [first.id, second.id]
    assert jobs.claim(["import"], now=NOW) is None
    assert jobs.get(other.id, "王").state is State.QUEUED


def test_a_job_is_there_for_its_owner_alone(jobs: Jobs) -> None:
    made = add(jobs)
    told = []
    for id, owner in ((made.id, "李"), ("0" * 16, "王")):
        for asked in (lambda: jobs.get(id, owner), lambda: jobs.cancel(id, owner, now=NOW)):  # noqa: B023
            with pytest.raises(NotFoundError) as caught:
                asked()
            told.append(str(caught.value).replace(id, "ID"))
    assert len(set(told)) == 1
    assert jobs.owned_by("李") == ()
    assert [job.id for job in jobs.owned_by("王")] == [made.id]


def test_an_expired_lease_is_taken_again_and_the_first_worker_is_not_heard_any_more(jobs: Jobs) -> None:
    add(jobs)
    first = claim(jobs)
    assert jobs.claim(["import"], now=NOW + LEASE - SECOND) is None
    second = claim(jobs, NOW + LEASE)
    assert (second.job.id, second.job.attempts) == (first.job.id, 2)
    late = NOW + LEASE + SECOND
    for said in (
        lambda: jobs.report(first, 0.9, "", now=late),
        lambda: jobs.renew(first, now=late),
        lambda: jobs.finish(first, {}, now=late),
        lambda: jobs.fail(first, "no", now=late),
    ):
        with pytest.raises(ConflictError):
            said()
    jobs.finish(second, {"by": "second"}, now=late)
    assert jobs.get(first.job.id, "王").result == {"by": "second", "files": {}}


def test_a_renewed_lease_is_not_taken(jobs: Jobs) -> None:
    add(jobs)
    lease = claim(jobs)
    jobs.renew(lease, now=NOW + LEASE - SECOND)
    assert jobs.claim(["import"], now=NOW + LEASE + SECOND) is None


def test_a_job_that_costs_its_workers_their_lives_is_given_up(jobs: Jobs) -> None:
    made = add(jobs)
    for attempt in range(ATTEMPTS_MAX):
        assert claim(jobs, NOW + attempt * LEASE).job.attempts == attempt + 1
    assert jobs.claim(["import"], now=NOW + ATTEMPTS_MAX * LEASE) is None
    given_up = jobs.get(made.id, "王")
    assert (given_up.state, given_up.message) == (State.FAILED, "worker_lost")


@pytest.mark.parametrize("running", [False, True])
def test_a_cancelled_job_is_over_and_its_worker_hears_of_it(jobs: Jobs, running: bool) -> None:
    made = add(jobs)
    lease = claim(jobs) if running else None
    assert jobs.cancel(made.id, "王", now=NOW).state is State.CANCELLED
    if lease is not None:
        with pytest.raises(ConflictError):
            jobs.report(lease, 0.5, "", now=NOW)
    assert jobs.claim(["import"], now=NOW + LEASE) is None


def test_a_job_that_is_over_cannot_be_cancelled(jobs: Jobs) -> None:
    made = add(jobs)
    jobs.finish(claim(jobs), {"rows": 1}, now=NOW)
    assert jobs.cancel(made.id, "王", now=NOW).state is State.DONE


def test_input_files_are_there_before_the_job_is(jobs: Jobs, tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_text("地块")
    made = add(jobs, files={"地块 一.csv": source})
    assert (jobs.input_of(made.id) / "地块 一.csv").read_text() == "地块"


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", ".hidden", "a\\b.csv", "/etc/passwd", "", "a\x00b"])
def test_a_name_that_is_no_plain_name_is_refused(jobs: Jobs, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValueError, match="plain file name"):
        add(jobs, files={name: tmp_path / "x"})
    assert jobs.owned_by("王") == ()


def test_result_files_are_those_the_result_names(jobs: Jobs) -> None:
    made = add(jobs)
    lease = claim(jobs)
    (jobs.room(lease) / "report.json").write_text("{}")
    (jobs.room(lease) / "scratch").write_text("")
    jobs.finish(lease, {}, now=NOW, files=["report.json"])
    assert jobs.file(made.id, "王", "report.json").read_text() == "{}"
    for name in ("scratch", "../../landmap.db", ""):
        with pytest.raises(NotFoundError):
            jobs.file(made.id, "王", name)
    with pytest.raises(NotFoundError):
        jobs.file(made.id, "李", "report.json")


def test_a_worker_who_lost_its_job_writes_into_a_room_of_its_own(jobs: Jobs) -> None:
    add(jobs)
    first = claim(jobs)
    second = claim(jobs, NOW + LEASE)
    assert jobs.room(first) != jobs.room(second)


def test_finished_jobs_and_their_files_go_after_a_week(jobs: Jobs) -> None:
    old, open_ = add(jobs), add(jobs)
    lease = claim(jobs)
    (jobs.room(lease) / "report.json").write_text("{}")
    jobs.finish(lease, {}, now=NOW, files=["report.json"])
    assert jobs.sweep(NOW + KEPT - SECOND) == 0
    assert jobs.sweep(NOW + KEPT + SECOND) == 1
    assert not (jobs.folder / old.id).exists()
    assert [job.id for job in jobs.owned_by("王")] == [open_.id]


def test_many_workers_at_once_do_each_job_once(jobs: Jobs) -> None:
    count = sized(30, 300)
    made = [add(jobs).id for _ in range(count)]
    done: list[str] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        while (lease := jobs.claim(["import"], now=NOW)) is not None:
            done.append(lease.job.id)
            jobs.finish(lease, {}, now=NOW)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == sorted(made)


WORKER = """
import datetime as dt, sys, time
from pathlib import Path
from landmap.access import Database, Jobs
folder = Path(sys.argv[1])
jobs = Jobs(Database.open(folder / "landmap.db"), folder / "jobs")
lease = jobs.claim(["import"], now=dt.datetime.now(dt.UTC), lease=dt.timedelta(seconds=1))
print(lease.job.id, flush=True)
time.sleep(60)
"""


def test_the_job_of_a_killed_worker_is_taken_by_the_next(jobs: Jobs, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    made = add(jobs, now=now)
    with subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == made.id
        os.kill(worker.pid, signal.SIGKILL)
    assert jobs.get(made.id, "王").state is State.RUNNING
    again = claim(jobs, dt.datetime.now(dt.UTC) + SECOND)
    assert (again.job.id, again.job.attempts) == (made.id, 2)
    jobs.finish(again, {}, now=now)
    assert jobs.get(made.id, "王").state is State.DONE


class Workers(RuleBasedStateMachine):
    """Any number of workers that claim, go on, fall silent and hand in, in any order, as time goes by."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.held: dict[str, tuple[str, dt.datetime]] = {}
        self.finished: dict[str, str] = {}
        self.made: list[str] = []
        self.over: set[str] = set()

    @initialize(folder=st.just(None))
    def open_(self, folder: None) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        self.jobs = Jobs(Database.open(path / "landmap.db"), path / "jobs")

    @rule()
    def ask(self) -> None:
        self.made.append(add(self.jobs, now=self.now).id)

    @rule(target=leases)
    def take(self) -> Lease | None:
        lease = self.jobs.claim(["import"], now=self.now)
        if lease is not None:
            id = lease.job.id
            assert id not in self.over
            assert id not in self.held or self.held[id][1] <= self.now
            self.held[id] = (lease.holder, self.now + LEASE)
        return lease

    @rule(lease=leases)
    def go_on(self, lease: Lease | None) -> None:
        if lease is None:
            return
        if self.mine(lease):
            self.jobs.renew(lease, now=self.now)
            self.held[lease.job.id] = (lease.holder, self.now + LEASE)
        else:
            with pytest.raises(ConflictError):
                self.jobs.renew(lease, now=self.now)

    @rule(lease=consumes(leases))
    def hand_in(self, lease: Lease | None) -> None:
        if lease is None:
            return
        if self.mine(lease):
            self.jobs.finish(lease, {"by": lease.holder}, now=self.now)
            assert lease.job.id not in self.finished
            self.finished[lease.job.id] = lease.holder
            self.over.add(lease.job.id)
            del self.held[lease.job.id]
        else:
            with pytest.raises(ConflictError):
                self.jobs.finish(lease, {"by": lease.holder}, now=self.now)

    @precondition(lambda self: self.open())
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.open()))
        ended = self.jobs.cancel(id, "王", now=self.now)
        assert ended.state in (State.CANCELLED, State.FAILED)
        self.over.add(id)
        self.held.pop(id, None)

    @rule(seconds=st.integers(1, 40))
    def wait(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @invariant()
    def each_is_finished_by_who_held_it_last(self) -> None:
        for id, holder in self.finished.items():
            job = self.jobs.get(id, "王")
            assert job.state is State.DONE
            assert job.result is not None
            assert job.result["by"] == holder

    def open(self) -> list[str]:
        return [id for id in self.made if id not in self.over]

    def mine(self, lease: Lease) -> bool:
        return (
            self.held.get(lease.job.id, ("", self.now))[0] == lease.holder
            and self.jobs.get(lease.job.id, "王").state is State.RUNNING
        )

    def teardown(self) -> None:
        if hasattr(self, "jobs"):
            self.jobs.database.close()
            self.folder.cleanup()


TestWorkers = Workers.TestCase
TestWorkers.settings = settings(max_examples=sized(15, 300), stateful_step_count=sized(20, 50), deadline=None)
