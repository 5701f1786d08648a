"""Shapefiles: attributes are read as bytes and decoded here, because the format seldom says its encoding truly.

Order: .cpg, the language byte of the .dbf, strict UTF-8, GB18030 or Big5 by likelihood, and last latin-1 as it stands.
What the file says of itself is not believed where the text it then gives is Chinese read in Latin letters.
Geometry goes through GDAL from a private folder, so that a missing index may be rebuilt there.
"""

from __future__ import annotations

import codecs
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyogrio

from landmap.ingest.encoding import PYTHON_NAMES, chinese_encoding, chinese_shares, decode_cut, garbled
from landmap.ingest.faults import Fault
from landmap.ingest.readers import gdal
from landmap.ingest.readers.raw import RawLayer, Request

_PROJECTION_MAX: Final = 10_000
_MAGIC: Final = b"\x00\x00\x27\x0a"
_BYTES: Final = "ISO-8859-1"
#: Language bytes of the .dbf that name an encoding for sure; 0x57 and 0x03 are written by habit and prove nothing.
_LDID: Final = {0x4D: "cp936", 0x4E: "cp949", 0x4F: "cp950", 0x13: "cp932", 0x7A: "cp936", 0x7B: "cp932"}
_READ_BY_GDAL: Final = frozenset({".shp", ".shx", ".dbf"})
#: Ways to write text in ASCII, which no table is in.
_NO_TEXT: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})
PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


class _Choice(NamedTuple):
    """An encoding, how it was chosen, and whether that was a guess that the steward should know of."""

    name: str
    how: str
    guessed: bool = False
    reason_zh: str = ""


