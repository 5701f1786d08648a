"""What routes are handed: the state, the catalog of this request, the audience, the language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fastapi import Request

from landmap.api.params import Answer, Pairs, raise_all, read_pairs, split_answer
from landmap.api.state import State, today
from landmap.domain import Audience, Lang, Words
from landmap.domain.errors import LandmapError
from landmap.query import Catalog, Criteria, Selection, criteria_class


@dataclass(frozen=True)
class Asked:
    """One request for records: everything it needs, fixed at its start."""

    state: State
    catalog: Catalog
    audience: Audience
    today: dt.date
    answer: Answer
    criteria: Criteria
    lang: Lang

    @property
    def words(self) -> Words:
        """The dictionary of the answer's language."""
        return self.state.words[self.lang]

    def select(self, layer: str) -> Selection:
        """Return the one selection this request answers from."""
        return self.catalog.engine.select(layer, self.criteria, self.audience, today=self.today, sort=self.answer.sort)


def state_of(request: Request) -> State:
    """Return the application's state."""
    state: State = request.app.state.landmap
    return state


def pairs_of(request: Request) -> Pairs:
    """Return the query string, strictly decoded."""
    return read_pairs(request.scope["query_string"])


def asked(request: Request, layer: str, offered: tuple[str, ...]) -> Asked:
    """Return what was asked of `layer`; faults of paging and of criteria are told together."""
    state = state_of(request)
    catalog = state.holder.current()
    faults: list[LandmapError] = []
    answer, rest, criteria = Answer(), pairs_of(request), None
    try:
        answer, rest = split_answer(rest, offered)
    except LandmapError as error:
        faults.append(error)
        rest = [(name, value) for name, value in rest if name not in offered]
    try:
        criteria = criteria_class(layer).from_query(rest, catalog.district)
    except LandmapError as error:
        faults.append(error)
    raise_all(faults)
    assert criteria is not None
    lang = answer.lang or lang_of(request)
    return Asked(state, catalog, state.audience, today(catalog), answer, criteria, lang)


def lang_of(request: Request) -> Lang:
    """Return the language a caller prefers by ``Accept-Language``; Chinese unless English comes first."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"
