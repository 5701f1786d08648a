"""Sealed JSON: canonical bytes that carry the hash of their own content, so that no flipped bit goes unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from landmap.domain import compact_json
from landmap.domain.errors import StoreError

SEAL: Final = "seal"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def seal(table: Mapping[str, Any]) -> bytes:
    """Return `table` as one line of canonical JSON with its own hash under ``seal``.

    Examples
    --------
    >>> unseal(seal({"b": 1, "a": "李沧"}), "example")
    {'a': '李沧', 'b': 1}
    """
    content = dict(table)
    content[SEAL] = sha256(compact_json(table).encode())
    return compact_json(content).encode() + b"\n"


def unseal(data: bytes, name: str) -> dict[str, Any]:
    """Return the table that `seal` wrote.

    Raises
    ------
    StoreError
        When a single byte differs from what was written; `name` says where.
    """
    try:
        table = json.loads(data)
    except (UnicodeDecodeError, ValueError) as error:
        raise StoreError(f"{name} is damaged: it is no JSON") from error
    if not isinstance(table, dict) or not isinstance(table.pop(SEAL, None), str):
        raise StoreError(f"{name} is damaged: it has no seal")
    if seal(table) != data:
        raise StoreError(f"{name} is damaged: its seal does not match its content")
    return table


def read_sealed(path: Path) -> dict[str, Any]:
    """Return the table of a sealed file; raise StoreError when it is missing, unreadable or damaged."""
    return unseal(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file of ours; raise StoreError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}") from error
