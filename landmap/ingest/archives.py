"""Archives: their list is checked before anything is unpacked, and names are made anew.

Source of the rules: threat model of imports (archive list, generated names).
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from landmap.ingest.faults import DAMAGE, RefusedError
from landmap.ingest.readers.filegdb import CATALOGUE, is_member

MAX_BYTES: Final = 1024**3
MAX_FILES: Final = 200
#: The files of geodatabases are many and small, and count apart.
MAX_MEMBERS: Final = 5000
MAX_RATIO: Final = 100
#: Small files may compress well without being bombs.
RATIO_FROM: Final = 10 * 1024**2

_ARCHIVES: Final = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")


def few(names: Sequence[str]) -> None:
    """Refuse more files than a delivery has."""
    count = sum(not is_member(name) for name in names)
    if count > MAX_FILES:
        raise RefusedError("archive_too_many", count=count, limit=MAX_FILES)
    if len(names) > MAX_MEMBERS:
        raise RefusedError("archive_too_many", count=len(names), limit=MAX_MEMBERS)


def listed(path: Path) -> None:
    """Check the list of an archive that a reader opens itself: a workbook, or a KMZ; a damaged one is left to it.

    Raises
    ------
    RefusedError
        As `unpack`, less what only deliveries of many files are held to.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
    except DAMAGE:
        return
    _check(members, [_name(one) for one in members])


def unpack(path: Path, scratch: Path) -> dict[str, Path]:
    """Check the list of an archive, write its members into `scratch` under generated names, and return them by label.

    Raises
    ------
    RefusedError
        For an archive that is damaged, encrypted, too large, too dense, or holds links, other archives, two files of
        one name, or names that leave its folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            names = [_name(one) for one in members]
            few([name.replace("\\", "/").rpartition("/")[2] for name in names])
            _check(members, names)
            nested = next((name for name in names if name.lower().endswith(_ARCHIVES)), None)
            if nested is not None:
                raise RefusedError("archive_nested", nested)
            return _unpacked(archive, members, names, path.name, scratch)
    except RefusedError:
        raise
    except DAMAGE as error:
        raise RefusedError("archive_damaged", reason=str(error)) from error


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
    """Refuse an archive that is too large, too dense, or leaves its folder."""
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS:
        raise RefusedError("archive_too_many", count=len(members), limit=MAX_MEMBERS)
    if total > MAX_BYTES:
        raise RefusedError("archive_too_large", size=in_mb(total), limit=in_mb(MAX_BYTES))
    seen: set[str] = set()
    for member, name in zip(members, names, strict=True):
        plain = name.replace("\\", "/")
        if plain.startswith("/") or plain[1:2] == ":" or ".." in plain.split("/") or "\x00" in plain:
            raise RefusedError("archive_path", name)
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise RefusedError("archive_link", name)
        if member.flag_bits & 0x1:
            raise RefusedError("archive_encrypted", name)
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
    databases = {folder for folder, _, file in (name.rpartition("/") for name in names) if file.lower() == CATALOGUE}
    left = MAX_BYTES
    for member, name in zip(members, names, strict=True):
        if name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith("."):
            continue
        stem, dot, suffix = name.rpartition(".")
        short = f".{suffix.lower()}" if dot and suffix.isascii() and suffix.isalnum() and len(suffix) <= 10 else ""
        base = stems.setdefault(stem if short else name, f"file{len(stems)}")
        target = scratch / f"{base}{short}"
        folder, _, file = name.rpartition("/")
        if folder in databases and is_member(file):  # known names, which GDAL goes by
            target = scratch / f"{stems.setdefault(folder, f'file{len(stems)}')}.gdb" / file.lower()
            target.parent.mkdir(exist_ok=True)
        with archive.open(member) as source, target.open("xb") as sink:
            shutil.copyfileobj(_Limited(source, left), sink)
        left -= target.stat().st_size
        files[f"{label}/{name}"] = target
    return files


class _Limited:
    """A stream that refuses to give more than it may: sizes in an archive's list can lie."""

    def __init__(self, source: IO[bytes], left: int) -> None:
        self._source, self._left = source, left

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise RefusedError("archive_too_large", size=f"> {in_mb(MAX_BYTES)}", limit=in_mb(MAX_BYTES))
        return block


def in_mb(size: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{size / 1024**2:,.0f} MB"
