"""The commands of edits, forms, attachments, confirmations and workers, as somebody types them."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from landmap.access import edits
from landmap.cli.console import Exit
from landmap.domain import layer_named
from landmap.store import Home, open_current
from tests.test_cli import run, told

PARCEL = "370213-LC-0101-002"
UNITS = "370213-LY-001"


def stage_of(home: Path) -> str:
    frame = open_current(Home(home)).layer("parcels")
    return str(edits.record(frame, layer_named("parcels"), PARCEL)["supply_stage"])


def picture() -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (600, 400), "green").save(sink, "JPEG")
    return sink.getvalue()


def test_an_edit_goes_from_proposal_to_a_version_and_back(own_home: Path) -> None:
    at = ("--home", own_home)
    before = stage_of(own_home)
    wanted = "withdrawn" if before != "withdrawn" else "sold"
    id = told("amend", "set", PARCEL, f"supply_stage={wanted}", "highlights=近地铁", *at, "--by", "王")["amendment"]
    (listed,) = told("amend", "list", "--state", "proposed", *at)["edits"]
    assert (listed["id"], listed["by"], listed["live"]) == (id, "王", False)
    shown = told("amend", "show", id, *at)
    assert {one["field"] for one in shown["differences"]} == {"supply_stage", "highlights"}
    done = told("amend", "approve", id, *at, "--by", "张")
    assert open_current(Home(own_home)).id == done["version"]
    assert stage_of(own_home) == wanted
    assert told("amend", "list", *at)["edits"][0]["live"]
    assert told("amend", "approve", id, *at, code=Exit.BUSY)["error"]["code"] == "conflict"
    told("amend", "release", id, *at)
    assert stage_of(own_home) == before
    for words in (("list",), ("show", id)):
        assert id in run("amend", *words, *at).stdout


def test_an_edit_that_cannot_be_taken_tells_every_fault(own_home: Path) -> None:
    found = told("amend", "set", PARCEL, "supply_stage=卖了", "nonsense=1", "--home", own_home, code=Exit.DATA_INVALID)
    assert found["amendment"] is None
    assert {"edit_value_unread", "edit_field_unknown"} <= {one["code"] for one in found["findings"]}
    rejected = told("amend", "set", PARCEL, "highlights=好", "--home", own_home)["amendment"]
    told("amend", "reject", rejected, "--reason", "夸大", "--home", own_home)
    assert told("amend", "list", "--state", "rejected", "--home", own_home)["edits"][0]["reason"] == "夸大"


def test_a_staged_file_that_contradicts_an_edit_is_told_in_the_diff(own_home: Path, tmp_path: Path) -> None:
    at = ("--home", own_home)
    unit = f"{UNITS}-101"
    file = tmp_path / "units.csv"

    def stage(status: str) -> None:
        rows = "unit_id,building_id,floor_no,unit_area_m2,unit_use,lease_status\n"
        file.write_text(f"{rows}{unit},{UNITS},1,100,office,{status}\n", encoding="utf-8")
        told("import", file, "--layer", "building_units", *at)

    stage("vacant")
    told("publish", *at)
    id = told("amend", "set", unit, "lease_status=已出租", "--layer", "building_units", *at)["amendment"]
    told("amend", "approve", id, *at)
    stage("self_use")
    (edit,) = told("diff", "building_units", *at)["edits"]
    assert (edit["kind"], edit["amendment"], edit["held"], edit["value"]) == ("contradicted", id, "self_use", "leased")
    assert f"landmap amend release {id}" in run("diff", "building_units", *at).stdout


def test_a_form_is_written_and_read_back(own_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "分层.xlsx"
    made = told("form", "--building", UNITS, "--home", own_home, "-o", path)
    assert made["records"] > 10
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    heads = {str(cell.value): cell.column for cell in book.active[1]}
    book.active.cell(2, heads["租金原文"], "3.1元/㎡/天")
    book.save(path)
    found = told("form", "--read", path, "--home", own_home, "--by", "物业")
    assert (len(found["proposed"]), found["unchanged"]) == (1, made["records"] - 1)
    assert "1 edits" in run("form", "--read", path, "--home", own_home).stdout


@pytest.mark.parametrize("words", [(), ("-o", "a.xlsx", "--read", "b.xlsx")])
def test_a_form_is_either_written_or_read(own_home: Path, words: tuple[str, ...]) -> None:
    told("form", "--home", own_home, *words, code=Exit.USAGE)


def test_pictures_are_attached_by_number_and_the_rest_is_told(own_home: Path, tmp_path: Path) -> None:
    frame = open_current(Home(own_home)).layer("parcels")
    number = str(frame.loc[frame["parcel_id"] == PARCEL, "parcel_no"].iloc[0])
    archive = tmp_path / "照片.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr(f"{number.lower()} 鸟瞰.jpg", picture())
        bundle.writestr(f"{number}/说明.pdf", b"%PDF-1.7 broken")
        bundle.writestr("IMG_0001.jpg", picture())
    words = ("--kind", "drone", "--visibility", "public", "--home", own_home)
    found = told("attach", archive, *words, code=Exit.DATA_INVALID)
    assert [one["feature_id"] for one in found["attached"]] == [PARCEL]
    assert [one["code"] for one in found["refused"]] == ["pdf_damaged"]
    assert found["unmatched"] == ["照片.zip/IMG_0001.jpg"]
    (listed,) = open_current(Home(own_home)).attachments()
    assert (listed["feature_id"], listed["kind"], listed["visibility"]) == (PARCEL, "drone", "public")
    single = tmp_path / "x.jpg"
    single.write_bytes(picture() + b"other")
    assert told("attach", single, "--id", PARCEL, "--home", own_home)["unmatched"] == []
    told("attach", single, "--id", "nothing", "--home", own_home, code=Exit.FAILURE)
    told("attach", tmp_path / "none", "--home", own_home, code=Exit.DATA_INVALID)


def test_overdue_records_get_links(own_home: Path, tmp_path: Path) -> None:
    ids = ("--id", UNITS)
    path = tmp_path / "待确认.csv"
    found = told("confirm-links", *ids, "--make", "-o", path, "--base-url", "https://x.cn/", "--home", own_home)
    (record,) = found["records"]
    assert record["id"] == UNITS
    assert record["link"].startswith("https://x.cn/c/lm_c_")
    assert record["link"] in path.read_text(encoding="utf-8-sig")
    overdue = told("confirm-links", "--layer", "parcels", "--home", own_home)["records"]
    assert all(one["state"] != "fresh" and one["link"] is None for one in overdue)
    told("confirm-links", "--layer", "constraints", "--home", own_home, code=Exit.USAGE)


def test_a_worker_leaves_when_asked_and_when_its_server_is_gone(own_home: Path) -> None:
    command = [sys.executable, "-m", "landmap", "work", "--home", str(own_home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        assert "working" in worker.stderr.readline()
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(30) == 0
    script = f"import subprocess; print(subprocess.Popen({[*command, '--parent', '0']!r}).pid)"
    orphan = int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    end = time.monotonic() + 60
    while Path(f"/proc/{orphan}").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{orphan}").exists()


def test_a_worker_without_work_leaves_at_once(own_home: Path) -> None:
    assert run("work", "--once", "--home", own_home).exit_code == Exit.OK
