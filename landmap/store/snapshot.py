"""One version of everything: an immutable folder of layers, assets and the manifest that names their hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landmap import domain
from landmap.domain import District, Table, layer_named
from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import manifest as manifests
from landmap.store.home import DISTRICT
from landmap.store.seal import read_bytes, sha256, unseal
from landmap.store.tables import table_from_bytes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Snapshot:
    """A published version, opened for reading; nothing is read before it is asked for.

    `warnings` tells what was found damaged on the way to this version; empty when it is the one that was asked for.
    """

    id: str
    path: Path
    manifest: Mapping[str, Any] = field(compare=False, repr=False)
    warnings: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def open(cls, path: Path, *, sha256_of_manifest: str | None = None) -> Snapshot:
        """Open the snapshot folder `path` and check its manifest, not yet its files.

        Raises
        ------
        StoreError
            When the manifest is missing, damaged, of an unknown schema, of another version than the folder is named
            after, or not the one that `sha256_of_manifest` names.
        """
        name = path / manifests.NAME
        data = read_bytes(name)
        if sha256_of_manifest not in (None, sha256(data)):
            raise StoreError(f"{name} is damaged: it is not the manifest that was published")
        table = unseal(data, str(name))
        manifests.check_manifest(table, str(name))
        if table["id"] != path.name:
            raise StoreError(f"{name} belongs to version {table['id'][:12]}")
        return cls(id=table["id"], path=path, manifest=table)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers it holds, sorted."""
        return tuple(sorted(self.manifest["layers"]))

    @property
    def district(self) -> District:
        """The district as it was described when this version was published."""
        return District.from_toml(self.asset(DISTRICT))

    def rows(self, name: str) -> int:
        """Return how many records layer `name` holds; NotFoundError for a layer that is not here."""
        return int(self._entry(name)["rows"])

    def table(self, name: str) -> Table:
        """Return layer `name` as a table, the hash of its file checked on the way; a fresh one every time.

        Raises
        ------
        NotFoundError
            For a layer that is not in this version.
        StoreError
            When the file is missing or damaged.
        """
        return self._table(name, self._entry(name))

    def layer(self, name: str) -> pd.DataFrame:
        """Return layer `name` as a canonical frame; otherwise as `table`."""
        return domain.frame_of(self.table(name))

    def given(self, name: str) -> pd.DataFrame:
        """Return layer `name` as it was imported, before derivations; otherwise as `layer`."""
        entry = self._entry(name)
        return domain.frame_of(self._table(name, entry.get("given", entry)))

    def asset(self, name: str) -> Path:
        """Return the path of a file that came with the district; NotFoundError when there is none of that name."""
        assets = self.manifest["assets"]
        if name not in assets:
            raise NotFoundError(
                f"version {self.id[:12]} has no file {name!r}", hint=f"files: {', '.join(sorted(assets))}"
            )
        return self.path / str(assets[name]["file"])

    def sidecar(self, name: str) -> bytes | None:
        """Return the bytes of a sidecar; None when it is missing, damaged or never built: it can be built again."""
        entry = self.manifest["sidecars"].get(f"sidecars/{name}")
        try:
            return None if entry is None else self._bytes(f"sidecars/{name}", entry["sha256"])
        except StoreError:
            return None

    def findings(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the checks had to say, by layer."""
        entry = self.manifest["findings"]
        found: dict[str, list[dict[str, Any]]] = unseal(self._bytes(entry["file"], entry["sha256"]), entry["file"])[
            "findings"
        ]
        return found

    def attachments(self) -> list[dict[str, Any]]:
        """Return the attachments of this version's records, in their order; each says whom it is for."""
        entry = self.manifest.get("attachments")
        if entry is None:
            return []
        table = unseal(self._bytes(entry["file"], entry["sha256"]), entry["file"])
        found: list[dict[str, Any]] = table["attachments"]
        return found

    def verify(self) -> None:
        """Compare every file but the sidecars with the manifest; raise StoreError naming the first that differs."""
        for name, wanted in manifests.files_of(self.manifest):
            self._bytes(name, wanted)

    def _entry(self, name: str) -> Mapping[str, Any]:
        held: Mapping[str, Mapping[str, Any]] = self.manifest["layers"]
        if name not in held:
            raise NotFoundError(
                f"version {self.id[:12]} has no layer {name!r}", hint=f"layers: {', '.join(self.layers) or 'none'}"
            )
        return held[name]

    def _table(self, name: str, entry: Mapping[str, Any]) -> Table:
        return table_from_bytes(self._bytes(entry["file"], entry["sha256"]), layer_named(name), entry["file"])

    def _bytes(self, name: str, wanted: str) -> bytes:
        data = read_bytes(self.path / name)
        if sha256(data) != wanted:
            raise StoreError(f"{self.path / name} is damaged: its hash is not the one that was published")
        return data
