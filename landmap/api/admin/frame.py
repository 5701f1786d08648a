"""The frame every page of a steward stands in: who may come, what stands around it, where a form leads afterwards."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from landmap import render
from landmap.api.admin import csrf
from landmap.api.admin.forms import Form
from landmap.api.admin.told import reason
from landmap.api.deps import state_of
from landmap.api.problem_pages import lang_asked
from landmap.api.problems import instance_of, of_error, told
from landmap.api.state import State
from landmap.domain import Level, Words
from landmap.domain.errors import InvalidValueError, LandmapError, NotFoundError

HTML: Final = "text/html; charset=utf-8"
#: The sections of the pages, in the order of the menu, with their addresses.
SECTIONS: Final[Mapping[str, str]] = {
    "overview": "/admin",
    "import": "/admin/import",
    "versions": "/admin/versions",
    "amendments": "/admin/amendments",
    "freshness": "/admin/freshness",
    "unplaced": "/admin/unplaced",
    "attachments": "/admin/attachments",
    "jobs": "/admin/jobs",
}
#: What is true of every answer: it is nobody else's, and not to be found again.
PRIVATE: Final[Mapping[str, str]] = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # With less, a browser says of our own forms that they come from nowhere.
    "Referrer-Policy": "same-origin",
}
_NOTICE: Final = "landmap_notice"
_SIGNED: Final = "landmap_by"
_YEAR_S: Final = 365 * 24 * 3600
_NAME_MAX: Final = 60

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class AdminRoute(APIRoute):
    """A route of these pages: it does not exist below the steward level, and what goes wrong is told in the frame."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with the frame around it."""
        inner = super().get_route_handler()

        async def framed(request: Request) -> Response:
            require_steward(request)
            try:
                response = await inner(request)
            except LandmapError as error:
                response = await run_in_threadpool(_told, request, error)
            csrf.remember(request, response)
            for name, value in PRIVATE.items():
                response.headers.setdefault(name, value)
            return response

        return framed


def pages() -> APIRouter:
    """Return a router for pages of one section: give it full paths, such as ``/admin/versions``."""
    return APIRouter(route_class=AdminRoute, include_in_schema=False, default_response_class=Response)


def require_steward(request: Request) -> State:
    """Return the application's state; raise NotFoundError, as for any address that is none, below the steward level."""
    state = state_of(request)
    if state.audience.level < Level.STEWARD:
        raise NotFoundError("there is nothing here")
    return state


def words_of(request: Request) -> Words:
    """Return the dictionary of the page's language."""
    return state_of(request).words[lang_asked(request)]


def page(
    request: Request,
    template: str,
    *,
    section: str,
    title: str,
    status: int = 200,
    map: render.map.OneMap | None = None,
    refresh: int | None = None,
    **context: Any,
) -> Response:
    """Return one page.

    Parameters
    ----------
    request : Request
    template : str
        A file of ``web/templates/admin``; it extends ``admin/base.html``.
    section : str
        The key of `SECTIONS` that is marked in the menu.
    title : str
        Text, in the page's language.
    status : int
    map : OneMap, optional
        A living map, put where the template says ``{{ html|safe }}``.
    refresh : int, optional
        Seconds after which the browser shows the page anew, by itself and without script.
    context
        What the template shows, beside ``t`` (words), ``at(path, **query)`` (an address in the page's language),
        ``csrf`` (the hidden field, by the macro ``parts.token()``), ``by`` (the name last signed with).
    """
    state = state_of(request)
    words = words_of(request)
    lang = words.lang

    def at(path: str, **query: object) -> str:
        pairs = {name: str(value) for name, value in query.items() if value is not None}
        return f"{quote(path, safe='/')}?{urlencode({**pairs, 'lang': lang})}"

    notice, told = _noticed(request, words)
    made = render.map.admin_page(
        f"admin/{template}",
        title=title,
        words=words,
        district=state.holder.home.district(),
        audience_level=state.settings.audience.key,
        old_version=_old(state),
        map=map,
        context={
            "at": at,
            "sections": [(key, words(f"admin.section.{key}"), at(path)) for key, path in SECTIONS.items()],
            "section": section,
            "other_lang_at": _in_other_language(request, "en" if lang == "zh" else "zh"),
            "form_field": csrf.FIELD,
            "form_token": csrf.token_of(request),
            "by": signed_before(request),
            "notice": notice,
            "refresh": refresh,
            "writable": state.settings.version is None,
            **context,
        },
    )
    response = Response(made, status, media_type=HTML)
    if told:
        response.delete_cookie(_NOTICE, path="/admin")
    return response


