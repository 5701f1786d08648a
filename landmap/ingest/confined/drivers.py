"""What the checking process is started with: which of GDAL's drivers exist at all, and one thread everywhere.

GDAL sniffs drivers by content, and some of its drivers open other files or the network. A driver named in ``GDAL_SKIP``
before GDAL is loaded does not exist in that process; after loading, `strangers` tells what a newer GDAL brought along.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

#: The drivers that a reader asks for, and no other.
ALLOWED: Final = frozenset({"ESRI Shapefile", "FlatGeobuf", "OpenFileGDB"})

#: Every other driver of the GDAL that we ship with; one that it does not know does no harm.
_SKIPPED: Final = (
    "ADBC", "AIVector", "AmigoCloud", "AVCBin", "AVCE00", "Carto", "CSV", "CSW", "DGN", "DXF", "EDIGEO", "EEDA",
    "Elasticsearch", "ESRIJSON", "GDALG", "GeoJSON", "GeoJSONSeq", "GeoRSS", "GML", "GPKG", "GPSBabel", "GPX", "GTFS",
    "HTTP", "Idrisi", "JML", "JSONFG", "KML", "LIBKML", "LVBAG", "MapInfo File", "MapML", "MBTiles", "MEM",
    "MiraMonVector", "MVT", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "PCIDSK", "PDF",
    "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "Selafin", "SQLite", "SXF", "TopoJSON", "VDV", "VFK", "VICAR",
    "VRT", "WAsP", "WFS", "XLSX",
)  # fmt: skip

_KEPT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TZ")
_SKIP: Final = "GDAL_SKIP"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the checking process: a few harmless names of `environ`, and our own settings."""
    return {name: environ[name] for name in _KEPT if name in environ} | {
        "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry),
        _SKIP: ",".join(_SKIPPED),
        "GDAL_DRIVER_PATH": "disable",
        "CPL_LOG": os.devnull,
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "PROJ_NETWORK": "OFF",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_IO_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "MALLOC_ARENA_MAX": "2",
    }


def strangers(present: Iterable[str]) -> frozenset[str]:
    """Return the drivers among those `present` that should not be there."""
    return frozenset(present) - ALLOWED


def skip_also(environ: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """Return `environ` with more drivers skipped."""
    return dict(environ) | {_SKIP: ",".join([environ.get(_SKIP, ""), *sorted(names)])}
