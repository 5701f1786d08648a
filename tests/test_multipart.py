"""Forms with files, read as they come: the same in any pieces, and nothing past its cap."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.api.admin import multipart
from landmap.api.admin.multipart import Multipart
from landmap.api.admin.told import FormError
from landmap.domain.errors import LandmapError, TooLargeError
from tests.sizes import sized

TYPE = "multipart/form-data; boundary=XX"
MB = 1_000_000


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + content + b"\r\n"


END = b"--XX--\r\n"


def read(body: bytes, folder: Path | None, *, cap: int = MB, step: int = 7) -> Multipart:
    reader = Multipart(TYPE, folder, cap)
    try:
        for start in range(0, len(body), step):
            reader.feed(body[start : start + step])
    finally:
        reader.close()
    reader.done()
    return reader


def test_fields_and_files_come_out_as_they_went_in(tmp_path: Path) -> None:
    body = part("by", "李".encode()) + part("files", b"a,b\n1,2\n", "台账.csv") + part("mode", b"append") + END
    found = read(body, tmp_path)
    assert found.fields == [("by", "李"), ("mode", "append")]
    (one,) = found.files
    assert (one.field, one.name, one.size, one.path.read_bytes()) == ("files", "台账.csv", 8, b"a,b\n1,2\n")
    assert one.path.parent == tmp_path


contents = st.binary(max_size=300).filter(lambda content: b"\r\n--XX" not in b"\r\n" + content)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40).filter(lambda text: "\r\n--XX" not in text)


@settings(max_examples=sized(40, 2_000))
@given(
    fields=st.lists(texts, max_size=4),
    files=st.lists(contents, max_size=4),
    step=st.integers(1, 400),
)
def test_it_is_the_same_in_any_pieces(
    tmp_path_factory: pytest.TempPathFactory, fields: list[str], files: list[bytes], step: int
) -> None:
    body = b"".join(part("f", text.encode()) for text in fields)
    body += b"".join(part("files", content, f"{number}.csv") for number, content in enumerate(files)) + END
    found = read(body, tmp_path_factory.mktemp("form"), step=step)
    assert [value for _, value in found.fields] == fields
    assert [one.path.read_bytes() for one in found.files] == files


def test_a_field_without_a_file_leaves_none(tmp_path: Path) -> None:
    assert read(part("files", b"", "") + END, tmp_path).files == []
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_one(tmp_path: Path) -> None:
    (one,) = read(part("files", b"", "leer.csv") + END, tmp_path).files
    assert (one.name, one.size) == ("leer.csv", 0)


def test_no_name_of_a_file_is_ever_a_path_of_ours(tmp_path: Path) -> None:
    for name in ("../../x", "/etc/passwd", "a\x00b", "%22%0D%0A"):
        (one,) = read(part("files", b"x", name) + END, tmp_path).files
        assert one.path.name == "0000"
    assert one.name == '"\r\n'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--XX",
        b"nothing",
        part("a", b"1"),
        part("a", b"1") + b"--YY--\r\n",
        b"--XX\r\n\r\nno name\r\n" + END,
        b"--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n" + END,
        part("a", b"\xff\xfe") + END,
        b"--XX\r\n" + b"X" * 10_000 + b": 1\r\n\r\n1\r\n" + END,
        b"--XX\r\n" + b"X: 1\r\n" * 50 + b"\r\n1\r\n" + END,
    ],
    ids=["empty", "begun", "text", "unended", "other end", "no head", "no name", "no UTF-8", "long head", "many heads"],
)
def test_what_is_no_form_is_refused_in_words(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(FormError) as told:
        read(body, tmp_path)
    assert told.value.key in ("admin.refused.form", "admin.refused.cut")


@pytest.mark.parametrize("header", ["multipart/form-data", "multipart/form-data; boundary=", "x; boundary=" + "b" * 71])
def test_a_form_without_a_boundary_is_refused(header: str) -> None:
    with pytest.raises(FormError):
        Multipart(header, None, MB)


def test_files_are_refused_where_none_are_wanted() -> None:
    with pytest.raises(FormError):
        read(part("files", b"x", "a.csv") + END, None)


def test_files_past_the_cap_are_refused_at_once(tmp_path: Path) -> None:
    body = part("files", b"x" * 600, "a.csv") + part("files", b"x" * 600, "b.csv") + END
    with pytest.raises(TooLargeError):
        read(body, tmp_path, cap=1_000)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1_000
    assert len(read(body, tmp_path, cap=1_200).files) == 2


@pytest.mark.parametrize(
    ("name", "value", "body"),
    [
        ("FIELD_BYTES_MAX", 10, part("a", b"x" * 11)),
        ("FIELDS_BYTES_MAX", 10, part("a", b"x" * 6) + part("b", b"x" * 6)),
        ("FIELDS_MAX", 1, part("a", b"1") + part("b", b"2")),
        ("FILES_MAX", 1, part("a", b"1", "a") + part("b", b"2", "b")),
    ],
)
def test_every_cap_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int, body: bytes) -> None:
    monkeypatch.setattr(multipart, name, value)
    with pytest.raises(LandmapError):
        read(body + END, tmp_path)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    reader = Multipart(TYPE, tmp_path / "gone", MB)
    with pytest.raises(LandmapError, match="cannot be kept"):
        reader.feed(part("files", b"x", "a.csv"))
