"""Versions: what was published when and by whom, each opened to be read, and the way back in one click."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from markupsafe import Markup

from landmap import render
from landmap.api.admin import frame
from landmap.api.admin.forms import Posted
from landmap.api.admin.imports import asked
from landmap.api.admin.paging import paged
from landmap.api.admin.times import local
from landmap.api.deps import state_of
from landmap.api.state import State, today
from landmap.domain import Audience, Words, collections, layer_named, layers
from landmap.domain.errors import NotFoundError
from landmap.query import Catalog, criteria_class
from landmap.render import cards, cartography, sheet
from landmap.store import Change, Snapshot, Version, changes, history, open_version, rollback

#: Records of a version on one page, and the marks that a map of all of them can bear.
_RECORDS: Final = 25
_SEARCH_MAX: Final = 80
_DRAWN: Final = (640, 430)
_NOTE_MAX: Final = 300

router = frame.pages()


@router.get("/admin/versions")
def listed(request: Request) -> Response:
    """Answer every version on disk, the newest first."""
    state, words = state_of(request), frame.words_of(request)
    home = state.holder.home
    pager = paged(request, history(home))
    return frame.page(
        request,
        "versions.html",
        section="versions",
        title=words("admin.section.versions"),
        pager=pager,
        rows=[_row(state, one, words) for one in pager.entries],
        moves=[_move(state, one, words) for one in reversed(list(changes(home))[-20:])],
    )


@router.get("/admin/versions/{id}")
def version_page(request: Request, id: str) -> Response:
    """Answer one version as it is on disk, to be read: what it holds, where that came from, and its records."""
    state, words = state_of(request), frame.words_of(request)
    snapshot = open_version(state.holder.home, id)
    catalog = _catalog(state, snapshot)
    layer = request.query_params.get("layer", "")
    offered = [name for name in collections() if name in snapshot.layers]
    layer = layer if layer in offered else next(iter(offered), "")
    wanted = " ".join(request.query_params.get("q", "")[:_SEARCH_MAX].split())
    found = _records(catalog, layer, wanted, request.query_params.get("after"), state.audience, words)
    return frame.page(
        request,
        "version.html",
        section="versions",
        title=words("admin.version.title", version=snapshot.id[:12]),
        version=_row(state, _version_of(state, snapshot), words),
        layers=[(words(f"layer.{name}"), snapshot.rows(name)) for name in layers.layers() if name in snapshot.layers],
        findings=dict(snapshot.manifest["findings"]["counts"]),
        sources=[one for name in snapshot.layers for one in _sources(state, snapshot, name, words)],
        tabs=[(name, words(f"layer.{name}"), snapshot.rows(name)) for name in offered],
        shown=layer,
        q=wanted,
        records=found,
        svg=_drawing(snapshot, words),
        current=state.holder.home.current_id(),
    )


@router.get("/admin/versions/{id}/{layer}/{record}")
def record_page(request: Request, id: str, layer: str, record: str) -> Response:
    """Answer one record as it was in a version."""
    state, words = state_of(request), frame.words_of(request)
    snapshot = open_version(state.holder.home, id)
    if layer not in collections() or layer not in snapshot.layers:
        raise NotFoundError(f"version {snapshot.id[:12]} has no layer {layer[:40]!r}")
    catalog = _catalog(state, snapshot)
    found = catalog.engine.record(layer, record, state.audience, today=today(catalog))
    made = sheet.sheet(found, layer_named(layer), words, today=today(catalog), district=catalog.district).as_dict()
    return frame.page(
        request,
        "version_record.html",
        section="versions",
        title=made["title"],
        version=_row(state, _version_of(state, snapshot), words),
        sheet=made,
        layer=layer,
        svg=Markup(cartography.selection_map([found], catalog, state.audience, words, size=_DRAWN)),
    )


@router.post("/admin/versions/{id}/rollback")
def roll_back(request: Request, id: str, form: Posted) -> Response:
    """Make a version the current one again."""
    state = state_of(request)
    by = frame.signature(form)
    note = form.text("note", limit=_NOTE_MAX)
    snapshot = rollback(state.holder.home, _whole(id), by, note)
    state.holder.expect()
    answer = frame.go(request, "/admin/versions", "admin.notice.rolled_back", version=snapshot.id[:12])
    return frame.sign(request, answer, by)


@router.post("/admin/versions/{id}/compare")
def compare(request: Request, id: str, form: Posted) -> Response:
    """Have a version compared with the one before it, or with the current one."""
    state = state_of(request)
    home = state.holder.home
    snapshot = open_version(home, id)
    current = home.current_id() or ""
    sides = {"current": (snapshot.id, current), "parent": (snapshot.manifest["parent"] or "", snapshot.id)}
    before, after = sides[form.choice("with", tuple(sides))]
    if not before or not after:
        raise NotFoundError("there is no version to compare this one with")
    job = asked(state, "compare", {"before": before, "after": after})
    return frame.go(request, f"/admin/jobs/{job.id}")


def _whole(id: str) -> str:
    """Return an id that nobody shortened: a click means the version that was seen, not another that begins alike."""
    if len(id) != 64:
        raise NotFoundError(f"no version has the id {id[:70]!r}")
    return id


def _catalog(state: State, snapshot: Snapshot) -> Catalog:
    return state.holder.version(snapshot.id)


def _version_of(state: State, snapshot: Snapshot) -> Version:
    return next(one for one in history(state.holder.home) if one.id == snapshot.id)


def _row(state: State, one: Version, words: Words) -> dict[str, Any]:
    return {
        "id": one.id,
        "short": one.id[:12],
        "current": one.current,
        "damaged": one.damaged or "",
        "created": local(one.created_at, state.holder.home.district()),
        "by": one.by,
        "note": one.note,
        "parent": one.parent or "",
        "rows": [(words(f"layer.{name}"), one.rows[name]) for name in layers.layers() if name in one.rows],
    }


def _move(state: State, one: Change, words: Words) -> dict[str, str]:
    return {
        "at": local(one.at, state.holder.home.district()),
        "action": words(f"admin.version.{one.action}"),
        "id": one.id,
        "short": one.id[:12],
        "by": one.by,
        "note": one.note,
    }


def _sources(state: State, snapshot: Snapshot, name: str, words: Words) -> list[dict[str, Any]]:
    held: list[Mapping[str, Any]] = snapshot.manifest["layers"][name].get("sources", [])
    return [
        {
            "layer": words(f"layer.{name}"),
            "name": str(one.get("name", "")),
            "how": " · ".join(str(one[key]) for key in ("reader", "crs", "encoding", "profile") if one.get(key)),
            "by": str(one.get("imported_by") or ""),
            "at": local(one.get("imported_at"), state.holder.home.district()),
            "corrections": len(one.get("corrections", ())),
            "sha256": str(one.get("sha256") or "")[:12],
        }
        for one in held
    ]


def _records(
    catalog: Catalog, layer: str, wanted: str, after: str | None, audience: Audience, words: Words
) -> dict[str, Any]:
    if not layer:
        return {"total": 0, "rows": [], "next": None}
    criteria = criteria_class(layer).from_query([("q", wanted)] if wanted else [], catalog.district)
    selection = catalog.engine.select(layer, criteria, audience, today=today(catalog))
    page = selection.page(after or None, _RECORDS)
    kind = layer_named(layer)
    made = [cards.card(record, kind, words, catalog) for record in page.records]
    return {"total": selection.total, "rows": made, "next": page.next}


def _drawing(snapshot: Snapshot, words: Words) -> Markup | None:
    """Return a small map of the version's parcels, or of the first layer that has shapes."""
    spatial = [name for name in ("parcels", *snapshot.layers) if name in snapshot.layers and layer_named(name).spatial]
    if not spatial:
        return None
    drawn = render.report.layer_map(list(snapshot.table(spatial[0]).columns["geometry"]), snapshot.district, words)
    return Markup(drawn) if drawn else None
