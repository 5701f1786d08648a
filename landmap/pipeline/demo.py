"""The demo: a home folder with the bundled district published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from landmap.domain import District, layers
from landmap.domain.errors import NotFoundError, SourceError
from landmap.ingest import StagedLayer, check
from landmap.pipeline.publishing import publish_layers
from landmap.resources import geodata_root
from landmap.store import Home, Snapshot, app_version, open_current

DEMO: Final = "licang"
_SUFFIXES: Final = (".geojson", ".csv")


def demo_home(path: Path, *, folder: Path | None = None) -> Snapshot:
    """Make `path` a home with the bundled district published, and return the version.

    A home that holds these very files already, published by this version of landmap, is left alone.

    Parameters
    ----------
    path : Path
        Made when it does not exist.
    folder : Path, optional
        A district's folder: ``district.toml``, the files it names, and one file per layer, called like the layer. The
        bundled demo district when left out.

    Raises
    ------
    SourceError
        When a file of the district is refused, or the folder holds no layer.
    BusyError, ConfigError, SchemaError, StoreError
        As `Home.create` and `landmap.store.publish`.
    """
    source = folder or geodata_root() / DEMO
    toml = source / "district.toml"
    district = District.from_toml(toml)
    files = {one.file: source / one.file for one in district.basemap if one.file}
    given = layer_files(source)
    if not given:
        raise SourceError(f"{source} holds no layer", hint="files are called like their layer: parcels.geojson")
    held = _held(Home(path), {**given, **files, toml.name: toml})
    if held is not None:
        return held
    home = Home.create(path, toml, files)
    staged = [_checked(file, name, district) for name, file in given.items()]
    return publish_layers(home, staged, by="landmap", note=district.notice("zh"))


def layer_files(folder: Path) -> dict[str, Path]:
    """Return the files of `folder` that are called like a layer, by layer."""
    files = (folder / f"{name}{suffix}" for name in layers.layers() for suffix in _SUFFIXES)
    return {file.stem: file for file in files if file.is_file()}


def _checked(file: Path, name: str, district: District) -> StagedLayer:
    layer, report = check([file], name, district)
    if layer is None:
        reasons = [one.refused for one in report.inputs if one.refused]
        raise SourceError(f"{file} was refused: {'; '.join(map(str, reasons)) or 'no row could be taken'}")
    return layer


def _held(home: Home, files: Mapping[str, Path]) -> Snapshot | None:
    """Return the current version if it was published from exactly these files by this version of landmap."""
    if not home.snapshots.is_dir():
        return None
    try:
        snapshot = open_current(home)
    except NotFoundError:
        return None
    manifest = snapshot.manifest
    hashes = {name: entry["sha256"] for name, entry in manifest["assets"].items()}
    for name, entry in manifest["layers"].items():
        if len(entry["sources"]) == 1:
            hashes[name] = entry["sources"][0]["sha256"]
    found = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    same = hashes == found and manifest["app_version"] == app_version() and not snapshot.warnings
    return snapshot if same else None
