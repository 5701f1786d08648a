"""What a steward says of a whole input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landmap.domain import District, Layer

if TYPE_CHECKING:
    import pandas as pd

    from landmap.ingest.datum import Boundary
    from landmap.ingest.profiles import Profile


@dataclass(frozen=True)
class Terms:
    """The layer and district an input is meant for; the class of its records and its coordinate system, where given.

    `today` is the district's own unless told. `profile` is what is remembered of the source, `boundaries` what is known
    to lie where it should, the best first, and `accept` the codes and keys of the proposals that were agreed to.
    `beside` has the other layers of the version that the records will join, as canonical frames by name.
    """

    layer: Layer
    district: District
    visibility: str | None = None
    declared_crs: int | None = None
    today: dt.date | None = None
    profile: Profile | None = None
    boundaries: tuple[Boundary, ...] = ()
    accept: frozenset[str] = frozenset()
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def record_class(self) -> str | None:
        """The class of records that name none: as the steward says now, else as the source's profile remembers it."""
        return self.visibility or (self.profile.visibility if self.profile is not None else None)
