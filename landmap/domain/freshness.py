"""Freshness: until when a record must be confirmed, and how far past that it is.

How long a record holds is the district's to say, per layer or per kind of record; the default is its ``stale_days``.
Source of the default of 90 days: domain reference §5.3, "数据超过90天标“待更新”".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from landmap.domain.district import District
from landmap.domain.layers import Layer


class Freshness(StrEnum):
    """How a record stands today; `unknown` is a record that names no day."""

    FRESH = "fresh"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"

    @property
    def overdue(self) -> bool:
        """Whether somebody has to confirm the record; one that names no day has to be confirmed too."""
        return self is not Freshness.FRESH


def confirm_by(layer: Layer, kind: str | None, as_of: dt.date, district: District) -> dt.date:
    """Return the last day on which a record as of `as_of` counts as fresh.

    Parameters
    ----------
    layer : Layer
    kind : str or None
        What the record is, by the layer's `kind_field`: ``office`` of a building, ``bidding`` of a parcel.
    as_of : date
    district : District
        ``rules.confirm_days`` by ``layer.kind`` or ``layer``, then ``rules.stale_days``.
    """
    rules = district.rules
    for name in (f"{layer.name}.{kind}", layer.name):
        if name in rules.confirm_days:
            return as_of + dt.timedelta(days=rules.confirm_days[name])
    return as_of + dt.timedelta(days=rules.stale_days)


def freshness_of(
    layer: Layer, kind: str | None, as_of: dt.date | None, district: District, today: dt.date
) -> Freshness:
    """Return how a record stands today: amber once it had to be confirmed, red when the days of grace are over too.

    Examples
    --------
    >>> from landmap.domain import District, layer_named
    >>> place = {"code": "370213", "name_zh": "李沧区", "name_en": "Licang"}
    >>> district = District(**place, planar_epsg=4549, extent=(120.3, 36.1, 120.5, 36.3))
    >>> days = [dt.date(2026, 9, 1), dt.date(2026, 8, 1), dt.date(2026, 1, 1), None]
    >>> [freshness_of(layer_named("buildings"), "office", day, district, dt.date(2026, 11, 22)).value for day in days]
    ['fresh', 'amber', 'red', 'unknown']
    """
    if as_of is None:
        return Freshness.UNKNOWN
    due = confirm_by(layer, kind, as_of, district)
    if today <= due:
        return Freshness.FRESH
    return Freshness.AMBER if today <= due + dt.timedelta(days=district.rules.grace_days) else Freshness.RED


def left_out(states: Iterable[Freshness], district: District) -> list[bool]:
    """Return which records new links leave out, by the district's rule ``links_leave_out``."""
    rule = district.rules.links_leave_out
    if rule == "none":
        return [False for _ in states]
    out = {"red": (Freshness.RED, Freshness.UNKNOWN), "overdue": tuple(one for one in Freshness if one.overdue)}[rule]
    return [state in out for state in states]
