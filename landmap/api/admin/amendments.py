"""The queue of edits: what was proposed, looked at beside the record as it is, approved, refused or taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from fastapi import Request, Response

from landmap import access
from landmap.api.admin import frame
from landmap.api.admin.forms import Posted
from landmap.api.admin.paging import paged
from landmap.api.admin.records import Named, named
from landmap.api.admin.times import local
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Field, Kind, Words, crs, layer_named
from landmap.domain.errors import BusyError, ConflictError
from landmap.render import inputs, numbers, outline_paths
from landmap.store import Snapshot, open_current

if TYPE_CHECKING:
    from landmap.access import Amendment, Change, Difference

SECTION: Final = "amendments"
HOME: Final = "/admin/amendments"
#: The lists of the queue, with the states that each holds.
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "open": ("proposed",),
    "approved": ("approved",),
    "live": ("published",),
    "past": ("rejected", "released"),
}
REASON_MAX: Final = 300
#: Seconds after which a page that waits for a publish looks again.
LOOK_URGENT_S: Final = 3
LOOK_S: Final = 15
#: Changes told of one edit in a list, and the size of the drawing of two outlines.
_FEW: Final = 3
DRAWING: Final = (440.0, 320.0)

router = frame.pages()


@dataclass(frozen=True)
class Line:
    """One change as a reader is told it."""

    label: str
    before: str
    value: str
    now: str = ""
    conflicting: bool = False
    moved_m2: float | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One edit in a list."""

    amendment: Amendment
    record: Named
    lines: tuple[Line, ...]
    more: int
    at: str
    state: str
    state_text: str
    origin: str


@router.get(HOME)
def listed(request: Request) -> Response:
    """Answer one list of the queue, the oldest first where somebody has to decide, else the newest."""
    state, words = state_of(request), frame.words_of(request)
    chosen = request.query_params.get("list", "open")
    chosen = chosen if chosen in LISTS else "open"
    every = queue(state).listed()
    held = {name: [one for one in every if one.state.value in states] for name, states in LISTS.items()}
    entries = held[chosen] if chosen == "open" else held[chosen][::-1]
    pager = paged(request, entries)
    live = _live(state)
    return frame.page(
        request,
        "amendments.html",
        section=SECTION,
        title=words("admin.section.amendments"),
        chosen=chosen,
        none=words(f"admin.amendments.none.{chosen}"),
        all_ticked=request.query_params.get("tick") == "all",
        lists=[(name, words(f"admin.amendments.list.{name}"), len(found)) for name, found in held.items()],
        pager=pager,
        entries=[_entry(state, one, live, words) for one in pager.entries],
    )


@router.get(HOME + "/{id}")
def shown(request: Request, id: str) -> Response:
    """Answer one edit beside the record as it will be once everything approved is published."""
    state, words = state_of(request), frame.words_of(request)
    current = open_current(state.holder.home)
    view = access.view(queue(state), id, current)
    one = view.amendment
    standing = state_key(one, frozenset(current.manifest["amendments"]))
    waits = {"approved": LOOK_URGENT_S if one.urgent else LOOK_S, "releasing": LOOK_S}
    district = state.holder.home.district()
    return frame.page(
        request,
        "amendment.html",
        section=SECTION,
        title=named(state.holder.current(), one.layer, one.feature_id, words).title,
        refresh=waits.get(standing),
        one=one,
        record=named(state.holder.current(), one.layer, one.feature_id, words),
        page_of=f"/{one.layer}/{one.feature_id}" if one.layer in ("parcels", "buildings") else "",
        standing=standing,
        standing_text=words(f"admin.amendments.state.{standing}"),
        origin=words(f"admin.amendments.origin.{one.origin}"),
        missing=view.missing,
        lines=[_difference(each, words) for each in view.differences]
        or [_change(one.layer, each, words) for each in one.changes],
        conflicts=len(view.conflicts),
        at_made=local(one.at, district),
        at_decided=local(one.decided_at, district),
        version=(one.published_in or "")[:12],
        drawing=DRAWING,
    )


@router.post(HOME + "/approve")
def approve_some(request: Request, form: Posted) -> Response:
    """Approve the ticked edits; those whose record has become another one stay in the queue."""
    by = frame.signature(form)
    ids = form.all("id", most=500)
    done, kept = 0, 0
    for id in ids:
        try:
            _approve(state_of(request), id, by, urgent=form.ticked("urgent"))
            done += 1
        except (ConflictError, BusyError):
            kept += 1
    key = "admin.notice.approved_some" if kept else "admin.notice.approved_all"
    return frame.sign(
        request, frame.go(request, HOME, key if ids else "admin.notice.none_ticked", count=done, kept=kept), by
    )


