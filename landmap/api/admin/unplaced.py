"""What waits for its place: rows without a shape are given one, checked first, and published once somebody confirms."""

from __future__ import annotations

import base64
import datetime as dt
import difflib
import json
from collections.abc import Mapping
from typing import Any, Final

import shapely
from fastapi import Request, Response

from landmap import render
from landmap.access import Job
from landmap.api import waiting
from landmap.api.admin import frame
from landmap.api.admin.forms import Posted
from landmap.api.admin.imports import CLASSES, crs_of, systems_of
from landmap.api.admin.jobs import owner_of
from landmap.api.admin.paging import paged
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.routers.search import shapes_key
from landmap.api.state import State, today
from landmap.domain import Kind, Words, crs, layer_named
from landmap.domain.errors import NotFoundError
from landmap.query import Record, criteria_class
from landmap.render import cartography, numbers, sheet
from landmap.store import WaitingRow, WaitingShape

LAYERS: Final = ("parcels", "buildings")
_FIND_MAX: Final = 80
_CORNERS_MAX: Final = 60_000
#: How many shapes are offered for a row, those with the likest number first.
_OFFERED: Final = 40
_DRAWN: Final = (640.0, 420.0)
#: What is known of a record before it is read again; the check of a single row has nothing new to say of it.
_SILENT: Final = frozenset({"filled_default", "derived_recomputed", "required_column_missing"})

router = frame.pages()


@router.get("/admin/unplaced")
def listed(request: Request) -> Response:
    """Answer what waits of one layer, rows first."""
    state, words = state_of(request), frame.words_of(request)
    layer = request.query_params.get("layer", LAYERS[0])
    layer = layer if layer in LAYERS else LAYERS[0]
    q = " ".join(request.query_params.get("q", "")[:_FIND_MAX].split())
    held = state.waiting.of(layer)
    rows = state.waiting.found(layer, q) if q else held.rows
    return frame.page(
        request,
        "unplaced.html",
        section="unplaced",
        title=words("admin.section.unplaced"),
        layer=layer,
        tabs=[(name, words(f"layer.{name}"), len(state.waiting.of(name).rows)) for name in LAYERS],
        pager=paged(request, [_row(one, layer, words) for one in rows]),
        shapes=[_shape(one, words) for one in held.shapes],
        count=len(held.rows),
        q=q,
    )


@router.get("/admin/unplaced/checked/{id}")
def checked(request: Request, id: str) -> Response:
    """Answer what the check of a place found, or that the row is on the map."""
    state, words = state_of(request), frame.words_of(request)
    job, told = _checked(state, id)
    layer = str(job.payload["layer"])
    row = next((one for one in state.waiting.of(layer).rows if one.ref == job.payload["row"]), None)
    name = told["number"] or told["id"] or "" if row is None else waiting.title_of(row, layer)
    found = [one for one in told["findings"][words.lang] if one["code"] not in _SILENT]
    declared = None if row is None else _area(row)
    return frame.page(
        request,
        "placed.html",
        section="unplaced",
        title=name if told["version"] else words("admin.place.checked", name=name),
        job=job,
        layer=layer,
        told=told,
        good=told["fate"] == "placed",
        waits=row is not None,
        findings=[one for one in found if one["severity"] != "info"]
        + [one for one in found if one["severity"] == "info"],
        picture=_picture(state, layer, told, words),
        area=_areas(told["area_m2"], words),
        declared=_areas(declared, words),
        visibility=words(f"admin.class.{job.payload.get('visibility') or 'internal'}"),
    )


@router.post("/admin/unplaced/checked/{id}")
def publish(request: Request, id: str, form: Posted) -> Response:
    """Publish a place that was found good."""
    state = state_of(request)
    by = frame.signature(form)
    job, told = _checked(state, id)
    if told["fate"] != "placed" or told["version"] is not None:
        raise NotFoundError("there is nothing to be placed here any more")
    sent = _sent(request, state, {**job.payload, "by": by, "publish": True})
    return frame.sign(request, sent, by)


@router.get("/admin/unplaced/{layer}/{ref}")
def one(request: Request, layer: str, ref: str) -> Response:
    """Answer one row with the form that gives it a place."""
    state, words = state_of(request), frame.words_of(request)
    row = _waiting(state, layer, ref)
    known = Record("", None, _known(row, layer))
    catalog = state.holder.current()
    told = sheet.sheet(known, layer_named(layer), words, today=today(catalog), district=catalog.district)
    before = _before(state, request, ref)
    return frame.page(
        request,
        "place.html",
        section="unplaced",
        title=waiting.title_of(row, layer),
        map=_map(state, words),
        layer=layer,
        row=_row(row, layer, words),
        facts=[(fact.label, fact.text) for part in told.sections for fact in part.rows if fact.known],
        shapes=[_shape(one, words) for one in _offered(state, layer, row)],
        outlines={one.ref: _rings(one) for one in _offered(state, layer, row)},
        extent=list(catalog.district.extent),
        systems=systems_of(catalog.district, words),
        classes=[(one, words(f"admin.class.{one}")) for one in reversed(CLASSES)],
        before=before,
    )


