"""What a steward says of a whole input."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from landmap.domain import District, Layer


@dataclass(frozen=True)
class Terms:
    """The layer and district an input is meant for; the class of its records and its coordinate system, where given.

    `today` is the district's own unless told.
    """

    layer: Layer
    district: District
    visibility: str | None = None
    declared_crs: int | None = None
    today: dt.date | None = None
