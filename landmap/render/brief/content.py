"""The content of a brief: everything the template prints, already in words and cut to size."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any, Final

import shapely

from landmap.domain import Audience, Layer, PolicyClass, Words, crs
from landmap.query import Catalog, Record
from landmap.render import cartography, numbers, values
from landmap.render.brief import building, parcel
from landmap.render.brief.blocks import Block
from landmap.render.brief.distances import distances
from landmap.render.brief.pictures import documents
from landmap.render.brief.room import Room, room_for, units
from landmap.render.brief.shorten import shorten
from landmap.render.sheet import Sheet, sheet

_LIGHTS_MAX: Final = 16
_PARTS: Final = {"parcels": parcel, "buildings": building}


def content(
    record: Record,
    layer: Layer,
    catalog: Catalog,
    audience: Audience,
    words: Words,
    *,
    today: dt.date,
    url: str | None,
) -> dict[str, Any]:
    """Return what the template prints; the same arguments give the same content."""
    district = catalog.district
    made = sheet(record, layer, words, today=today, district=district)
    parts = _PARTS[layer.name]
    columns, table = parts.columns(record, made, words), parts.table(record, words)
    attached = catalog.attached(layer.name, record, audience.policy_class)
    wide = [*parts.wide(made, words), *documents(attached, made.title, words)]
    shown = _lights(made, words)
    room = room_for(columns, table, wide, shown)
    return {
        "lang": words.lang,
        "day": [today.year, today.month, today.day],
        "author": district.name(words.lang),
        "system": words("brief.system", district=district.name(words.lang)),
        "kind": words(f"brief.kind_{layer.name}"),
        "title": shorten(made.title, 84),
        "subtitle": shorten(" · ".join(dict.fromkeys((made.no, made.subtitle))), 110),
        "tag": _tag(record, words),
        "restricted": _restricted(audience, words),
        "notice": shorten(made.notice, 60) if district.sample or made.notice else "",
        "figures": parts.figures(record, made, words),
        "maps": _maps(record, layer, catalog, audience, words, today, room),
        "distances": {
            "label": words("brief.distances"),
            "rows": [
                [shorten(kind, 20), shorten(name, 26), far]
                for kind, name, far in distances(record, catalog, audience, words, today)[: room.distances]
            ],
        },
        "columns": columns,
        "table": table,
        "wide": wide,
        "lights": shown,
        "footer": _footer(record, layer, catalog, words, today, url),
        "qr": _qr(url),
    }


def _tag(record: Record, words: Words) -> str:
    stage, grade = record.properties.get("supply_stage"), record.properties.get("grade")
    if stage is not None:
        return values.code_text("supply_stage", stage, words.lang)
    return "" if grade in (None, "ungraded") else values.code_text("building_grade", grade, words.lang)


def _restricted(audience: Audience, words: Words) -> str:
    """Return the mark of a brief that is not for everybody."""
    if audience.policy_class is PolicyClass.PUBLIC:
        return ""
    return words(f"brief.{audience.policy_class.value}")


def _maps(
    record: Record,
    layer: Layer,
    catalog: Catalog,
    audience: Audience,
    words: Words,
    today: dt.date,
    room: Room,
) -> Block | None:
    """Return the two maps with their captions and heights; None for a record without a shape."""
    if record.geometry is None or shapely.is_empty(record.geometry):
        return None
    about = (catalog, audience, words)
    site = cartography.site_scene(record, layer.name, *about, today=today, size=units(room.site))
    index = cartography.index_scene([record], *about, today=today, size=units(room.index))
    epsg = catalog.district.planar_epsg
    plane = crs.gauss_kruger_label(epsg) if words.lang == "zh" else f"EPSG:{epsg}"
    return {
        "site": cartography.draw(site),
        "site_caption": words(f"brief.figure_{layer.name}", plane=plane),
        "index": cartography.draw(index),
        "index_caption": words("brief.figure_index", district=catalog.district.name(words.lang)),
    }


def _lights(made: Sheet, words: Words) -> Block | None:
    if not made.lights:
        return None
    shown = made.lights[:_LIGHTS_MAX]
    green = sum(light.state == "green" for light in made.lights)
    return {
        "label": words("brief.checklist"),
        "summary": words("brief.checklist_summary", green=green, all=len(made.lights)),
        "items": [
            {"label": shorten(light.label, 30), "text": shorten(light.text, 40), "state": light.state}
            for light in shown
        ],
    }


def _footer(
    record: Record, layer: Layer, catalog: Catalog, words: Words, today: dt.date, url: str | None
) -> dict[str, Any]:
    district, lang = catalog.district, words.lang
    as_of = record.properties.get("data_as_of")
    known = words("brief.unknown_day") if as_of is None else numbers.day(as_of, lang)
    desk = (district.contact.office_zh, district.contact.office_en or district.contact.office_zh)[lang == "en"]
    contact = record.properties.get("contact_office") if lang == "zh" or not desk else None
    said = str(contact or " ".join(part for part in (desk, district.contact.phone) if part))
    disclaimer = words("brief.disclaimer_building" if layer.name == "buildings" else "brief.disclaimer")
    return {
        "facts": [
            words("brief.as_of", day=known),
            words("brief.made_on", day=numbers.day(today, lang)),
            words("brief.version", version=catalog.snapshot_id[:12]),
            words("brief.id", id=shorten(record.id, 40)),
        ],
        "contact": words("brief.contact", contact=shorten(said, 70)) if said else "",
        "disclaimer": disclaimer,
        "notice": district.notice(lang),
        "scan": words("brief.scan") if url else "",
        "url": shorten(url or "", 90),
    }


def _qr(url: str | None) -> str:
    if url is None:
        return ""
    stream = io.BytesIO()
    import segno

    segno.make(url, error="m").save(stream, kind="svg", border=2, xmldecl=False, nl=False, light="#fff")
    return stream.getvalue().decode("utf-8")
