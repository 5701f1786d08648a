"""A problem as a page: what a person sees who opened an address in a browser, instead of JSON."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from landmap import render
from landmap.api.deps import lang_of, state_of
from landmap.domain import LANGS

#: Addresses that programs read; everything else is opened by people.
_MACHINE: Final = ("/api", "/static", "/healthz", "/readyz", "/metrics")

_KEPT: Final = ("retry-after", "allow", "cache-control")


def presented(request: Request, problem: Response, code: str) -> Response:
    """Return `problem` as a page when a browser opened a page's address, otherwise as it is."""
    if request.url.path.startswith(_MACHINE) or "text/html" not in request.headers.get("accept", ""):
        return problem
    asked = request.query_params.get("lang")
    words = state_of(request).words[next((lang for lang in LANGS if lang == asked), lang_of(request))]
    page = render.map.problem_page(
        status=problem.status_code,
        title=words.get(f"page.problem.{code}") or words("page.problem.error"),
        words=words,
    )
    headers = {name: value for name, value in problem.headers.items() if name in _KEPT}
    return Response(page, problem.status_code, headers, "text/html; charset=utf-8")