class ShapefileReader:
    """A bare or unpacked Shapefile, with its companions beside it."""

    key = "shapefile"
    suffixes = (".shp",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file starts as a .shp main file."""
        return head.startswith(_MAGIC)

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer; a missing .shx is rebuilt and said, a missing .dbf leaves shapes without attributes."""
        parts = companions(request.path)
        faults = [Fault("sidecar_missing", value=part) for part in (".shx", ".dbf", ".prj") if part not in parts]
        with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
            _lay_out(parts, Path(folder))
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": ".shx" not in parts})
            layer = gdal.read(Path(folder) / "layer.shp", encoding=_BYTES)
        chosen = _encoding(parts, layer.fields, layer.values)
        named = _codepage_text(parts.get(".cpg"))
        if named and _codec(named) is None:
            faults.append(Fault("codepage_unknown", value=named))
        if chosen.guessed:
            words = {"reason_zh": chosen.reason_zh, "reason_en": chosen.how}
            faults.append(Fault("encoding_chosen", value=chosen.name, words=words))
        names, values = _decoded(layer.fields, layer.values, PYTHON_NAMES.get(chosen.name, chosen.name), faults)
        return [
            RawLayer(
                name=request.name,
                columns=dict(zip(names, values, strict=True)),
                rows=tuple(range(1, len(layer.geometry) + 1)),
                geometry=layer.geometry,
                crs=_projection(parts.get(".prj")),
                encoding=f"{chosen.name} ({chosen.how})",
                faults=(*faults, *layer.faults),
            )
        ]


def companions(main: Path) -> dict[str, Path]:
    """Return the parts of the Shapefile `main` that exist, by lower-case ending."""
    beside = {path.suffix.lower(): path for path in main.parent.iterdir() if path.stem == main.stem and path.is_file()}
    parts: dict[str, Path] = {part: beside[part] for part in PARTS if part in beside}
    return parts | {".shp": main}


def _lay_out(parts: dict[str, Path], folder: Path) -> None:
    """Put what GDAL reads into a folder: linked, or copied when an index will be written beside it."""
    for part in _READ_BY_GDAL & parts.keys():
        target = folder / f"layer{part}"
        if ".shx" in parts:
            target.symlink_to(parts[part].resolve())
        else:
            shutil.copyfile(parts[part], target)


def _projection(path: Path | None) -> str | None:
    """Return the text of a .prj file, whatever it holds; None when there is none."""
    return None if path is None else path.read_bytes()[:_PROJECTION_MAX].decode("utf-8", errors="replace")


def _encoding(parts: dict[str, Path], fields: Sequence[str], columns: Sequence[Sequence[Any]]) -> _Choice:
    """Return the encoding of the attributes and how it was chosen."""
    texts = [text.encode(_BYTES) for text in _texts(fields, columns)]
    said = [(_codec(_codepage_text(parts.get(".cpg"))), ".cpg"), (_language(parts.get(".dbf")), "LDID")]
    named = [_Choice(name, how) for name, how in said if name]
    foreign = [text for text in texts if not text.isascii()]
    if not foreign:
        return named[0] if named else _Choice("utf-8", "ascii")
    liars: list[_Choice] = []
    for choice in named:
        if _fits(foreign, choice.name) and not _misread(foreign, choice.name):
            return choice if not liars else _contradicted(choice, liars)
        liars.append(choice)
    choice = _Choice("utf-8", "strict") if _fits(foreign, "utf-8") else _likelier(foreign)
    return _contradicted(choice, liars) if liars else choice


def _likelier(texts: Sequence[bytes]) -> _Choice:
    """Return GB18030 or Big5 with the shares that tell them apart; Latin-1, which reads anything, when neither fits."""
    shares = chinese_shares(texts)
    best = chinese_encoding(texts)
    if best is None:
        return _Choice(_BYTES, "repaired", True, "GB18030、Big5、UTF-8 都读不出，原样保留")
    told = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    return _Choice(best, f"common characters: {told}", True, f"常用字占比 {told}")


def _contradicted(choice: _Choice, liars: Sequence[_Choice]) -> _Choice:
    """Return `choice` with word of the declarations that its text belies."""
    told = ", ".join(f"{one.how} {one.name}" for one in liars)
    how = f"{choice.how}; the text belies {told}"
    reason = "；".join(part for part in (choice.reason_zh, f"文字与声明不符（{told}）") if part)
    return _Choice(choice.name, how, True, reason)


def _misread(texts: Sequence[bytes], encoding: str) -> bool:
    """Whether a Latin encoding, which fits any bytes, gives what Chinese looks like when read as Latin letters."""
    if not _latin(encoding):
        return False
    return any(garbled(text.decode("latin-1")) for text in texts)


def _latin(encoding: str) -> bool:
    return encoding.startswith(("iso8859", "latin", "cp125", "cp437", "cp850")) or encoding == _BYTES.lower()


def _texts(fields: Sequence[str], columns: Sequence[Sequence[Any]]) -> Iterable[str]:
    yield from fields
    for column in columns:
        yield from (value for value in column if isinstance(value, str))


def _codepage_text(path: Path | None) -> str:
    """Return what a .cpg file says; empty without one."""
    if path is None:
        return ""
    return path.read_bytes()[:64].decode("ascii", errors="replace").strip("\ufeff\ufffd \t\r\n\x00").lower()


def _codec(name: str) -> str | None:
    """Return the text encoding of that name; None for one that Python does not know, and for codecs of other things."""
    number = re.fullmatch(r"(?:ansi |oem |cp|ms|windows-)?\s*(\d{3,5})", name)
    if number:
        name = {"65001": "utf-8", "936": "cp936", "54936": "gb18030", "88591": "iso-8859-1"}.get(
            number[1], f"cp{number[1]}"
        )
    try:
        b"text".decode(name)  # base64 is a codec too, and no encoding of text
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found in _NO_TEXT else found


def _language(path: Path | None) -> str | None:
    if path is None:
        return None
    head = path.read_bytes()[:32]
    return _LDID.get(head[29]) if len(head) == 32 else None


def _fits(texts: Iterable[bytes], encoding: str) -> bool:
    try:
        for text in texts:
            decode_cut(text, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(
    fields: Sequence[str], columns: Sequence[Sequence[Any]], encoding: str, faults: list[Fault]
) -> tuple[list[str], list[list[Any]]]:
    """Return names and values decoded; names cut to equal stumps get a number, as nothing may be lost."""
    names: list[str] = []
    for field in fields:
        name = decode_cut(field.encode(_BYTES), encoding)
        if name in names:
            faults.append(Fault("header_twice", field=name, value=name))
            name = f"{name}_{len(names) + 1}"
        names.append(name)
    return names, [
        [decode_cut(value.encode(_BYTES), encoding) if isinstance(value, str) else value for value in column]
        for column in columns
    ]
