"""Moments as the steward reads them: in the district's own time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from landmap.domain import District


def local(moment: dt.datetime | str | None, district: District) -> str:
    """Return a moment to the minute; a text is ISO 8601, and empty where there is none.

    Examples
    --------
    >>> from landmap.resources import geodata_root
    >>> local("2026-11-22T16:30:00+00:00", District.from_toml(geodata_root() / "licang" / "district.toml"))
    '2026-11-23 00:30'
    """
    if not moment:
        return ""
    known = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{known.astimezone(ZoneInfo(district.timezone)):%Y-%m-%d %H:%M}"
