"""Tokens: whoever holds one may use it, so that only its hash is kept; and moments as the database writes them.

Source: W3C TAG, Good Practices for Capability URLs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets


def new_token(prefix: str) -> str:
    """Return a token of 256 random bits behind `prefix`, by which scanners for leaked secrets can find one."""
    return prefix + secrets.token_urlsafe(32)


def token_sha256(token: str) -> str:
    """Return what is kept of a token, whatever characters somebody sends for one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_id() -> str:
    """Return an id that nobody can guess from another: 16 hexadecimal digits."""
    return secrets.token_hex(8)


def utc(instant: dt.datetime) -> dt.datetime:
    """Return an aware moment in UTC; raise ValueError for one without a zone."""
    if instant.tzinfo is None:
        raise ValueError("a time needs its zone")
    return instant.astimezone(dt.UTC)


def stamp(instant: dt.datetime) -> str:
    """Return a moment as the database keeps it: UTC, always with microseconds, so that texts sort as moments do.

    Examples
    --------
    >>> stamp(dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC))
    '2026-11-22T08:00:00.000000+00:00'
    """
    return utc(instant).isoformat(timespec="microseconds")


def moment(text: str | None) -> dt.datetime | None:
    """Return the moment that `stamp` wrote; None for none."""
    return None if text is None else dt.datetime.fromisoformat(text)
