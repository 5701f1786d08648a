"""Staging: layers that were imported and checked, waiting to be published; each in its own pair of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landmap.domain import District, layer_named
from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import durable, parquet
from landmap.store.canonical import check_frame
from landmap.store.home import Home
from landmap.store.seal import read_bytes, read_sealed, seal, sha256


@dataclass(frozen=True)
class Staged:
    """One layer that waits to be published, with the files it came from and what the checks had to say."""

    layer: str
    rows: int
    sources: tuple[Mapping[str, Any], ...]
    report: Mapping[str, Any]
    path: Path
    sha256: str

    def frame(self) -> pd.DataFrame:
        """Return the layer as a canonical frame; raise StoreError when its file was damaged since."""
        data = read_bytes(self.path)
        if sha256(data) != self.sha256:
            raise StoreError(f"{self.path} is damaged: its hash is not the one that was staged", hint="import it again")
        return parquet.from_bytes(data, layer_named(self.layer), str(self.path))


def stage(
    home: Home,
    name: str,
    frame: pd.DataFrame,
    sources: Iterable[Mapping[str, Any]],
    report: Mapping[str, Any],
) -> Staged:
    """Put a canonical frame aside as layer `name`, in place of what was staged of that layer before.

    Raises
    ------
    BusyError
        When another writer holds the home.
    NotFoundError, SchemaError
        For an unknown layer or a frame that is not canonical.
    """
    layer = layer_named(name)
    district: District = home.district()
    data = parquet.to_bytes(check_frame(frame, layer), layer, district)
    digest = sha256(data)
    path = home.staging / f"{name}-{digest[:16]}.parquet"
    table = {
        "layer": name,
        "rows": len(frame),
        "sources": [dict(source) for source in sources],
        "report": dict(report),
        "file": path.name,
        "sha256": digest,
    }
    with home.lock():
        durable.replace_file(path, data)
        durable.replace_file(_note(home, name), seal(table))
        _drop_files(home, name, keep=path.name)
    return _staged(home, _note(home, name))


def staged(home: Home) -> Mapping[str, Staged]:
    """Return what waits to be published, by layer; raise StoreError for a damaged note."""
    home.check()
    notes = sorted(home.staging.glob("*.json"))
    return {note.stem: _staged(home, note) for note in notes if not note.name.startswith(durable.TEMPORARY)}


def unstage(home: Home, name: str, *, sha256: str | None = None) -> None:
    """Forget what was staged of layer `name`; NotFoundError when nothing was.

    With `sha256`, only that content is forgotten: what was staged meanwhile keeps waiting.
    """
    with home.lock():
        if not _note(home, name).exists():
            raise NotFoundError(f"nothing of layer {name!r} is staged")
        if sha256 not in (None, _staged(home, _note(home, name)).sha256):
            return
        with durable.told(home.staging):
            _note(home, name).unlink()
            durable.sync_folder(home.staging)
        _drop_files(home, name)


def _note(home: Home, name: str) -> Path:
    return home.staging / f"{layer_named(name).name}.json"


def _staged(home: Home, note: Path) -> Staged:
    table = read_sealed(note)
    return Staged(
        layer=table["layer"],
        rows=table["rows"],
        sources=tuple(table["sources"]),
        report=table["report"],
        path=home.staging / table["file"],
        sha256=table["sha256"],
    )


def _drop_files(home: Home, name: str, keep: str = "") -> None:
    for path in home.staging.glob(f"{name}-*.parquet"):
        if path.name != keep:
            path.unlink()
