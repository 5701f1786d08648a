"""Confirmation links: the owner of one record reads what is published of it and answers, once, without an account.

The token in the address is the capability; looking changes nothing, so that previews of messengers use nothing up. A
link that is unknown, used, expired or revoked is answered by the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from landmap import access, render
from landmap.api.admin.forms import Form, urlencoded
from landmap.api.admin.told import FormError
from landmap.api.body import read_bytes
from landmap.api.deps import state_of
from landmap.api.held import held_record
from landmap.api.origin import from_elsewhere
from landmap.api.problem_pages import lang_asked
from landmap.api.state import State
from landmap.domain import Lang, layer_named
from landmap.domain.errors import ConflictError, ForbiddenError, GoneError, InvalidValueError, NotFoundError
from landmap.domain.layers import AS_OF
from landmap.render import inputs

if TYPE_CHECKING:
    from landmap.ingest import Finding

HTML: Final = "text/html; charset=utf-8"
#: What the page tells caches, crawlers and other sites: nothing. Its own forms say where they come from, without the
#: token; under "no-referrer" a browser on plain HTTP would say "null", as it does for a page that is not ours.
SECRET: Final[Mapping[str, str]] = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "strict-origin",
}
BODY_MAX: Final = 256 * 1024
VALUE_MAX: Final = 2_000
NOTE_MAX: Final = 600
ANSWERS: Final = ("same", "changed")

router = APIRouter(prefix="/c", include_in_schema=False, default_response_class=Response)


@router.get("/done")
def done(request: Request) -> Response:
    """Answer the page after an answer: the same after every one."""
    state = state_of(request)
    page = render.map.confirmed_page(words=state.words[lang_asked(request)], district=state.holder.home.district())
    return Response(page, media_type=HTML, headers=SECRET)


@router.get("/{token}")
def opened(request: Request, token: str) -> Response:
    """Answer the page of a link; nothing changes."""
    state = _writable(request)
    try:
        return _page(state, _links(state).resolve(token, _now()), lang_asked(request))
    except (GoneError, NotFoundError):
        return _gone(state, lang_asked(request))


@router.post("/{token}")
async def answered(request: Request, token: str) -> Response:
    """Take an answer, once."""
    state = _writable(request)
    if from_elsewhere(request):
        raise ForbiddenError("a link is answered from its own page, not from another site")
    body = await read_bytes(request, BODY_MAX)
    return await run_in_threadpool(take, state, token, body, lang_asked(request))


def take(state: State, token: str, body: bytes, lang: Lang) -> Response:
    """Put an answer into the queue; show the page again when there is something to be said about it."""
    try:
        link = _links(state).resolve(token, _now())
    except GoneError:
        return _gone(state, lang)
    said = Said()
    try:
        form = Form(tuple(urlencoded(body)))
        version = form.text("version", limit=64, required=True)
        if form.choice("answer", ANSWERS) == "changed":
            said = _said(form, link)
        told = _links(state).answer(token, said.values, version=version, now=_now(), note=said.note, lang=lang)
    except FormError:
        return _again(state, token, lang, said, 400, "confirm.unreadable")
    except InvalidValueError:
        return _again(state, token, lang, said, 400, "confirm.note_alone")
    except (ConflictError, GoneError, NotFoundError):
        # Somebody was faster, or the record, or the version that was answered for, is not there any more.
        return _again(state, token, lang, said, 409, "confirm.moved")
    wrong = tuple(finding for finding in told.findings if finding.severity == "error")
    if wrong:
        return _again(state, token, lang, said, 400, "confirm.wrong", wrong)
    return Response(status_code=303, headers={**SECRET, "Location": f"/c/done?lang={lang}"})


@dataclass(frozen=True)
class Said:
    """What an owner says: the fields of the link, as people write them, and words beside them."""

    values: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def _said(form: Form, link: access.Confirmation) -> Said:
    """Return what the form says of the link's fields; what else it may say is not asked."""
    if any(len(value) > VALUE_MAX for _, value in form.fields):
        raise FormError("confirm.unreadable")
    fields = layer_named(link.layer).fields
    found = {name: inputs.written(fields[name], form.raw) for name in link.fields}
    values = {name: text for name, text in found.items() if text is not None}
    return Said(values, form.text("note", limit=NOTE_MAX, lines=True))


def _again(
    state: State, token: str, lang: Lang, said: Said, status: int, notice: str, wrong: tuple[Finding, ...] = ()
) -> Response:
    """Return the page with what was filled in, and why it was not taken; the link's end when it is not open now."""
    try:
        return _page(state, _links(state).resolve(token, _now()), lang, status, said, notice, wrong)
    except (GoneError, NotFoundError):
        return _gone(state, lang)


def _page(
    state: State,
    link: access.Confirmation,
    lang: Lang,
    status: int = 200,
    said: Said = Said(),
    notice: str = "",
    wrong: tuple[Finding, ...] = (),
) -> Response:
    catalog, words, layer = state.holder.current(), state.words[lang], layer_named(link.layer)
    held = held_record(catalog, layer, link.feature_id)
    fields = [layer.fields[name] for name in link.fields]
    problems = {one.field: [each.message for each in wrong if each.field == one.field] for one in wrong}
    view = render.map.ConfirmView(
        title=held.get(layer.title or "") or link.feature_id,
        number=f"{layer.label(lang)} · {link.feature_id}",
        as_of=words("confirm.as_of", date=held[AS_OF]) if held[AS_OF] else words("confirm.no_day"),
        expires_on=catalog.district.today(link.expires_at),
        version=catalog.snapshot_id,
        facts=[(one.label(lang), inputs.told(one, held[one.name], words)) for one in fields],
        inputs=[
            inputs.field_input(one, said.values.get(one.name, inputs.stated(held[one.name])), words) for one in fields
        ],
        note=said.note,
        notice=words(notice) if notice else "",
        problems={name: found for name, found in problems.items() if name in link.fields},
        general=[text for name, found in problems.items() if name not in link.fields for text in found],
        changing=bool(said.values),
    )
    page = render.map.confirm_page(view, words=words, district=catalog.district)
    return Response(page, status, media_type=HTML, headers=SECRET)


def _gone(state: State, lang: Lang) -> Response:
    """Answer a link that is not open, by the same bytes whatever the reason, without a look at the data."""
    held = state.holder.held()
    district = state.holder.home.district() if held is None else held.district
    page = render.map.no_confirm_page(words=state.words[lang], district=district)
    return Response(page, 410, media_type=HTML, headers=SECRET)


def _writable(request: Request) -> State:
    state = state_of(request)
    if state.settings.version is not None:
        raise ForbiddenError(
            "an old version is shown, to be read only", hint="links are answered where today's is served"
        )
    return state


def _links(state: State) -> access.Confirmations:
    return access.Confirmations(state.holder.home, state.database)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
