"""The door for files: sizes, kinds by content, folders and archives; nothing is opened by a library before it passed.

Source of the rules: threat model of imports (size, magic, archive list, generated names).
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers import READERS, Reader
from landmap.ingest.readers.shapefile import PARTS

MAX_BYTES: Final = 1024**3
MAX_FILES: Final = 200
MAX_RATIO: Final = 100
#: Small files may compress well without being bombs.
RATIO_FROM: Final = 10 * 1024**2

_ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_SIDECARS: Final = (*PARTS[1:], ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".shp.xml")
#: Formats we know by sight and do not read, with what to do.
_STRANGERS: Final[tuple[tuple[bytes, str, str, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "Excel 97-2003 (.xls)", "用 Excel 另存为 .xlsx", "Save it as .xlsx in Excel"),
    (b"%PDF", "PDF", "向提供单位索取数据文件", "Ask for the data file"),
    (b"AC10", "DWG", "用 CAD 另存为 DXF，再用 QGIS 转成 GeoPackage", "Save it as DXF, then as GeoPackage with QGIS"),
    (b"7z\xbc\xaf", "7z", "改用 zip 打包", "Pack it as zip"),
    (b"Rar!", "RAR", "改用 zip 打包", "Pack it as zip"),
    (b"\x1f\x8b", "gzip", "解压后再导入", "Unpack it"),
    (b"[\xca\xf4\xd0\xd4", "国土 TXT 报盘", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
    ("[属性描述]".encode(), "国土 TXT 报盘", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
)
_TEXT_STRANGERS: Final[tuple[tuple[bytes, str, str, str], ...]] = (
    (b"<kml", "KML", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
    (b"<gml", "GML", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
    (b"<OGRVRT", "VRT", "导出真实数据，不要用引用文件", "Export the data itself, not a reference to it"),
    (b"<html", "HTML", "向提供单位索取数据文件", "Ask for the data file"),
    (b"SECTION", "DXF", "用 QGIS 转成 GeoPackage", "Turn it into GeoPackage with QGIS"),
)


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
        if entry.reader is None and _is_zip(path):
            yield from _archive(path, scratch)
            return
        yield entry
    except RefusedError as error:
        yield Entry(path.name, None, refused=error)
    except OSError as error:
        yield Entry(path.name, None, refused=RefusedError("file_unreadable", reason=error.strerror or str(error)))


def _folder(path: Path) -> Iterator[Entry]:
    """Yield the data files of a folder; companions of a Shapefile belong to it, other files are skipped and said."""
    found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink() and one.name[0] != ".")
    if len(found) > MAX_FILES:
        raise RefusedError("archive_too_many", count=len(found), limit=MAX_FILES)
    yield from _several({one.relative_to(path.parent).as_posix(): one for one in found}, path.name)


def _several(files: Mapping[str, Path], name: str) -> Iterator[Entry]:
    mains = {path.with_suffix("") for path in files.values() if path.suffix.lower() == ".shp"}
    read = 0
    for label, path in files.items():
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
        yield entry
    if not read:
        raise RefusedError("folder_empty", name)


def _file(path: Path, label: str) -> Entry:
    """Return one file with its reader, decided by content."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        return Entry(label, None, refused=RefusedError("file_too_large", size=_bytes(size), limit=_bytes(MAX_BYTES)))
    if size == 0:
        return Entry(label, None, refused=RefusedError("file_empty", label))
    with path.open("rb") as stream:
        head = stream.read(4096)
    stranger = _stranger(head)
    if stranger is not None:
        return Entry(label, None, refused=stranger)
    reader = next((one for one in READERS if one.recognises(head, path)), None)
    if reader is None:
        if _is_zip(path):
            return Entry(label, path)
        if path.suffix.lower() in PARTS:
            return Entry(label, None, refused=RefusedError("shapefile_part", label))
        names = "、".join(suffix for suffixes in formats().values() for suffix in suffixes)
        return Entry(label, None, refused=RefusedError("format_unknown", label, formats=f"{names}、.zip"))
    suffix = path.suffix.lower()
    claimed = next((one for one in READERS if suffix in one.suffixes), None)
    faults: tuple[Fault, ...] = ()
    if claimed is not None and claimed is not reader:
        faults = (Fault("kind_differs", value=label, words={"suffix": suffix, "format": reader.key}),)
    return Entry(label, path, reader, faults)


