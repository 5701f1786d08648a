"""Who must confirm what by when: records with their day, which of them are overdue, and which new links leave out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landmap.domain import PUBLIC, District, Freshness, Layer, confirm_by, freshness_of, layer_named, left_out
from landmap.domain.errors import ForbiddenError, InvalidValueError, NotFoundError, Place
from landmap.domain.layers import AS_OF
from landmap.query import Catalog

if TYPE_CHECKING:
    import pandas as pd

    from landmap.domain import Table


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

    @property
    def reason(self) -> str:
        """In a few English words, why the record has to be confirmed."""
        if self.as_of is None or self.due is None:
            return "names no day it is as of"
        return f"as of {self.as_of}, had to be confirmed by {self.due}"


@dataclass(frozen=True)
class Offer:
    """Records chosen for a link: `kept` are those it will hold, `left_out` those that must be confirmed first."""

    kept: Mapping[str, tuple[str, ...]]
    left_out: tuple[tuple[str, Due], ...]


def due_records(records: pd.DataFrame | Table, layer: Layer, district: District, today: dt.date) -> tuple[Due, ...]:
    """Return every record of a layer, the longest overdue first, those that name no day before all.

    Parameters
    ----------
    records : DataFrame or Table, canonical
    layer : Layer
    district : District
    today : date

    Raises
    ------
    InvalidValueError
        For a layer that says no day its records are as of.
    """
    if AS_OF not in layer.fields:
        raise InvalidValueError.of("layer", layer.name, "says no day its records are as of")
    ids = ["/".join(key) for key in zip(*(_texts(records, name) for name in layer.key), strict=True)]
    titles, kinds = _texts(records, layer.title), _texts(records, layer.kind_field)
    days = [_day(value) for value in np.asarray(records[AS_OF], dtype=object)]
    found = (
        _due(id, title, kind or None, day, layer, district, today)
        for id, title, kind, day in zip(ids, titles, kinds, days, strict=True)
    )
    return tuple(sorted(found, key=lambda one: (one.due is not None, one.due or dt.date.min, one.id)))


def due_record(id: str, values: Mapping[str, Any], layer: Layer, district: District, today: dt.date) -> Due:
    """Return how one record stands; `values` are its fields as JSON."""
    title = values.get(layer.title or "")
    kind = values.get(layer.kind_field or "")
    text = values.get(AS_OF)
    day = None if text is None else dt.date.fromisoformat(text)
    return _due(id, title or "", kind, day, layer, district, today)


def offered(catalog: Catalog, chosen: Mapping[str, Iterable[str]], today: dt.date) -> Offer:
    """Return which of the chosen records a new link holds, by the district's rule ``links_leave_out``.

    Parameters
    ----------
    catalog : Catalog
    chosen : mapping of layer to ids
        In the order of the page.
    today : date

    Raises
    ------
    NotFoundError
        For a record that the public, who will open the link, may not see.
    ForbiddenError
        When the rule leaves out every one of them; each is a place.
    """
    kept: dict[str, tuple[str, ...]] = {}
    out: list[tuple[str, Due]] = []
    for layer, ids in chosen.items():
        stays = []
        for id in ids:
            one = _as_public(catalog, layer, id, today)
            if one.out:
                out.append((layer, one))
            else:
                stays.append(id)
        kept[layer] = tuple(stays)
    if out and not any(kept.values()):
        raise ForbiddenError(
            "; ".join(f"{layer} {one.id}: {one.reason}" for layer, one in out),
            hint="the district's rule links_leave_out keeps such records out of new links; have them confirmed",
            places=tuple(Place(where="body", param=layer, found=one.id, hint=one.reason) for layer, one in out),
        )
    return Offer(kept, tuple(out))


def _as_public(catalog: Catalog, layer: str, id: str, today: dt.date) -> Due:
    try:
        record = catalog.engine.record(layer, id, PUBLIC, today=today)
    except NotFoundError as error:
        raise NotFoundError(f"{layer}: {error.message}", hint="a link holds public records only") from error
    return due_record(id, record.properties, layer_named(layer), catalog.district, today)


def _due(
    id: str, title: str, kind: str | None, day: dt.date | None, layer: Layer, district: District, today: dt.date
) -> Due:
    state = freshness_of(layer, kind, day, district, today)
    until = None if day is None else confirm_by(layer, kind, day, district)
    return Due(id, title, kind, day, until, state, left_out([state], district)[0])


def _day(value: Any) -> dt.date | None:
    """Return a day of a frame or a table; what is no day equals nothing, not even itself."""
    if not isinstance(value, dt.date) or value != value:
        return None
    return value.date() if isinstance(value, dt.datetime) else value


def _texts(records: pd.DataFrame | Table, name: str | None) -> list[str]:
    """Return a field of every record as text, empty where it is unknown."""
    if name is None:
        return [""] * len(records)
    return [value if isinstance(value, str) else "" for value in np.asarray(records[name], dtype=object)]
