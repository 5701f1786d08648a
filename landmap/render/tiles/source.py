"""What tiles of a layer are made from: shapes by ordinal, and the few values a tile tells of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from landmap.domain import Table
from landmap.render.classes import map_keys
from landmap.render.shapes import number_field
from landmap.render.tiles.paths import Shapes
from landmap.render.tiles.tile import Value

BASEMAP_LAYER: Final = "basemap"
#: From this zoom tiles tell the number that people quote.
NUMBERED: Final = 16
#: A layer of so many records is drawn at every zoom; of a larger one, the coarse zooms would be too heavy.
FEW: Final = 20_000
#: From this zoom tiles of a large layer are drawn; below it, its records are dots.
DETAIL: Final = 12

#: The field whose size is told in steps, by layer.
_SIZES: Final[Mapping[str, str]] = {"parcels": "area_m2", "buildings": "gross_floor_area_m2"}
#: Steps of size: so many for every doubling, and no more than these.
AREA_STEPS: Final = 6
AREA_LAST: Final = 127


@dataclass(frozen=True, slots=True)
class Column:
    """One value of every record: `codes` are positions in `values`, -1 for unknown; told from zoom `since` on."""

    key: str
    values: Sequence[Value]
    codes: npt.NDArray[np.int64]
    since: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A layer as its tiles see it; the ordinal is the row.

    Attributes
    ----------
    name : str
        What the layer is called in a tile.
    shapes : array of geometry, shape (n,)
        EPSG:4490; None where unknown.
    columns : tuple of Column
    """

    name: str
    shapes: Shapes
    columns: tuple[Column, ...]

    @property
    def detail(self) -> int:
        """The first zoom that is drawn."""
        return detail_zoom(len(self.shapes))


def detail_zoom(size: int) -> int:
    """Return the first zoom at which a layer of `size` records is drawn.

    Examples
    --------
    >>> detail_zoom(600), detail_zoom(1_000_000)
    (0, 12)
    """
    return 0 if size <= FEW else DETAIL


def table_source(table: Table) -> Source:
    """Return the source of a redacted table: class, stage, size in steps and number, as far as its fields show them."""
    layer = table.layer
    columns = [_coded("code", map_keys(table))]
    if "supply_stage" in table.columns:
        columns.append(_coded("stage", table["supply_stage"]))
    if _SIZES.get(layer.name) in table.columns:
        columns.append(_stepped(table[_SIZES[layer.name]]))
    named = number_field(layer)
    if named in table.columns:
        columns.append(_coded("no", table[named], since=NUMBERED))
    return Source(layer.name, table["geometry"], tuple(columns))


def basemap_source(features: Sequence[Mapping[str, Any]]) -> Source:
    """Return the source of a basemap: kind and name of each feature."""
    shapes = np.array([shapely.from_geojson(orjson.dumps(feature["geometry"])) for feature in features], dtype=object)
    about = [feature.get("properties") or {} for feature in features]
    return Source(
        BASEMAP_LAYER,
        shapes,
        tuple(_coded(key, [one.get(key) for one in about]) for key in ("kind", "name", "name_en")),
    )


def _coded(key: str, texts: Sequence[str | None] | npt.NDArray[np.object_], since: int = 0) -> Column:
    known: dict[str | None, int] = {None: -1}
    codes = np.array([known.setdefault(text, len(known) - 1) for text in texts], dtype=np.int64)
    del known[None]
    return Column(key, tuple(str(text) for text in known), codes, since)


def _stepped(sizes: npt.NDArray[np.float64]) -> Column:
    """Return sizes in square metres as steps; step k begins at 2^(k/6) m², the last holds all that is larger."""
    known = ~np.isnan(sizes)
    steps = np.full(len(sizes), -1, dtype=np.int64)
    steps[known] = np.clip(np.floor(AREA_STEPS * np.log2(np.maximum(sizes[known], 1.0))), 0, AREA_LAST)
    return Column("area_bin", range(AREA_LAST + 1), steps)
