"""The queue of edits in the browser: proposed on a form, read as a diff, approved, refused, taken back, and live."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from landmap import pipeline
from landmap.access import Amendments, Database, Stage
from landmap.domain import Level
from landmap.pipeline import fold_now, publish_amended
from landmap.store import Home, open_current
from tests.hamlet import make_home, parcels, square
from tests.served import serving
from tests.steward import Steward, steward_at, text_of
from tests.test_amendments import GIVEN
from tests.test_link_scope import FOREIGN

EDIT, QUEUE = "/admin/amendments/edit", "/admin/amendments"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish_amended(made, {"parcels": parcels("A", "B", "C", **GIVEN)}, by="数据", note="")
    return made


@pytest.fixture
def steward(home: Home) -> Iterator[Steward]:
    with steward_at(home.path) as made:
        yield made


def listed(home: Home) -> list[tuple[str, str]]:
    with closing(Database.open(home.path / "landmap.db")) as database:
        return [(one.feature_id, one.state.value) for one in Amendments(database).listed()]


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def form(steward: Steward, id: str = "A", **values: str) -> dict[str, str]:
    page = steward.get(EDIT, layer="parcels", id=id)
    return {"layer": "parcels", "id": id, "version": version_of(page), "by": "李四", **values}


def propose(steward: Steward, id: str = "A", **values: str) -> str:
    """Return the address of an edit that was sent from the form of a record."""
    return str(steward.post(EDIT, form(steward, id, **values)).headers["location"])


def test_a_record_is_found_by_number_or_name(steward: Steward) -> None:
    assert "A地块" in steward.get(EDIT, layer="parcels", q="A-0")
    assert "B地块" in steward.get(EDIT, layer="parcels", q="b 地块")
    assert "没有找到" in steward.get(EDIT, layer="parcels", q="不在")


def test_sold_this_morning_is_read_as_a_diff(home: Home, steward: Steward) -> None:
    at = propose(steward, supply_stage="sold", document="成交确认书〔2026〕8号", dated="2026-11-22", note="今早")
    told = text_of(steward.get(at))
    for words in ("供应阶段", "已公告", "已成交", "李四", "成交确认书〔2026〕8号", "2026-11-22", "今早", "待审"):
        assert words in told
    assert listed(home) == [("A", "proposed")]
    assert "A地块" in steward.get(QUEUE)


def test_the_whole_form_sent_back_untouched_changes_nothing(home: Home, steward: Steward) -> None:
    page = steward.get(EDIT, layer="parcels", id="A")
    fields = dict(re.findall(r'<(?:input|textarea)[^>]* name="([^"]+)"[^>]*value="([^"]*)"', page))
    chosen = dict(re.findall(r'<select[^>]* name="([^"]+)".*?<option value="([^"]*)" selected', page))
    answer = steward.post(EDIT, {**fields, **chosen, "by": "李四"}, status=400)
    assert "和现在的值一样" in answer.text
    assert listed(home) == []


def test_every_fault_is_told_beside_its_field_and_what_was_typed_stays(home: Home, steward: Steward) -> None:
    sent = form(steward, net_area_m2="很大", data_as_of="2026-02-30", highlights="<b>好</b>")
    page = steward.post(EDIT, sent, status=400).text
    for field in ("net_area_m2", "data_as_of"):
        assert 'class="problem"' in page.split(f'name="{field}"')[1].split("</label>")[0]
    assert 'value="很大"' in page
    assert "&lt;b&gt;好&lt;/b&gt;" in page
    assert listed(home) == []


def test_a_boundary_is_pasted_and_drawn_beside_the_old_one(home: Home, steward: Steward) -> None:
    at = propose(steward, geometry=shapely.to_wkt(square(0, 0, 0.9)))
    page = steward.get(at)
    assert re.search(r'<path class="old" d="M[-0-9., ]+z"', page)
    assert re.search(r'<path class="new" d="M[-0-9., ]+z"', page)
    assert "不重合" in text_of(page)
    answer = steward.post(EDIT, form(steward, geometry="POLYGON((1"), status=400)
    assert 'class="problem"' in answer.text.split('name="geometry"')[1]


def test_an_edit_on_an_old_page_is_held_against_today(home: Home, steward: Steward) -> None:
    old = form(steward, supply_stage="bidding")
    approve(steward, propose(steward, supply_stage="sold"))
    fold_now(home, by="张")
    page = steward.post(EDIT, old, status=409).text
    assert "变了" in page
    assert '<option value="bidding" selected>' in page


def approve(steward: Steward, at: str, **fields: str) -> str:
    return str(steward.post(f"{at}/approve", {"by": "张三", "when": "now", **fields}).headers["location"])


def test_two_edits_of_one_field_are_a_conflict_that_somebody_decides(home: Home, steward: Steward) -> None:
    first, second = (propose(steward, supply_stage=stage) for stage in ("sold", "withdrawn"))
    approve(steward, first)
    page = text_of(steward.get(approve(steward, second)))
    assert "没有批准" in page
    assert "现在是" in page
    assert listed(home) == [("A", "approved"), ("A", "proposed")]
    approve(steward, second, despite="1")
    snapshot, _ = fold_now(home, by="张")
    assert "withdrawn" in snapshot.layer("parcels")["supply_stage"].tolist()


def test_a_refusal_needs_a_reason_and_is_final(home: Home, steward: Steward) -> None:
    at = propose(steward, supply_stage="sold")
    steward.post(f"{at}/reject", {"by": "张三"}, status=400)
    steward.post(f"{at}/reject", {"by": "张三", "reason": "尚未签约"})
    assert "尚未签约" in steward.get(at)
    assert "尚未签约" not in steward.get(QUEUE)
    assert "A地块" in steward.get(QUEUE, list="past")
    assert "已经有了决定" in steward.follow(steward.post(f"{at}/reject", {"by": "张三", "reason": "再退一次"}))
    assert listed(home) == [("A", "rejected")]


def test_what_is_live_can_be_taken_back(home: Home, steward: Steward) -> None:
    at = propose(steward, supply_stage="sold")
    approve(steward, at)
    assert "正在发布" in text_of(steward.get(at))
    assert '<meta http-equiv="refresh"' in steward.get(at)
    version = fold_now(home, by="张")[0].id
    page = steward.get(at)
    assert f"自版本 {version[:12]} 起生效" in text_of(page)
    assert '<meta http-equiv="refresh"' not in page
    steward.post(f"{at}/release", {"by": "张三", "reason": "录错了"})
    assert "收回中" in text_of(steward.get(at))
    fold_now(home, by="张")
    assert "已收回" in text_of(steward.get(at))
    assert set(open_current(home).layer("parcels")["supply_stage"]) == {"announced"}


def test_several_are_approved_at_once_and_those_in_conflict_stay(home: Home, steward: Steward) -> None:
    ats = [propose(steward, id, supply_stage=stage) for id, stage in (("A", "sold"), ("A", "withdrawn"), ("B", "sold"))]
    ids = [at.rsplit("/", 1)[1] for at in ats]
    answer = steward.post(f"{QUEUE}/approve", {"by": "张三", "id": ids})
    assert "批准了 2 条；另有 1 条" in steward.follow(answer)
    assert listed(home) == [("A", "approved"), ("A", "proposed"), ("B", "approved")]
    nothing = steward.post(f"{QUEUE}/approve", {"by": "张三"})
    assert "没有选中" in steward.follow(nothing)


def test_the_name_is_asked_and_remembered(steward: Steward) -> None:
    assert "请填写" in steward.post(EDIT, {**form(steward, supply_stage="sold"), "by": " "}, status=400).text
    at = propose(steward, supply_stage="sold")
    assert 'name="by" value="李四"' in steward.get(at)


@pytest.mark.parametrize("headers", FOREIGN)
def test_nothing_is_taken_from_another_site(home: Home, steward: Steward, headers: dict[str, str]) -> None:
    at = propose(steward, supply_stage="sold")
    named = {"sec-fetch-site": "", **{name.lower(): value for name, value in headers.items()}}
    given = {name: value for name, value in named.items() if value}
    for path, fields in ((f"{at}/approve", {"when": "now"}), (f"{at}/reject", {"reason": "x"}), (EDIT, {})):
        answer = steward.client.post(path, data={"by": "贼", **fields}, headers=given)
        assert answer.status_code == 403
    assert listed(home) == [("A", "proposed")]


@pytest.mark.parametrize("path", [QUEUE, EDIT, f"{QUEUE}/forms", f"{QUEUE}/0000000000000000", "/admin/freshness"])
@pytest.mark.parametrize("level", [Level.PUBLIC, Level.OFFICER, Level.PLANNER])
def test_below_a_steward_there_are_no_such_pages(home: Home, path: str, level: Level) -> None:
    with serving(home.path, audience=level) as client:
        assert client.get(path).status_code == 404


def test_an_unknown_edit_or_record_is_told_in_the_frame(steward: Steward) -> None:
    assert "aria-current" in steward.get(f"{QUEUE}/0000000000000000", 404)
    assert "aria-current" in steward.get(EDIT, 404, layer="parcels", id="Z")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_speaks_one_language(home: Home, steward: Steward, lang: str) -> None:
    at = propose(steward, supply_stage="sold")
    for path, query in ((QUEUE, {}), (EDIT, {}), (EDIT, {"layer": "parcels", "q": "A"}), (at.partition("?")[0], {})):
        told = text_of(steward.get(path, lang=lang, **query))
        words = re.sub(r"[A-C]地块|李四|已公告|已成交", "", told)
        assert bool(re.search("[\u4e00-\u9fff]", words)) is (lang == "zh"), words


def test_sold_this_morning_is_on_the_public_page_within_half_a_minute(home: Home) -> None:
    """The whole way, with a worker running beside the servers, as `landmap serve` starts one."""
    stop = threading.Event()
    worker = threading.Thread(target=pipeline.work, args=(home, pipeline.KINDS, stop))
    worker.start()
    try:
        with steward_at(home.path) as steward, serving(home.path) as public:
            assert "已公告" in public.get("/parcels/A").text
            approve(steward, propose(steward, supply_stage="sold"))
            end = time.monotonic() + 90
            while "已成交" not in public.get("/parcels/A").text:
                assert time.monotonic() < end, listed(home)
                time.sleep(0.2)
    finally:
        stop.set()
        worker.join()
    assert listed(home) == [("A", Stage.PUBLISHED.value)]
