"""The queue of edits: proposed, approved or rejected, published; none is lost, and none enters an answer by itself.

An edit is of one record. It remembers the version and the values it was based on, so that whoever approves it is told
when the record has become another one since.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from landmap.access.amendment import Amendment, Origin, Seen, Stage, conflict_error, conflicts_of
from landmap.access.database import Database
from landmap.access.edits import Change, last
from landmap.access.tables import AMENDED_FIELDS, AMENDMENTS
from landmap.access.tokens import moment, new_id, stamp
from landmap.domain import compact_json
from landmap.domain.errors import BusyError, ConflictError, InvalidValueError, NotFoundError

#: How long approvals are gathered before they are published together, and how long the first one waits at most.
DEBOUNCE: Final = dt.timedelta(seconds=60)
WAIT_MAX: Final = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Amendments:
    """The edits of one home."""

    database: Database

    def propose(
        self,
        layer: str,
        feature_id: str,
        changes: Sequence[Change],
        *,
        base: str,
        by: str,
        now: dt.datetime,
        origin: Origin = "edit",
        note: str = "",
        document: str = "",
        dated: dt.date | None = None,
        connection: Connection | None = None,
    ) -> Amendment:
        """Put an edit into the queue; whether its values are acceptable is the caller's to check.

        Parameters
        ----------
        layer, feature_id : str
        changes : sequence of Change
            At least one, each of another field, each a change.
        base : str
            The version its `before` values are of.
        by : str
        now : aware datetime
        origin : {"edit", "form", "confirmation"}
        note, document : str
            Why, and on what paper; `dated` is the day of the paper.
        connection : Connection, optional
            A transaction that this is to be a part of.
        """
        fields = [change.field for change in changes]
        if not changes or len(set(fields)) < len(fields) or any(one.before == one.value for one in changes):
            raise InvalidValueError(
                "an edit changes at least one field, and each of its fields once", hint="look again"
            )
        id = new_id()
        row = {
            "id": id,
            "origin": origin,
            "layer": layer,
            "feature_id": feature_id,
            "base": base,
            "state": Stage.PROPOSED.value,
            "note": note,
            "document": document,
            "dated": None if dated is None else dated.isoformat(),
            "by": by,
            "at": stamp(now),
            "reason": "",
            "urgent": False,
        }
        rows = [
            {"amendment": id, "field": one.field, "before": compact_json(one.before), "value": compact_json(one.value)}
            for one in changes
        ]
        with self._writing(connection) as writing:
            writing.execute(insert(AMENDMENTS).values(row))
            writing.execute(insert(AMENDED_FIELDS), rows)
            return _found(writing, id)

    def approve(
        self,
        id: str,
        *,
        by: str,
        now: dt.datetime,
        seen: Seen,
        current: Callable[[], str | None],
        urgent: bool = False,
        despite: bool = False,
        connection: Connection | None = None,
    ) -> Amendment:
        """Approve an edit; it is in force from the next publish on, after all that were approved before it.

        Parameters
        ----------
        id : str
        by : str
        now : aware datetime
        seen : Seen
            The record as whoever approves it saw it; what was decided on since is laid over it here.
        current : callable
            Returns the current version's id, asked again inside the transaction.
        urgent : bool
            Publish at once instead of gathering.
        despite : bool
            Approve although the record has become another one: the edit is then based on what it is now.

        Raises
        ------
        NotFoundError
            For an unknown edit.
        ConflictError
            When it was decided on already, or the record has become another one; each field is a place.
        BusyError
            When a version was published in this very moment.
        """
        with self._writing(connection) as writing:
            amendment = _found(writing, id)
            _expect(amendment, Stage.PROPOSED)
            if current() != seen.version:
                raise BusyError("a version was published in this moment", hint="look at the edit again")
            found = conflicts_of(amendment, _to_be(writing, amendment, seen))
            if found and not despite:
                raise conflict_error(amendment.layer, amendment.feature_id, found)
            for one in found:
                mine = (AMENDED_FIELDS.c.amendment == id, AMENDED_FIELDS.c.field == one.field)
                writing.execute(update(AMENDED_FIELDS).where(*mine).values(before=compact_json(one.now)))
            self._decide(writing, id, Stage.APPROVED, by, now, urgent=urgent, place=_next_place(writing))
            return _found(writing, id)

    def to_be(self, amendment: Amendment, seen: Seen) -> dict[str, Any]:
        """Return what the amendment's record will say once everything decided on is published."""
        with self.database.reading() as connection:
            return _to_be(connection, amendment, seen)

    def reject(self, id: str, *, by: str, now: dt.datetime, reason: str) -> Amendment:
        """Reject a proposed edit and say why; ConflictError when it was decided on already."""
        with self.database.writing() as connection:
            _expect(_found(connection, id), Stage.PROPOSED)
            self._decide(connection, id, Stage.REJECTED, by, now, reason=reason)
            return _found(connection, id)

    def release(self, id: str, *, by: str, now: dt.datetime, reason: str = "") -> Amendment:
        """Take an approved edit back: from the next publish on, the file's own values hold again."""
        with self.database.writing() as connection:
            _expect(_found(connection, id), Stage.APPROVED, Stage.PUBLISHED)
            self._decide(connection, id, Stage.RELEASED, by, now, reason=reason)
            return _found(connection, id)

    def in_force(self, live: Collection[str]) -> tuple[Amendment, ...]:
        """Return the edits that the next version rests on, in their turn, each with the fields still in force.

        Parameters
        ----------
        live : collection of str
            What the current version lists: fields of published edits that it does not list are settled.
        """
        standing = AMENDMENTS.c.state.in_([Stage.APPROVED, Stage.PUBLISHED])
        with self.database.reading() as connection:
            found = _many(connection, select(AMENDMENTS).where(standing).order_by(AMENDMENTS.c.place))
        return tuple(one for one in (_live(amendment, live) for amendment in found) if one.changes)

    def mark_published(self, ids: Collection[str], version: str) -> None:
        """Remember that a version holds the edits `ids`; those published before keep their first version."""
        waiting = (AMENDMENTS.c.id.in_(list(ids)), AMENDMENTS.c.state == Stage.APPROVED)
        with self.database.writing() as connection:
            connection.execute(
                update(AMENDMENTS).where(*waiting).values(state=Stage.PUBLISHED.value, published_in=version)
            )

    def waiting(self, live: Collection[str]) -> tuple[Amendment, ...]:
        """Return the approved edits that no version holds yet, and those taken back that the current one still does."""
        decided = AMENDMENTS.c.state.in_([Stage.APPROVED, Stage.RELEASED])
        with self.database.reading() as connection:
            found = _many(connection, select(AMENDMENTS).where(decided).order_by(AMENDMENTS.c.decided_at))
        return tuple(one for one in found if one.state is Stage.APPROVED or _listed(one, live))

    def due(self, live: Collection[str], now: dt.datetime) -> bool:
        """Return whether it is time to publish what waits.

        An urgent edit is due at once; otherwise after a minute without another decision, or five since the first.
        """
        waiting = self.waiting(live)
        moments = [one.decided_at for one in waiting if one.decided_at is not None]
        if any(one.urgent for one in waiting):
            return True
        return bool(moments) and (moments[-1] + DEBOUNCE <= now or moments[0] + WAIT_MAX <= now)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Return which of `ids` are edits of this home."""
        with self.database.reading() as connection:
            every = frozenset(connection.execute(select(AMENDMENTS.c.id)).scalars())
        return every.intersection(ids)

    def get(self, id: str) -> Amendment:
        """Return one edit; NotFoundError for an unknown one."""
        with self.database.reading() as connection:
            return _found(connection, id)

    def listed(
        self, *, state: Stage | None = None, layer: str | None = None, feature_id: str | None = None
    ) -> tuple[Amendment, ...]:
        """Return the edits in a state, of a layer or of a record, the oldest first."""
        given = ((AMENDMENTS.c.state, state), (AMENDMENTS.c.layer, layer), (AMENDMENTS.c.feature_id, feature_id))
        wanted = [column == value for column, value in given if value is not None]
        with self.database.reading() as connection:
            return _many(connection, select(AMENDMENTS).where(*wanted).order_by(AMENDMENTS.c.number))

    @contextmanager
    def _writing(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
            return
        with self.database.writing() as own:
            yield own

    @staticmethod
    def _decide(connection: Connection, id: str, state: Stage, by: str, now: dt.datetime, **more: Any) -> None:
        values = {"state": state.value, "approved_by": by, "decided_at": stamp(now), **more}
        connection.execute(update(AMENDMENTS).where(AMENDMENTS.c.id == id).values(values))


def _to_be(connection: Connection, amendment: Amendment, seen: Seen) -> dict[str, Any]:
    """Return what a record will say: as published, but for fields that edits are in force on, or were."""
    same = (AMENDMENTS.c.layer == amendment.layer, AMENDMENTS.c.feature_id == amendment.feature_id)
    chains: dict[str, list[Change]] = {}
    for one in _many(connection, select(AMENDMENTS).where(*same).order_by(AMENDMENTS.c.place)):
        for change in one.changes if one.state is Stage.RELEASED and _listed(one, seen.live) else ():
            chains.setdefault(change.field, [])
        if one.state in (Stage.APPROVED, Stage.PUBLISHED):
            for change in _live(one, seen.live).changes:
                chains.setdefault(change.field, []).append(change)
    values = dict(seen.values)
    for name, chain in chains.items():
        held = seen.given.get(name)
        values[name] = last(chain, held)[0] if chain else held
    return values


def _expect(amendment: Amendment, *states: Stage) -> None:
    if amendment.state not in states:
        raise ConflictError(f"edit {amendment.id} is {amendment.state}", hint=f"it must be {' or '.join(states)}")


def _next_place(connection: Connection) -> int:
    highest: int | None = connection.execute(select(func.max(AMENDMENTS.c.place))).scalar_one()
    return (highest or 0) + 1


def _live(amendment: Amendment, live: Collection[str]) -> Amendment:
    if amendment.state is Stage.APPROVED:
        return amendment
    kept = tuple(change for change in amendment.changes if amendment.key(change.field) in live)
    return replace(amendment, changes=kept)


def _listed(amendment: Amendment, live: Collection[str]) -> bool:
    return any(amendment.key(change.field) in live for change in amendment.changes)


def _found(connection: Connection, id: str) -> Amendment:
    found = _many(connection, select(AMENDMENTS).where(AMENDMENTS.c.id == id))
    if not found:
        raise NotFoundError(f"no edit has the id {id[:40]!r}")
    return found[0]


def _many(connection: Connection, wanted: Select[Any]) -> tuple[Amendment, ...]:
    rows = connection.execute(wanted).all()
    ids = wanted.with_only_columns(AMENDMENTS.c.id).order_by(None)
    chosen = select(AMENDED_FIELDS).where(AMENDED_FIELDS.c.amendment.in_(ids))
    held: dict[str, list[Change]] = {}
    for one in connection.execute(chosen.order_by(AMENDED_FIELDS.c.field)).all():
        change = Change(one.field, json.loads(one.before), json.loads(one.value))
        held.setdefault(one.amendment, []).append(change)
    return tuple(_amendment(row, tuple(held[row.id])) for row in rows)


def _amendment(row: Row[Any], changes: tuple[Change, ...]) -> Amendment:
    at = moment(row.at)
    assert at is not None
    return Amendment(
        id=row.id,
        origin=row.origin,
        layer=row.layer,
        feature_id=row.feature_id,
        base=row.base,
        changes=changes,
        state=Stage(row.state),
        note=row.note,
        document=row.document,
        dated=None if row.dated is None else dt.date.fromisoformat(row.dated),
        by=row.by,
        at=at,
        approved_by=row.approved_by,
        decided_at=moment(row.decided_at),
        reason=row.reason,
        urgent=row.urgent,
        place=row.place,
        published_in=row.published_in,
    )
