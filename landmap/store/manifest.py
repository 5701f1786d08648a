"""The manifest: what a snapshot holds, where it came from, and the id that follows from its content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

from landmap.domain import Layer, compact_json
from landmap.domain.errors import StoreError
from landmap.store.seal import sha256

SCHEMA: Final = 1
NAME: Final = "manifest.json"

#: Keys that tell who published when, or what can be rebuilt: they do not change what the snapshot is.
_BESIDE_CONTENT: Final = frozenset({"id", "parent", "created_at", "by", "note", "sidecars"})


def app_version() -> str:
    """Return the version of the installed product."""
    return version("landmap")


def identity(manifest: Mapping[str, Any]) -> str:
    """Return the id of a snapshot: SHA-256 of the canonical JSON of its content.

    Examples
    --------
    >>> identity({"layers": {}, "by": "a"}) == identity({"layers": {}, "by": "b", "parent": "c"})
    True
    """
    content = {key: value for key, value in manifest.items() if key not in _BESIDE_CONTENT}
    return sha256(compact_json(content).encode())


def check_manifest(manifest: Mapping[str, Any], name: str) -> None:
    """Raise StoreError unless the manifest is of a schema we know and its id follows from its content."""
    if manifest.get("schema") != SCHEMA:
        raise StoreError(
            f"{name} has schema {manifest.get('schema')!r}; this version reads {SCHEMA}",
            hint="open it with the version of landmap that wrote it",
        )
    if manifest.get("id") != identity(manifest):
        raise StoreError(f"{name} is damaged: its id does not follow from its content")


def files_of(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every file that makes up a snapshot, relative to its folder, with its SHA-256; sidecars left out."""
    for entry in manifest["layers"].values():
        yield entry["file"], entry["sha256"]
        if "given" in entry:
            yield entry["given"]["file"], entry["given"]["sha256"]
    for entry in manifest["assets"].values():
        yield entry["file"], entry["sha256"]
    yield manifest["findings"]["file"], manifest["findings"]["sha256"]


def fields_sha256(layer: Layer) -> str:
    """Return the hash of a layer's field table as far as it decides what stored values mean."""
    rows = [[field.name, field.kind.value, field.unit, field.codes] for field in layer.fields.values()]
    return sha256(compact_json(rows).encode())
