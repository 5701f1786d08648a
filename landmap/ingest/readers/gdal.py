"""The one door to GDAL: local files of three formats, known by content and again by the driver that opened them.

GDAL sniffs drivers by content and has dozens of them, some of which open other files or the network. Nothing comes here
that does not start as a Shapefile, a FlatGeobuf or a file geodatabase, and what another driver claims is not read.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
from numpy.typing import NDArray

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers.wkb import shapes_of

DRIVERS: Final = frozenset({"ESRI Shapefile", "FlatGeobuf", "OpenFileGDB"})


@dataclass(frozen=True)
class GdalLayer:
    """One layer as GDAL gives it; texts still hold the file's own bytes where `encoding` was latin-1."""

    name: str
    crs: str | None
    fields: tuple[str, ...]
    values: tuple[list[Any], ...]
    geometry: NDArray[np.object_]
    spatial: bool
    faults: tuple[Fault, ...]


def drivers() -> frozenset[str]:
    """Return the names of the drivers that GDAL has loaded in this process."""
    return frozenset(pyogrio.list_drivers())


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers and tables of a local dataset, in its order.

    Raises
    ------
    RefusedError
        When GDAL cannot open it, or opens it as something else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # told again, and kept, when each layer is read
            driver = pyogrio.read_info(str(path.resolve()))["driver"]
            if driver not in DRIVERS:
                raise RefusedError("driver_unwanted", driver)
            return [str(name) for name, _ in pyogrio.list_layers(str(path.resolve()))]
    except RefusedError:
        raise
    except DAMAGE as error:
        raise RefusedError("file_damaged", reason=str(error)) from error


def read(path: Path, *, layer: str | None = None, encoding: str | None = None) -> GdalLayer:
    """Return one layer of a local file.

    Parameters
    ----------
    path : Path
        Resolved first, so that no name can be taken for one of GDAL's virtual file systems.
    layer : str, optional
        Its name; the first one unless told.
    encoding : str, optional
        Of the attribute texts.

    Raises
    ------
    RefusedError
        When GDAL cannot open or read it, or opens it as something else.
    """
    options = {name: value for name, value in (("encoding", encoding), ("layer", layer)) if value is not None}
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
    geometry = np.full(count, None, dtype=object) if wkb is None else shapes_of(wkb, faults)
    return GdalLayer(
        name=str(layer or path.stem),
        crs=meta["crs"],
        fields=tuple(str(name) for name in meta["fields"]),
        values=tuple([_plain(value) for value in column] for column in data),
        geometry=geometry,
        spatial=wkb is not None,
        faults=tuple(faults),
    )


def _plain(value: Any) -> Any:
    """Return a NumPy cell as a Python value; NaN and NaT are how GDAL's columns say null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and value != value else value
