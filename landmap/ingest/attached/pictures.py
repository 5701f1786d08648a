"""Pictures made anew: decoded, turned upright, brought to sRGB and encoded again, so that only their pixels go on.

The place, the camera and the thumbnail that a picture carries stay behind with the bytes that came in.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PIL import (
    ExifTags,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from landmap.ingest.faults import RefusedError

#: How each kind begins: offset and bytes.
PICTURES: Final = (
    (0, b"\xff\xd8\xff"),
    (0, b"\x89PNG\r\n\x1a\n"),
    (8, b"WEBP"),
    (0, b"II*\x00"),
    (0, b"MM\x00*"),
)
#: The decoders in use, named one by one: the others are not even loaded. That of JPEG reads the MPO of drones too.
_FORMATS: Final = tuple(
    decoder.format
    for decoder in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        TiffImagePlugin.TiffImageFile,
    )
)
#: Drones take pictures of up to 100 million pixels; more is a bomb, or a mosaic that belongs on the map.
MAX_PIXELS: Final = 120_000_000
# One limit, with a reason a reader understands (`_check_size`), in place of the library's warning and its error.
Image.MAX_IMAGE_PIXELS = None
#: Longest edges, in pixels: in a list, on a page, on a screen of its own.
EDGES: Final = (320, 1280, 2560)
QUALITY: Final = 82
_OBJECT: Final = re.compile(r"<[^<>]*>")
_DAMAGE: Final[tuple[type[Exception], ...]] = (
    OSError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, MemoryError, AttributeError, SyntaxError,
    RuntimeError, struct.error, UnidentifiedImageError,
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """One picture in its sizes, by longest edge; width and height of the largest, and the day it was taken."""

    files: Mapping[str, bytes]
    width: int
    height: int
    taken_on: dt.date | None


def resized(data: bytes) -> Picture:
    """Return a picture in every size up to its own; raise RefusedError for one that is too large or damaged."""
    if data[8:12] == b"WEBP":
        _check_size(*_webp_size(data[:30]))
    with _told(), Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        _check_size(*opened.size)
        taken_on = _taken_on(opened)
        profile = opened.info.get("icc_profile")
        # A JPEG decoder can leave out what no size will show.
        opened.draft("RGB", (2 * EDGES[-1], 2 * EDGES[-1]))
        opened.load()
        shown = _in_srgb(_opaque(_upright(opened)), profile)
        files = {}
        largest = shown
        for edge in _edges(max(shown.size)):
            largest = shown.copy()
            largest.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=3.0)
            files[str(edge)] = _encoded(largest)
    return Picture(files, *largest.size, taken_on)


def printed(data: bytes) -> bytes:
    """Return one of the kept pictures as a JPEG, which a PDF carries as it is; raise RefusedError for a damaged one."""
    with _told(), Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        sink = io.BytesIO()
        opened.convert("RGB").save(sink, "JPEG", quality=QUALITY, optimize=True)
        return sink.getvalue()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise RefusedError("picture_too_many_pixels", width=width, height=height, limit=MAX_PIXELS // 10_000)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Return the size a WebP states: its decoder makes room for the whole picture before it is asked.

    Source: RFC 9649 §2.5 to §2.7.
    """
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def _upright(picture: Image.Image) -> Image.Image:
    """Return a picture as it was held; one whose notes cannot be read stays as it is."""
    try:
        return ImageOps.exif_transpose(picture)
    except _DAMAGE:
        return picture


def _edges(longest: int) -> Iterator[int]:
    """Yield the sizes of a picture: the standard ones below its own, and the first that holds it whole."""
    for edge in EDGES:
        yield edge
        if edge >= longest:
            return


def _opaque(picture: Image.Image) -> Image.Image:
    """Return a picture in three colours; what can be seen through is white, sixteen bits become eight."""
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda level: level / 256).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture if picture.mode == "CMYK" else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture in sRGB; a profile that cannot be read counts as none."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return found or picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            pass
    return picture.convert("RGB")


def _encoded(picture: Image.Image) -> bytes:
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    sink = io.BytesIO()
    clean.save(sink, "WEBP", quality=QUALITY, method=4)
    return sink.getvalue()


def _taken_on(picture: Image.Image) -> dt.date | None:
    """Return the day a camera wrote down; None when there is none that can be."""
    try:
        exif = picture.getexif()
        text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        return dt.datetime.strptime(str(text)[:10], "%Y:%m:%d").date()  # noqa: DTZ007 — a camera's clock has no zone
    except _DAMAGE:
        return None


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a decoder raises into a refusal; what it merely warns of is no reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RefusedError:
        raise
    except _DAMAGE as error:
        # What a decoder says may name an object of this process: nobody's business.
        raise RefusedError("picture_damaged", reason=_OBJECT.sub("", f"{error}").strip()[:200]) from error
