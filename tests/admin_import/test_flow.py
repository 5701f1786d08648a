"""An import from the first file to the published version, through the pages, without script."""

import csv
import re
import threading
import time
from html import unescape
from pathlib import Path

import pytest

from landmap import pipeline
from landmap.access import Database, Jobs
from landmap.domain import Level
from landmap.pipeline import publish_amended
from landmap.store import Home, open_current, staged
from tests.admin_import.tools import BY, NOON, done, geojson, record, uploaded
from tests.hamlet import parcels
from tests.steward import HTML, Steward, steward_at, text_of, worked


def test_from_a_file_to_a_version_and_back(steward: Steward, home: Path) -> None:
    before = Home(home).current_id()
    delivery = geojson(record("A"), record("B", supply_stage="sold"), record("D", at=(8, 0)))
    report = uploaded(steward, home, ("十一月.geojson", delivery), mode="replace")
    page = steward.get(report)
    assert "十一月.geojson" in page
    changes = re.search(r'href="(/admin/changes/\w+)[^"]*"', page)
    assert changes is not None
    told = text_of(steward.get(changes[1]))
    assert "1 新增 2 修改 1 撤回" in told
    assert re.search(r"供应阶段 \S+ → \S+", told)
    assert Home(home).current_id() == before

    answer = steward.post(f"{changes[1]}/publish", {**BY, "note": "十一月更新", "reason.0": "已收储"})
    at = done(steward, home, answer)
    version = at.rsplit("/", 1)[1]
    page = steward.get(at)
    assert "已发布为版本" in page
    current = open_current(Home(home))
    assert (current.id, current.manifest["by"], current.manifest["note"]) == (version, "李晓", "十一月更新")
    assert sorted(current.layer("parcels")["parcel_id"]) == ["A", "B", "D"]
    assert current.manifest["withdrawn"]["parcels"]["C"]["reason"] == "已收储"
    assert staged(Home(home)) == {}
    assert steward.client.get("/parcels/C").status_code == 410

    answer = steward.post(f"/admin/versions/{before}/rollback", BY)
    assert "已回到版本" in steward.follow(answer)
    assert Home(home).current_id() == before
    assert steward.client.get("/parcels/C").status_code == 200


def test_nothing_is_published_before_the_steward_says_so(steward: Steward, home: Path) -> None:
    before = Home(home).current_id()
    uploaded(steward, home, ("a.geojson", geojson(record("A"))))
    assert Home(home).current_id() == before
    assert list(staged(Home(home))) == ["parcels"]


def test_a_check_alone_stages_nothing(steward: Steward, home: Path) -> None:
    page = steward.get(uploaded(steward, home, ("a.geojson", geojson(record("A"))), check_only="on"))
    assert "这次只核查" in page
    assert staged(Home(home)) == {}


def test_what_waits_can_be_looked_at_again_and_discarded(steward: Steward, home: Path) -> None:
    uploaded(steward, home, ("a.geojson", geojson(record("A"))))
    page = steward.get("/admin/import")
    assert "待发布" in text_of(page)
    answer = steward.post("/admin/staged/parcels/compare", {})
    assert "会改变什么" in steward.get(done(steward, home, answer))
    sha256 = staged(Home(home))["parcels"].sha256
    assert "已放弃" in steward.follow(steward.post("/admin/staged/parcels/discard", {"sha256": sha256}))
    assert staged(Home(home)) == {}
    steward.post("/admin/staged/parcels/discard", {"sha256": sha256}, status=404)


def test_a_cure_is_accepted_one_by_one_or_by_kind(steward: Steward, home: Path) -> None:
    pairs = [("E", "F", 8), ("G", "H", 12)]
    same = {"parcel_no": "同号", "parcel_name": "同名"}
    twins = geojson(*(record(id, **same, at=(east, 0)) for *ids, east in pairs for id in ids))
    page = steward.get(uploaded(steward, home, ("a.geojson", twins), mode="append"))
    kind, *keys = re.findall(r'name="accept" value="([^"]+)"', page)
    assert len(keys) == 2
    one = keys[0]
    at = re.search(r'action="(/admin/import/\w+/again)', page)
    assert at is not None
    answer = steward.post(at[1], {"layer": "parcels", "mode": "append", "accept": one})
    after = steward.get(done(steward, home, answer))
    assert len(staged(Home(home))["parcels"].frame()) == 3
    assert "保留此前采纳的 1 项" in text_of(after)
    again = re.search(r'action="(/admin/import/\w+/again)', after)
    assert again is not None
    fields = {"layer": "parcels", "mode": "append", "keep_accepted": "on", "accept": kind}
    steward.get(done(steward, home, steward.post(again[1], fields)))
    assert sorted(staged(Home(home))["parcels"].frame()["parcel_id"]) == ["E", "G"]


