"""New links leave out what is overdue, by the district's rule, and say so; links made before stay as they were."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from landmap.cli import command_line
from landmap.cli.console import Exit
from landmap.domain import Level
from landmap.pipeline import publish_amended
from landmap.store import Home
from tests.hamlet import DISTRICT_TOML, layer_frame, make_home, square
from tests.served import serving

TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
#: Fresh, amber (past 90 days), red (past 90 and 30 more).
AGES = {"FRESH": 5, "AMBER": 100, "RED": 300}


def made(folder: Path, rule: str) -> Home:
    toml = DISTRICT_TOML.replace("[rules]\n", f'[rules]\nlinks_leave_out = "{rule}"\n')
    home = make_home(folder, toml)
    publish(home, AGES)
    return home


def publish(home: Home, ages: dict[str, int]) -> None:
    rows = [
        {
            "building_id": id,
            "building_name": f"{id} 楼",
            "address": "书院路",
            "district_code": "370213",
            "building_kind": "office",
            "grade": "b",
            "gross_floor_area_m2": 20000.0,
            "visibility": "public",
            "data_as_of": TODAY - dt.timedelta(days=age),
            "geometry": square(2 * place, 0),
        }
        for place, (id, age) in enumerate(ages.items())
    ]
    publish_amended(home, {"buildings": layer_frame("buildings", rows)}, by="数据", note="")


@pytest.fixture(params=["none", "red", "overdue"])
def rule(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def officer(tmp_path: Path, rule: str) -> Iterator[TestClient]:
    with serving(made(tmp_path / "home", rule).path, audience=Level.OFFICER) as client:
        yield client


OUT = {"none": [], "red": ["RED"], "overdue": ["AMBER", "RED"]}


def link(client: TestClient, *ids: str) -> Any:
    return client.post("/api/shares", json={"buildings": list(ids)})


def sheet(client: TestClient, id: str, lang: str = "zh") -> Any:
    return client.get(f"/api/collections/buildings/items/{id}/sheet?lang={lang}").json()


def test_a_link_holds_what_the_rule_leaves_and_tells_the_rest(officer: TestClient, rule: str) -> None:
    answer = link(officer, *AGES)
    assert answer.status_code == 201
    told = answer.json()
    assert told["buildings"] == [id for id in AGES if id not in OUT[rule]]
    assert [one["id"] for one in told["left_out"]] == OUT[rule]
    for one in told["left_out"]:
        as_of = TODAY - dt.timedelta(days=AGES[one["id"]])
        assert (one["layer"], one["title"], one["as_of"]) == ("buildings", f"{one['id']} 楼", as_of.isoformat())
        assert one["confirm_by"] == (as_of + dt.timedelta(days=90)).isoformat()
        assert one["reason"] == f"as of {as_of}, had to be confirmed by {one['confirm_by']}"
    page = officer.get(told["url"]).text
    assert [id for id in AGES if f"{id} 楼" in page] == told["buildings"]


def test_a_link_of_nothing_but_overdue_records_is_not_made(officer: TestClient, rule: str) -> None:
    answer = link(officer, "RED")
    if rule == "none":
        assert answer.status_code == 201
        return
    told = answer.json()
    assert (answer.status_code, told["code"]) == (403, "forbidden")
    assert [(one["param"], one["found"]) for one in told["errors"]] == [("buildings", "RED")]
    assert "links_leave_out" in told["detail"]
    assert officer.get("/api/shares").json() == []


@pytest.mark.parametrize(("lang", "words"), [("zh", "前确认"), ("en", "had to be confirmed by")])
def test_the_sheet_says_beforehand_why_there_is_no_link(officer: TestClient, rule: str, lang: str, words: str) -> None:
    for id in AGES:
        told = sheet(officer, id, lang)
        assert ("share" in told["links"]) is (id not in OUT[rule])
        assert told["no_link"] is None if id not in OUT[rule] else words in told["no_link"]


def test_nobody_but_an_officer_is_told_of_links(tmp_path: Path) -> None:
    with serving(made(tmp_path / "home", "red").path) as public:
        assert sheet(public, "RED")["no_link"] is None


def test_a_link_that_was_made_before_stays_whole_and_a_confirmed_record_comes_back(tmp_path: Path) -> None:
    home = made(tmp_path / "home", "red")
    publish(home, {"FRESH": 5, "RED": 5})
    with serving(home.path, audience=Level.OFFICER) as client:
        old = link(client, "FRESH", "RED").json()
        assert old["left_out"] == []
        publish(home, {"FRESH": 5, "RED": 300})
    with serving(home.path, audience=Level.OFFICER) as client:
        assert link(client, "FRESH", "RED").json()["buildings"] == ["FRESH"]
        assert "RED 楼" in client.get(old["url"]).text
        publish(home, {"FRESH": 5, "RED": 0})
    with serving(home.path, audience=Level.OFFICER) as client:
        assert link(client, "FRESH", "RED").json()["buildings"] == ["FRESH", "RED"]


def test_the_command_line_leaves_out_the_same(tmp_path: Path) -> None:
    def run(*words: str) -> Result:
        home = str(tmp_path / "home")
        return CliRunner().invoke(command_line(), ["share", "--home", home, "--building", "RED", *words])

    made(tmp_path / "home", "red")
    told = orjson.loads(run("--building", "FRESH", "--json").stdout)
    assert [one["id"] for one in told["left_out"]] == ["RED"]
    assert "left out: buildings RED, as of" in run("--building", "FRESH").stderr
    refused = run()
    assert (refused.exit_code, "links_leave_out" in refused.stderr) == (Exit.FAILURE, True)
