"""Pictures are made anew and documents looked through: what a camera or an attacker put in does not come out."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from pypdf import PdfWriter

from landmap.ingest import Attached, RefusedError, attach, attached, refusal
from landmap.ingest.attached.made import MAX_BYTES
from landmap.ingest.attached.pictures import MAX_PIXELS
from tests.sizes import sized

SECRET = "13800000000"


def picture(
    size: tuple[int, int] = (400, 300), form: str = "JPEG", mode: str = "RGB", colour: Any = (200, 30, 30), **saved: Any
) -> bytes:
    sink = io.BytesIO()
    Image.new(mode, size, colour).save(sink, form, **saved)
    return sink.getvalue()


def exif(**tags: Any) -> Image.Exif:
    """Return what a phone writes: who, when, where, and which way up."""
    made = Image.Exif()
    made[0x010F] = SECRET
    made[0x0132] = "2026:05:01 10:00:00"
    made.get_ifd(0x8825)[1] = "N"
    made.get_ifd(0x8825)[2] = (36.0, 10.0, 48.0)
    for tag, value in tags.items():
        made[int(tag[1:])] = value
    return made


def opened(data: bytes) -> Image.Image:
    shown = Image.open(io.BytesIO(data))
    shown.load()
    return shown


def refused(data: bytes, made: Callable[[bytes], Attached] = attached.made) -> str:
    with pytest.raises(RefusedError) as caught:
        made(data)
    return refusal(caught.value, "x").code


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((200, 100), {"320": (200, 100)}),
        ((320, 100), {"320": (320, 100)}),
        ((1000, 500), {"320": (320, 160), "1280": (1000, 500)}),
        ((3000, 1500), {"320": (320, 160), "1280": (1280, 640), "2560": (2560, 1280)}),
        ((1, 4000), {"320": (1, 320), "1280": (1, 1280), "2560": (1, 2560)}),
    ],
)
def test_a_picture_comes_in_every_size_up_to_its_own(size: tuple[int, int], sizes: dict[str, tuple[int, int]]) -> None:
    made = attached.made(picture(size))
    assert {name: opened(data).size for name, data in made.files.items()} == sizes
    assert (made.width, made.height) == list(sizes.values())[-1]
    assert made.media_type == "image/webp"
    assert {opened(data).format for data in made.files.values()} == {"WEBP"}


def test_what_the_camera_wrote_does_not_come_out_except_the_day() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = picture(exif=exif(), comment=SECRET.encode(), icc_profile=profile)
    assert SECRET.encode() in data
    made = attached.made(data)
    assert str(made.taken_on) == "2026-05-01"
    for file in made.files.values():
        shown = opened(file)
        assert not shown.getexif()
        assert "icc_profile" not in shown.info
        assert SECRET.encode() not in file
        assert b"GPS" not in file


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_as_it_was_held(turn: int) -> None:
    """The left half is red as one looks at it, whichever way the camera was turned."""
    upright = Image.new("RGB", (40, 20), "red")
    upright.paste((0, 0, 255), (20, 0, 40, 20))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    held = upright.transpose(undo[turn]) if turn in undo else upright
    sink = io.BytesIO()
    held.save(sink, "PNG", exif=exif(t274=turn))
    shown = opened(attached.made(sink.getvalue()).files["320"]).convert("RGB")
    assert shown.size == (40, 20)
    left, right = shown.getpixel((5, 10)), shown.getpixel((35, 10))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


@pytest.mark.parametrize(
    ("form", "mode", "colour"),
    [
        ("PNG", "RGBA", (255, 255, 255, 0)),
        ("PNG", "LA", (255, 0)),
        ("PNG", "I;16", 65535),
        ("PNG", "1", 1),
        ("PNG", "P", 255),
        ("JPEG", "L", 255),
        ("JPEG", "CMYK", (0, 0, 0, 0)),
        ("TIFF", "RGB", (255, 255, 255)),
        ("WEBP", "RGBA", (0, 0, 0, 0)),
    ],
)
def test_every_kind_of_colour_comes_out_as_three(form: str, mode: str, colour: Any) -> None:
    data = picture(form=form, mode=mode, colour=colour)
    if mode == "P":
        sink = io.BytesIO()
        Image.new("RGB", (40, 30), "white").quantize(4).save(sink, "PNG")
        data = sink.getvalue()
    shown = opened(attached.made(data).files["320"])
    assert shown.mode == "RGB"
    pixel = shown.getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert min(pixel) >= 250


def test_the_same_picture_gives_the_same_files() -> None:
    assert attached.made(picture()).files == attached.made(picture()).files


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that states a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def webp_of(width: int, height: int) -> bytes:
    body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + body


@pytest.mark.parametrize("data", [png_of(50_000, 50_000), png_of(MAX_PIXELS + 1, 1), webp_of(16_000, 16_000)])
def test_a_bomb_is_refused_by_the_size_it_states(data: bytes) -> None:
    assert refused(data) == "picture_too_many_pixels"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "attachment_unknown_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "attachment_unknown_kind"),
        (b"GIF89a", "attachment_unknown_kind"),
        (b"%!PS-Adobe-3.0 EPSF", "attachment_unknown_kind"),
        (b"MZ\x90\x00", "attachment_unknown_kind"),
        (picture()[:1000], "picture_damaged"),
        (png_of(10, 10), "picture_damaged"),
        (b"\xff\xd8\xff" + bytes(100), "picture_damaged"),
        (b"II*\x00" + bytes(100), "picture_damaged"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(40), "picture_damaged"),
        (b"%PDF-" + bytes(MAX_BYTES), "attachment_too_large"),
        (b"%PDF-1.7", "pdf_damaged"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refused(data) == code


@settings(max_examples=sized(40, 2000), deadline=None)
@given(st.data())
def test_a_picture_with_any_bytes_changed_is_made_or_refused(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF"]))
    bytes_ = bytearray(picture((60, 40), form, **({"exif": exif()} if form != "TIFF" else {})))
    for _ in range(data.draw(st.integers(1, 20))):
        bytes_[data.draw(st.integers(0, len(bytes_) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = attached.made(bytes(bytes_))
    except RefusedError:
        return
    assert SECRET.encode() not in b"".join(made.files.values())


def pdf(change: Callable[[PdfWriter], Any] = lambda writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def scripted(script: str) -> bytes:
    """Return a document that runs a script when it is opened, as many programs write it."""
    return pdf().replace(b"/Pages", b"/Pages/OpenAction<</S/JavaScript/JS(%s)>>" % script.encode(), 1)


def with_objects(objects: bytes, header: bytes = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") -> bytes:
    """Return a document that keeps objects in a compressed stream."""
    body = zlib.compress(b"1 0 " + objects)
    stream = b"9 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (header, len(body), body)
    return pdf().replace(b"xref\n", stream + b"xref\n", 1)


def test_a_plain_document_is_kept_as_it_came() -> None:
    data = pdf(lambda writer: writer.add_metadata({"/Title": "规划条件"}))
    made = attached.made(data)
    assert (made.media_type, made.files, made.picture) == ("application/pdf", {"file": data}, False)
    assert attached.made(with_objects(b"<</Type/Page>>")).files


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (scripted("app.alert(1)"), "pdf_active", "JavaScript"),
        (pdf(lambda writer: writer.add_attachment("a.exe", b"MZ")), "pdf_active", "EmbeddedFile"),
        (pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "pdf_encrypted", ""),
        (pdf().replace(b"/Pages", b"/Pages/OpenAction<</S/Launch/F(calc)>>", 1), "pdf_active", "Launch"),
        (pdf().replace(b"/Pages", b"/Pages/OpenAction<</S/J#61vaScr#69pt/J#53(1)>>", 1), "pdf_active", "JavaScript"),
        (pdf().replace(b"/Pages", b"/Pages/AA<</O<</S/Rendition>>>>", 1), "pdf_active", "Rendition"),
        (pdf().replace(b"/Pages", b"/Pages/AcroForm<</XFA 9 0 R>>", 1), "pdf_active", "XFA"),
        (with_objects(b"<</S/JavaScript/JS(1)>>"), "pdf_active", "JavaScript"),
        (with_objects(b"<</S/L#61unch>>"), "pdf_active", "Launch"),
        (with_objects(b"", b"/Type/ObjStm/N 1/First 4/Filter/LZWDecode"), "pdf_unreadable", "LZW"),
        (with_objects(b"", b"/Type/ObjStm/N 1/First 4/Filter 5 0 R"), "pdf_unreadable", ""),
        (
            with_objects(b"", b"/Type/Obj#53tm/N 1/First 4/Filter[/ASCII85Decode/FlateDecode]"),
            "pdf_unreadable",
            "ASCII85",
        ),
        (with_objects(bytes(40 * 1024**2)), "pdf_unreadable", "32 MB"),
        (with_objects(b"").replace(b"stream\nx", b"stream\ny", 1), "pdf_unreadable", ""),
        (pdf()[:-6], "pdf_damaged", "EOF"),
        (b"%PDF-1.7\n1 0 obj<<>>stream\n startxref %%EOF", "pdf_damaged", "stream"),
    ],
)
def test_a_document_that_runs_or_carries_something_is_refused(data: bytes, code: str, words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        attached.made(data)
    told = refusal(caught.value, "x")
    assert told.code == code
    assert words in told.message


def test_files_are_made_in_a_process_of_their_own_with_the_same_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANDMAP_CHECK_HERE", raising=False)
    data = picture((1000, 500), exif=exif())
    assert attach(data) == attached.made(data)
    for wrong in (b"hello", png_of(50_000, 50_000), scripted("1")):
        assert refused(wrong, attach) == refused(wrong)
