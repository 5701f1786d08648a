"""Tables: a layer as NumPy columns, one form per kind, unknown always a value of its own.

What serves answers works on tables; what is imported and published travels as canonical frames (`frames`).

=================  ====================================  =========
kind               column                                unknown
=================  ====================================  =========
text, code, …      object of str                         None
number             float64                               NaN
integer            int64                                 NO_INTEGER
boolean            int8, 1 or 0                          -1
date               datetime64[D]                         NaT
codes, texts       object of tuple of str                None
json               object of str: compact, keys sorted   None
geometry           shapely geometry, EPSG:4490           None
=================  ====================================  =========
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.domain.fields import Kind
from landmap.domain.layers import Layer

Column = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

#: An integer that is not known.
NO_INTEGER: Final = int(np.iinfo(np.int64).min)
_FORMS: Final[Mapping[Kind, tuple[str, Any]]] = {
    Kind.NUMBER: ("float64", np.nan),
    Kind.INTEGER: ("int64", NO_INTEGER),
    Kind.BOOLEAN: ("int8", -1),
    Kind.DATE: ("datetime64[D]", np.datetime64("NaT")),
}


def unknown_column(kind: Kind, size: int) -> Column:
    """Return a column of `kind` in which nothing is known, shape (size,)."""
    dtype, unknown = _FORMS.get(kind, ("object", None))
    return np.full(size, unknown, dtype=dtype)


def known_in(column: Column, kind: Kind) -> Mask:
    """Return where a column of `kind` holds a value, shape (n,)."""
    if kind is Kind.NUMBER:
        return ~np.isnan(column)
    if kind is Kind.DATE:
        return ~np.isnat(column)
    _, unknown = _FORMS.get(kind, ("object", None))
    return np.asarray(np.not_equal(column, unknown), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Table:
    """Records of a layer, column by column.

    Attributes
    ----------
    layer : Layer
    columns : mapping of str to array, each shape (n,)
        In the order of the field tables.
    size : int
        How many records there are.
    """

    layer: Layer
    columns: Mapping[str, Column]
    size: int

    @classmethod
    def empty(cls, layer: Layer) -> Table:
        """Return the table of a layer without records."""
        return cls(layer, {name: unknown_column(field.kind, 0) for name, field in layer.fields.items()}, 0)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def known(self, name: str) -> Mask:
        """Return where field `name` is known, shape (n,)."""
        return known_in(self.columns[name], self.layer.fields[name].kind)

    def at(self, rows: Mask | npt.NDArray[np.integer[Any]]) -> Table:
        """Return the records that a mask chooses, or those at some positions, in that order."""
        chosen = {name: column[rows] for name, column in self.columns.items()}
        size = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Table(self.layer, chosen, size)

    def only(self, names: Iterable[str]) -> Table:
        """Return the table with the named columns, in that order."""
        return Table(self.layer, {name: self.columns[name] for name in names}, self.size)

    def without(self, names: Collection[str], rows: Mask) -> Table:
        """Return the table with the named fields unknown on `rows`."""
        masked = dict(self.columns)
        for name in names:
            unknown = unknown_column(self.layer.fields[name].kind, self.size)
            masked[name] = np.where(rows, unknown, masked[name])
        return Table(self.layer, masked, self.size)
