"""A file, a folder or a zip of attachments as files by name; nothing of them is opened yet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from landmap.ingest.archives import unpack
from landmap.ingest.faults import RefusedError

#: What one folder of pictures may hold; more is taken in parts.
MAX_FILES: Final = 2000
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")


def unpacked(path: Path, scratch: Path) -> dict[str, Path]:
    """Return the files behind a path by the name they are known by, folders included, with forward slashes.

    Parameters
    ----------
    path : Path
        One file, a folder, or a zip.
    scratch : Path
        An empty folder that a zip is unpacked into, under generated names.

    Raises
    ------
    RefusedError
        For a path that is not there, a zip that the rules for archives refuse, or too many files.
    """
    if not path.exists():
        raise RefusedError("file_missing", path.name)
    if path.is_dir():
        found = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
        kept = [one for one in found if not any(part.startswith(".") for part in one.relative_to(path).parts)]
        if len(kept) > MAX_FILES:
            raise RefusedError("archive_too_many", count=len(kept), limit=MAX_FILES)
        return {one.relative_to(path.parent).as_posix(): one for one in kept}
    with path.open("rb") as stream:
        zipped = stream.read(4) in _ZIP
    if not zipped:
        return {path.name: path}
    return {name.replace("\\", "/"): file for name, file in unpack(path, scratch).items()}
