"""The report of a check as a page and as the steward's own sheet: everything is told, and a file's text stays text."""

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from openpyxl.styles import Font, PatternFill

from landmap.domain import Lang, Words, read_words
from landmap.ingest import Outline, Report, StagedLayer
from landmap.ingest import check_here as check
from landmap.render import report as reports
from landmap.render.report.content import Labels, cards, ranges, totals
from landmap.render.report.site_map import site_map
from landmap.resources import web_root
from tests.making_files import feature, parcels_frame, square, town, write_csv, write_geojson, write_xlsx, write_zip
from tests.payloads import PAYLOADS, ran_in_server

HEADS = ["地块编号", "地块名称", "净用地面积（亩）", "容积率", "几何", "联系电话"]
RED, YELLOW = "FFF4B6B0", "FFFFE3A3"


def words(lang: Lang = "zh") -> Words:
    return read_words(lang, web_root() / "i18n")


def row(number: int, **cells: Any) -> list[Any]:
    values = {"no": f"A-{number}", "name": "甲地块", "area": 59.89, "far": "1.5≤R≤2.5", "shape": square(number).wkt}
    return list({**values, "phone": None, **cells}.values())


def ledger() -> list[list[Any]]:
    """Return a ledger: row 1 title, row 2 heads, then a good row, a bad area, a reversed ratio, no shape, a formula."""
    rows = [
        row(0),
        row(1, area="六十"),
        row(2, far="2.5-1.5"),
        row(3, shape=None),
        row(4, name="=1+1", phone="13800138000"),
    ]
    return [["2026 年供地清单"], HEADS, *rows]


def checked(path: Path) -> tuple[StagedLayer | None, Report]:
    return check([path], "parcels", town())


def page(staged: StagedLayer | None, report: Report, lang: Lang = "zh") -> str:
    shapes = reports.Shapes.of(staged, report, town())
    made = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.UTC)
    told = report.told(lang).as_dict()
    return reports.report_html(told, words(lang), layer="parcels", shapes=shapes, made=made).decode()


def book(path: Path, report: Report, lang: Lang = "zh") -> openpyxl.Workbook:
    body = reports.report_xlsx(report.told(lang).as_dict(), [path], words(lang), layer="parcels")
    return openpyxl.load_workbook(io.BytesIO(body))


