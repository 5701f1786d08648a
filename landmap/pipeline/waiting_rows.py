"""What waits for a shape or a row, held against a layer that comes or was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from landmap.domain import layer_named
from landmap.ingest import StagedLayer, number_keys
from landmap.store import Home, Staged, forget_unplaced, waiting

if TYPE_CHECKING:
    import pandas as pd

#: What waits is read as files are, under these names.
ROWS: Final = "待上图.geojson"
SHAPES: Final = "待认领.geojson"


def placeable(home: Home, layer: StagedLayer) -> tuple[str, ...]:
    """Return the numbers, as written, of the rows that wait for a shape which `layer` has: a join would place them."""
    if not layer_named(layer.layer).spatial:
        return ()
    rows = [one for one in waiting(home, layer.layer).rows if one.key and one.staged_as is None]
    there = number_keys(layer.frame, layer.layer) if rows else frozenset()
    return tuple(one.number or one.key for one in rows if one.key in there)


def settle(home: Home, layer: Staged, frame: pd.DataFrame) -> None:
    """Let go of what waited and was published with `layer`, whose records are `frame`."""
    if any(str(source["name"]).startswith((ROWS, SHAPES)) for source in layer.sources):
        forget_unplaced(home, layer.layer, frozenset(frame[layer_named(layer.layer).id_field]))
