"""What routes are handed: the state, the catalog of this request, the audience, the language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from fastapi import Request

from landmap.api.accept import preferred_lang
from landmap.api.fates import renamed
from landmap.api.params import (
    Answer,
    Pairs,
    only,
    raise_all,
    read_format,
    read_lang,
    read_pairs,
    split_answer,
    unknown,
)
from landmap.api.state import State, today
from landmap.domain import Audience, Lang, PolicyClass, Words
from landmap.domain.errors import LandmapError
from landmap.query import Catalog, Criteria, Selection, criteria_class, declarations


@dataclass(frozen=True)
class Asked:
    """One request for records: everything it needs, fixed at its start."""

    state: State
    catalog: Catalog
    audience: Audience
    today: dt.date
    layer: str
    answer: Answer
    criteria: Criteria
    lang: Lang

    @property
    def words(self) -> Words:
        """The dictionary of the answer's language."""
        return self.state.words[self.lang]

    def limit(self) -> int:
        """Return how many records a page holds: as asked, at most as many as the settings allow."""
        settings = self.state.settings
        return min(self.answer.limit or settings.page_size, settings.max_limit)

    def select(self, layer: str) -> Selection:
        """Return the one selection this request answers from."""
        return self.catalog.engine.select(layer, self.criteria, self.audience, today=self.today, sort=self.answer.sort)


@dataclass(frozen=True)
class Single:
    """How an answer that takes no criteria is wanted."""

    lang: Lang
    f: str | None = None


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
    known = criteria_names(layer, state.audience.policy_class)
    faults += [unknown(name, value, (*known, *offered)) for name, value in rest if name not in known]
    rest = [(name, value) for name, value in rest if name in known]
    try:
        criteria = criteria_class(layer).from_query(rest, catalog.district)
    except LandmapError as error:
        faults.append(error)
    raise_all(faults)
    assert criteria is not None
    if criteria.ids:
        # An address that names records outlives their numbers.
        criteria = criteria.model_copy(update={"ids": renamed(catalog, layer, criteria.ids, state.audience)})
    lang = answer.lang or lang_of(request)
    return Asked(state, catalog, state.audience, today(catalog), layer, answer, criteria, lang)


@cache
def criteria_names(layer: str, asking: PolicyClass) -> tuple[str, ...]:
    """Return every criteria parameter of `layer` that exists for `asking`: a hidden one is as unknown as any other."""
    return tuple(name for declared in declarations(layer, asking) for name in declared.schemas())


def read_single(request: Request, *, lang: bool = True, formats: tuple[str, ...] = ()) -> Single:
    """Return ``lang`` and, where there are `formats`, ``f``; refuse every other parameter."""
    names = (*(("lang",) if lang else ()), *(("f",) if formats else ()))
    params = only(pairs_of(request), names)
    return Single(
        lang=read_lang("lang", params["lang"]) if "lang" in params else lang_of(request),
        f=read_format("f", params["f"], formats) if "f" in params else None,
    )


def refuse_parameters(request: Request) -> None:
    """Raise for any query parameter at an address that takes none."""
    only(pairs_of(request), ())


def lang_of(request: Request) -> Lang:
    """Return the language a caller prefers by ``Accept-Language``; Chinese unless English comes first."""
    return preferred_lang(request.headers.get("accept-language", ""))
