"""The one door to GDAL: drivers on an allow-list, local paths only, its warnings turned into faults.

GDAL sniffs drivers by content and has dozens of them, some of which open other files or the network. The list below is
put into the environment before the library is loaded; what slips past is caught by the magic that each reader asks for.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: What we read or write with GDAL.
DRIVERS: Final = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "MEM")

#: The vector drivers of the wheels we use, less those above and GDAL's own in-memory one, which it cannot do without.
_OTHERS: Final = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,GDALG,GML,GPSBabel,"
    "GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MVT,MapInfo File,MapML,"
    "MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,PMTiles,"
    "S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
os.environ.setdefault("GDAL_SKIP", _OTHERS)
#: A driver that this build lacks is not worth a line on the user's terminal.
os.environ.setdefault("CPL_LOG", os.devnull)

import numpy as np  # noqa: E402
import pyogrio  # noqa: E402
import shapely  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from landmap.ingest.faults import DAMAGE, Fault, RefusedError  # noqa: E402


@dataclass(frozen=True)
class GdalLayer:
    """One layer as GDAL gives it; texts still hold the file's own bytes where `encoding` was latin-1."""

    name: str
    crs: str | None
    fields: tuple[str, ...]
    values: tuple[list[Any], ...]
    geometry: NDArray[np.object_]
    faults: tuple[Fault, ...]


def read(path: Path, *, encoding: str | None = None) -> GdalLayer:
    """Return the first layer of a local file.

    Parameters
    ----------
    path : Path
        Resolved first, so that no name can be taken for one of GDAL's virtual file systems.
    encoding : str, optional
        Of the attribute texts.

    Raises
    ------
    RefusedError
        When GDAL cannot open or read it.
    """
    options = {"encoding": encoding} if encoding else {}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            meta, _, wkb, data = pyogrio.raw.read(str(path.resolve()), datetime_as_string=True, **options)
        except DAMAGE as error:
            raise RefusedError("file_damaged", reason=str(error)) from error
    faults = [Fault("reader_said", value=str(one.message)) for one in said]
    count = len(data[0]) if len(data) else len(wkb) if wkb is not None else 0
    geometry = np.full(count, None, dtype=object)
    if wkb is not None:
        with np.errstate(invalid="ignore"):  # damaged coordinates are told by the checks
            geometry[:] = shapely.from_wkb(wkb, on_invalid="ignore")
        unread = [row for row, (a, b) in enumerate(zip(wkb, geometry, strict=True), 1) if a is not None and b is None]
        faults += [Fault("geometry_unreadable", row, "geometry") for row in unread]
    return GdalLayer(
        name=str(meta.get("layer_name") or path.stem),
        crs=meta["crs"],
        fields=tuple(str(name) for name in meta["fields"]),
        values=tuple([_plain(value) for value in column] for column in data),
        geometry=geometry,
        faults=tuple(faults),
    )


def open_drivers() -> Iterator[str]:
    """Yield the drivers that are loaded although nobody asked for them; none, when this module came first."""
    yield from sorted(set(pyogrio.list_drivers()) - set(DRIVERS))


def _plain(value: Any) -> Any:
    """Return a NumPy cell as a Python value; NaN and NaT are how GDAL's columns say null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and value != value else value