def test_a_column_is_put_right_and_remembered_for_the_source(steward: Steward, home: Path) -> None:
    named = [{**record("E", at=(8, 0)), "甲": "兴城路 1 号"}, {**record("F", at=(12, 0)), "甲": "兴城路 2 号"}]
    delivery = geojson(*({key: value for key, value in one.items() if key != "location_text"} for one in named))
    page = steward.get(uploaded(steward, home, ("a.geojson", delivery), mode="append"))
    place = re.search(r'name="(field\.\d+\.\d+)" aria-label="把列“甲”改为"', page)
    at = re.search(r'action="(/admin/import/\w+/again)', page)
    assert place is not None
    assert at is not None
    fields = {"layer": "parcels", "mode": "append", place[1]: "location_text", "remember": "资规局台账"}
    page = steward.get(done(steward, home, steward.post(at[1], fields)))
    assert "列的对应已记为“资规局台账”" in page
    assert list(staged(Home(home))["parcels"].frame()["location_text"]) == ["兴城路 1 号", "兴城路 2 号"]
    assert Home(home).profiles() == ("资规局台账",)

    uploaded(steward, home, ("b.geojson", delivery), mode="append", profile="资规局台账")
    assert list(staged(Home(home))["parcels"].frame()["location_text"]) == ["兴城路 1 号", "兴城路 2 号"]


def test_columns_that_cannot_be_so_are_refused_in_words(steward: Steward, home: Path) -> None:
    page = steward.get(uploaded(steward, home, ("a.geojson", geojson(record("A")))))
    at = re.search(r'action="(/admin/import/\w+/again)', page)
    places = re.findall(r'name="(field\.\d+\.\d+)"', page)
    assert at is not None
    twice = dict.fromkeys(places[:2], "location_text")
    for wrong in (twice, {places[0]: "no_such_field"}, {"remember": "../x"}, {"mode": "burn"}, {"layer": "x"}):
        answer = steward.post(at[1], {"layer": "parcels", **wrong}, status=400)
        assert "没有办成" in answer.text


def test_a_delivery_that_does_not_fit_its_mode_is_told_and_checked_anew_in_another(
    steward: Steward, home: Path
) -> None:
    page = steward.get(uploaded(steward, home, ("a.geojson", geojson(record("A"))), mode="append"))
    assert "没有暂存" in page
    assert staged(Home(home)) == {}
    at = re.search(r'action="(/admin/import/\w+/again)', page)
    assert at is not None
    page = steward.get(done(steward, home, steward.post(at[1], {"layer": "parcels", "mode": "replace"})))
    changes = re.search(r'href="(/admin/changes/\w+)', page)
    assert changes is not None
    answer = steward.post(f"{changes[1]}/again", {"mode": "update"})
    page = steward.get(done(steward, home, answer))
    assert staged(Home(home))["parcels"].mode == "update"


def test_an_update_takes_a_table_without_shapes(steward: Steward, home: Path) -> None:
    table = b"parcel_id,supply_stage,data_as_of\nB,sold,2026-02-01\n"
    page = steward.get(uploaded(steward, home, ("成交.csv", table), mode="update"))
    changes = re.search(r'href="(/admin/changes/\w+)', page)
    assert changes is not None, text_of(page)
    done(steward, home, steward.post(f"{changes[1]}/publish", {**BY, "note": "成交"}))
    frame = open_current(Home(home)).layer("parcels").set_index("parcel_id")
    assert dict(frame["supply_stage"]) == {"A": "announced", "B": "sold", "C": "announced"}