@router.post("/admin/unplaced/{layer}/{ref}")
def check(request: Request, layer: str, ref: str, form: Posted) -> Response:
    """Have a place checked; nothing is published by that."""
    state = state_of(request)
    row = _waiting(state, layer, ref)
    corners, shape = form.text("corners", limit=_CORNERS_MAX, lines=True), form.text("shape")
    if not corners and not shape:
        raise FormError("admin.refused.place_none")
    if corners and shape:
        raise FormError("admin.refused.place_both")
    if shape and shape not in {one.ref for one in state.waiting.of(layer).shapes}:
        raise FormError("admin.refused.choice", field="shape", found=shape[:60])
    code = crs_of(form.text("crs", limit=12))
    payload = {
        "layer": layer,
        "row": row.ref,
        "by": owner_of(state),
        "lang": frame.words_of(request).lang,
        "visibility": form.choice("visibility", CLASSES, default="internal"),
        **({"corners": corners} if corners else {"shape": shape}),
        **({"crs": code} if code and corners else {}),
    }
    return _sent(request, state, payload)


def _known(row: WaitingRow, layer: str) -> dict[str, Any]:
    """Return what a row says in the form of a record."""
    fields = layer_named(layer).fields
    return {
        name: json.loads(value) if fields[name].kind is Kind.JSON and isinstance(value, str) else value
        for name, value in row.values.items()
        if name in fields
    }


def _sent(request: Request, state: State, payload: Mapping[str, Any]) -> Response:
    now = dt.datetime.now(dt.UTC)
    job = state.jobs.add("place", payload, owner=owner_of(state), level=state.audience.level, now=now)
    return frame.go(request, f"/admin/jobs/{job.id}")


def _waiting(state: State, layer: str, ref: str) -> WaitingRow:
    rows = state.waiting.of(layer).rows if layer in LAYERS else ()
    found = next((one for one in rows if one.ref == ref), None)
    if found is None:
        raise NotFoundError("this row does not wait any more", hint="it was placed meanwhile, or came anew")
    return found


def _checked(state: State, id: str) -> tuple[Job, Mapping[str, Any]]:
    job = state.jobs.get(id, owner_of(state))
    if job.kind != "place" or job.state != "done" or job.result is None:
        raise NotFoundError(f"no check has the id {id[:40]!r}")
    return job, job.result


def _before(state: State, request: Request, ref: str) -> Mapping[str, Any]:
    """Return what was tried before, named by the address, so that nobody types it twice."""
    try:
        job = state.jobs.get(request.query_params.get("job", ""), owner_of(state))
    except NotFoundError:
        return {}
    return job.payload if job.kind == "place" and job.payload.get("row") == ref else {}


def _offered(state: State, layer: str, row: WaitingRow) -> list[WaitingShape]:
    """Return the shapes a row may have, those whose number is likest its own first."""
    shapes = state.waiting.of(layer).shapes
    like = {one.ref: difflib.SequenceMatcher(None, row.key, one.key).ratio() for one in shapes}
    return sorted(shapes, key=lambda one: -like[one.ref])[:_OFFERED]


def _row(row: WaitingRow, layer: str, words: Words) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "title": waiting.title_of(row, layer),
        "number": row.number or "",
        "area": _areas(_area(row), words),
        "source": f"{row.source}:{row.row}",
        "since": row.since.isoformat(),
        "staged": row.staged_as is not None,
    }


def _shape(shape: WaitingShape, words: Words) -> dict[str, Any]:
    area = float(crs.geodesic_area_m2(_array(shape))[0])
    number = shape.number
    return {
        "ref": shape.ref,
        "title": words("admin.place.shape_of", number=number) if number else words("admin.place.shape_plain"),
        "area": _areas(area or None, words),
        "source": " · ".join(filter(None, (shape.source, shape.entity))),
        "since": shape.since.isoformat(),
        "staged": shape.staged_as is not None,
    }


def _array(shape: WaitingShape) -> Any:
    return shapely.from_wkb([shape.wkb])


def _rings(shape: WaitingShape) -> list[list[list[float]]]:
    """Return the outer rings of a shape as latitude and longitude, the order in which maps on the web take them."""
    parts = shapely.get_parts(_array(shape))
    rings = [shapely.get_coordinates(shapely.get_exterior_ring(one)) for one in parts if one.geom_type == "Polygon"]
    return [[[y, x] for x, y in ring.tolist()] for ring in rings]


def _area(row: WaitingRow) -> float | None:
    found = next((row.values[name] for name in ("net_area_m2", "registered_area_m2") if name in row.values), None)
    return None if found is None else float(found)


def _areas(area: float | None, words: Words) -> str:
    if area is None:
        return ""
    return f"{numbers.square_metres(area, words.lang)} · {numbers.mu(area, words.lang)}"


def _picture(state: State, layer: str, told: Mapping[str, Any], words: Words) -> str:
    """Return the map of a place with what lies around it, as an address; empty for a row without a shape."""
    if told["wkb"] is None:
        return ""
    catalog = state.holder.current()
    record = Record(told["id"] or "", shapely.from_wkb(told["wkb"]), {"parcel_no": told["number"]})
    scene = cartography.site_scene(
        record, layer, catalog, state.audience, words, today=today(catalog), size=_DRAWN, tone="print"
    )
    return "data:image/svg+xml;base64," + base64.b64encode(cartography.draw(scene).encode()).decode("ascii")


def _map(state: State, words: Words) -> render.map.OneMap:
    catalog = state.holder.current()
    drawn = {
        name: f"/api/collections/{name}/shapes?v={shapes_key(catalog, state.audience, name)}"
        for name in ("districts", "parcels", "buildings")
    }
    everything = catalog.engine.select("parcels", criteria_class("parcels")(), state.audience, today=today(catalog))
    attribution = " · ".join(basemap.attribution for basemap in catalog.district.basemap[:1] if basemap.attribution)
    return render.map.one_map(
        sources=drawn,
        basemap="/api/basemap",
        words=words,
        assets="linked",
        popup=False,
        bounds=everything.bounds or catalog.district.extent,
        controls=("zoom", "scale"),
        attribution=attribution,
    )
