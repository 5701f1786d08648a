"""The door for files: sizes, kinds by content, folders and archives; nothing is opened by a library before it passed.

Source of the rules: threat model of imports (size, magic, archive list, generated names).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from landmap.ingest.archives import MAX_BYTES, few, in_mb, listed, unpack
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers import READERS, Reader
from landmap.ingest.readers.filegdb import CATALOGUE, FileGdbReader, is_member
from landmap.ingest.readers.shapefile import PARTS

_SIDECARS: Final = (*PARTS[1:], ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".shp.xml")
#: Formats we know by sight and do not read, with what to do.
_STRANGERS: Final[tuple[tuple[bytes, str, str, str], ...]] = (
    (b"%PDF", "PDF", "向提供单位索取数据文件", "Ask for the data file"),
    (b"AC10", "DWG", "用 CAD 另存为 DXF", "Save it as DXF"),
    (b"7z\xbc\xaf", "7z", "改用 zip 打包", "Pack it as zip"),
    (b"Rar!", "RAR", "改用 zip 打包", "Pack it as zip"),
    (b"\xd0\xcf\x11\xe0", "OLE（.doc、.ppt 或损坏的 .xls）", "用原软件打开并另存", "Save it anew in its program"),
    (b"\x1f\x8b", "gzip", "解压后再导入", "Unpack it"),
)
_TEXT_STRANGERS: Final[tuple[tuple[bytes, str, str, str], ...]] = (
    (b"<gml", "GML", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
    (b"<OGRVRT", "VRT", "导出真实数据，不要用引用文件", "Export the data itself, not a reference to it"),
    (b"<html", "HTML", "向提供单位索取数据文件", "Ask for the data file"),
)
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\s+([A-Za-z_][\w.:-]{0,40})", re.IGNORECASE)
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
#: Formats that have no mark of their own: what is known for something else is not theirs.
_GUESSED: Final = frozenset({"csv"})


@dataclass(frozen=True)
class Entry:
    """One file that passed the door: what to call it, where it lies, who reads it; or why it was refused."""

    name: str
    path: Path | None
    reader: Reader | None = None
    faults: tuple[Fault, ...] = ()
    refused: RefusedError | None = None


def formats() -> Mapping[str, tuple[str, ...]]:
    """Return the formats that can be imported and their usual file endings."""
    return MappingProxyType({reader.key: reader.suffixes for reader in READERS})


def entries(path: Path, scratch: Path) -> Iterator[Entry]:
    """Yield the files behind one input: a file, the members of an archive, or the files of a folder.

    Parameters
    ----------
    path : Path
    scratch : Path
        An empty folder that archives are unpacked into, under generated names.
    """
    try:
        if not path.exists():
            raise RefusedError("file_missing", path.name)
        if path.is_dir():
            yield from _folder(path)
            return
        entry = _file(path, path.name)
        if entry.reader is None and entry.path is not None:
            yield from _several(unpack(path, scratch), path.name)
            return
        yield entry
    except RefusedError as error:
        yield Entry(path.name, None, refused=error)
    except OSError as error:
        yield Entry(path.name, None, refused=RefusedError("file_unreadable", reason=error.strerror or str(error)))


def _folder(path: Path) -> Iterator[Entry]:
    """Yield the data files of a folder; companions of a Shapefile belong to it, other files are skipped and said."""
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink() and one.name[0] != ".")
    few([one.name for one in found])
    yield from _several({one.relative_to(path.parent).as_posix(): one for one in found}, path.name)


def _several(files: Mapping[str, Path], name: str) -> Iterator[Entry]:
    mains = {path.with_suffix("") for path in files.values() if path.suffix.lower() == ".shp"}
    databases = {path.parent for path in files.values() if path.name.lower() == CATALOGUE}
    read = 0
    for label, path in files.items():
        if path.parent in databases and is_member(path.name):
            if path.name.lower() == CATALOGUE:
                yield Entry(label.rpartition("/")[0] or name, path.parent, FileGdbReader())
                read += 1
            continue
        if path.name.lower().endswith(_SIDECARS):
            if path.suffix.lower() in PARTS and path.with_suffix("") not in mains:
                yield Entry(label, None, refused=RefusedError("shapefile_part", label))
                read += 1
            continue
        entry = _file(path, label)
        if entry.refused is not None and entry.refused.fault.code == "format_unknown":
            yield Entry(label, None, faults=(Fault("file_skipped", value=label),))
            continue
        read += 1
        if entry.reader is None and entry.refused is None:
            entry = Entry(label, None, refused=RefusedError("archive_nested", label))
        yield entry
    if not read:
        raise RefusedError("folder_empty", name)


def _file(path: Path, label: str) -> Entry:
    """Return one file with its reader, decided by content."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        return Entry(label, None, refused=RefusedError("file_too_large", size=in_mb(size), limit=in_mb(MAX_BYTES)))
    if size == 0:
        return Entry(label, None, refused=RefusedError("file_empty", label))
    with path.open("rb") as stream:
        head = stream.read(4096)
    reader = next((one for one in READERS if one.recognises(head, path)), None)
    stranger = _stranger(head)
    if stranger is not None and (reader is None or reader.key in _GUESSED):
        return Entry(label, None, refused=stranger)
    if reader is None:
        if head.startswith(_ZIP):
            return Entry(label, path)
        if path.suffix.lower() in PARTS:
            return Entry(label, None, refused=RefusedError("shapefile_part", label))
        names = "、".join(suffix for suffixes in formats().values() for suffix in suffixes)
        return Entry(label, None, refused=RefusedError("format_unknown", label, formats=f"{names}、.zip"))
    if head.startswith(_ZIP):
        try:
            listed(path)
        except RefusedError as error:
            return Entry(label, None, refused=error)
    suffix = path.suffix.lower()
    claimed = next((one for one in READERS if suffix in one.suffixes), None)
    faults: tuple[Fault, ...] = ()
    if claimed is not None and claimed is not reader:
        faults = (Fault("kind_differs", value=label, words={"suffix": suffix, "format": reader.key}),)
    return Entry(label, path, reader, faults)


def _stranger(head: bytes) -> RefusedError | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((one for one in _STRANGERS if start.startswith(one[0])), None)
    if found is None and start.startswith(b"<"):
        found = next((one for one in _TEXT_STRANGERS if one[0].lower() in head.lower()), None)
        doctype = _DOCTYPE.search(head)
        if found is None and doctype is not None:
            return RefusedError("xml_doctype", doctype[1].decode("ascii"))
    if found is None:
        return None
    _, name, advice_zh, advice_en = found
    return RefusedError("format_unsupported", format=name, advice_zh=advice_zh, advice_en=advice_en)
