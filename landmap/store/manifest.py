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
#: The same of a source (who brought a file when) and of an id that was given up (which version held it last).
_BESIDE_SOURCE: Final = frozenset({"imported_by", "imported_at"})
_BESIDE_FATE: Final = frozenset({"version"})


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
    content = _without(manifest, _BESIDE_CONTENT)
    content["layers"] = {
        name: {**entry, "sources": [_without(source, _BESIDE_SOURCE) for source in entry["sources"]]}
        for name, entry in manifest["layers"].items()
    }
    for part in ("aliases", "withdrawn"):
        for layer, ids in content.get(part, {}).items():
            fates = {id: _without(fate, _BESIDE_FATE) for id, fate in ids.items()}
            content[part] = {**content[part], layer: fates}
    return sha256(compact_json(content).encode())


def _without(entry: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


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
    for name in ("findings", "attachments"):
        if name in manifest:  # versions from before there were attachments name none
            yield manifest[name]["file"], manifest[name]["sha256"]


def fields_sha256(layer: Layer) -> str:
    """Return the hash of a layer's field table as far as it decides what stored values mean."""
    rows = [[field.name, field.kind.value, field.unit, field.codes] for field in layer.fields.values()]
    return sha256(compact_json(rows).encode())
