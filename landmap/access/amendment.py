"""One edit of one record: what it changes, where it stands, and what has become another value meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from landmap.access.edits import Change
from landmap.domain.errors import ConflictError, Place, shown
from landmap.domain.layers import AS_OF

Origin = Literal["edit", "form", "confirmation"]


class Stage(StrEnum):
    """Where an edit stands; `released` was in force and is taken back."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    RELEASED = "released"


@dataclass(frozen=True)
class Amendment:
    """One edit of one record; times are aware, in UTC.

    `base` is the version it was made on, `document` and `dated` what it rests on, `place` its turn among the approved
    ones; `by` proposed it and `approved_by` decided on it.
    """

    id: str
    origin: Origin
    layer: str
    feature_id: str
    base: str
    changes: tuple[Change, ...]
    state: Stage
    note: str
    document: str
    dated: dt.date | None
    by: str
    at: dt.datetime
    approved_by: str | None
    decided_at: dt.datetime | None
    reason: str
    urgent: bool
    place: int | None
    published_in: str | None

    def key(self, field: str) -> str:
        """Return the name under which a version lists the edit of one field."""
        return f"{self.id}/{field}"


@dataclass(frozen=True)
class Seen:
    """One record as a version has it: as published, as imported, and the names of the edits the version rests on."""

    version: str
    values: Mapping[str, Any]
    given: Mapping[str, Any]
    live: frozenset[str]


@dataclass(frozen=True)
class Conflict:
    """A field that has become another one since the edit was made: what it was, what it is, what the edit wants."""

    field: str
    before: Any
    now: Any
    value: Any


def conflict_error(layer: str, feature_id: str, found: Iterable[Conflict]) -> ConflictError:
    """Return the error that tells every field that has become another one."""
    places = tuple(
        Place(layer=layer, field=one.field, found=shown(one.now), hint=f"was {shown(one.before)}") for one in found
    )
    names = ", ".join(place.field or "" for place in places)
    return ConflictError(
        f"{layer} {shown(feature_id)} has changed since this edit was made: {names}",
        hint="look at the record as it is now, and decide again",
        places=places,
    )


def conflicts_of(amendment: Amendment, now: Mapping[str, Any]) -> tuple[Conflict, ...]:
    """Return the fields of an edit that are neither what it was based on nor what it wants; of days the later holds."""
    return tuple(
        Conflict(one.field, one.before, now.get(one.field), one.value)
        for one in amendment.changes
        if one.field != AS_OF and now.get(one.field) not in (one.before, one.value)
    )
