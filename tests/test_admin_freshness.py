"""Freshness in the browser: who must confirm by when; links made, shown once, listed, revoked, and answered."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from landmap.access import Confirmation, Confirmations, Database
from landmap.pipeline import publish_amended
from landmap.store import Home
from tests.hamlet import DISTRICT_TOML, layer_frame, make_home, square
from tests.steward import Steward, steward_at, text_of
from tests.test_confirm_page import version_in

FRESHNESS, LINKS = "/admin/freshness", "/admin/freshness/links"
AGES = {"FRESH": 5, "AMBER": 100, "RED": 300, "UNDATED": None}
RULES = '[rules]\nlinks_leave_out = "red"\nconfirm_days = { buildings = 90, "buildings.rnd" = 60 }\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home", DISTRICT_TOML.replace("[rules]\n", RULES))
    today = made.district().today()
    rows = [
        {
            "building_id": id,
            "building_name": f"{id} 楼",
            "address": "书院路",
            "district_code": "370213",
            "building_kind": "office",
            "grade": "b",
            "gross_floor_area_m2": 20000.0,
            "rent_area_basis": "gross",
            "visibility": "public",
            "data_as_of": None if age is None else today - dt.timedelta(days=age),
            "geometry": square(2 * place, 0),
        }
        for place, (id, age) in enumerate(AGES.items())
    ]
    publish_amended(made, {"buildings": layer_frame("buildings", rows)}, by="数据", note="")
    return made


@pytest.fixture
def steward(home: Home) -> Iterator[Steward]:
    with steward_at(home.path, base_url="https://map.example.cn") as made:
        yield made


def links(home: Home) -> tuple[Confirmation, ...]:
    with closing(Database.open(home.path / "landmap.db")) as database:
        return Confirmations(home, database).listed()


def rows_of(page: str) -> list[str]:
    """Return what each row of the list says, in order."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def make(steward: Steward, *ids: str, **fields: str) -> list[str]:
    """Return the addresses of links made for records, as the page shows them."""
    given = {"layer": "buildings", "id": list(ids), "by": "李四", **fields}
    return re.findall(r'value="(https://map\.example\.cn/c/[^"]+)"', steward.post(LINKS, given, status=200).text)


def test_the_longest_overdue_comes_first_with_its_days(steward: Steward) -> None:
    page = steward.get(FRESHNESS, layer="buildings")
    rows = rows_of(page)
    assert [row.split()[0] for row in rows] == ["UNDATED", "RED", "AMBER"]
    assert "没有数据时点" in rows[0]
    assert "逾期 210 天" in rows[1]
    assert "逾期 10 天" in rows[2]
    assert ["不放进新链接" in row for row in rows] == [True, True, False]
    told = text_of(page)
    for words in ("1 有效期内", "1 待确认（黄）", "1 逾期（红）", "1 没有数据时点", "数据 90 天内有效", "研发楼 60 天"):
        assert words in told
    assert "现在有 2 条放不进去" in told


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [("red", ["UNDATED", "RED"]), ("fresh", ["FRESH"]), ("all", ["UNDATED", "RED", "AMBER", "FRESH"])],
)
def test_a_list_is_chosen(steward: Steward, chosen: str, ids: list[str]) -> None:
    rows = rows_of(steward.get(FRESHNESS, layer="buildings", list=chosen))
    assert [row.split()[0] for row in rows] == ids


def test_a_page_is_ticked_whole_without_script(steward: Steward) -> None:
    assert steward.get(FRESHNESS, layer="buildings").count(" checked") == 0
    assert steward.get(FRESHNESS, layer="buildings", tick="all").count(" checked") == 3


def test_links_are_shown_once_and_kept_as_hashes(home: Home, steward: Steward) -> None:
    made = make(steward, "RED", "AMBER", recipient="万达物业", days="7")
    assert len(set(made)) == 2
    assert [(one.owner, one.recipient, (one.expires_at - one.created_at).days) for one in links(home)] == [
        ("李四", "万达物业", 7)
    ] * 2
    listing = steward.get(LINKS)
    assert text_of(listing).count("等待答复") == 2
    kept = b"".join(path.read_bytes() for path in home.path.iterdir() if path.is_file())
    for address in made:
        token = address.rsplit("/", 1)[1]
        assert token not in listing + steward.get(FRESHNESS, layer="buildings")
        assert token.encode() not in kept
    assert sum("前有效" in row for row in rows_of(steward.get(FRESHNESS, layer="buildings"))) == 2


def test_a_list_of_links_comes_as_a_sheet(home: Home, steward: Steward) -> None:
    given = {"layer": "buildings", "id": ["RED", "AMBER"], "by": "李四", "sheet": "1"}
    answer = steward.post(LINKS, given, status=200)
    assert answer.headers["cache-control"] == "private, no-store"
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[0] == "编号"
    assert [row[0] for row in rows] == ["RED", "AMBER"]
    assert all(row[-1].startswith("https://map.example.cn/c/lm_c_") for row in rows)


def test_a_link_that_was_made_opens_and_its_answer_is_found(home: Home, steward: Steward) -> None:
    (address,) = make(steward, "RED")
    path = address.removeprefix("https://map.example.cn")
    page = steward.client.get(path).text
    assert "RED 楼" in page
    data = {"version": version_in(page), "answer": "changed", "available_area_m2": "", "operator_name": "万达"}
    assert steward.client.post(path, data=data).status_code == 303
    listing = steward.get(LINKS)
    assert "已答复" in text_of(listing)
    (at,) = set(re.findall(r"/admin/amendments/[0-9a-f]{16}", listing))
    told = text_of(steward.get(at))
    assert "万达" in told
    assert "确认链接" in told


def test_a_link_is_revoked(home: Home, steward: Steward) -> None:
    (address,) = make(steward, "RED")
    steward.post(f"{LINKS}/{links(home)[0].id}/revoke")
    assert steward.client.get(address.removeprefix("https://map.example.cn")).status_code == 410
    listing = steward.get(LINKS)
    assert "已撤销" in text_of(listing)
    assert "/revoke" not in listing
    steward.post(f"{LINKS}/0000000000000000/revoke", status=404)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"layer": "constraints"}, 400),
        ({"days": "0"}, 400),
        ({"days": "91"}, 400),
        ({"days": "一"}, 400),
        ({"by": ""}, 400),
        ({"id": ["RED", "NOWHERE"]}, 404),
        ({"recipient": "x" * 81}, 400),
    ],
)
def test_what_makes_no_sense_makes_no_link(home: Home, steward: Steward, fields: dict[str, str], status: int) -> None:
    steward.post(LINKS, {"layer": "buildings", "id": ["RED"], "by": "李四", **fields}, status=status)
    assert links(home) == ()


def test_nothing_ticked_is_told(home: Home, steward: Steward) -> None:
    answer = steward.post(LINKS, {"layer": "buildings", "by": "李四"})
    assert "没有选中" in steward.follow(answer)


def test_without_a_public_address_the_page_says_so(home: Home) -> None:
    with steward_at(home.path) as steward:
        page = steward.post(LINKS, {"layer": "buildings", "id": ["RED"], "by": "李四"}, status=200).text
    assert "LANDMAP_BASE_URL" in page
    assert 'value="/c/lm_c_' in page
