"""Files named by their own hash, under ``attachments/``: written once, never changed, checked when they are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import durable
from landmap.store.home import Home
from landmap.store.seal import read_bytes, sha256

FOLDER: Final = "attachments"
_NAME: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,5}")


def put_blob(home: Home, data: bytes, suffix: str) -> str:
    """Keep `data` and return its name, such as ``9f86….webp``; the same bytes are kept once."""
    name = f"{sha256(data)}.{suffix}"
    path = _path(home, name)
    if path.exists() and path.stat().st_size == len(data):
        return name
    with durable.told(path):
        fresh = not path.parent.exists()
        path.parent.mkdir(exist_ok=True)
        if fresh:
            durable.sync_folder(path.parent.parent)
    durable.replace_file(path, data)
    return name


def read_blob(home: Home, name: str) -> bytes:
    """Return a kept file.

    Raises
    ------
    NotFoundError
        For a name that is none, or of which nothing is kept.
    StoreError
        When the file was damaged since.
    """
    path = _path(home, name)
    if not path.is_file():
        raise NotFoundError(f"no attachment is called {name[:80]!r}")
    data = read_bytes(path)
    if sha256(data) != path.stem:
        raise StoreError(f"{path} is damaged: its hash is not its name", hint="attach it again, or restore a backup")
    return data


def _path(home: Home, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise NotFoundError(f"no attachment is called {name[:80]!r}")
    return home.folder(FOLDER) / name[:2] / name
