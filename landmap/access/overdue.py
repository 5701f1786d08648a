"""Who must confirm what by when: the records of a layer with their day, and which of them are overdue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from landmap.access.edits import keys, plain
from landmap.domain import District, Freshness, Kind, Layer, confirm_by, freshness_of, left_out
from landmap.domain.errors import InvalidValueError
from landmap.domain.layers import AS_OF


@dataclass(frozen=True)
class Due:
    """One record: what it is, what day it is as of, until when that holds, how it stands today.

    `as_of` and `due` are None for a record that names no day; `out` says that new links leave it out.
    """

    id: str
    title: str
    kind: str | None
    as_of: dt.date | None
    due: dt.date | None
    state: Freshness
    out: bool


def due_records(frame: pd.DataFrame, layer: Layer, district: District, today: dt.date) -> tuple[Due, ...]:
    """Return every record of a canonical frame, the longest overdue first, those that name no day before all.

    Raises
    ------
    InvalidValueError
        For a layer that says no day its records are as of.
    """
    if AS_OF not in layer.fields:
        raise InvalidValueError.of("layer", layer.name, "says no day its records are as of")
    days = [_day(value) for value in frame[AS_OF]]
    kinds = _texts(frame, layer.kind_field)
    titles = [title or "" for title in _texts(frame, layer.title)]
    states = [freshness_of(layer, kind, day, district, today) for kind, day in zip(kinds, days, strict=True)]
    dues = [
        None if day is None else confirm_by(layer, kind, day, district) for kind, day in zip(kinds, days, strict=True)
    ]
    ids = [str(id) for id in keys(frame, layer)]
    out = left_out(states, district)
    found = [Due(*row) for row in zip(ids, titles, kinds, days, dues, states, out, strict=True)]
    return tuple(sorted(found, key=lambda one: (one.due is not None, one.due or dt.date.min, one.id)))


def _day(value: Any) -> dt.date | None:
    text = plain(value, Kind.DATE)
    return None if text is None else dt.date.fromisoformat(text)


def _texts(frame: pd.DataFrame, name: str | None) -> list[str | None]:
    if name is None:
        return [None] * len(frame)
    return [value if isinstance(value, str) else None for value in frame[name]]