def test_the_same_land_under_a_new_number_is_asked_about(steward: Steward, home: Path) -> None:
    delivery = geojson(record("A"), record("B"), record("N"))
    page = steward.get(uploaded(steward, home, ("a.geojson", delivery)))
    changes = re.search(r'href="(/admin/changes/\w+)', page)
    assert changes is not None
    page = steward.get(changes[1])
    assert "这些像是同一宗地换了编号" in page
    for wrong in ("9", "-1", "x"):
        steward.post(f"{changes[1]}/publish", {**BY, "note": "x", "renumber": wrong}, status=400)
    done(steward, home, steward.post(f"{changes[1]}/publish", {**BY, "note": "换号", "renumber": "0"}))
    assert steward.client.get("/parcels/C").headers["location"] == "/parcels/N"


def test_what_was_looked_at_is_what_is_published(steward: Steward, home: Path) -> None:
    page = steward.get(uploaded(steward, home, ("a.geojson", geojson(record("A")))))
    first = re.search(r'href="(/admin/changes/\w+)', page)
    assert first is not None
    uploaded(steward, home, ("b.geojson", geojson(record("B"))))
    assert "已不在待发布之列" in steward.get(first[1])
    answer = steward.post(f"{first[1]}/publish", {**BY, "note": "旧的"})
    worked(home)
    page = steward.get(answer.headers["location"])
    assert "要处理的内容已经变了" in page
    assert Home(home).current_id() == open_current(Home(home)).id
    assert len(open_current(Home(home)).layer("parcels")) == 3


def test_a_version_published_meanwhile_is_compared_with_first(steward: Steward, home: Path) -> None:
    page = steward.get(uploaded(steward, home, ("a.geojson", geojson(record("A")))))
    changes = re.search(r'href="(/admin/changes/\w+)', page)
    assert changes is not None
    publish_amended(Home(home), {"parcels": parcels("A", "B", visibility="public")}, by="别人", note="抢先")
    page = steward.get(changes[1])
    assert "请重新比较后再发布" in page
    assert 'id="publish"' not in page
    answer = steward.post(f"{changes[1]}/publish", {**BY, "note": "x"})
    worked(home)
    assert "要处理的内容已经变了" in steward.get(answer.headers["location"])
    anew = done(steward, home, steward.post(f"{changes[1]}/again", {"mode": "replace"}))
    assert 'id="publish"' in steward.get(anew)


def test_the_reports_open_as_files_under_their_own_policy(steward: Steward, home: Path) -> None:
    at = uploaded(steward, home, ("a.geojson", geojson(record("A"))))
    files = f"/admin/jobs/{at.rsplit('/', 1)[1]}/files"
    page = steward.client.get(f"{files}/report.zh.html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    book = steward.client.get(f"{files}/report.xlsx")
    assert book.content[:2] == b"PK"
    assert book.headers["content-disposition"] == "attachment; filename*=UTF-8''report.xlsx"
    drawn = steward.client.get(f"{files}/report.zh.svg")
    assert "sandbox" in drawn.headers["content-security-policy"]
    for wrong in ("nothing", "..%2Finput%2Fa.geojson", "report.zh.html%00"):
        assert steward.client.get(f"{files}/{wrong}", headers=HTML).status_code == 404


def test_a_job_under_way_survives_a_reload_and_can_be_cancelled(steward: Steward, home: Path) -> None:
    answer = steward.post("/admin/import", {**BY, "layer": "parcels"}, [("files", ("a.csv", b"a\n1\n"))])
    at = answer.headers["location"]
    for _ in range(2):
        page = steward.get(at)
        assert '<meta http-equiv="refresh" content="2">' in page
        assert "等待后台处理" in page
    assert at.rsplit("/", 1)[1] in steward.get("/admin/jobs")
    steward.follow(steward.post(f"{at}/cancel", {}))
    page = steward.get(at)
    assert "这项任务已取消" in page
    assert "http-equiv" not in page
    worked(home)
    assert staged(Home(home)) == {}


def test_a_job_that_failed_says_why(steward: Steward, home: Path) -> None:
    Home(home).save_profile("楼宇", b'{"schema": 1, "name": "x", "layer": "buildings", "columns": {}}')
    answer = steward.post(
        "/admin/import", {**BY, "layer": "parcels", "profile": "楼宇"}, [("files", ("a.csv", b"a\n1\n"))]
    )
    worked(home)
    page = text_of(steward.get(answer.headers["location"]))
    assert "失败" in page
    assert "buildings" in page


def test_a_running_worker_does_it_while_the_pages_go_on(home: Path) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=pipeline.work, args=(Home(home), pipeline.KINDS, stop))
    worker.start()
    try:
        with steward_at(home) as steward:
            answer = steward.post(
                "/admin/import", {**BY, "layer": "parcels"}, [("files", ("a.geojson", geojson(record("A"))))]
            )
            end = time.monotonic() + 60
            while (led := steward.client.get(answer.headers["location"], headers=HTML)).status_code == 200:
                assert time.monotonic() < end, text_of(led.text)
                assert steward.client.get("/healthz").status_code == 200
                time.sleep(0.1)
            assert "核查报告" in steward.get(led.headers["location"])
    finally:
        stop.set()
        worker.join()


