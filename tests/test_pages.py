"""The pages people open say who they are for, and carry what their scripts need as data."""

import datetime as dt
import json
import re
from typing import Any

import pytest

from landmap.domain import Contact, read_words
from landmap.render.map import ShareView, gone_page, one_map, problem_page, record_page, share_page, workspace_page
from landmap.render.map.pages import FIRST_VIEW, WORKSPACE_MODULES
from landmap.resources import web_root
from tests.query_town import DISTRICT

WORDS = {lang: read_words(lang, web_root() / "i18n") for lang in ("zh", "en")}
SHEET: dict[str, Any] = {
    "id": "P1",
    "no": "LC-01",
    "title": "一号地块",
    "subtitle": "工业用地",
    "layer": "parcels",
    "sections": [
        {
            "key": "basic",
            "label": "基本信息",
            "rows": [
                {"label": "面积", "text": "20 亩", "note": "登记", "state": "ok"},
                {"label": "起始价", "text": "—", "note": "公告后公布", "state": "unknown"},
                {"label": "混合用途", "text": "—", "note": None, "state": "unknown"},
                {"label": "层数", "text": "—", "note": None, "state": "unknown"},
            ],
        }
    ],
    "lights": [{"item": "geohazard", "label": "地质灾害", "required": "yes", "state": "green", "text": "已完成"}],
    "attachments": [],
    "notice": "示例数据",
    "as_of": "2026-01-31",
    "links": {"self": "/parcels/P1", "brief": "/parcels/P1/brief.pdf?lang=zh"},
}
SHARE = ShareView("两宗地块", "请看", "招商科", dt.date(2026, 1, 1), dt.date(2026, 1, 31))


def workspace(**options: Any) -> str:
    m = one_map(sources={"parcels": "/x"}, words=WORDS["zh"], assets="linked", popup=False, controls=("zoom",))
    return workspace_page(m, words=WORDS["zh"], district=DISTRICT, **options)


def config(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'id="landmap-config">(.*?)</script>', page, re.S)
    return json.loads(found)


def test_the_workspace_starts_with_industrial_land() -> None:
    assert config(workspace())["first"] == FIRST_VIEW == "preset=industrial_land"


def test_the_workspace_tells_its_scripts_language_district_and_words() -> None:
    told = config(workspace(version="v1", config={"canShare": True}))
    assert (told["lang"], told["version"], told["canShare"]) == ("zh", "v1", True)
    assert told["district"] == {"code": "370213", "name": "小镇", "bounds": [120.0, 36.0, 120.1, 36.1]}
    assert told["words"]["page.layers.parcels"] == "地块"
    assert all(key.startswith("page.") for key in told["words"])


@pytest.mark.parametrize(("level", "shown"), [("public", False), ("officer", True)])
def test_whoever_is_not_the_public_is_reminded(level: str, shown: bool) -> None:
    page = re.sub(r"<script type.*?</script>", "", workspace(audience_level=level), flags=re.S)
    assert ('class="banner"' in page) is shown


@pytest.mark.parametrize(
    ("sample", "level", "mark"),
    [
        (True, "public", "page.mark.unapproved"),
        (True, "officer", "page.mark.internal"),
        (False, "public", "page.mark.internal"),
    ],
)
def test_a_map_without_an_approval_number_is_marked(sample: bool, level: str, mark: str) -> None:
    district = DISTRICT.model_copy(update={"sample": sample})
    m = one_map(words=WORDS["zh"], assets="linked")
    page = workspace_page(m, words=WORDS["zh"], district=district, audience_level=level)
    assert WORDS["zh"](mark) in re.sub(r"<script type.*?</script>", "", page, flags=re.S)


def test_an_approval_number_is_printed() -> None:
    approved = DISTRICT.model_copy(update={"map_approval_no": "鲁SG(2026)001号"})
    m = one_map(words=WORDS["zh"], assets="linked")
    assert "审图号：鲁SG(2026)001号" in workspace_page(m, words=WORDS["zh"], district=approved)


def test_every_module_named_in_the_head_is_there_and_every_module_is_named() -> None:
    static = web_root() / "static"
    assert [name for name in WORKSPACE_MODULES if not (static / name).is_file()] == []
    imported, waiting = set(), ["js/app.js"]
    while waiting:
        name = waiting.pop()
        for other in re.findall(
            r'^(?:import|export) .* from "([^"]+)";$', (static / name).read_text(encoding="utf-8"), re.M
        ):
            found = ((static / name).parent / other).resolve().relative_to(static.resolve()).as_posix()
            if found not in imported:
                imported.add(found)
                waiting.append(found)
    assert imported == set(WORKSPACE_MODULES)


def test_a_record_page_reads_without_script_and_names_what_is_not_on_file_in_one_line() -> None:
    page = record_page(None, sheet=SHEET, words=WORDS["zh"], district=DISTRICT)
    assert "<h1>一号地块</h1>" in page
    assert "20 亩" in page
    assert "公告后公布" in page
    assert "暂无：混合用途、层数" in page
    assert 'href="/parcels/P1/brief.pdf?lang=zh"' in page
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/js/theme.js">']


def test_a_link_page_names_sender_and_date_and_keeps_out_of_indexes() -> None:
    sheets = [{**SHEET, "links": {}}, {**SHEET, "id": "P2", "links": {}}]
    page = share_page(None, share=SHARE, sheets=sheets, words=WORDS["zh"], district=DISTRICT, drawing="<svg/>")
    assert 'content="noindex, nofollow"' in page
    assert "招商科 发来" in page
    assert "有效至 2026-01-31" in page
    assert 'src="data:image/svg+xml;base64,PHN2Zy8+"' in page
    assert page.count('class="record"') == 2
    assert 'href="#record-2"' in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_link_that_leads_nowhere_names_the_office_only(lang: str) -> None:
    page = gone_page(words=WORDS[lang], district=DISTRICT)
    assert WORDS[lang]("page.gone.title") in page
    assert DISTRICT.name(lang) in page


def test_a_problem_page_needs_no_district() -> None:
    page = problem_page(status=503, title="没有数据", detail="尚未发布", words=WORDS["zh"])
    assert "503" in page
    assert "尚未发布" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_problem_page_says_what_to_do_and_whom_to_ask(lang: str) -> None:
    contact = Contact(office_zh="一科", office_en="First desk", phone="0532 1")
    district = DISTRICT.model_copy(update={"contact": contact})
    page = problem_page(status=404, title="404", detail="→ 首页", words=WORDS[lang], district=district)
    for told in ("→ 首页", DISTRICT.name(lang), "一科" if lang == "zh" else "First desk", 'href="tel:05321"'):
        assert told in page


@pytest.mark.parametrize("code", ["not_found", "invalid_value", "unavailable", "too_costly"])
def test_what_a_reader_can_do_something_about_comes_with_advice(code: str) -> None:
    for words in WORDS.values():
        assert words.get(f"page.problem.{code}_advice"), (code, words.lang)


def test_an_english_page_says_no_chinese_word_of_ours() -> None:
    m = one_map(words=WORDS["en"], assets="linked")
    page = workspace_page(m, words=WORDS["en"], district=DISTRICT)
    body = re.sub(r"<script type.*?</script>", "", page, flags=re.S).replace("中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", body) == []
