"""Addresses that last: a record that was renumbered is found under its new number, a withdrawn one says why it is gone.

Neither tells of a record that the audience could not have seen: that one is as unknown as any other.
"""

from __future__ import annotations

from typing import Self
from urllib.parse import quote

from fastapi import Request, Response

from landmap.api.answers import REVALIDATE
from landmap.api.deps import state_of
from landmap.api.fates import known_fate
from landmap.api.problem_pages import lang_asked
from landmap.api.state import State, today
from landmap.domain import Audience
from landmap.domain.errors import GoneError, NotFoundError, shown
from landmap.query import Catalog, Record
from landmap.store import Fate


class MovedError(Exception):
    """The record has a new number: the same address, with that number, answers."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.id = id


class WithdrawnError(GoneError):
    """A record that was withdrawn, with the reason."""

    fate: Fate | None = None

    @classmethod
    def of(cls, fate: Fate) -> Self:
        """Return the error for one record."""
        error = cls(f"{shown(fate.id)} was withdrawn on {fate.on}: {fate.told('en')}")
        error.fate = fate
        return error


def record_of(state: State, catalog: Catalog, layer: str, id: str) -> Record:
    """Return one record as the audience of this server sees it.

    Raises
    ------
    MovedError
        When it was renumbered, and the audience sees it under its new number.
    WithdrawnError
        When it was withdrawn, and the audience could see it before.
    NotFoundError
        When it does not exist for the audience.
    """
    try:
        return catalog.engine.record(layer, id, state.audience, today=today(catalog))
    except NotFoundError:
        fate = known_fate(catalog, layer, id, state.audience)
        if fate is None or (fate.to is not None and not _seen(catalog, layer, fate.to, state.audience)):
            raise
    if fate.to is None:
        raise WithdrawnError.of(fate)
    raise MovedError(fate.to)


async def redirect(request: Request, error: Exception) -> Response:
    """Answer 301 to the same address under the new number, the query kept."""
    assert isinstance(error, MovedError)
    path = request.scope.get("root_path", "") + request.scope["route"].path
    for name, value in (request.path_params | {"id": error.id}).items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    query = request.scope["query_string"].decode("latin-1")
    # A rollback may take the new number back: nobody keeps the answer without asking again.
    headers = {"Location": f"{path}?{query}" if query else path, "Cache-Control": REVALIDATE}
    return Response(status_code=301, headers=headers)


def reason_in(request: Request, error: Exception) -> str:
    """Return why a record was withdrawn, in the language of the page; empty for any other error."""
    fate = error.fate if isinstance(error, WithdrawnError) else None
    if fate is None:
        return ""
    lang = lang_asked(request)
    words = state_of(request).words[lang]
    return words("page.problem.withdrawn", id=fate.id, on=fate.on, reason=fate.told(lang))


def _seen(catalog: Catalog, layer: str, id: str, audience: Audience) -> bool:
    try:
        catalog.engine.record(layer, id, audience, today=today(catalog))
    except NotFoundError:
        return False
    return True
