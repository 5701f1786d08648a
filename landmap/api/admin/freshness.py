"""Freshness: who must confirm what by when, and the one-use links that are sent for it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from landmap import access
from landmap.api.admin import frame
from landmap.api.admin.forms import Posted
from landmap.api.admin.paging import paged
from landmap.api.admin.records import named
from landmap.api.admin.times import local
from landmap.api.deps import state_of
from landmap.api.held import held_record
from landmap.api.state import State, today
from landmap.domain import Freshness, Layer, Words, layer_named, layers
from landmap.domain.layers import AS_OF
from landmap.query import Catalog

SECTION: Final = "freshness"
HOME: Final = "/admin/freshness"
LINKS: Final = f"{HOME}/links"
#: The lists of one layer, with the states that each holds.
LISTS: Final = {
    "overdue": (Freshness.UNKNOWN, Freshness.RED, Freshness.AMBER),
    "red": (Freshness.UNKNOWN, Freshness.RED),
    "fresh": (Freshness.FRESH,),
    "all": tuple(Freshness),
}
#: Links made at one time.
MOST: Final = 500
RECIPIENT_MAX: Final = 80

router = frame.pages()


@dataclass(frozen=True)
class Row:
    """One record in the list: how it stands, and the link that is out for it."""

    due: access.Due
    kind: str
    days: int | None
    sent: str


@router.get(HOME)
def listed(request: Request) -> Response:
    """Answer the records of one layer with their days, the longest overdue first."""
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    district, day = catalog.district, today(catalog)
    offered = _dated(catalog)
    layer = next((one for one in offered if one.name == request.query_params.get("layer")), offered[0])
    found = access.due_records(catalog.tables[layer.name], layer, district, day)
    chosen = request.query_params.get("list", "overdue")
    chosen = chosen if chosen in LISTS else "overdue"
    counts = Counter(one.state for one in found)
    pager = paged(request, [one for one in found if one.state in LISTS[chosen]])
    out = _open_links(state, layer)
    rules = district.rules
    return frame.page(
        request,
        "freshness.html",
        section=SECTION,
        title=words("admin.section.freshness"),
        layers=[(one.name, one.label(words.lang), _overdue(catalog, one, day)) for one in offered],
        layer=layer.name,
        chosen=chosen,
        all_ticked=request.query_params.get("tick") == "all",
        lists=[
            (name, words(f"admin.freshness.list.{name}"), sum(counts[one] for one in LISTS[name])) for name in LISTS
        ],
        counts={one.value: counts[one] for one in Freshness},
        pager=pager,
        rows=[_row(one, layer, day, out, words) for one in pager.entries],
        leaves_out=words(f"admin.freshness.policy.{rules.links_leave_out}"),
        left_out=sum(one.out for one in found),
        holds=_holds(layer, rules.confirm_days, rules.stale_days, words),
        grace=rules.grace_days,
        days=access.CONFIRMATION_DAYS,
    )


@router.post(LINKS)
def make(request: Request, form: Posted) -> Response:
    """Make a link for every ticked record; their addresses are shown this once, on a page or in a sheet."""
    state, words = state_of(request), frame.words_of(request)
    by, layer = (
        frame.signature(form),
        layer_named(form.choice("layer", [one.name for one in _dated(state.holder.current())])),
    )
    days = int(form.choice("days", [str(number) for number in range(1, 91)], default=str(access.CONFIRMATION_DAYS)))
    ids = form.all("id", most=MOST)
    if not ids:
        return frame.sign(request, frame.go(request, HOME, "admin.notice.none_ticked"), by)
    recipient = form.text("recipient", limit=RECIPIENT_MAX)
    # Every record is there before the first link is made.
    days_of = {id: held_record(state.holder.current(), layer, id)[AS_OF] or "" for id in ids}
    made = [_made(state, layer, id, as_of, by, recipient, days, words) for id, as_of in days_of.items()]
    if form.ticked("sheet"):
        answer = Response(_sheet(made, words), media_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="confirm.csv"'
        return frame.sign(request, answer, by)
    answer = frame.page(
        request,
        "links_made.html",
        section=SECTION,
        title=words("admin.freshness.made"),
        made=made,
        reachable=state.settings.base_url is not None,
    )
    return frame.sign(request, answer, by)


@router.get(LINKS)
def links(request: Request) -> Response:
    """Answer the links that were made, the newest first; never their addresses."""
    state, words = state_of(request), frame.words_of(request)
    catalog, district = state.holder.current(), state.holder.home.district()
    pager = paged(request, _confirmations(state).listed())
    now = dt.datetime.now(dt.UTC)
    return frame.page(
        request,
        "links.html",
        section=SECTION,
        title=words("admin.freshness.links"),
        pager=pager,
        rows=[
            {
                "one": one,
                "record": named(catalog, one.layer, one.feature_id, words),
                "made": local(one.created_at, district),
                "until": local(one.expires_at, district),
                "used": local(one.used_at, district),
                "state": (status := _state_of(one, now)),
                "state_text": words(f"admin.freshness.link.{status}"),
            }
            for one in pager.entries
        ],
    )


@router.post(LINKS + "/{id}/revoke")
def revoke(request: Request, id: str, form: Posted) -> Response:
    """Close a link that was not used."""
    _confirmations(state_of(request)).revoke(id, dt.datetime.now(dt.UTC))
    return frame.go(request, LINKS, "admin.notice.link_revoked")


@dataclass(frozen=True)
class Made:
    """A link that was just made, with its address, which nobody keeps."""

    title: str
    id: str
    as_of: str
    until: str
    url: str


def _made(state: State, layer: Layer, id: str, as_of: str, by: str, recipient: str, days: int, words: Words) -> Made:
    title = named(state.holder.current(), layer.name, id, words).title
    token, link = _confirmations(state).create(
        layer.name, id, owner=by, now=dt.datetime.now(dt.UTC), recipient=recipient or title, days=days
    )
    until = local(link.expires_at, state.holder.home.district())
    return Made(title, id, as_of, until, f"{state.settings.base_url or ''}/c/{token}")


def _sheet(made: list[Made], words: Words) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([words(f"admin.freshness.column.{name}") for name in ("id", "title", "as_of", "until", "url")])
    for one in made:
        cells = (one.id, one.title, one.as_of, one.until, one.url)
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells])
    return stream.getvalue().encode("utf-8-sig")


def _row(one: access.Due, layer: Layer, day: dt.date, out: dict[str, str], words: Words) -> Row:
    codes = layer.fields[layer.kind_field].codes if layer.kind_field else ""
    kind = words.get(f"code.{codes}.{one.kind}", one.kind or "") if one.kind else ""
    return Row(one, kind, None if one.due is None else (day - one.due).days, out.get(one.id, ""))


def _dated(catalog: Catalog) -> list[Layer]:
    """Return the layers whose records name a day and can be answered for."""
    every = layers.layers().values()
    return [one for one in every if one.confirmable and AS_OF in one.fields and one.name in catalog.tables]


def _overdue(catalog: Catalog, layer: Layer, day: dt.date) -> int:
    found = access.due_records(catalog.tables[layer.name], layer, catalog.district, day)
    return sum(one.state.overdue for one in found)


def _holds(layer: Layer, days: dict[str, int], stale: int, words: Words) -> str:
    """Return after how many days the records of a layer have to be confirmed."""
    codes = layer.fields[layer.kind_field].codes if layer.kind_field else ""
    told = [words("admin.freshness.holds", days=days.get(layer.name, stale))]
    for name, number in days.items():
        of, _, kind = name.partition(".")
        if of == layer.name and kind:
            told.append(words("admin.freshness.holds_kind", kind=words(f"code.{codes}.{kind}"), days=number))
    return words("admin.freshness.comma").join(told)


def _open_links(state: State, layer: Layer) -> dict[str, str]:
    """Return until when a link is out, by record."""
    now, district = dt.datetime.now(dt.UTC), state.holder.home.district()
    found = _confirmations(state).listed(layer=layer.name)
    return {one.feature_id: local(one.expires_at, district)[:10] for one in reversed(found) if one.open_at(now)}


def _state_of(one: access.Confirmation, now: dt.datetime) -> str:
    if one.used_at is not None:
        return "used" if one.amendment is None else "answered"
    return "revoked" if one.revoked_at is not None else "open" if one.open_at(now) else "expired"


def _confirmations(state: State) -> access.Confirmations:
    return access.Confirmations(state.holder.home, state.database)
