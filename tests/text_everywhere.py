"""The forty payloads in every place where a text can stand: records, labels, layer names, answers of the server."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from landmap.domain import District, Words, read_words
from landmap.render.map import OneMap, one_map, record_page, share_page, workspace_page
from landmap.render.map.pages import ShareView
from landmap.resources import web_root
from tests.map_town import BASEMAP, parcel_shapes
from tests.payloads import PAYLOADS
from tests.query_town import DISTRICT, TODAY

EXTENT: Final = (120.39, 36.17, 120.49, 36.19)


def words() -> Words:
    """Return the real dictionary."""
    return read_words("zh", web_root() / "i18n")


def hostile_words(payload: str) -> Words:
    """Return a dictionary in which every text of a page is the payload."""
    entries = words().entries
    return Words("zh", {key: payload if key.startswith("page.") else text for key, text in entries.items()})


def hostile_shapes() -> dict[str, Any]:
    """Return one parcel per payload, with the payload wherever a text can be."""
    made = parcel_shapes(PAYLOADS, rows=lambda record: [(str(record.properties["parcel_name"]),) * 2])
    for feature, payload in zip(made["features"], PAYLOADS, strict=True):
        feature.update(id=payload, no=payload, s=payload, c=payload)
    made["classes"] = [
        {"key": payload, "label_zh": payload, "label_en": payload, "colour": "#c8965a", "query": "land_use=1001"}
        for payload in PAYLOADS
    ]
    made["stages"] = [{"code": payload, "label_zh": payload, "label_en": payload} for payload in PAYLOADS]
    return made


def hostile_basemap(payload: str) -> dict[str, Any]:
    """Return the basemap with the payload as every name and further property."""
    features = [
        {**feature, "properties": {**feature["properties"], "name": payload, payload: payload, "colour": payload}}
        for feature in BASEMAP["features"]  # type: ignore[attr-defined]
    ]
    return {**BASEMAP, "features": features}


ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def hostile_sheet(payload: str) -> dict[str, Any]:
    """Return a sheet in which every text is the payload."""
    states = ("ok", "unknown", "ambiguous", "warn", payload)
    rows = [{"label": payload, "text": payload, "note": payload, "state": state} for state in states]
    rows.append({"label": payload, "text": payload, "note": None, "state": "unknown"})
    light = {"item": payload, "label": payload, "required": payload, "state": payload, "text": payload}
    return {
        "id": payload,
        "no": payload,
        "title": payload,
        "subtitle": payload,
        "layer": "parcels",
        "sections": [{"key": payload, "label": payload, "rows": rows}],
        "lights": [light],
        "attachments": [hostile_attachment(payload, width=400), hostile_attachment(payload, width=None)],
        "notice": payload,
        "as_of": payload,
        "links": {"self": "/parcels/x", "brief": "/parcels/x/brief.pdf"},
    }


def hostile_attachment(payload: str, width: int | None) -> dict[str, Any]:
    """Return an attachment in which every text is the payload: a picture, or a document without a width."""
    texts = dict.fromkeys(("kind", "label", "caption", "note", "alt", "restricted"), payload)
    address = f"data:image/png;base64,{ONE_PIXEL}"
    files = {"file": address} if width is None else {"320": address, "1280": address}
    return {**texts, "drawn": False, "media_type": "image/webp", "width": width, "height": width, "files": files}


def hostile_search() -> dict[str, Any]:
    """Return a search answer with one card, chip and facet count per payload."""
    shared = {"label": "L", "colour": "#c8965a"}
    return {
        "layer": "parcels",
        "version": "v",
        "all": 41,
        "total": 40,
        "pending": 3,
        "unknown": {},
        "ambiguous": {},
        "sentence": " ".join(PAYLOADS),
        "chips": [{"name": "q", "text": payload, "without": payload} for payload in PAYLOADS],
        "facets": {
            name: {"counts": [[payload, payload, 2] for payload in PAYLOADS], "unknown": 0}
            for name in ("supply_stage", "subdistrict", "preset")
        },
        "histograms": {"area_m2": {"unit": PAYLOADS[0], "edges": [0, 1, 2], "counts": [1, 2], "unknown": 0}},
        "bounds": EXTENT,
        "bitmap": "/////38=",
        "records": [
            {
                "id": payload,
                "ordinal": place,
                "title": payload,
                "no": f"no {payload}",
                "class": {"key": payload, **shared},
                "stage": {"code": payload, "label": payload},
                "lines": [payload, payload],
                "bounds": EXTENT,
                "outline": "M0 0h9v9z",
            }
            for place, payload in enumerate(PAYLOADS)
        ],
        "next": None,
        "etag": "e",
        "waiting": {
            "total": len(PAYLOADS),
            "rows": [{"number": payload, "title": payload, "since": payload, "href": None} for payload in PAYLOADS],
        },
    }


def hostile_criteria() -> list[dict[str, Any]]:
    """Return a form in which every label, help, unit and option is some payload."""
    kinds = ("codes", "text", "near", "choice", "flag", "date", "number", "area", "land_use")
    names = ("stage", "industry", "near", "match", "standard_land", "as_of_min", "tax_min", "area_min", "land_use")
    fields = {"stage": "supply_stage", "area_min": "area_m2"}
    options = [{"code": payload, "label": payload} for payload in PAYLOADS]
    made = [
        {
            "name": name,
            "kind": kind,
            "label": PAYLOADS[place],
            "help": PAYLOADS[20 + place],
            "unit": PAYLOADS[20 + place],
            "group": "g",
            "primary": True,
            "repeatable": True,
            "field": fields.get(name),
            "options": options,
            "minimum": 0,
            "maximum": 9,
        }
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    more = [
        {**made[0], "name": f"more{place}", "label": payload, "field": None} for place, payload in enumerate(PAYLOADS)
    ]
    return made + more


def hostile_district(payload: str) -> District:
    """Return a district whose every text is the payload."""
    contact = {"office_zh": payload, "phone": payload, "address_zh": payload}
    return District(
        **{
            **DISTRICT.model_dump(),
            "name_zh": payload,
            "notice_zh": payload,
            "map_approval_no": payload,
            "sample": True,
            "contact": contact,
        }
    )


def hostile_map(payload: str) -> OneMap:
    """Return a map that carries everything, whose data, names, title and dictionary hold the payload."""
    return one_map(
        sources={"parcels": hostile_shapes()},
        basemap=hostile_basemap(payload),
        words=hostile_words(payload),
        bounds=EXTENT,
        title=payload,
        attribution=payload,
    )


def pages(payload: str) -> Mapping[str, str]:
    """Return every page that a person opens, with the payload everywhere; the workspace speaks real words."""
    link = one_map(sources={"parcels": hostile_shapes()}, basemap=hostile_basemap(payload), assets="linked")
    record = one_map(sources={"parcels": hostile_shapes()}, assets="linked", words=hostile_words(payload))
    work = one_map(
        sources={"parcels": "/shapes"},
        basemap="/basemap",
        assets="linked",
        words=words(),
        popup=False,
        controls=("zoom",),
    )
    district = hostile_district(payload)
    share = ShareView(payload, payload, payload, TODAY, TODAY)
    sheet = hostile_sheet(payload)
    return {
        "/": workspace_page(work, words=words(), district=district, audience_level="officer", version=payload),
        "/record": record_page(record, sheet=sheet, words=hostile_words(payload), district=district, drawing=payload),
        "/link": share_page(
            link, share=share, sheets=[sheet, sheet], words=words(), district=district, drawing=payload
        ),
    }


def answers() -> Mapping[str, bytes]:
    """Return what the workspace asks for, by path."""
    return {
        "/shapes": orjson.dumps(hostile_shapes()),
        "/basemap": orjson.dumps(hostile_basemap(PAYLOADS[21])),
        "/api/collections/parcels/criteria": orjson.dumps(hostile_criteria()),
        "/api/collections/parcels/search": orjson.dumps(hostile_search()),
    }