MESSY = [
    ("messy_derived/broken_mix.geojson", "parcels"),
    ("messy_derived/gbk_names_nested.zip", "parcels"),
    ("messy_derived/merged_header.xlsx", "parcels"),
    ("messy_derived/two_layers.gpkg", "parcels"),
    ("messy_derived/unlabelled_gcj02.geojson", "parcels"),
    ("messy_derived/zip_slip.zip", "parcels"),
    ("messy_derived/wkt_gb18030.csv", "parcels"),
    ("messy_derived/parcels_4528.dxf", "parcels"),
    ("guotu_txt/pengbu_R14_gb18030_crlf.txt", "parcels"),
    ("landchina/supply_qingdao_29rows.csv", "parcels"),
    ("messy_derived/parcels.kml", "buildings"),
    ("messy_derived/broken_mix.geojson", "supply_events"),
]


@pytest.mark.parametrize(("name", "layer"), MESSY, ids=[f"{name}-{layer}" for name, layer in MESSY])
def test_a_real_messy_file_comes_to_a_report_in_both_languages(
    test_data: Path, steward: Steward, home: Path, name: str, layer: str
) -> None:
    path = test_data / name
    at = uploaded(steward, home, (path.name, path.read_bytes()), layer=layer)
    for lang in ("zh", "en"):
        page = steward.get(at, lang=lang)
        assert path.name in unescape(page)
        assert not re.search(r"\b(None|Traceback|nan)\b", text_of(page)), text_of(page)
    changes = re.search(r'href="(/admin/changes/\w+)', page)
    if changes is not None:
        for lang in ("zh", "en"):
            assert "<table" in steward.get(changes[1], lang=lang)


def test_the_parts_of_a_shapefile_are_taken_together(test_data: Path, steward: Steward, home: Path) -> None:
    folder = test_data / "messy_derived" / "gbk_prj_4528"
    files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()]
    page = steward.get(uploaded(steward, home, *files))
    read = re.search(r"<strong>([\d,]+)</strong><span>读到", page)
    assert read is not None
    assert int(read[1].replace(",", "")) > 0


def test_values_that_try_to_be_markup_stay_text(steward: Steward, home: Path) -> None:
    evil = "<script>alert(1)</script>{{7*7}}"
    rows = [["parcel_id", evil, "supply_stage"], [evil, evil, evil]]
    path = home / "evil.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)
    at = uploaded(steward, home, ("evil.csv", path.read_bytes()))
    page = steward.get(at)
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_jobs_are_their_owners_alone(home: Path) -> None:
    database = Database.open(home / "landmap.db")
    other = Jobs(database, home / "jobs").add("import", {"layer": "parcels"}, owner="王", level=Level.STEWARD, now=NOON)
    with steward_at(home) as steward:
        for path in (f"/admin/jobs/{other.id}", f"/admin/import/{other.id}", f"/admin/changes/{other.id}"):
            steward.get(path, status=404)
        steward.post(f"/admin/jobs/{other.id}/cancel", {}, status=404)
        assert other.id not in steward.get("/admin/jobs")
        assert steward.client.get(f"/api/jobs/{other.id}").status_code == 404
        assert steward.client.get("/api/jobs").json() == []
        assert steward.client.delete(f"/api/jobs/{other.id}").status_code == 404
    assert Jobs(database, home / "jobs").get(other.id, "王").state == "queued"
    database.close()
