"""Uploads that are refused in words, and names that are only names."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.admin_import.tools import BY, sent, token
from tests.steward import HTML, Steward, steward_at, text_of, worked

NASTY = [
    ("../../etc/passwd", "passwd"),
    ("C:\\台账\\地块.csv", "地块.csv"),
    ("<img src=x onerror=alert(1)>.csv", "_img src=x onerror=alert(1)_.csv"),
    ("a\x00b\nc.csv", "a_b_c.csv"),
    ("{{7*7}}.csv", "{{7_7}}.csv"),
    ("长" * 300 + ".csv", "长" * 65 + ".csv"),
    ("..csv", "csv"),
    ("e\u0301.csv", "é.csv"),
    ("\u202egnp.csv", "_gnp.csv"),
]


@pytest.mark.parametrize(("said", "kept"), NASTY, ids=range(len(NASTY)))
def test_a_nasty_file_name_is_only_a_name(steward: Steward, home: Path, said: str, kept: str) -> None:
    name = said.replace("\\", "\\\\").replace("\n", "%0A")
    parts = [
        'name="form_token"\r\n\r\n' + token(steward),
        'name="by"\r\n\r\n李',
        'name="layer"\r\n\r\nparcels',
        f'name="files"; filename="{name}"\r\n\r\nparcel_id\nX\n',
    ]
    raw = "".join(f"--XX\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--XX--\r\n"
    answer = steward.client.post(
        "/admin/import",
        content=raw.encode(),
        headers={**HTML, "content-type": "multipart/form-data; boundary=XX", "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303, text_of(answer.text)
    id = answer.headers["location"].rsplit("/", 1)[1]
    assert [path.name for path in (home / "jobs" / id / "input").iterdir()] == [kept]
    page = steward.get(answer.headers["location"])
    assert "<img" not in page
    assert kept in unescape(page)
    worked(home)
    led = steward.client.get(answer.headers["location"], headers=HTML)
    assert led.status_code in (200, 303)


REFUSED = [
    ({}, [], "没有选择文件"),
    ({}, [sent("a.csv", b"")], "是空文件"),
    ({}, [sent("a.csv"), sent("A.csv")], "有两个文件都叫"),
    ({}, [sent("...")], "不能用作文件名"),
    ({}, [sent("a." + "x" * 200)], "不能用作文件名"),
    ({"layer": "nothing"}, [sent("a.csv")], "没有“nothing”这个选项"),
    ({"layer": ""}, [sent("a.csv")], "图层"),
    ({"mode": "burn"}, [sent("a.csv")], "没有“burn”这个选项"),
    ({"visibility": "everybody"}, [sent("a.csv")], "everybody"),
    ({"profile": "nobody"}, [sent("a.csv")], "nobody"),
    ({"crs": "99999"}, [sent("a.csv")], "不是可用的坐标系代码"),
    ({"crs": "abc"}, [sent("a.csv")], "不是可用的坐标系代码"),
    ({"crs": "9" * 30}, [sent("a.csv")], "太长"),
    ({"by": ""}, [sent("a.csv")], "请填写“经办人”"),
    ({"by": "李" * 61}, [sent("a.csv")], "太长"),
    ({"by": "李\x07"}, [sent("a.csv")], "无法显示"),
    ({"by": ["李", "王"]}, [sent("a.csv")], "出现了两次"),
    ({"remember": "x" * 100}, [sent("a.csv")], "太长"),
]


@pytest.mark.parametrize(("fields", "files", "words"), REFUSED, ids=range(len(REFUSED)))
def test_a_bad_upload_is_refused_in_words_and_leaves_nothing(
    steward: Steward, home: Path, fields: dict[str, Any], files: list[Any], words: str
) -> None:
    padding = files or [("other", ("a.csv", b""))]
    answer = steward.post("/admin/import", {**BY, "layer": "parcels", **fields}, padding, status=400)
    assert words in text_of(answer.text)
    assert "Traceback" not in answer.text
    assert list((home / "jobs").iterdir()) == []


def test_a_field_of_a_megabyte_is_refused(steward: Steward, home: Path) -> None:
    answer = steward.post("/admin/import", {**BY, "note": "x" * 1_000_000}, [sent("a.csv")], status=413)
    assert "<html" in answer.text
    assert list((home / "jobs").iterdir()) == []


def test_files_past_the_cap_are_refused(home: Path) -> None:
    with steward_at(home, max_upload_bytes=10_000) as steward:
        steward.post("/admin/import", {**BY, "layer": "parcels"}, [sent("a.csv", b"x" * 20_000)], status=413)
        steward.post("/admin/import", {**BY, "layer": "parcels"}, [sent("a.csv", b"x" * 4_000_000)], status=413)
        assert list((home / "jobs").iterdir()) == []
        steward.post("/admin/import", {**BY, "layer": "parcels"}, [sent("a.csv", b"x" * 9_000)])


def test_where_nothing_confines_the_reader_no_file_is_taken(
    steward: Steward, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANDMAP_ALLOW_UNCONFINED", raising=False)
    answer = steward.post("/admin/import", {**BY, "layer": "parcels"}, [sent("a.csv")], status=503)
    assert "Landlock" in answer.text
    assert list((home / "jobs").iterdir()) == []
