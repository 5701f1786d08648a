"""Links: whoever holds one reads the chosen records of one frozen version, as the public, until it expires.

The token is a capability of 256 random bits; only its SHA-256 is kept, so that a copy of the database opens nothing.
Source: W3C TAG, Good Practices for Capability URLs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, insert, select, update

from landmap.access.database import Database
from landmap.access.tables import SHARED_FEATURES, SHARES
from landmap.access.tokens import new_id, new_token, token_sha256, utc
from landmap.domain import Audience, Lang, Level, Scope
from landmap.domain.errors import GoneError, InvalidValueError, NotFoundError

#: What every token begins with, so that scanners for leaked secrets can find one.
TOKEN_PREFIX: Final = "lm_s_"
DAYS_DEFAULT: Final = 30
DAYS_MAX: Final = 365
#: A link is no level of its own: it is one of these, narrowed to its records.
LEVELS: Final = (Level.PUBLIC, Level.PARTNER)
LAYERS: Final = ("parcels", "buildings")


@dataclass(frozen=True)
class Share:
    """One link, without its token, which nobody keeps.

    Times are aware, in UTC. `passphrase_hash` and `frame_ancestors` (sites that may embed the page) are None and empty
    unless its maker set them.
    """

    public_id: str
    token_sha256: str
    owner: str
    level: Level
    snapshot_id: str
    parcels: tuple[str, ...]
    buildings: tuple[str, ...]
    fields_preset: str
    lang: Lang
    title: str
    note: str
    sender: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    passphrase_hash: str | None
    opens: int
    frame_ancestors: tuple[str, ...]

    def open_at(self, now: dt.datetime) -> bool:
        """Return whether the link may be opened at `now`; at the instant of expiry it may not."""
        return self.revoked_at is None and now < self.expires_at


def scope_of(share: Share) -> Audience:
    """Return whom the reader of a link counts as: its level, narrowed to its records."""
    ids = {"parcels": frozenset(share.parcels), "buildings": frozenset(share.buildings)}
    return Audience(share.level, Scope(ids=ids, key=share.public_id))


@dataclass(frozen=True)
class Shares:
    """The links of one home."""

    database: Database

    def create(
        self,
        *,
        snapshot_id: str,
        parcels: Iterable[str] = (),
        buildings: Iterable[str] = (),
        owner: str,
        now: dt.datetime,
        level: Level = Level.PUBLIC,
        days: int = DAYS_DEFAULT,
        lang: Lang = "zh",
        title: str = "",
        note: str = "",
        sender: str = "",
        fields_preset: str = "all",
        frame_ancestors: Iterable[str] = (),
    ) -> tuple[str, Share]:
        """Make a link to records of one version; that they exist for the public is the caller's to check.

        Parameters
        ----------
        snapshot_id : str
            The version the link stays on; it is never removed while a link names it.
        parcels, buildings : iterable of str
            Ids in the order of the page; at least one in all.
        owner : str
            Who makes it; lists and revokes it later.
        now : aware datetime
        days : int, 1 to 365

        Returns
        -------
        token : str
            The secret part of the address; it is not kept and cannot be had again.
        share : Share

        Raises
        ------
        InvalidValueError
            For no record, a level above partner, or a number of days out of range.
        """
        if not 1 <= days <= DAYS_MAX:
            raise InvalidValueError.of("days", days, f"a link holds 1 to {DAYS_MAX} days", where="body")
        if level not in LEVELS:
            raise InvalidValueError.of("level", level.key, "a link is public or partner", where="body")
        token = new_token(TOKEN_PREFIX)
        share = Share(
            public_id=new_id(),
            token_sha256=token_sha256(token),
            owner=owner,
            level=level,
            snapshot_id=snapshot_id,
            parcels=tuple(dict.fromkeys(parcels)),
            buildings=tuple(dict.fromkeys(buildings)),
            fields_preset=fields_preset,
            lang=lang,
            title=title,
            note=note,
            sender=sender,
            created_at=utc(now),
            expires_at=utc(now) + dt.timedelta(days=days),
            revoked_at=None,
            passphrase_hash=None,
            opens=0,
            frame_ancestors=tuple(frame_ancestors),
        )
        if not share.parcels and not share.buildings:
            raise InvalidValueError.of("parcels", "[]", "a link names at least one record", where="body")
        with self.database.writing() as connection:
            connection.execute(insert(SHARES).values(_columns(share)))
            connection.execute(insert(SHARED_FEATURES), _features(share))
        return token, share

    def resolve(self, token: str, now: dt.datetime) -> Share:
        """Return the link that `token` opens; nothing changes.

        Raises
        ------
        GoneError
            The same, whether the token is unknown, expired or revoked.
        """
        found = self._find(select(SHARES).where(SHARES.c.token_sha256 == token_sha256(token)))
        if not found or not found[0].open_at(utc(now)):
            raise GoneError("this link is not available", hint="ask whoever sent it for a new one")
        return found[0]

    def open_one(self, public_id: str, now: dt.datetime) -> Share:
        """Return a link by its public id; NotFoundError, the same, for one that is unknown, expired or revoked."""
        found = self._find(select(SHARES).where(SHARES.c.public_id == public_id))
        if not found or not found[0].open_at(utc(now)):
            raise NotFoundError(f"no link has the id {public_id[:40]!r}")
        return found[0]

    def count_open(self, public_id: str) -> None:
        """Count one opening of a link by a reader."""
        with self.database.writing() as connection:
            connection.execute(update(SHARES).where(SHARES.c.public_id == public_id).values(opens=SHARES.c.opens + 1))

    def revoke(self, public_id: str, now: dt.datetime) -> None:
        """Close a link for good; closing it again changes nothing. NotFoundError for an unknown one."""
        with self.database.writing() as connection:
            closed = update(SHARES).where(SHARES.c.public_id == public_id, SHARES.c.revoked_at.is_(None))
            known = select(SHARES.c.public_id).where(SHARES.c.public_id == public_id)
            if connection.execute(known).first() is None:
                raise NotFoundError(f"no link has the id {public_id[:40]!r}")
            connection.execute(closed.values(revoked_at=utc(now).isoformat()))

    def list(self, owner: str | None = None) -> tuple[Share, ...]:
        """Return the links of `owner` (None: of everybody), the newest first."""
        wanted = select(SHARES).order_by(SHARES.c.created_at.desc(), SHARES.c.public_id)
        return self._find(wanted if owner is None else wanted.where(SHARES.c.owner == owner))

    def snapshot_ids(self) -> frozenset[str]:
        """Return the versions that links name, closed links too: they are never removed."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(select(SHARES.c.snapshot_id).distinct()).scalars())

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _find(self, wanted: Select[Any]) -> tuple[Share, ...]:
        with self.database.reading() as connection:
            rows = connection.execute(wanted).all()
            shares = wanted.with_only_columns(SHARES.c.public_id).order_by(None)
            chosen = (
                select(SHARED_FEATURES).where(SHARED_FEATURES.c.share.in_(shares)).order_by(SHARED_FEATURES.c.place)
            )
            features = connection.execute(chosen).all()
        held: dict[tuple[str, str], list[str]] = {}
        for one in features:
            held.setdefault((one.share, one.layer), []).append(one.feature_id)
        return tuple(
            _share(row, {layer: tuple(held.get((row.public_id, layer), ())) for layer in LAYERS}) for row in rows
        )


def _columns(share: Share) -> dict[str, Any]:
    plain = {name: value for name, value in share.__dict__.items() if name not in LAYERS}
    return plain | {
        "level": share.level.key,
        "created_at": share.created_at.isoformat(),
        "expires_at": share.expires_at.isoformat(),
        "frame_ancestors": json.dumps(share.frame_ancestors),
    }


def _features(share: Share) -> list[dict[str, Any]]:
    chosen = {"parcels": share.parcels, "buildings": share.buildings}
    return [
        {"share": share.public_id, "layer": layer, "place": place, "feature_id": id}
        for layer, ids in chosen.items()
        for place, id in enumerate(ids)
    ]


def _share(row: Row[Any], chosen: Mapping[str, tuple[str, ...]]) -> Share:
    stored = dict(row._mapping)
    times = {name: dt.datetime.fromisoformat(stored[name]) for name in ("created_at", "expires_at")}
    revoked = stored["revoked_at"]
    read = {
        "level": Level.named(stored["level"]),
        "revoked_at": None if revoked is None else dt.datetime.fromisoformat(revoked),
        "frame_ancestors": tuple(json.loads(stored["frame_ancestors"])),
    }
    return Share(**{**stored, **times, **read, **chosen})
