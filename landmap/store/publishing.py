"""Publish: layers in, a new version out, and not a moment in between at which a reader could see a part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import structlog

from landmap.domain import District, layer_named
from landmap.domain.errors import NotFoundError, SchemaError, StoreError
from landmap.store import current, durable, parquet
from landmap.store.canonical import check_frame
from landmap.store.draft import Draft, drafted
from landmap.store.home import DISTRICT, Home
from landmap.store.manifest import NAME, SCHEMA, app_version, fields_sha256, identity
from landmap.store.seal import read_bytes, seal, sha256
from landmap.store.snapshot import Snapshot

#: Computes fields of some layers from all of them: takes every layer by name, returns those it changed.
Derivation = Callable[[dict[str, pd.DataFrame], District], dict[str, pd.DataFrame]]
#: Writes one file that speeds up reading and can be built again: takes the version and the path to write.
Sidecar = Callable[[Snapshot, Path], None]
Finding = Mapping[str, Any]


def publish(
    home: Home,
    layers: Mapping[str, pd.DataFrame],
    *,
    by: str,
    note: str,
    sources: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    findings: Mapping[str, Iterable[Finding]] | None = None,
    derivations: Sequence[Derivation] = (),
    sidecars: Mapping[str, Sidecar] | None = None,
) -> Snapshot:
    """Publish `layers` on top of the current version and make the result current.

    Parameters
    ----------
    home : Home
    layers : mapping of str to DataFrame
        Canonical frames; a layer that is not given is carried over, hard-linked when nothing about it changes.
    by, note : str
        Who publishes, and why.
    sources : mapping of str to iterable of mapping, optional
        Per layer, the files its records came from.
    findings : mapping of str to iterable of mapping, optional
        Per layer, what the checks had to say; each names its ``severity``.
    derivations : sequence of callable, optional
        Run in order over all layers as they were imported, so that what is computed from another layer is never stale.
    sidecars : mapping of str to callable, optional
        By file name.

    Returns
    -------
    Snapshot
        The new current version, or the current one itself when nothing changed.

    Raises
    ------
    BusyError
        When another writer holds the home.
    NotFoundError, SchemaError
        For an unknown layer, a frame that is not canonical, or records that cannot be told apart.
    StoreError
        When the current version is damaged (roll back first) or the disk fails; readers see the old version or the new
        one, whole either way.
    """
    with home.lock():
        current.recover(home)
        base = _base(home)
        district = home.district()
        taken = {name: _checked(name, frame) for name, frame in layers.items()}
        held = {} if base is None else {name: base.given(name) for name in base.layers if name not in taken}
        frames = _derived({**held, **taken}, derivations, district)
        with drafted(home.snapshots, base) as draft:
            manifest = {
                "schema": SCHEMA,
                "parent": None if base is None else base.id,
                "created_at": current.now(),
                "by": by,
                "note": note,
                "app_version": app_version(),
                "district": district.code,
                "layers": {
                    name: _layer_entry(
                        draft, name, taken.get(name), frame, district, base, (sources or {}).get(name, ())
                    )
                    for name, frame in sorted(frames.items())
                },
                "assets": _assets(draft, home),
                "aliases": {} if base is None else base.manifest["aliases"],
                "withdrawn": {} if base is None else base.manifest["withdrawn"],
                "findings": _findings_entry(draft, findings or {}, taken, base),
                "amendments": [],
                "sidecars": {},
            }
            manifest["id"] = identity(manifest)
            if base is not None and base.id == manifest["id"]:
                return base
            manifest["sidecars"] = _sidecars(draft, Snapshot(manifest["id"], draft.path, manifest), sidecars or {})
            durable.write_file(draft.path / NAME, seal(manifest))
            durable.sync_tree(draft.path)
            snapshot = _settle(home, draft, manifest["id"])
        current.swap(home, snapshot, "publish", by, note)
    return snapshot


def _base(home: Home) -> Snapshot | None:
    """Return the current version, whole; a writer never builds on a fallback."""
    try:
        change = current.read_pointer(home)
        return None if change is None else current.opened(home.snapshots / change.id, change.sha256)
    except StoreError as error:
        raise StoreError(error.message, hint="roll back to a good version before publishing") from error


def _checked(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    try:
        return check_frame(frame, layer_named(name))
    except NotFoundError as error:
        raise SchemaError(error.message, hint=error.hint) from error


def _derived(
    frames: dict[str, pd.DataFrame], derivations: Sequence[Derivation], district: District
) -> dict[str, pd.DataFrame]:
    for derive in derivations:
        changed = derive(dict(frames), district)
        frames = {**frames, **{name: _checked(name, frame) for name, frame in changed.items()}}
    return frames


def _layer_entry(
    draft: Draft,
    name: str,
    taken: pd.DataFrame | None,
    frame: pd.DataFrame,
    district: District,
    base: Snapshot | None,
    sources: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write one layer, and beside it what was imported where derivations changed that; return its manifest entry."""
    layer = layer_named(name)
    file, given = f"layers/{name}.parquet", f"given/{name}.parquet"
    digest = draft.put(file, parquet.to_bytes(frame, layer, district))
    entry: dict[str, Any] = {
        "file": file,
        "sha256": digest,
        "rows": len(frame),
        "bbox": [float(edge) for edge in frame.total_bounds]
        if isinstance(frame, gpd.GeoDataFrame) and len(frame)
        else None,
        "fields_sha256": fields_sha256(layer),
        "sources": [dict(source) for source in sources],
    }
    imported = digest
    if taken is None:
        assert base is not None
        before = base.manifest["layers"][name]
        entry["sources"] = before["sources"]
        imported = before.get("given", before)["sha256"]
        if imported != digest:
            draft.share(given, imported)
    elif taken is not frame:
        data = parquet.to_bytes(taken, layer, district)
        imported = sha256(data)
        if imported != digest:
            draft.put(given, data)
    if imported != digest:
        entry["given"] = {"file": given, "sha256": imported}
    return entry


