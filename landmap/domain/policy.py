"""The field policy applied to a table: which records and values an audience class may draw from.

A value that is withheld is unknown, exactly as one that was never known, so nothing downstream (filter, sort, facet,
export) can tell the two apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from landmap.domain.audience import NOTICED_STAGES, PolicyClass, Visibility, record_class, sees_class
from landmap.domain.fields import Kind
from landmap.domain.layers import Layer, layers
from landmap.domain.table import Table

#: A layer without a review of its own counts as reviewed and published.
PUBLISHED: Final = "published"
#: Facilities that can be seen by whoever passes; a plan is internal until it is published (domain reference §10.7).
_STANDING: Final = ("existing", "under_construction")


class Records(Protocol):
    """Records column by column: a table, or a canonical frame."""

    def __len__(self) -> int: ...

    def __getitem__(self, name: str, /) -> Iterable[Any]: ...


def visible_records(records: Records, layer: Layer, asking: PolicyClass) -> npt.NDArray[np.bool_]:
    """Return which rows of a table or a canonical frame exist for `asking`, shape (n,).

    Layers without a visibility of their own (districts, facilities, parks, child tables) are public, except that a
    facility is internal unless it stands or is being built.
    """
    if layer.classified:
        columns = (_texts(records, layer, name) for name in ("visibility", "plan_publicity", "review_status"))
        told = list(zip(*columns, strict=True))
        seen = {one: sees_class(asking, record_class(*one)) for one in set(told)}
        return np.fromiter(map(seen.__getitem__, told), dtype=bool, count=len(records))
    if layer.name == "facilities" and asking is not PolicyClass.INTERNAL:
        return _among(records["status"], _STANDING)
    return np.ones(len(records), dtype=bool)


def redact(table: Table, asking: PolicyClass) -> Table:
    """Return the rows and columns of a table that exist for `asking`, with waiting values unknown.

    Returns
    -------
    Table
        The visible rows in the given order; the columns of ``layer.fields_for(asking)`` and the geometry.
    """
    layer, fields = table.layer, table.layer.fields_for(asking)
    kept = [*fields, *(["geometry"] if layer.spatial else [])]
    shown = table.only(kept).at(visible_records(table, layer, asking))
    waiting = [name for name, field in fields.items() if field.visibility is Visibility.PUBLIC_AFTER_NOTICE]
    if layer.staged and asking is not PolicyClass.INTERNAL and waiting:
        shown = shown.without(waiting, ~_among(shown["supply_stage"], NOTICED_STAGES))
    return shown


def redact_among(tables: Mapping[str, Table], layer: Layer, asking: PolicyClass) -> Table:
    """Return what exists of a layer for `asking`, as `redact`, with nothing in it that names a hidden record.

    Parameters
    ----------
    tables : mapping of str to Table
        By layer name: this layer and those it refers to.
    layer : Layer
    asking : PolicyClass

    Returns
    -------
    Table
        A reference to a record that does not exist for `asking` is unknown; a nested row of such a record is left out.
        A record that is hidden and one that is not there are the same: whoever sees everything is told both.
    """
    shown = redact(tables[layer.name], asking)
    if asking is PolicyClass.INTERNAL:
        return shown
    for name, field in layer.fields_for(asking).items():
        if field.kind is not Kind.REFERENCE:
            continue
        astray = shown.known(name) & ~_among(shown[name], _ids_named(tables, name, asking))
        shown = shown.at(~astray) if name == layer.parent_field else shown.without([name], astray)
    return shown


def _ids_named(tables: Mapping[str, Table], reference: str, asking: PolicyClass) -> frozenset[str]:
    """Return the ids that `asking` may know of the layer that a reference field is named after."""
    target = next(one for one in layers().values() if one.id_field == reference and one.parent is None)
    if target.name not in tables:
        return frozenset()
    table = tables[target.name]
    return frozenset(table[reference][visible_records(table, target, asking)])


def _among(values: Iterable[Any], wanted: Collection[str]) -> npt.NDArray[np.bool_]:
    return np.array([value in wanted for value in values], dtype=np.bool_)


def _texts(records: Records, layer: Layer, name: str) -> list[str | None]:
    if name in layer.fields:
        return [value if isinstance(value, str) else None for value in records[name]]
    return [PUBLISHED if name == "review_status" else None] * len(records)
