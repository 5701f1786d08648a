"""Comparing and publishing as jobs: what was looked at is told whole, and nothing else is published."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landmap import pipeline, render
from landmap.access import Database, Job, Jobs
from landmap.domain import Level, read_all_words
from landmap.pipeline import comparing, publish_amended, work_once
from landmap.resources import web_root
from landmap.store import Home, diff_staged, open_current, stage, staged
from tests.hamlet import make_home, parcels

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish_amended(made, {"parcels": parcels("A", "B", visibility="public")}, by="数据", note="第一版")
    return made


@pytest.fixture
def jobs(home: Home) -> Iterator[Jobs]:
    opened = Jobs(Database.open(home.path / "landmap.db"), home.folder("jobs"))
    yield opened
    opened.database.close()


def worked(home: Home, jobs: Jobs, kind: str, payload: dict[str, Any]) -> Job:
    made = jobs.add(kind, payload, owner="王", level=Level.STEWARD, now=NOW)
    assert work_once(home, jobs, pipeline.KINDS, clock=lambda: dt.datetime.now(dt.UTC))
    return jobs.get(made.id, "王")


def staged_now(home: Home, *names: str) -> dict[str, Any]:
    held = stage(home, "parcels", parcels(*names, visibility="public"), [{"name": "a.gpkg"}], {"findings": []})
    return {"layer": "parcels", "sha256": held.sha256}


def changes(jobs: Jobs, job: Job) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(jobs.file(job.id, "王", "changes.json").read_text(encoding="utf-8"))
    return told


def test_what_is_staged_is_compared_with_what_is_served(home: Home, jobs: Jobs) -> None:
    wanted = staged_now(home, "A", "C")
    job = worked(home, jobs, "compare", wanted)
    assert job.result is not None
    assert job.result["changes"] == {"added": 1, "changed": 0, "removed": 1, "renumbered": 0, "proposed": 1}
    told = changes(jobs, job)
    assert (told["before"], told["after"], told["sha256"]) == (home.current_id(), None, wanted["sha256"])
    assert told["layers"][0]["added"] == ["C"]
    drawn = jobs.file(job.id, "王", "changes.zh.svg").read_text(encoding="utf-8")
    assert 'class="m-added"' in drawn
    assert 'class="m-removed"' in drawn
    assert "<title>C</title>" in drawn


def test_two_versions_are_compared(home: Home, jobs: Jobs) -> None:
    before = home.current_id()
    publish_amended(home, {"parcels": parcels("A", visibility="public")}, by="数据", note="第二版")
    job = worked(home, jobs, "compare", {"before": before, "after": home.current_id()})
    told = changes(jobs, job)
    assert [one["id"] for one in told["layers"][0]["removed"]] == ["B"]


def test_the_first_layer_is_all_new(tmp_path: Path) -> None:
    home = make_home(tmp_path / "first")
    database = Database.open(home.path / "landmap.db")
    jobs = Jobs(database, home.folder("jobs"))
    job = worked(home, jobs, "compare", staged_now(home, "A", "B"))
    assert changes(jobs, job)["before"] is None
    assert job.result is not None
    assert job.result["changes"]["added"] == 2
    payload = {**staged_now(home, "A", "B"), "before": None, "by": "李", "note": "首版"}
    assert worked(home, jobs, "publish", payload).state == "done"
    assert len(open_current(home).layer("parcels")) == 2
    database.close()


def test_what_was_looked_at_is_published_with_its_decisions(home: Home, jobs: Jobs) -> None:
    payload = {
        **staged_now(home, "A"),
        "before": home.current_id(),
        "by": "李",
        "note": "撤一宗",
        "withdraw": {"B": "已收储"},
    }
    job = worked(home, jobs, "publish", payload)
    assert job.result is not None
    assert (job.result["version"], job.result["unexplained"]) == (home.current_id(), 0)
    assert open_current(home).manifest["withdrawn"]["parcels"]["B"]["reason"] == "已收储"
    assert staged(home) == {}


def test_other_content_or_another_version_is_not_published(home: Home, jobs: Jobs) -> None:
    before = home.current_id()
    payload = {**staged_now(home, "A"), "before": before, "by": "李", "note": "x"}
    staged_now(home, "B")
    failed = worked(home, jobs, "publish", payload)
    assert (failed.state, (failed.result or {})["error"]) == ("failed", "not_found")
    payload = {**staged_now(home, "A"), "before": "0" * 64, "by": "李", "note": "x"}
    assert worked(home, jobs, "publish", payload).state == "failed"
    assert home.current_id() == before
    assert staged(home)["parcels"].rows == 1


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("publish", {}),
        ("publish", {"layer": "parcels", "sha256": "x", "before": None, "by": "", "note": "", "more": 1}),
        ("compare", {}),
        ("compare", {"layer": "nothing", "sha256": "x"}),
        ("compare", {"before": "zz", "after": "zz"}),
    ],
)
def test_a_payload_that_says_nothing_fails_in_words(home: Home, jobs: Jobs, kind: str, payload: dict[str, Any]) -> None:
    failed = worked(home, jobs, kind, payload)
    assert failed.state == "failed"
    assert failed.message


def test_another_writer_is_waited_for(home: Home, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    payload = {**staged_now(home, "A"), "before": home.current_id(), "by": "李", "note": "x"}
    held, free = threading.Event(), threading.Event()

    def holding() -> None:
        with home.lock():
            held.set()
            free.wait(60)

    other = threading.Thread(target=holding)
    other.start()
    held.wait(60)
    threading.Timer(1.0, free.set).start()
    assert worked(home, jobs, "publish", payload).state == "done"
    other.join()


def test_long_changes_are_counted_whole_and_listed_in_part(
    home: Home, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_amended(
        home, {"parcels": parcels("A", "B", "C", location_text="东", visibility="public")}, by="李", note=""
    )
    monkeypatch.setattr(comparing, "LISTED", 2)
    frame = parcels("A", "B", "C", "D", "E", "F", visibility="public")
    held = stage(home, "parcels", frame, [{"name": "a.gpkg"}], {"findings": []})
    (told,) = changes(jobs, worked(home, jobs, "compare", {"layer": "parcels", "sha256": held.sha256}))["layers"]
    assert (len(told["added"]), len(told["changed"])) == (2, 2)
    assert told["counts"] == {"added": 3, "changed": 3, "removed": 0, "renumbered": 0}
    assert told["fields"]["location_text"] == [3, 3]


def test_a_map_of_very_many_changes_stays_a_picture(home: Home) -> None:
    names = [f"N{number}" for number in range(1_000)]
    stage(home, "parcels", parcels(*names), [{"name": "a.gpkg"}], {"findings": []})
    words = read_all_words(web_root() / "i18n")["zh"]
    drawn = render.report.change_map([diff_staged(home, "parcels")], [], home.district(), words)
    assert drawn.count('class="m-added"') == 1
    assert "m-number" not in drawn
    assert len(drawn) < 100_000