def _assets(draft: Draft, home: Home) -> dict[str, Any]:
    files = [home.path / DISTRICT, *sorted(path for path in home.folder("assets").iterdir() if path.is_file())]
    places = {path.name: f"assets/{path.name}" for path in files}
    return {
        path.name: {"file": places[path.name], "sha256": draft.put(places[path.name], read_bytes(path))}
        for path in files
    }


def _findings_entry(
    draft: Draft, findings: Mapping[str, Iterable[Finding]], taken: Mapping[str, Any], base: Snapshot | None
) -> dict[str, Any]:
    told = {} if base is None else {name: found for name, found in base.findings().items() if name not in taken}
    told |= {name: [dict(finding) for finding in found] for name, found in findings.items()}
    counts = Counter(str(finding["severity"]) for found in told.values() for finding in found)
    digest = draft.put("findings.json", seal({"findings": told}))
    return {"file": "findings.json", "sha256": digest, "counts": dict(sorted(counts.items()))}


def _sidecars(draft: Draft, snapshot: Snapshot, builders: Mapping[str, Sidecar]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, build in sorted(builders.items()):
        path = f"sidecars/{name}"
        target = draft.path / path
        with durable.told(target):
            target.parent.mkdir(exist_ok=True)
            build(snapshot, target)
            data = read_bytes(target)
            target.unlink()
        entries[path] = {
            "sha256": draft.put(path, data),
            "builder": f"{build.__module__}.{build.__qualname__}",
            "version": app_version(),
        }
    return entries


def _settle(home: Home, draft: Draft, id: str) -> Snapshot:
    """Give the finished draft its real name; keep a whole version of the same content, set a damaged one aside."""
    final = home.snapshots / id
    if final.exists():
        try:
            return current.opened(final)
        except StoreError as error:
            _log().warning("damaged_version_replaced", id=id, reason=error.message)
            durable.rename_folder(final, home.snapshots / f"{durable.TEMPORARY}damaged-{id}")
    durable.rename_folder(draft.path, final)
    return Snapshot.open(final)


def _log() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("landmap.store")
    return logger
