"""Staging: layers that were imported and checked, waiting to be published; each in its own pair of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from landmap.domain import District, layer_named
from landmap.domain.errors import NotFoundError, SchemaError, StoreError
from landmap.store import current, durable, parquet
from landmap.store.canonical import check_frame, key_texts
from landmap.store.home import Home
from landmap.store.modes import MODES, Delivery, Mode, Stored, check_mode
from landmap.store.seal import read_bytes, read_sealed, seal, sha256


@dataclass(frozen=True)
class Staged:
    """One layer that waits to be published, with the files it came from and what the checks had to say.

    `mode`, `defaults` and `bounds` are those of `Delivery`; `kept` is the frame where this process staged it just now.
    """

    layer: str
    rows: int
    sources: tuple[Mapping[str, Any], ...]
    report: Mapping[str, Any]
    path: Path
    sha256: str
    mode: Mode = "replace"
    defaults: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    bounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: pd.DataFrame | None = field(default=None, repr=False, compare=False)

    def frame(self) -> pd.DataFrame:
        """Return the layer as a canonical frame; raise StoreError when its file was damaged since."""
        if self.kept is not None:
            return self.kept
        data = read_bytes(self.path)
        if sha256(data) != self.sha256:
            raise StoreError(f"{self.path} is damaged: its hash is not the one that was staged", hint="import it again")
        return parquet.from_bytes(data, layer_named(self.layer), str(self.path))

    def delivery(self) -> Delivery:
        """Return the layer as it is to be published."""
        stored = None if self.kept is None else Stored(self.path, self.sha256)
        return Delivery(self.frame(), self.mode, self.defaults, self.bounds, stored)


def stage(
    home: Home,
    name: str,
    frame: pd.DataFrame,
    sources: Iterable[Mapping[str, Any]],
    report: Mapping[str, Any],
    *,
    mode: Mode = "replace",
    defaults: Mapping[str, tuple[Any, ...]] | None = None,
    bounds: Mapping[str, tuple[str, ...]] | None = None,
) -> Staged:
    """Put a canonical frame aside as layer `name`, in place of what was staged of that layer before.

    Parameters
    ----------
    home : Home
    name : str
    frame : DataFrame
        Canonical; for an update, shapes may be missing.
    sources : iterable of mapping
        The files the records came from, as the manifest will name them.
    report : mapping
        The report of the check.
    mode : {"replace", "append", "update"}
        See `MODES`.
    defaults, bounds : mapping, optional
        See `Delivery`.

    Raises
    ------
    BusyError
        When another writer holds the home.
    NotFoundError, SchemaError
        For an unknown layer, a frame that is not canonical, or records that do not fit the mode: told now, and
        looked at again when the layer is published.
    """
    layer = layer_named(name)
    district: District = home.district()
    if mode not in MODES:
        raise SchemaError(f"{mode!r} is no mode", hint=f"one of {', '.join(MODES)}")
    data = parquet.to_bytes(check_frame(frame, layer, partial=mode == "update"), layer, district)
    if mode != "replace":
        check_mode(mode, _there(home, name), key_texts(frame, layer), layer)
    digest = sha256(data)
    path = home.staging / f"{name}-{digest[:16]}.parquet"
    table = {
        "layer": name,
        "rows": len(frame),
        "sources": [dict(source) for source in sources],
        "report": dict(report),
        "mode": mode,
        "defaults": {name: list(values) for name, values in (defaults or {}).items()},
        "bounds": {key: list(names) for key, names in (bounds or {}).items()},
        "file": path.name,
        "sha256": digest,
    }
    with home.lock():
        durable.replace_file(path, data)
        durable.replace_file(_note(home, name), seal(table))
        _drop_files(home, name, keep=path.name)
    return replace(_staged(home, _note(home, name)), kept=frame)


def staged(home: Home) -> Mapping[str, Staged]:
    """Return what waits to be published, by layer; raise StoreError for a damaged note."""
    home.check()
    notes = durable.listed(home.staging, "*.json")
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


def _there(home: Home, name: str) -> pd.Index[Any]:
    """Return the keys that the layer has in the version served."""
    try:
        keys = key_texts(current.open_current(home).given(name), layer_named(name)).tolist()
    except NotFoundError:
        keys = []
    found: pd.Index[Any] = pd.Index(keys, dtype=object)
    return found


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
        mode=table.get("mode", "replace"),
        defaults={name: tuple(values) for name, values in table.get("defaults", {}).items()},
        bounds={key: tuple(names) for key, names in table.get("bounds", {}).items()},
    )


def _drop_files(home: Home, name: str, keep: str = "") -> None:
    for path in durable.listed(home.staging, f"{name}-*.parquet"):
        if path.name != keep:
            with durable.told(path):
                path.unlink()
