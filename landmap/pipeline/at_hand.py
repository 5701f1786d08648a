"""What a home knows before an import: where things lie already, and what is remembered of the source."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import layer_named
from landmap.domain.errors import ConfigError, NotFoundError
from landmap.ingest import Boundary, InputReport, Profile, profile_of
from landmap.store import Home, Snapshot, open_current, staged

Shapes = NDArray[np.object_]

#: So many outlines of a layer are enough to compare with.
OUTLINES: Final = 20_000
#: The layers whose outlines other layers lie in, the finer first.
_AROUND: Final[Mapping[str, tuple[str, ...]]] = {"buildings": ("parcels",)}
_LINE: Final = "district_line"
_AREA: Final = 2
#: Basemaps whose lines lie where they should.
_TRUE: Final = ("CGCS2000", "WGS84")


def boundaries_of(home: Home, layer: str) -> tuple[Boundary, ...]:
    """Return what files for `layer` can be compared with, the best first; empty for a new home without a basemap.

    First the layer itself as published, then what its records stand on, then the outline of the district: the record of
    the published or staged districts with the district's own code, else the line that its basemap draws.
    """
    if not layer_named(layer).spatial:
        return ()
    try:
        current = open_current(home)
    except NotFoundError:
        current = None
    published = () if current is None else current.layers
    found = [
        Boundary(name, _thinned(current.table(name).columns["geometry"]))
        for name in (layer, *_AROUND.get(layer, ()))
        if current is not None and name in published
    ]
    outline = next(_outlines(home, current), None)
    if outline is not None:
        found.append(Boundary("outline", outline))
    return tuple(found)


def load_profile(home: Home, name: str) -> Profile:
    """Return what is remembered of a source; raise NotFoundError, or ConfigError naming what is wrong in the file."""
    try:
        return Profile.from_json(home.profile(name).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"profile {name!r} is not in UTF-8: {error}") from None


def remember_profile(home: Home, name: str, layer: str, found: InputReport) -> Profile:
    """Remember what a check found out about a source, and return it; a profile of that name is brought up to date."""
    before = load_profile(home, name) if name in home.profiles() else None
    if before is not None and before.layer != layer:
        raise ConfigError(f"profile {name!r} is of layer {before.layer!r}", hint="choose another name")
    profile = profile_of(name, layer, found, before)
    home.save_profile(name, profile.to_json().encode())
    return profile


def _outlines(home: Home, current: Snapshot | None) -> Iterator[Shapes]:
    """Yield the outlines of the district that a home has, the best first."""
    code = home.district().code
    if current is not None and "districts" in current.layers:
        columns = current.table("districts").columns
        yield from _own(columns["district_code"], columns["geometry"], code)
    waiting = staged(home).get("districts")
    if waiting is not None:
        frame = waiting.frame()
        yield from _own(frame["district_code"].to_numpy(dtype=object), frame["geometry"].to_numpy(dtype=object), code)
    for basemap in home.district().basemap:
        if basemap.kind == "vector" and basemap.file is not None and basemap.datum in _TRUE:
            yield from _drawn(home.folder("assets") / basemap.file)


def _own(codes: Shapes, shapes: Shapes, code: str) -> Iterator[Shapes]:
    """Yield the shapes of the records with the district's own code, if there are any."""
    found = shapes[(codes == code) & (shapely.get_dimensions(shapes) == _AREA)]
    if len(found):
        yield found


def _drawn(path: Path) -> Iterator[Shapes]:
    """Yield the area inside the district's line on a basemap, if it draws one."""
    if not path.is_file():
        return
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    lines = [
        shapely.from_geojson(json.dumps(one["geometry"])) for one in features if one["properties"].get("kind") == _LINE
    ]
    areas = shapely.get_parts(shapely.polygonize(lines)) if lines else np.array([], dtype=object)
    if len(areas):
        yield areas


def _thinned(shapes: Shapes) -> Shapes:
    """Return up to `OUTLINES` of the shapes there are, spread over the layer."""
    there: Shapes = shapes[~shapely.is_missing(shapes)]
    return there[:: math.ceil(len(there) / OUTLINES)] if len(there) else there
