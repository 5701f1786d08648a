"""The one door to GDAL: local files of two formats, known by their magic and once more by the driver that opened them.

GDAL sniffs drivers by content and has dozens of them, some of which open other files or the network. Nothing comes here
that does not start as a Shapefile or a FlatGeobuf, and a file that another driver claims is not read.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from landmap.ingest.faults import DAMAGE, Fault, RefusedError

DRIVERS: Final = frozenset({"ESRI Shapefile", "FlatGeobuf"})


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
        When GDAL cannot open or read it, or opens it as something else.
    """
    options = {"encoding": encoding} if encoding else {}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            driver = pyogrio.read_info(str(path.resolve()), **options)["driver"]
            if driver not in DRIVERS:
                raise RefusedError("driver_unwanted", driver)
            meta, _, wkb, data = pyogrio.raw.read(str(path.resolve()), datetime_as_string=True, **options)
        except RefusedError:
            raise
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


def _plain(value: Any) -> Any:
    """Return a NumPy cell as a Python value; NaN and NaT are how GDAL's columns say null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and value != value else value
