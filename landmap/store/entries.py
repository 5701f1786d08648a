"""The parts of a version as they are written into a draft, each with its entry in the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from landmap.domain import District, layer_named
from landmap.store import durable, parquet
from landmap.store.draft import Draft
from landmap.store.home import DISTRICT, Home
from landmap.store.manifest import app_version, fields_sha256
from landmap.store.modes import Stored
from landmap.store.seal import read_bytes, seal, sha256
from landmap.store.snapshot import Snapshot

#: Writes one file that speeds up reading and can be built again: takes the version and the path to write.
Sidecar = Callable[[Snapshot, Path], None]
Finding = Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """One layer to be written: with what is derived, as it was imported, and the entry it had before.

    `imported` is None for a layer that no delivery touched: its file is linked. `stored` holds `imported` where it is
    stored already.
    """

    name: str
    frame: pd.DataFrame
    imported: pd.DataFrame | None
    before: Mapping[str, Any] | None
    sources: list[Mapping[str, Any]]
    stored: Stored | None = None


def layer_entry(draft: Draft, written: Written, district: District) -> dict[str, Any]:
    """Write one layer, and beside it what was imported where derivations changed that; return its manifest entry."""
    layer, frame = layer_named(written.name), written.frame
    file, given = f"layers/{layer.name}.parquet", f"given/{layer.name}.parquet"
    digest = draft.put(file, parquet.to_bytes(frame, layer, district))
    entry: dict[str, Any] = {
        "file": file,
        "sha256": digest,
        "rows": len(frame),
        "bbox": [float(edge) for edge in frame.total_bounds]
        if isinstance(frame, gpd.GeoDataFrame) and len(frame)
        else None,
        "fields_sha256": fields_sha256(layer),
        "sources": [dict(source) for source in written.sources],
    }
    imported = digest
    if written.imported is None:
        assert written.before is not None
        imported = written.before.get("given", written.before)["sha256"]
        if imported != digest:
            draft.share(given, imported)
    elif written.stored is not None:
        imported = written.stored.sha256
        if imported != digest:
            draft.adopt(given, written.stored.path, imported)
    elif written.imported is not frame:
        data = parquet.to_bytes(written.imported, layer, district)
        imported = sha256(data)
        if imported != digest:
            draft.put(given, data)
    if imported != digest:
        entry["given"] = {"file": given, "sha256": imported}
    return entry


def asset_entries(draft: Draft, home: Home) -> dict[str, Any]:
    """Write the district's own files; return their manifest entries."""
    files = [home.path / DISTRICT, *(path for path in durable.listed(home.folder("assets")) if path.is_file())]
    places = {path.name: f"assets/{path.name}" for path in files}
    return {
        path.name: {"file": places[path.name], "sha256": draft.put(places[path.name], read_bytes(path))}
        for path in files
    }


def findings_entry(
    draft: Draft, findings: Mapping[str, Iterable[Finding]], replaced: Iterable[str], base: Snapshot | None
) -> dict[str, Any]:
    """Write what the checks had to say; return the manifest entry.

    Findings of a layer that was replaced go with it; to those of one that was added to or updated the new ones are
    added.
    """
    told = {} if base is None else dict(base.findings())
    told = {name: found for name, found in told.items() if name not in set(replaced)}
    for name, found in findings.items():
        told[name] = [*told.get(name, []), *(dict(finding) for finding in found)]
    counts = Counter(str(finding["severity"]) for found in told.values() for finding in found)
    digest = draft.put("findings.json", seal({"findings": told}))
    return {"file": "findings.json", "sha256": digest, "counts": dict(sorted(counts.items()))}


def attachments_entry(draft: Draft, attached: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Write which attachments the version shows; return the manifest entry."""
    listed = [dict(one) for one in attached]
    digest = draft.put("attachments.json", seal({"attachments": listed}))
    return {"file": "attachments.json", "sha256": digest, "count": len(listed)}


def sidecar_entries(draft: Draft, snapshot: Snapshot, builders: Mapping[str, Sidecar]) -> dict[str, Any]:
    """Build and write the sidecars; return their manifest entries."""
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
