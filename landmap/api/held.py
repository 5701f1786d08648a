"""One record of a catalog as edits know it: every field, as JSON values, whoever may see them."""

from __future__ import annotations

from typing import Any

import numpy as np

from landmap import access, domain
from landmap.domain import Layer, Table
from landmap.domain.errors import NotFoundError, shown
from landmap.query import Catalog


def held_record(catalog: Catalog, layer: Layer, id: str) -> dict[str, Any]:
    """Return the fields of a record as `landmap.access.edits.plain` gives them; NotFoundError when it is not there."""
    table = catalog.tables.get(layer.name)
    rows = np.flatnonzero([] if table is None else keys_of(table) == id)
    if table is None or not len(rows):
        raise NotFoundError(f"the layer {layer.name} has no record {shown(id)}")
    return access.edits.record(domain.frame_of(table.at(rows)), layer, id)


def keys_of(table: Table) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return one text per record that tells it apart, as `landmap.access.edits.keys` does for frames."""
    first, *more = table.layer.key
    texts = table[first].astype(object)
    for name in more:
        texts = texts + "/" + table[name]
    return texts