class Tags(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


class TestThePage:
    def test_says_what_was_read_accepted_refused_and_what_the_public_will_see(self, tmp_path: Path) -> None:
        source = page(*checked(write_xlsx(tmp_path / "清单.xlsx", ledger())))
        text = " ".join(Tags(source).text.split())
        assert "5 行中 4 行可以导入，1 行不收" in text
        assert "5 读到 4 收下 1 不收 0 公众将看到" in text
        assert "生成于 2026-03-01 09:30" in text

    def test_tells_every_finding_with_its_advice_and_the_key_of_its_cure(self, tmp_path: Path) -> None:
        staged, report = checked(write_xlsx(tmp_path / "a.xlsx", ledger()))
        text = Tags(page(staged, report)).text
        for finding in report.findings:
            assert finding.code in text
            assert finding.fix in text
        (turned,) = (one for one in report.findings if one.code == "interval_reversed")
        assert turned.key is not None
        assert f"--accept {turned.key}" in text

    def test_shows_for_every_column_what_it_is_taken_for_and_how_sure_that_is(self, tmp_path: Path) -> None:
        staged, report = checked(write_xlsx(tmp_path / "a.xlsx", ledger()))
        text = Tags(page(staged, report)).text
        for column in report.inputs[0].columns:
            assert column.header in text
            assert column.field is None or f"{column.confidence * 100:.0f}%" in text
        assert "亩 → ㎡：× 2000/3" in text

    def test_carries_all_it_needs_and_forbids_itself_everything_else(self, tmp_path: Path) -> None:
        tags = Tags(page(*checked(write_xlsx(tmp_path / "a.xlsx", ledger())))).tags
        assert {"script", "link", "img", "iframe", "form"}.isdisjoint(tag for tag, _ in tags)
        assert [name for _, attrs in tags for name in attrs if name == "style" or name.startswith("on")] == []
        policy = [attrs["content"] for tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy"]
        assert policy == [reports.content_security_policy()]
        assert all(str(attrs["href"]).startswith("#") for _, attrs in tags if "href" in attrs)

    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_text_of_a_file_stays_text(self, tmp_path: Path, payload: str) -> None:
        spoiled = feature(1, parcel_name=payload, supply_method=payload, net_area_m2=payload) | {}
        path = write_geojson(tmp_path / "a.geojson", feature(), spoiled, {"type": payload})
        staged, report = checked(path)
        found = Tags(page(staged, report))
        assert {"script", "img", "iframe"}.isdisjoint(tag for tag, _ in found.tags)
        assert {tag for tag, _ in found.tags} == {tag for tag, _ in Tags(page(*harmless(tmp_path))).tags}
        assert not any(name.startswith("on") for _, attrs in found.tags for name in attrs)
        assert "9359" not in found.text.replace(payload, "")
        assert not ran_in_server()

    def test_of_a_clean_file_says_so(self, tmp_path: Path) -> None:
        report: dict[str, list[Any]] = {"inputs": [], "findings": []}
        source = reports.report_html(report, words()).decode()
        assert "没有发现问题。" in source
        assert "<svg" not in source

    def test_is_complete_in_english(self, tmp_path: Path) -> None:
        staged, report = checked(write_geojson(tmp_path / "a.geojson", feature(net_area_m2="x")))
        text = Tags(page(staged, report, "en")).text
        assert "All 1 rows can be imported" in text
        assert re.findall("[\u4e00-\u9fff]+", text.split("}")[-1]) == []

    def test_a_layer_that_was_not_read_is_no_refusal(self) -> None:
        entry = {"file": "a.gpkg", "rows_accepted": 0, "rows_public": 0, "columns": [], "refused": None}
        inputs = [
            entry | {"layer": "地块", "rows_read": 3, "rows_accepted": 3},
            entry | {"layer": "路", "rows_read": 9},
        ]
        findings = [{"code": "layer_skipped", "file": "a.gpkg", "layer": "路"}]
        found = totals({"inputs": inputs, "findings": findings})
        assert (found.read, found.accepted, found.refused) == (3, 3, 0)


def harmless(folder: Path) -> tuple[StagedLayer | None, Report]:
    spoiled = feature(1, parcel_name="x", supply_method="x", net_area_m2="x")
    return checked(write_geojson(folder / "plain.geojson", feature(), spoiled, {"type": "x"}))


class TestTheCards:
    def test_put_findings_of_one_kind_together_the_most_serious_first(self, tmp_path: Path) -> None:
        _, report = checked(write_xlsx(tmp_path / "a.xlsx", ledger()))
        told = report.as_dict()
        found = cards(told, words(), Labels(told, words(), "parcels"))
        severities = [card.severity for card in found]
        assert severities == sorted(severities, key=["error", "warning", "info"].index)
        assert len({(card.code, card.layer) for card in found}) == len(found)
        (missing,) = (card for card in found if card.code == "required_column_missing")
        assert len(missing.fields) > 5
        assert "土地状态" in missing.fields

    def test_call_a_column_as_the_file_does(self, tmp_path: Path) -> None:
        _, report = checked(write_xlsx(tmp_path / "a.xlsx", ledger()))
        told = report.as_dict()
        found = {card.code: card for card in cards(told, words(), Labels(told, words(), "parcels"))}
        assert found["number_malformed"].fields == ("净用地面积（亩）",)
        assert found["interval_reversed"].fields == ("容积率",)

    @pytest.mark.parametrize(
        ("rows", "text"), [([3, 1, 2], "1–3"), ([1, 3, 4], "1、3–4"), ([], ""), (range(1, 99, 2), "…")]
    )
    def test_write_rows_as_ranges(self, rows: list[int], text: str) -> None:
        assert ranges(rows, words()).endswith(text)


class TestTheMap:
    def test_draws_accepted_shapes_grey_and_refused_ones_red_with_their_row(self, tmp_path: Path) -> None:
        features = [feature(0), feature(1), feature(1), feature(2, geometry=None)]
        staged, report = checked(write_geojson(tmp_path / "a.geojson", *features))
        drawn = site_map(reports.Shapes.of(staged, report, town()), report.as_dict()["findings"], words())
        assert drawn is not None
        assert drawn.counts["error"] == 1
        assert len(re.findall('class="m-error"', drawn.svg)) == 1
        assert "<title>第 3 行</title>" in drawn.svg
        assert drawn.outside == 0

    def test_counts_what_lies_outside_of_it(self, tmp_path: Path) -> None:
        far = [Outline("a", "a", 2, "POINT (116.3 39.9)"), Outline("a", "a", 1, "POINT (120.41 36.18)")]
        told = [{"severity": "error", "field": "geometry", "file": "a", "layer": "a", "rows": [1, 2]}]
        drawn = site_map(reports.Shapes([square()], far, town()), told, words())
        assert drawn is not None
        assert drawn.outside == 1
        # Beijing lies 548.8 km to the north-west of the middle of the town (GRS80, by GeographicLib).
        assert "<title>第 2 行 548.8 公里<" in drawn.svg
        west = re.search(
            r'class="m-error" d="M([0-9.]+) ([0-9.]+)L', drawn.svg.split("第 2 行")[0].rsplit("<path", 1)[1]
        )
        assert west is not None
        assert float(west[1]) < 320
        assert float(west[2]) < 220

    def test_points_to_rows_that_were_refused_for_lying_far_away(self, tmp_path: Path) -> None:
        far = [
            feature(n, geometry=json.loads(shapely.to_geojson(shapely.box(120.4 + n, 36.18, 120.401 + n, 36.181))))
            for n in (1, 2)
        ]
        staged, report = checked(write_geojson(tmp_path / "a.geojson", *(feature(n) for n in range(3, 30)), *far))
        assert [one.code for one in report.findings if one.severity == "error"] == ["outside_district"] * 2
        assert {one.row for one in report.outlines} == {28, 29}
        drawn = site_map(reports.Shapes.of(staged, report, town()), report.as_dict()["findings"], words("en"))
        assert drawn is not None
        assert drawn.outside == 2
        assert re.search(r"<title>Row 28, 29, \d\d\.\d km</title>", drawn.svg), "both lie to the east"

    def test_stays_small_for_a_great_many_shapes(self) -> None:
        many = [square(number % 50).buffer(1e-5) for number in range(5_000)]
        drawn = site_map(reports.Shapes([*many, square(90)], (), town(extent=(110, 30, 125, 40))), [], words())
        assert drawn is not None
        assert len(drawn.svg) < 3_000_000

    def test_is_left_out_when_nothing_has_a_place(self) -> None:
        assert site_map(reports.Shapes([], (), town()), [], words()) is None


class TestTheStewardsOwnSheet:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = write_xlsx(tmp_path / "清单.xlsx", ledger())
        own = openpyxl.load_workbook(path)
        sheet = own.worksheets[0]
        sheet["A1"].font = Font(size=20, bold=True)
        sheet["B3"].fill = PatternFill("solid", start_color="FF00FF00")
        sheet["C4"].comment = openpyxl.comments.Comment("局里的批注", "甲")
        sheet.merge_cells("A1:F1")
        sheet.column_dimensions["B"].width = 33
        own.save(path)
        return path

    def test_has_its_offending_cells_coloured_and_commented(self, path: Path) -> None:
        cover, sheet = book(path, checked(path)[1]).worksheets
        assert cover.title == "检查结果"
        assert sheet["C4"].fill.start_color.rgb == YELLOW
        assert "不是数：六十" in sheet["C4"].comment.text
        assert sheet["D5"].fill.start_color.rgb == YELLOW
        assert "--accept" in sheet["D5"].comment.text
        assert sheet["A6"].fill.start_color.rgb == RED
        assert "没有图形" in sheet["A6"].comment.text
        assert sheet["C5"].comment is None

    def test_keeps_its_formats_values_and_comments(self, path: Path) -> None:
        sheet = book(path, checked(path)[1]).worksheets[1]
        assert (sheet["A1"].font.size, [str(one) for one in sheet.merged_cells.ranges]) == (20, ["A1:F1"])
        assert sheet["B3"].fill.start_color.rgb == "FF00FF00"
        assert sheet.column_dimensions["B"].width == 33
        assert sheet["C4"].comment.text.startswith("局里的批注")
        assert [cell.value for cell in sheet[3]][:4] == ["A-0", "甲地块", 59.89, "1.5≤R≤2.5"]

    def test_has_every_finding_on_a_sheet_in_front(self, path: Path) -> None:
        report = checked(path)[1]
        cover = book(path, report).worksheets[0]
        told = [cell.value for column in cover.iter_cols() for cell in column]
        assert [one.message for one in report.findings if one.message not in told] == []
        assert (cover["C4"].value, cover["C5"].value, cover["C6"].value) == (5, 4, 1)

    def test_writes_no_formula_of_its_own(self, tmp_path: Path) -> None:
        rows = [["地块编号", "净用地面积", "几何"], ["A-1", "x", square().wkt]]
        path = write_xlsx(tmp_path / "=cmd()|x.xlsx", rows)
        found = book(path, checked(path)[1])
        assert [cell.coordinate for sheet in found for line in sheet for cell in line if cell.data_type == "f"] == []
        assert found.worksheets[0]["A2"].value == "=cmd()|x.xlsx"

    def test_past_the_door_is_left_alone_and_its_findings_are_told(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "a.xlsx", ledger())
        report = checked(path)[1]
        far = openpyxl.load_workbook(path)
        far.worksheets[0]["XFD1048576"] = 1
        far.save(path)
        found = book(path, report)
        assert len(found.worksheets) == 1
        assert str(found.worksheets[0]["A2"].value).startswith("原表无法在此标注")

    def test_is_read_behind_the_walls_too(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = checked(path)[1]
        here = [cell.comment and cell.comment.text for line in book(path, report).worksheets[1] for cell in line]
        monkeypatch.delenv("LANDMAP_CHECK_HERE", raising=False)
        away = [cell.comment and cell.comment.text for line in book(path, report).worksheets[1] for cell in line]
        assert away == here


def csv_of(folder: Path) -> Path:
    return write_csv(folder / "a.csv", [HEADS, *ledger()[2:]])


def zip_of(folder: Path) -> Path:
    return write_zip(folder / "a.zip", {"a.csv": csv_of(folder).read_bytes()})


class TestRowsOfOtherFiles:
    @pytest.mark.parametrize("make", [csv_of, zip_of])
    def test_are_shown_as_read_and_marked_the_same(self, tmp_path: Path, make: Callable[[Path], Path]) -> None:
        path = make(tmp_path)
        cover, sheet = book(path, checked(path)[1]).worksheets
        heads = [cell.value for cell in sheet[1]]
        assert heads[0] == "行号"
        area = sheet.cell(3, heads.index("净用地面积（亩）") + 1)
        assert (area.value, area.fill.start_color.rgb) == ("六十", YELLOW)
        assert area.comment is not None
        assert "不是数：六十" in area.comment.text
        assert cover["A1"].value == "检查报告"

    def test_show_text_that_looks_like_a_formula_as_text(self, tmp_path: Path) -> None:
        path = csv_of(tmp_path)
        sheet = book(path, checked(path)[1]).worksheets[1]
        (cell,) = (cell for line in sheet for cell in line if cell.value == "=1+1")
        assert (cell.data_type, cell.quotePrefix) == ("s", True)

    def test_of_a_geopackage_are_shown_by_layer(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        parcels_frame().assign(net_area_m2=["x", "1", "2"]).to_file(path, layer="地块", driver="GPKG")
        found = book(path, checked(path)[1])
        assert found.sheetnames == ["检查结果", "地块"]
        assert [cell.value for cell in found.worksheets[1]["A"]] == ["行号", 1, 2, 3]

    def test_that_are_gone_leave_the_findings(self, tmp_path: Path) -> None:
        path = csv_of(tmp_path)
        report = checked(path)[1]
        path.unlink()
        assert book(path, report).sheetnames == ["检查结果"]
        alone = reports.report_xlsx(report.as_dict(), [], words())
        assert openpyxl.load_workbook(io.BytesIO(alone)).worksheets[0]["A2"].value == "a.csv"
