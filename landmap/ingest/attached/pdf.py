"""PDF documents: whole, not encrypted, and with nothing in them that runs, fetches or carries files along.

Names are looked for everywhere, not only where a reader would look: in the plain bytes, and in the compressed streams
in which a document may keep its objects. Letters written as ``#4a`` count as what they stand for.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from landmap.ingest.faults import RefusedError

#: What acts or carries something. Each is long enough not to turn up in compressed data by chance.
#: Source: ISO 32000-1 §12.6.4 (actions), §7.11.4 (embedded files), §12.5.6 (annotations), §12.7.8 (XFA).
_ACTIVE: Final = frozenset(
    {
        *("JavaScript", "Launch", "SubmitForm", "ImportData", "GoToE", "Rendition", "RichMedia", "RichMediaExecute"),
        *("EmbeddedFile", "EmbeddedFiles", "FileAttachment"),
    }
)
#: Names too short for that; they are looked for outside of streams only.
_ACTIVE_SHORT: Final = frozenset({"JS", "XFA"})
_NAME: Final = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]{2,64})")
_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"\bstream\r?\n")
_END: Final = b"endstream"
#: How many decompressed bytes are looked at in one stream of objects, and in all of them.
STREAM_MAX: Final = 32 * 1024**2
TOTAL_MAX: Final = 128 * 1024**2
_TAIL: Final = 2048


def check_pdf(data: bytes) -> None:
    """Raise RefusedError unless `data` is a PDF that may be handed on; its fault names the reason."""
    if b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]:
        raise RefusedError("pdf_damaged", reason="no %%EOF")
    outside, bodies = _parts(data)
    names = _names(outside)
    if "Encrypt" in names:
        raise RefusedError("pdf_encrypted")
    _refuse_active(names & (_ACTIVE | _ACTIVE_SHORT))
    _refuse_active(_names(data) & _ACTIVE)
    left = TOTAL_MAX
    for header, body in bodies:
        if b"ObjStm" in body:
            raise RefusedError("pdf_unreadable", reason="a stream in a stream")
        if _names(header).isdisjoint({"ObjStm", "First"}):
            continue
        objects = _objects(header, body, min(left, STREAM_MAX))
        left -= len(objects)
        _refuse_active(_names(objects) & (_ACTIVE | _ACTIVE_SHORT))


def _refuse_active(found: set[str]) -> None:
    if found:
        raise RefusedError("pdf_active", "、".join(sorted(found)))


def _names(data: bytes) -> set[str]:
    """Return the names in `data`, decoded."""
    return {_HEX.sub(_byte, name).decode("latin-1") for name in set(_NAME.findall(data))}


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])


def _parts(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return what stands outside of streams, and each stream with the dictionary before it."""
    outside: list[bytes] = []
    bodies: list[tuple[bytes, bytes]] = []
    place = 0
    for start, end in _streams(data):
        before = data[place:start]
        outside.append(before)
        bodies.append((before[before.rfind(b"obj") + 3 :], data[start:end]))
        place = end
    outside.append(data[place:])
    return b"\n".join(outside), bodies


def _streams(data: bytes) -> Iterator[tuple[int, int]]:
    place = 0
    while (found := _STREAM.search(data, place)) is not None:
        end = data.find(_END, found.end())
        if end < 0:
            raise RefusedError("pdf_damaged", reason="a stream without an end")
        yield found.end(), end
        place = end + len(_END)


def _objects(header: bytes, body: bytes, most: int) -> bytes:
    """Return the objects in a compressed stream; refuse one that cannot be read to its end."""
    names = _names(header)
    filters = {name for name in names if name.endswith("Decode")}
    if "Filter" not in names:
        return body
    if filters != {"FlateDecode"} or "Predictor" in names:
        raise RefusedError("pdf_unreadable", reason="、".join(sorted(filters | (names & {"Predictor"}))))
    unpacker = zlib.decompressobj()
    try:
        objects = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise RefusedError("pdf_unreadable", reason=str(error)) from error
    if len(objects) > most or not unpacker.eof:
        reason = f"> {most // 1024**2} MB" if len(objects) > most else "a stream without an end"
        raise RefusedError("pdf_unreadable", reason=reason)
    return objects
