"""Confirmation links: whoever keeps a building or parcel says that what is published still holds, or what holds now.

A link is for one record and the fields its owner may answer for; it works once, without an account. Like all tokens, it
is kept as a hash only. What is answered goes into the queue of edits: an answer that changes nothing but the day is
approved by the link itself; one that changes a value, or says something in words, waits for somebody to look.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from landmap.access.amendment import Amendment
from landmap.access.amendments import Amendments
from landmap.access.database import Database
from landmap.access.editing import Answer, Checked, check_edit
from landmap.access.tables import CONFIRMATIONS
from landmap.access.tokens import moment, new_id, new_token, stamp, token_sha256
from landmap.domain import Lang, compact_json, layer_named
from landmap.domain.errors import GoneError, InvalidValueError, NotFoundError, Place, shown
from landmap.domain.layers import AS_OF
from landmap.store import Home, open_version

TOKEN_PREFIX: Final = "lm_c_"
CONFIRMATION_DAYS: Final = 14
DAYS_MAX: Final = 90


@dataclass(frozen=True)
class Confirmation:
    """One link, without its token, which nobody keeps; times are aware, in UTC.

    `amendment` is the edit its answer became; None also for an answer that had nothing new to say.
    """

    id: str
    layer: str
    feature_id: str
    fields: tuple[str, ...]
    owner: str
    recipient: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None
    amendment: str | None

    def open_at(self, now: dt.datetime) -> bool:
        """Return whether the link may be answered at `now`."""
        return self.revoked_at is None and self.used_at is None and now < self.expires_at


@dataclass(frozen=True)
class Confirmations:
    """The confirmation links of one home."""

    home: Home
    database: Database

    def create(
        self,
        layer: str,
        feature_id: str,
        *,
        owner: str,
        now: dt.datetime,
        recipient: str = "",
        fields: Iterable[str] | None = None,
        days: int = CONFIRMATION_DAYS,
    ) -> tuple[str, Confirmation]:
        """Make a link for whoever keeps one record; that it is published is the caller's to check.

        Parameters
        ----------
        layer, feature_id : str
        owner : str
            Who makes the link, and stands for what it lets in.
        now : aware datetime
        recipient : str
            Whom it is sent to, in the maker's words.
        fields : iterable of str, optional
            What may be answered; all the layer's confirmable fields unless told.
        days : int, 1 to 90

        Returns
        -------
        token : str
            The secret part of the address ``/c/TOKEN``; it cannot be had again.
        confirmation : Confirmation

        Raises
        ------
        InvalidValueError
            For a layer that says no day its records are as of, a field that nobody outside may answer for, or a number
            of days out of range.
        """
        target = layer_named(layer)
        chosen = target.confirmable if fields is None else tuple(dict.fromkeys(fields))
        if AS_OF not in target.fields:
            raise InvalidValueError.of("layer", layer, "says no day its records are as of", where="body")
        for name in chosen:
            if name not in target.confirmable:
                raise InvalidValueError.of("fields", name, "cannot be answered for through a link", where="body")
        if not 1 <= days <= DAYS_MAX:
            raise InvalidValueError.of("days", days, f"a confirmation link holds 1 to {DAYS_MAX} days", where="body")
        token = new_token(TOKEN_PREFIX)
        row = {
            "id": new_id(),
            "token_sha256": token_sha256(token),
            "layer": layer,
            "feature_id": feature_id,
            "fields": compact_json(list(chosen)),
            "owner": owner,
            "recipient": recipient,
            "created_at": stamp(now),
            "expires_at": stamp(now + dt.timedelta(days=days)),
        }
        with self.database.writing() as connection:
            connection.execute(insert(CONFIRMATIONS).values(row))
            return token, _found(connection, row["id"])

    def resolve(self, token: str, now: dt.datetime) -> Confirmation:
        """Return the link that `token` opens; nothing changes, however often it is looked at.

        Raises
        ------
        GoneError
            The same, whether the token is unknown, used, expired or revoked.
        """
        with self.database.reading() as connection:
            return _opened(connection, token, now)

    def answer(
        self,
        token: str,
        values: Mapping[str, Any],
        *,
        version: str,
        now: dt.datetime,
        note: str = "",
        lang: Lang = "zh",
    ) -> Answer:
        """Take what the owner says of the record: nothing (it all holds), or the values that hold now.

        Parameters
        ----------
        token : str
        values : mapping of field to value, as people write them
            What the form held; a value that is as published says nothing new.
        version : str
            The version whose values the owner had before them.
        now : aware datetime
        note : str
            What else the owner says.
        lang : {"zh", "en"}

        Returns
        -------
        Answer
            When a finding is an error, nothing was taken and the link can be used again; otherwise it is used.

        Raises
        ------
        GoneError
            As `resolve`; also for the slower of two answers.
        InvalidValueError
            For a field that the link does not cover (each is a place), and for words where nothing is changed, not even
            the day, so that they would go with nothing.
        ConflictError
            When one of the link's fields was changed by somebody else since `version`: look again, the link stays.
        NotFoundError
            When the record, or `version`, is not there any more.
        """
        link = self.resolve(token, now)
        strangers = tuple(name for name in values if name not in link.fields)
        if strangers:
            places = tuple(Place(where="body", param=name, found=shown(values[name])) for name in strangers)
            raise InvalidValueError(f"{', '.join(map(shown, strangers))}: not asked by this link", places=places)
        checked = check_edit(
            self.home,
            link.layer,
            link.feature_id,
            {**values, AS_OF: self.home.district().today(now).isoformat()},
            now=now,
            base=open_version(self.home, version),
            watched=link.fields,
            lang=lang,
        )
        if not checked.ok:
            return Answer(None, checked.findings)
        if note and not checked.changes:
            raise InvalidValueError.of("note", note, "there is no change it could go with", "say it by phone", "body")
        return Answer(self._used(token, checked, now, note), checked.findings)

    def _used(self, token: str, checked: Checked, now: dt.datetime, note: str) -> Amendment | None:
        """Use up a link and put its answer into the queue, both or neither."""
        amendments = Amendments(self.database)
        with self.database.writing() as connection:
            link = _opened(connection, token, now)
            by = f"confirmation {link.id}"
            told = None
            if checked.changes:
                told = amendments.propose(
                    link.layer,
                    link.feature_id,
                    checked.changes,
                    base=checked.seen.version,
                    by=by,
                    now=now,
                    origin="confirmation",
                    note=note,
                    connection=connection,
                )
                if not note and all(change.field == AS_OF for change in checked.changes):
                    told = amendments.approve(
                        told.id,
                        by=by,
                        now=now,
                        seen=checked.seen,
                        current=self.home.current_id,
                        connection=connection,
                    )
            used = {"used_at": stamp(now), "amendment": None if told is None else told.id}
            connection.execute(update(CONFIRMATIONS).where(CONFIRMATIONS.c.id == link.id).values(used))
            return told

    def revoke(self, id: str, now: dt.datetime) -> None:
        """Close a link that was not used; closing it again changes nothing. NotFoundError for an unknown one."""
        with self.database.writing() as connection:
            _found(connection, id)
            open_ = (CONFIRMATIONS.c.id == id, CONFIRMATIONS.c.revoked_at.is_(None))
            connection.execute(update(CONFIRMATIONS).where(*open_).values(revoked_at=stamp(now)))

    def listed(self, *, layer: str | None = None, feature_id: str | None = None) -> tuple[Confirmation, ...]:
        """Return the links of a layer or record, the newest first."""
        given = ((CONFIRMATIONS.c.layer, layer), (CONFIRMATIONS.c.feature_id, feature_id))
        wanted = [column == value for column, value in given if value is not None]
        order = (CONFIRMATIONS.c.created_at.desc(), CONFIRMATIONS.c.id)
        with self.database.reading() as connection:
            rows = connection.execute(select(CONFIRMATIONS).where(*wanted).order_by(*order)).all()
        return tuple(map(_confirmation, rows))


def _opened(connection: Connection, token: str, now: dt.datetime) -> Confirmation:
    wanted = select(CONFIRMATIONS).where(CONFIRMATIONS.c.token_sha256 == token_sha256(token))
    row = connection.execute(wanted).one_or_none()
    if row is None or not _confirmation(row).open_at(now):
        raise GoneError(
            "this link was used already, has run out, or never was one",
            hint="ask the office that sent it for a new one",
        )
    return _confirmation(row)


def _found(connection: Connection, id: str) -> Confirmation:
    row = connection.execute(select(CONFIRMATIONS).where(CONFIRMATIONS.c.id == id)).one_or_none()
    if row is None:
        raise NotFoundError(f"no confirmation link has the id {id[:40]!r}")
    return _confirmation(row)


def _confirmation(row: Row[Any]) -> Confirmation:
    created, expires = moment(row.created_at), moment(row.expires_at)
    assert created is not None
    assert expires is not None
    return Confirmation(
        id=row.id,
        layer=row.layer,
        feature_id=row.feature_id,
        fields=tuple(json.loads(row.fields)),
        owner=row.owner,
        recipient=row.recipient,
        created_at=created,
        expires_at=expires,
        revoked_at=moment(row.revoked_at),
        used_at=moment(row.used_at),
        amendment=row.amendment,
    )
