"""Jobs for programs: listed, read, cancelled and fetched by their owner."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from landmap.access import Database, Job, Jobs
from landmap.domain import Level
from tests.hamlet import make_home
from tests.steward import Steward, steward_at, worked

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home").path


@pytest.fixture
def jobs(home: Path) -> Iterator[Jobs]:
    opened = Jobs(Database.open(home / "landmap.db"), home / "jobs")
    yield opened
    opened.database.close()


@pytest.fixture
def steward(home: Path) -> Iterator[Steward]:
    with steward_at(home) as made:
        yield made


def asked(jobs: Jobs, owner: str = "steward") -> Job:
    source = jobs.folder.parent / "分层.csv"
    source.write_text("unit_id,building_id\nU1,A\n", encoding="utf-8")
    return jobs.add(
        "import",
        {"layer": "building_units"},
        owner=owner,
        level=Level.STEWARD,
        now=NOW,
        files={"分层.csv": source},
    )


def test_a_job_is_followed_to_its_report(steward: Steward, jobs: Jobs, home: Path) -> None:
    job = asked(jobs)
    told = steward.client.get(f"/api/jobs/{job.id}").json()
    assert (told["id"], told["state"], told["progress"], told["result"]) == (job.id, "queued", 0.0, None)
    worked(home)
    told = steward.client.get(f"/api/jobs/{job.id}").json()
    assert (told["state"], told["progress"], told["result"]["staged"]) == ("done", 1.0, "building_units")
    report = steward.client.get(f"/api/jobs/{job.id}/files/report.json")
    assert report.headers["content-type"] == "application/json"
    assert report.json()["inputs"][0]["rows_read"] == 1


def test_jobs_are_listed_the_newest_first(steward: Steward, jobs: Jobs) -> None:
    first, second = asked(jobs), asked(jobs)
    assert [one["id"] for one in steward.client.get("/api/jobs").json()] == [second.id, first.id]
    assert [one["id"] for one in steward.client.get("/api/jobs?limit=1").json()] == [second.id]
    assert steward.client.get("/api/jobs").headers["cache-control"] == "private, no-store"


def test_a_job_is_cancelled_once_and_stays_so(steward: Steward, jobs: Jobs, home: Path) -> None:
    job = asked(jobs)
    for _ in range(2):
        answer = steward.client.delete(f"/api/jobs/{job.id}")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    worked(home)
    assert steward.client.get(f"/api/jobs/{job.id}").json()["state"] == "cancelled"


def test_another_site_cancels_nothing(steward: Steward, jobs: Jobs) -> None:
    job = asked(jobs)
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert steward.client.delete(f"/api/jobs/{job.id}", headers=headers).status_code == 403
    assert jobs.get(job.id, "steward").state == "queued"


def test_somebody_elses_job_is_as_unknown_as_any(steward: Steward, jobs: Jobs, home: Path) -> None:
    theirs = asked(jobs, owner="王")
    worked(home)
    for id in (theirs.id, "nothing", "%2e%2e", "%00", "a" * 300):
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/files/report.json")):
            answer = steward.client.request(method, f"/api/jobs/{id}{path}")
            assert answer.status_code in (400, 404), (id, method, answer.status_code)
    assert steward.client.get("/api/jobs").json() == []
    known = steward.client.get(f"/api/jobs/{theirs.id}").json()["detail"].replace(theirs.id, "")
    assert known == steward.client.get("/api/jobs/nothing").json()["detail"].replace("nothing", "")


def test_a_file_that_no_job_names_is_not_there(steward: Steward, jobs: Jobs, home: Path) -> None:
    job = asked(jobs)
    assert steward.client.get(f"/api/jobs/{job.id}/files/report.json").status_code == 404
    worked(home)
    for name in ("分层.csv", "..%2f..%2flandmap.db", "%2e%2e", "report.json%00", "REPORT.JSON"):
        assert steward.client.get(f"/api/jobs/{job.id}/files/{name}").status_code in (400, 404), name


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1&limit=2", "state=done", "limit="])
def test_a_wrong_parameter_is_named(steward: Steward, query: str) -> None:
    answer = steward.client.get(f"/api/jobs?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] in query