def go(request: Request, path: str, notice: str = "", **values: object) -> Response:
    """Return the way to another page of ours after a form was taken: reloading that page repeats nothing.

    Parameters
    ----------
    request : Request
    path : str
        Root-relative, not yet escaped, without a query.
    notice : str
        Key of the words the next page opens with, such as ``admin.notice.published``.
    values
        What is filled in there.
    """
    response = Response(status_code=303)
    asked = request.query_params.get("lang")
    response.headers["Location"] = quote(path, safe="/") + (f"?lang={lang_asked(request)}" if asked else "")
    if notice:
        told = json.dumps([notice, {name: str(value)[:200] for name, value in values.items()}])
        kept = base64.urlsafe_b64encode(told.encode()).decode()
        response.set_cookie(_NOTICE, kept, max_age=60, path="/admin", httponly=True, samesite="strict")
    return response


def signature(form: Form) -> str:
    """Return the name a form is signed with (macro ``parts.signed()``); FormError without one."""
    return form.text("by", limit=_NAME_MAX, required=True)


def sign(request: Request, response: Response, by: str) -> Response:
    """Remember the name a form was signed with, for the next one; return `response`."""
    csrf.set_cookie(request, response, _SIGNED, base64.urlsafe_b64encode(by.encode()).decode(), seconds=_YEAR_S)
    return response


def signed_before(request: Request) -> str:
    """Return the name this browser signed with last; empty before the first time."""
    name = _decoded(request.cookies.get(_SIGNED, ""))
    return name if len(name) <= _NAME_MAX and name.isprintable() else ""


def _noticed(request: Request, words: Words) -> tuple[str, bool]:
    """Return the words left for this page, and whether there is a cookie to be taken away."""
    kept = request.cookies.get(_NOTICE)
    if kept is None:
        return "", False
    try:
        key, values = json.loads(_decoded(kept))
        known = isinstance(key, str) and key.startswith("admin.notice.") and isinstance(values, dict)
    except (ValueError, TypeError):
        return "", True
    if not known or not (words.get(key) or words.get(f"{key}.other")):
        return "", True
    return words(key, **{str(name): value for name, value in values.items()}), True


def _decoded(kept: str) -> str:
    try:
        return base64.urlsafe_b64decode(kept.encode("ascii")).decode()
    except (ValueError, binascii.Error):
        return ""


def _old(state: State) -> str:
    return "" if state.settings.version is None else state.settings.version[:12]


def _in_other_language(request: Request, lang: str) -> str:
    """Return the address of this page in the other language; after a refused form, that of the section."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = request.url.path if request.method == "GET" else _section_of(request.url.path)[1]
    return f"{quote(path, safe='/')}?{urlencode([*pairs, ('lang', lang)])}"


def _section_of(path: str) -> tuple[str, str]:
    """Return the section an address belongs to: the longest that begins it."""
    fits = [(key, at) for key, at in SECTIONS.items() if path == at or path.startswith(f"{at}/")]
    return max(fits, key=lambda one: len(one[1]), default=("overview", "/admin"))


def _told(request: Request, error: LandmapError) -> Response:
    """Return the page of an error; where not even the frame can be made, what every other address would answer."""
    try:
        return _refusal(request, error)
    except LandmapError as worse:
        return told(request, worse)


def _refusal(request: Request, error: LandmapError) -> Response:
    """Return the page that says what was refused and why, with the way back."""
    words = words_of(request)
    problem = of_error(error, instance_of(request))
    section, back = _section_of(request.url.path)
    known = not isinstance(error, InvalidValueError) and words.get(f"page.problem.{error.code}")
    said, detail = reason(error, words)
    answer = page(
        request,
        "refused.html",
        section=section,
        title=known or words("admin.refused.title"),
        status=problem.status_code,
        reason=said,
        detail=detail,
        back=back,
    )
    if "retry-after" in problem.headers:
        answer.headers["Retry-After"] = problem.headers["retry-after"]
    return answer
