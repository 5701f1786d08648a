"""A problem as a page: what a person sees who opened an address in a browser, instead of JSON."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from landmap import render
from landmap.api.deps import lang_of, state_of
from landmap.domain import LANGS, Lang

#: Addresses that programs read; everything else is opened by people.
_MACHINE: Final = ("/api", "/static", "/healthz", "/readyz", "/metrics")

#: What is said of a code without words of its own: the caller's fault, or ours.
_GENERAL: Final = ("invalid_value", "error")
_KEPT: Final = ("retry-after", "allow", "cache-control")


def lang_asked(request: Request) -> Lang:
    """Return the language that the address names, or the one its reader prefers."""
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGS if lang == asked), lang_of(request))


def presented(request: Request, problem: Response, code: str, detail: str = "") -> Response:
    """Return `problem` as a page when a browser opened a page's address, otherwise as it is."""
    if request.url.path.startswith(_MACHINE) or "text/html" not in request.headers.get("accept", ""):
        return problem
    state = state_of(request)
    words = state.words[lang_asked(request)]
    known = code if words.get(f"page.problem.{code}") else _GENERAL[problem.status_code >= 500]
    # Only what is held: the page must come at once, also while nothing can be read.
    catalog = state.holder.held()
    page = render.map.problem_page(
        status=problem.status_code,
        title=words(f"page.problem.{known}"),
        detail=detail or words.get(f"page.problem.{known}_advice") or "",
        words=words,
        district=None if catalog is None else catalog.district,
    )
    headers = {name: value for name, value in problem.headers.items() if name in _KEPT}
    return Response(page, problem.status_code, headers, "text/html; charset=utf-8")
