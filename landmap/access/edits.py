"""What an edit does to a record: values as JSON, edits of one field in their order, and what a file says against them.

Amendments never touch what was imported. They are laid over it at every publish, so an edit outlives the next import,
and taking one back brings the file's own value back. For each edited field, of the values that its edits were based on
or passed through, and of the last one:

- the file says the last one: it has **caught up**, and from the next version on the file alone speaks;
- the file says nothing, or still one of the earlier ones: it is **behind**, and the edit stands;
- the file says something else: it **contradicts**; the edit stands too, and somebody is told.

The day a record is as of is never contradicted: the later day holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from landmap.domain import Field, Kind, Layer, canonical_frame
from landmap.domain.errors import NotFoundError
from landmap.domain.layers import AS_OF

#: Shapes are compared and kept to a tenth of a millimetre.
_DEGREES_DECIMALS: Final = 9


@dataclass(frozen=True)
class Change:
    """One field from the value an edit was based on to the one it wants; both as `plain` gives them."""

    field: str
    before: Any
    value: Any


class Standing(StrEnum):
    """How a file stands to the edits of one field."""

    CAUGHT_UP = "caught_up"
    BEHIND = "behind"
    CONTRADICTS = "contradicts"


def plain(value: Any, kind: Kind) -> Any:
    """Return a cell of a canonical frame as a JSON value that compares as it reads; None for unknown.

    Examples
    --------
    >>> plain(pd.Timestamp("2026-11-22"), Kind.DATE), plain(("a", "b"), Kind.TEXTS), plain(float("nan"), Kind.NUMBER)
    ('2026-11-22', ['a', 'b'], None)
    """
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if kind is Kind.GEOMETRY:
        return shapely.to_wkt(shapely.normalize(value), rounding_precision=_DEGREES_DECIMALS)
    if kind is Kind.DATE:
        return value.date().isoformat() if isinstance(value, dt.datetime) else value.isoformat()
    if kind is Kind.NUMBER:
        return float(value)
    if kind is Kind.INTEGER:
        return int(value)
    if kind is Kind.BOOLEAN:
        return bool(value)
    return list(value) if kind.listed else value


def cell(value: Any, kind: Kind) -> Any:
    """Return what `plain` gave as a value that `canonical_frame` takes."""
    if value is None:
        return None
    if kind is Kind.GEOMETRY:
        return shapely.from_wkt(value)
    if kind is Kind.DATE:
        return dt.date.fromisoformat(value)
    return tuple(value) if kind.listed else value


def record(frame: pd.DataFrame, layer: Layer, feature_id: str) -> dict[str, Any]:
    """Return the fields of one record as JSON values; NotFoundError when there is none of that key."""
    rows = np.flatnonzero(keys(frame, layer) == feature_id)
    if not len(rows):
        raise NotFoundError(f"layer {layer.name!r} has no record {feature_id[:80]!r}")
    return _values(frame, layer, int(rows[0]))


def keys(frame: pd.DataFrame, layer: Layer) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return one text per record that tells it apart: its key fields, joined by ``/``."""
    texts = frame[layer.key[0]].astype(object)
    for name in layer.key[1:]:
        texts = texts + "/" + frame[name]
    return texts.to_numpy(dtype=object)


def last(chain: Sequence[Change], held: Any) -> tuple[Any, Standing]:
    """Return what holds of one field under its edits, and how the file's own value stands to them.

    Parameters
    ----------
    chain : sequence of Change, not empty
        The edits of one field of one record, in the order they were approved.
    held : JSON value
        What the file says.

    Examples
    --------
    >>> sold = Change("supply_stage", "announced", "sold")
    >>> last([sold], "announced"), last([sold], "withdrawn")
    (('sold', <Standing.BEHIND: 'behind'>), ('sold', <Standing.CONTRADICTS: 'contradicts'>))
    """
    final = chain[-1].value
    if held == final:
        return final, Standing.CAUGHT_UP
    if held is None:
        return final, Standing.BEHIND
    if chain[-1].field == AS_OF and final is not None:
        return (held, Standing.CAUGHT_UP) if held > final else (final, Standing.BEHIND)
    earlier = [change.before for change in chain] + [change.value for change in chain[:-1]]
    return final, Standing.BEHIND if held in earlier else Standing.CONTRADICTS


def with_values(frame: pd.DataFrame, layer: Layer, edited: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    """Return a canonical frame with other values in some rows; the given one is left as it is.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame, canonical
    layer : Layer
    edited : mapping of row number to mapping of field to JSON value
    """
    if not edited:
        return frame
    rows = sorted(edited)
    table = [{**_values(frame, layer, row), **edited[row]} for row in rows]
    cells = {
        name: pd.Series([cell(values[name], field.kind) for values in table], dtype=object)
        for name, field in layer.fields.items()
        if name in frame.columns
    }
    fresh = canonical_frame(pd.DataFrame(cells), layer)
    changed = frame.copy()
    for name in dict.fromkeys(name for values in edited.values() for name in values):
        column = frame[name].array.copy()
        column[np.array(rows)] = fresh[name].array
        changed[name] = pd.Series(column, index=frame.index, dtype=frame[name].dtype)
    return changed


def editable(field: Field, layer: Layer) -> bool:
    """Return whether a field may be edited at all: keys stay, what is computed is computed, versions count themselves.

    Numbers beside a planning text that they follow from are edited with it (see `landmap.ingest.check_record`).
    """
    return not field.derived and field.name not in (*layer.key, "version", "planning_parse_status")


def _values(frame: pd.DataFrame, layer: Layer, row: int) -> dict[str, Any]:
    return {
        name: plain(frame[name].iloc[row], field.kind) for name, field in layer.fields.items() if name in frame.columns
    }
