"""File geodatabases: a folder of numbered tables, as ArcGIS keeps it; from an archive it comes unpacked."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from landmap.ingest.readers import gdal
from landmap.ingest.readers.raw import RawLayer, Request

#: The table of tables: a folder that has it is a geodatabase, and what GDAL opens.
CATALOGUE: Final = "a00000001.gdbtable"
#: Every file of a geodatabase is called like this; any other in the folder is none of its own.
_MEMBER: Final = re.compile(r"(?:a[0-9a-f]{8}\.[a-z_]{2,12}|gdb|timestamps)", re.IGNORECASE)
_MULTI: Final = (GeometryType.MULTIPOINT, GeometryType.MULTILINESTRING, GeometryType.MULTIPOLYGON)


class FileGdbReader:
    """Esri file geodatabase (version 9 and 10): feature classes and tables, each a layer."""

    key = "filegdb"
    suffixes = (".gdb",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether `path` is a folder with a geodatabase's catalogue in it."""
        return is_geodatabase(path)

    def read(self, request: Request) -> list[RawLayer]:
        """Return every layer and table of the geodatabase, in its order."""
        with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
            path = Path(folder) / "layer.gdb"  # GDAL goes by this ending
            path.mkdir()
            for member in sorted(request.path.iterdir()):
                if member.is_file() and not member.is_symlink() and is_member(member.name):
                    (path / member.name.lower()).symlink_to(member.resolve())
            return [_layer(gdal.read(path, layer=name)) for name in gdal.layer_names(path)]


def is_member(name: str) -> bool:
    """Return whether a file of this name belongs to a geodatabase when it lies in its folder.

    Examples
    --------
    >>> is_member("a00000001.gdbtable"), is_member("PC.1234.sr.lock")
    (True, False)
    """
    return _MEMBER.fullmatch(name) is not None


def is_geodatabase(path: Path) -> bool:
    """Return whether `path` is the folder of a file geodatabase."""
    return path.is_dir() and any(one.name.lower() == CATALOGUE for one in path.iterdir())


def _layer(layer: gdal.GdalLayer) -> RawLayer:
    return RawLayer(
        name=layer.name,
        columns=dict(zip(layer.fields, layer.values, strict=True)),
        rows=tuple(range(1, len(layer.geometry) + 1)),
        geometry=_single(layer.geometry) if layer.spatial else None,
        crs=layer.crs,
        encoding="utf-8",
        faults=layer.faults,
    )


def _single(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes of one part as such: the format does not tell them from those of several."""
    several = np.isin(shapely.get_type_id(shapes), _MULTI)
    alone = several & (shapely.get_num_geometries(shapes) == 1)
    return np.where(alone, shapely.get_geometry(shapes, 0), shapes)