def _stranger(head: bytes) -> RefusedError | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((one for one in _STRANGERS if start.startswith(one[0])), None)
    if found is None and (start.startswith(b"<") or start.split(b"\n")[0].strip() in (b"0", b"999")):
        found = next((one for one in _TEXT_STRANGERS if one[0].lower() in head.lower()), None)
    if found is None:
        return None
    _, name, advice_zh, advice_en = found
    return RefusedError("format_unsupported", format=name, advice_zh=advice_zh, advice_en=advice_en)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _archive(path: Path, scratch: Path) -> Iterator[Entry]:
    """Check the list of an archive, unpack it under generated names, and yield its files."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            names = [_name(one) for one in members]
            _check(members, names)
            files = _unpacked(archive, members, names, path.name, scratch)
    except RefusedError:
        raise
    except DAMAGE as error:
        raise RefusedError("archive_damaged", reason=str(error)) from error
    yield from _several(files, path.name)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese tools write GBK, and some then flag its misreading as UTF-8."""
    flagged = bool(member.flag_bits & 0x800)
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not flagged or any("\u4e00" <= char <= "\u9fff" for char in name):
            return name
    return member.filename


def _check(members: Sequence[zipfile.ZipInfo], names: Sequence[str]) -> None:
    """Refuse an archive that is too large, too dense, or holds what no data delivery holds."""
    total = sum(member.file_size for member in members)
    if len(members) > MAX_FILES:
        raise RefusedError("archive_too_many", count=len(members), limit=MAX_FILES)
    if total > MAX_BYTES:
        raise RefusedError("archive_too_large", size=_bytes(total), limit=_bytes(MAX_BYTES))
    seen: set[str] = set()
    for member, name in zip(members, names, strict=True):
        plain = name.replace("\\", "/")
        if plain.startswith("/") or plain[1:2] == ":" or ".." in plain.split("/") or "\x00" in plain:
            raise RefusedError("archive_path", name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise RefusedError("archive_link", name)
        if member.flag_bits & 0x1:
            raise RefusedError("archive_encrypted", name)
        if plain.lower().endswith(_ARCHIVES):
            raise RefusedError("archive_nested", name)
        ratio = member.file_size // max(1, member.compress_size)
        if member.file_size > RATIO_FROM and ratio > MAX_RATIO:
            raise RefusedError("archive_ratio", name, ratio=ratio)
        if plain.casefold() in seen:
            raise RefusedError("archive_name_twice", name)
        seen.add(plain.casefold())


def _unpacked(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], names: Sequence[str], label: str, scratch: Path
) -> dict[str, Path]:
    """Write the members under generated names that keep the companions of one file together."""
    stems: dict[str, str] = {}
    files: dict[str, Path] = {}
    left = MAX_BYTES
    for member, name in zip(members, names, strict=True):
        if name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith("."):
            continue
        stem, dot, suffix = name.rpartition(".")
        short = f".{suffix.lower()}" if dot and suffix.isascii() and suffix.isalnum() and len(suffix) <= 10 else ""
        base = stems.setdefault(stem if short else name, f"file{len(stems)}")
        target = scratch / f"{base}{short}"
        with archive.open(member) as source, target.open("xb") as sink:
            shutil.copyfileobj(_Limited(source, left), sink)
        left -= target.stat().st_size
        files[f"{label}/{name}"] = target
    return files


class _Limited:
    """A stream that refuses to give more than it may: sizes in an archive's list can lie."""

    def __init__(self, source: object, left: int) -> None:
        self._source, self._left = source, left

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._source.read(size)  # type: ignore[attr-defined]
        self._left -= len(block)
        if self._left < 0:
            raise RefusedError("archive_too_large", size=f"> {_bytes(MAX_BYTES)}", limit=_bytes(MAX_BYTES))
        return block


def _bytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"
