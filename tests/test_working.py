"""The worker: an import outside the request, a cancelled one, one that outlives its worker, edits that come due."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from landmap import pipeline
from landmap.access import Amendments, Database, Job, Jobs, State, approve_edit, edits, propose_edit
from landmap.domain import Level, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.pipeline import Done, Task, publish_amended, work, work_once
from landmap.store import Home, open_current, staged
from tests.hamlet import make_home, parcels

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
CSV = """unit_id,building_id,floor_no,unit_area_m2,unit_use,lease_status
U1,A,1,120,办公,空置
U2,A,2,大约,办公,空置
"""


def clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


@pytest.fixture
def jobs(home: Home) -> Iterator[Jobs]:
    opened = Jobs(Database.open(home.path / "landmap.db"), home.folder("jobs"))
    yield opened
    opened.database.close()


def ask(jobs: Jobs, kind: str = "import", **payload: object) -> Job:
    source = jobs.folder.parent / "upload.csv"
    source.write_text(CSV, encoding="utf-8")
    return jobs.add(
        kind, payload, owner="王", level=Level.STEWARD, now=clock(), files={"分层.csv": source} if payload else None
    )


def until(jobs: Jobs, id: str, *states: State, seconds: float = 60) -> Job:
    end = time.monotonic() + seconds
    while (job := jobs.get(id, "王")).state not in states:
        assert time.monotonic() < end, job
        time.sleep(0.05)
    return job


def test_an_import_is_checked_and_staged_outside_the_request(home: Home, jobs: Jobs) -> None:
    made = ask(jobs, layer="building_units")
    assert work_once(home, jobs, pipeline.KINDS, clock=clock)
    done = jobs.get(made.id, "王")
    assert (done.state, done.message) == (State.DONE, "stage")
    assert done.result is not None
    assert (done.result["staged"], done.result["rows"]) == ("building_units", 2)
    assert staged(home)["building_units"].sha256 == done.result["sha256"]
    report = json.loads(jobs.file(made.id, "王", "report.json").read_text(encoding="utf-8"))
    assert report["inputs"][0]["rows_read"] == 2
    assert "unit_area_m2" in {finding["field"] for finding in report["findings"]}
    assert not work_once(home, jobs, pipeline.KINDS, clock=clock)


@pytest.mark.parametrize(
    ("payload", "words"), [({"layer": "parcelz"}, "parcelz"), ({"layer": "parcels", "x": 1}, "layer"), ({}, "layer")]
)
def test_a_job_that_cannot_be_done_says_why(home: Home, jobs: Jobs, payload: dict[str, object], words: str) -> None:
    made = ask(jobs, **payload)
    assert work_once(home, jobs, pipeline.KINDS, clock=clock)
    failed = jobs.get(made.id, "王")
    assert failed.state is State.FAILED
    assert words in failed.message


def test_a_cancelled_job_stops_at_its_next_report_and_leaves_nothing(home: Home, jobs: Jobs) -> None:
    reached: list[str] = []

    def long(task: Task) -> Done:
        jobs.cancel(task.job.id, "王", now=clock())
        task.report(0.5, "")
        reached.append("the end")
        return Done({})

    made = ask(jobs, "long")
    assert work_once(home, jobs, {"long": long}, clock=clock)
    assert jobs.get(made.id, "王").state is State.CANCELLED
    assert reached == []


def test_a_job_that_breaks_its_own_rules_fails_with_the_code_of_the_error(home: Home, jobs: Jobs) -> None:
    def wrong(task: Task) -> Done:
        raise InvalidValueError("no", hint="never")

    made = ask(jobs, "wrong")
    work_once(home, jobs, {"wrong": wrong}, clock=clock)
    failed = jobs.get(made.id, "王")
    assert (failed.message, failed.result) == ("no (never)", {"error": "invalid_value"})


WORKER = """
import sys, threading
from pathlib import Path
from landmap.pipeline import Done, work
from landmap.store import Home

def slow(task):
    task.report(0.1, "begun")
    threading.Event().wait(60)

work(Home(Path(sys.argv[1])), {"slow": slow}, threading.Event())
"""


def test_a_killed_workers_job_is_done_by_the_next_after_its_lease(home: Home, jobs: Jobs) -> None:
    made = ask(jobs, "slow")
    with subprocess.Popen([sys.executable, "-c", WORKER, str(home.path)]) as worker:
        until(jobs, made.id, State.RUNNING)
        os.kill(worker.pid, signal.SIGKILL)

    def later() -> dt.datetime:
        return clock() + dt.timedelta(minutes=1)

    assert work_once(home, jobs, {"slow": lambda task: Done({"attempt": task.job.attempts})}, clock=later)
    done = jobs.get(made.id, "王")
    assert done.result == {"attempt": 2, "files": {}}


def test_what_was_sold_this_morning_is_live_while_a_long_import_goes_on(home: Home, jobs: Jobs) -> None:
    frame = parcels("A", supply_stage="announced", location_text="兴华路以东", visibility="public")
    publish_amended(home, {"parcels": frame}, by="数据", note="")
    queue = Amendments(jobs.database)
    go, stop = threading.Event(), threading.Event()

    def long(task: Task) -> Done:
        go.wait(60)
        return Done({})

    worker = threading.Thread(target=work, args=(home, {"long": long}, stop))
    worker.start()
    try:
        made = ask(jobs, "long")
        until(jobs, made.id, State.RUNNING)
        told = propose_edit(home, queue, "parcels", "A", {"supply_stage": "sold"}, by="王", now=clock()).amendment
        assert told is not None
        approve_edit(home, queue, told.id, by="张", now=clock(), urgent=True)
        end = time.monotonic() + 30
        while edits.record(open_current(home).layer("parcels"), layer_named("parcels"), "A")["supply_stage"] != "sold":
            assert time.monotonic() < end
            time.sleep(0.1)
        assert jobs.get(made.id, "王").state is State.RUNNING
        go.set()
        until(jobs, made.id, State.DONE)
    finally:
        go.set()
        stop.set()
        worker.join()
