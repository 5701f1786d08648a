"""Columns in which nothing has to be looked at cell by cell, as a file of a million clean records has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from landmap.domain import Field, Kind
from landmap.ingest import cell_units
from landmap.ingest.encoding import garbled

#: Kinds whose cells are read alike wherever they stand, so that each different one has to be read only once.
_REPEATING: Final = frozenset({Kind.CODE, Kind.CODES, Kind.BOOLEAN, Kind.DATE, Kind.URL, Kind.TEXTS})


def whole_column(
    values: Sequence[Any], field: Field, unit: str, read: Callable[[Any], Any], unseen: Callable[[str], object]
) -> list[Any] | None:
    """Return a column read at one go; None when it has to be read cell by cell.

    Parameters
    ----------
    values : sequence, length n
    field : Field
    unit : str
    read : callable
        Reads one cell; it raises, or returns a fault, where there is anything to tell.
    unseen : callable
        Whether a text holds characters that cannot be seen.

    Notes
    -----
    A column is read at one go only when all its known cells are of one type: Python takes 1, 1.0 and True for equal.
    """
    kinds = set(map(type, values)) - {type(None)}
    if field.kind.numeric and kinds <= {int, float}:
        return _numbers(values, field, unit)
    if len(kinds) != 1:
        return [None] * len(values) if not kinds else None
    (kind,) = kinds
    if kind is str and field.kind in (Kind.TEXT, Kind.REFERENCE) and field.name != "planned_supply_on":
        return _texts(values, unseen)
    if field.kind in _REPEATING and kind in (str, int, bool, float):
        return _repeating(values, read)
    return None


def _numbers(values: Sequence[Any], field: Field, unit: str) -> list[Any] | None:
    factor = cell_units.factor(unit, field.unit) if unit else 1.0
    try:
        numbers = np.array(values, dtype=np.float64)
    except OverflowError:
        return None
    known = np.isfinite(numbers)
    missing = len(numbers) - int(known.sum())
    if factor is None or (missing and missing != sum(value is None for value in values)):
        return None
    if factor != 1:
        numbers *= factor
    if field.kind is Kind.INTEGER:
        whole = numbers[known]
        if (whole != np.floor(whole)).any() or (np.abs(whole) >= 2**53).any():
            return None
        numbers = np.where(known, numbers, 0).astype(np.int64)
    found: list[Any] = numbers.tolist()
    if missing:
        for index in np.flatnonzero(~known).tolist():
            found[index] = None
    return found


def _texts(values: Sequence[Any], unseen: Callable[[str], object]) -> list[Any] | None:
    """Return texts as they are, when none has blanks round it, nothing that cannot be seen, and none is garbled."""
    known = list({value for value in values if value is not None})
    together = "\n".join(known)
    if unseen(together) or garbled(together) or "" in known or known != list(map(str.strip, known)):
        return None
    return list(values)


def _repeating(values: Sequence[Any], read: Callable[[Any], Any]) -> list[Any] | None:
    """Return what each cell is read as, every different one once; None when one of them cannot be read plainly."""
    meaning: dict[Any, Any] = {None: None}
    different = set(values) - {None}
    if len(different) > len(values) // 2 and len(values) > 1:
        return None
    for value in different:
        found = read(value)
        if found is None:
            return None
        meaning[value] = found
    return [meaning[value] for value in values]