@router.post(HOME + "/{id}/approve")
def approve(request: Request, id: str, form: Posted) -> Response:
    """Approve one edit, urgently or with the others; `despite` although the record has become another one."""
    by = frame.signature(form)
    urgent = form.choice("when", ("now", "soon"), default="soon") == "now"
    try:
        _approve(state_of(request), id, by, urgent=urgent, despite=form.ticked("despite"))
    except (ConflictError, BusyError):
        return frame.sign(request, frame.go(request, f"{HOME}/{id}", "admin.notice.edit_moved"), by)
    return frame.sign(request, frame.go(request, f"{HOME}/{id}"), by)


@router.post(HOME + "/{id}/reject")
def reject(request: Request, id: str, form: Posted) -> Response:
    """Refuse one edit and say why."""
    by, reason = frame.signature(form), form.text("reason", limit=REASON_MAX, required=True)
    return _decided(request, id, by, reason, queue(state_of(request)).reject)


@router.post(HOME + "/{id}/release")
def release(request: Request, id: str, form: Posted) -> Response:
    """Take one edit back: from the next publish on, what the files say holds again."""
    by, reason = frame.signature(form), form.text("reason", limit=REASON_MAX, required=True)
    return _decided(request, id, by, reason, queue(state_of(request)).release)


def queue(state: State) -> access.Amendments:
    """Return the queue of edits of this home."""
    return access.Amendments(state.database)


def now() -> dt.datetime:
    """Return this moment."""
    return dt.datetime.now(dt.UTC)


def state_key(one: Amendment, live: frozenset[str]) -> str:
    """Return how an edit stands, in a word of the dictionary: ``admin.amendments.state.KEY``.

    ``settled`` was published, and a later file or edit speaks since; ``releasing`` is taken back and still published.
    """
    listed_ = any(one.key(change.field) in live for change in one.changes)
    if one.state is access.Stage.PUBLISHED and not listed_:
        return "settled"
    if one.state is access.Stage.RELEASED and listed_:
        return "releasing"
    return one.state.value


def _approve(state: State, id: str, by: str, *, urgent: bool, despite: bool = False) -> None:
    access.approve_edit(state.holder.home, queue(state), id, by=by, now=now(), urgent=urgent, despite=despite)


def _decided(request: Request, id: str, by: str, reason: str, decide: Callable[..., Amendment]) -> Response:
    try:
        decide(id, by=by, now=now(), reason=reason)
    except ConflictError:
        return frame.go(request, f"{HOME}/{id}", "admin.notice.edit_decided")
    return frame.sign(request, frame.go(request, f"{HOME}/{id}"), by)


def _live(state: State) -> frozenset[str]:
    snapshot = state.holder.current().snapshot
    return frozenset(snapshot.manifest["amendments"]) if isinstance(snapshot, Snapshot) else frozenset()


def _entry(state: State, one: Amendment, live: frozenset[str], words: Words) -> Entry:
    lines = tuple(_change(one.layer, each, words) for each in one.changes[:_FEW])
    record = named(state.holder.current(), one.layer, one.feature_id, words)
    more = len(one.changes) - len(lines)
    standing = state_key(one, live)
    return Entry(
        one,
        record,
        lines,
        more,
        local(one.at, state.holder.home.district()),
        standing,
        words(f"admin.amendments.state.{standing}"),
        words(f"admin.amendments.origin.{one.origin}"),
    )


def _difference(each: Difference, words: Words) -> Line:
    before, value, held = (_told(each.field, one, words) for one in (each.before, each.value, each.now))
    paths: tuple[str, ...] = ()
    if each.field.kind is Kind.GEOMETRY:
        shapes = [None if one is None else shapely.from_wkt(one) for one in (each.now, each.value)]
        paths = tuple(outline_paths(shapes, DRAWING))
    return Line(each.field.label(words.lang), before, value, held, each.conflicting, each.moved_m2, paths)


def _change(layer: str, change: Change, words: Words) -> Line:
    field = layer_named(layer).fields[change.field]
    return Line(field.label(words.lang), _told(field, change.before, words), _told(field, change.value, words))


def _told(field: Field, value: Any, words: Words) -> str:
    if field.kind is not Kind.GEOMETRY or value is None:
        return inputs.told(field, value, words)
    shape = shapely.from_wkt(value)
    if not shape.area:
        return str(shape.geom_type)
    area = float(crs.geodesic_area_m2(np.array([shape], dtype=object))[0])
    corners = shapely.get_num_coordinates(shape) - len(shapely.get_rings(shape))
    return words("admin.amendments.outline", count=corners, area=numbers.square_metres(area, words.lang, whole=True))
