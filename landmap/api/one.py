"""A request for one record: read once, the same way for its feature, its sheet and its brief."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request

from landmap.api.answers import etag_of
from landmap.api.deps import read_single, state_of
from landmap.api.moved import record_of
from landmap.api.state import State, today
from landmap.domain import Lang, Words
from landmap.query import Catalog, Record


@dataclass(frozen=True)
class One:
    """One record and everything its answers need, fixed at the start of the request."""

    state: State
    catalog: Catalog
    today: dt.date
    layer: str
    record: Record
    lang: Lang

    @property
    def words(self) -> Words:
        """The dictionary of the answer's language."""
        return self.state.words[self.lang]

    @property
    def quoted(self) -> str:
        """The id as it stands in an address."""
        return quote(self.record.id, safe="")

    def etag(self, kind: str) -> str:
        """Return the ETag of one kind of answer."""
        about = (self.catalog.snapshot_id, self.state.audience.key, self.today, self.layer, self.record.id, self.lang)
        return etag_of(kind, *about)


def one(request: Request, layer: str, id: str, *, lang: bool = True, formats: tuple[str, ...] = ()) -> One:
    """Return the record asked for; it takes ``lang`` and, where there are `formats`, ``f``.

    Raises
    ------
    LandmapError
        For any other parameter, and as `record_of` says.
    """
    wanted = read_single(request, lang=lang, formats=formats)
    state = state_of(request)
    catalog = state.holder.current()
    return One(state, catalog, today(catalog), layer, record_of(state, catalog, layer, id), wanted.lang)
