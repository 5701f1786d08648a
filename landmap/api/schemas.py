"""JSON Schemas of the answers, each whole in itself: an answer that the documents do not describe is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from landmap.api.schema_words import (
    COUNT,
    GEOMETRY,
    INTERVAL,
    LINKS,
    NUMBER,
    TEXT,
    Schema,
    keyed,
    listed,
    maybe,
    record,
)
from landmap.api.tile_schemas import TILEJSON, TILESET, TILESETS
from landmap.domain import Field, Kind, Lang, Layer, PolicyClass, children_of, layer_named

_KINDS: Final[dict[Kind, Schema]] = {
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.BOOLEAN: {"type": ["boolean", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.TEXTS: {"type": ["array", "null"], "items": TEXT},
    Kind.CODES: {"type": ["array", "null"], "items": TEXT},
    Kind.JSON: {},
}

#: Links by relation, as the map's answers carry them.
HREFS: Final = keyed(TEXT)
PROBLEM: Final = record(
    {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "code": TEXT,
        "errors": listed(keyed({"type": ["string", "integer"]})),
    },
    optional=("instance",),
)
HEALTH: Final = record({"status": TEXT})
READY: Final = record(
    {
        "status": {"type": "string", "enum": ["ok", "read_only", "degraded"]},
        "version": TEXT,
        "today": TEXT,
        "confinement": {"type": "string", "enum": ["full", "files", "none"]},
    }
)
LANDING: Final = record({"title": TEXT, "description": TEXT, "links": LINKS})
CONFORMANCE: Final = record({"conformsTo": listed(TEXT)})
COLLECTION: Final = record(
    {
        "id": TEXT,
        "title": TEXT,
        "description": TEXT,
        "itemType": TEXT,
        "extent": record({"spatial": record({"bbox": listed(INTERVAL), "crs": TEXT})}),
        "crs": listed(TEXT),
        "links": LINKS,
    }
)
COLLECTIONS: Final = record({"links": LINKS, "collections": listed(COLLECTION)})
BASEMAP: Final = record({"type": {"const": "FeatureCollection"}, "features": {"type": "array"}}, more=True)
JSON_SCHEMA: Final = record({"type": {"const": "object"}, "title": TEXT, "properties": {"type": "object"}}, more=True)

CODE: Final = record({"code": TEXT, "label": TEXT})
CRITERIA: Final = listed(
    record(
        {
            "name": TEXT,
            "kind": TEXT,
            "label": TEXT,
            "help": TEXT,
            "unit": TEXT,
            "group": TEXT,
            "primary": {"type": "boolean"},
            "repeatable": {"type": "boolean"},
            "field": maybe(TEXT),
            "options": listed(CODE),
            "minimum": maybe(NUMBER),
            "maximum": maybe(NUMBER),
        }
    )
)
#: One option of a facet: code, label, number.
_OPTION: Final = {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": ["string", "integer"]}}
_COUNTS: Final[dict[str, Schema]] = {
    "layer": TEXT,
    "total": COUNT,
    "pending": COUNT,
    "unknown": keyed(COUNT),
    "ambiguous": keyed(COUNT),
    "facets": keyed(record({"counts": listed(_OPTION), "unknown": COUNT})),
    "histograms": keyed(
        record({"unit": TEXT, "edges": listed(NUMBER), "counts": listed(COUNT), "unknown": COUNT}),
    ),
}
FACETS: Final = record(_COUNTS)
CARD: Final = record(
    {
        "id": TEXT,
        "ordinal": {"type": "integer"},
        "title": TEXT,
        "no": TEXT,
        "class": record({"key": TEXT, "label": TEXT, "colour": TEXT}),
        "stage": maybe(CODE),
        "lines": listed(TEXT),
        "bounds": maybe(INTERVAL),
        "outline": maybe(TEXT),
    }
)
SEARCH: Final = record(
    {
        **_COUNTS,
        "version": TEXT,
        "today": TEXT,
        "all": COUNT,
        "sentence": TEXT,
        "chips": listed(record({"name": TEXT, "text": TEXT, "without": TEXT})),
        "bounds": maybe(INTERVAL),
        "bitmap": maybe(TEXT),
        "records": listed(CARD),
        "next": maybe(TEXT),
        "links": HREFS,
        "shapes": TEXT,
        "etag": TEXT,
        "waiting": record(
            {
                "total": COUNT,
                "rows": listed(record({"number": maybe(TEXT), "title": TEXT, "since": TEXT, "href": maybe(TEXT)})),
            }
        ),
    },
    optional=("waiting",),
)
SHAPES: Final = record(
    {
        "layer": TEXT,
        "version": TEXT,
        "features": listed(
            record(
                {
                    "o": COUNT,
                    "id": TEXT,
                    "no": maybe(TEXT),
                    "t": maybe(TEXT),
                    "c": maybe(TEXT),
                    "s": maybe(TEXT),
                    "g": GEOMETRY,
                    "e": maybe(TEXT),
                },
                optional=("e",),
            )
        ),
        "classes": listed(record({"key": TEXT, "label_zh": TEXT, "label_en": TEXT, "colour": TEXT}, more=True)),
        "stages": listed(record({"code": TEXT, "label_zh": TEXT, "label_en": TEXT})),
    }
)
SHEET: Final = record(
    {
        "id": TEXT,
        "no": TEXT,
        "title": TEXT,
        "subtitle": TEXT,
        "layer": TEXT,
        "sections": listed(
            record(
                {
                    "key": TEXT,
                    "label": TEXT,
                    "rows": listed(
                        record(
                            {
                                "label": TEXT,
                                "text": TEXT,
                                "note": maybe(TEXT),
                                "state": {"type": "string", "enum": ["ok", "unknown", "ambiguous", "warn"]},
                            }
                        )
                    ),
                }
            )
        ),
        "lights": listed(record({"item": TEXT, "label": TEXT, "required": TEXT, "state": TEXT, "text": TEXT})),
        "attachments": listed(
            record(
                {
                    "kind": TEXT,
                    "label": TEXT,
                    "caption": TEXT,
                    "note": TEXT,
                    "alt": TEXT,
                    "restricted": TEXT,
                    "drawn": {"type": "boolean"},
                    "media_type": {"type": "string", "enum": ["image/webp", "application/pdf"]},
                    "width": maybe(COUNT),
                    "height": maybe(COUNT),
                    "files": HREFS,
                }
            )
        ),
        "notice": TEXT,
        "as_of": maybe(TEXT),
        "links": HREFS,
        "no_link": maybe(TEXT),
    }
)
SHARE: Final[dict[str, Schema]] = {
    "id": TEXT,
    "title": TEXT,
    "parcels": listed(TEXT),
    "buildings": listed(TEXT),
    "created_at": TEXT,
    "expires_at": TEXT,
    "revoked_at": maybe(TEXT),
    "opens": COUNT,
}
JOB: Final = record(
    {
        "id": TEXT,
        "kind": TEXT,
        "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
        "progress": {"type": "number", "minimum": 0, "maximum": 1},
        "message": TEXT,
        "result": maybe({"type": "object"}),
        "created_at": TEXT,
        "finished_at": maybe(TEXT),
    }
)
SHARES: Final = listed(record(SHARE))
LEFT_OUT: Final = record(
    {"layer": TEXT, "id": TEXT, "title": TEXT, "as_of": maybe(TEXT), "confirm_by": maybe(TEXT), "reason": TEXT}
)
NEW_SHARE: Final = record({**SHARE, "token": TEXT, "url": TEXT, "left_out": listed(LEFT_OUT)})


_CHIP: Final = record({"name": TEXT, "text": TEXT, "without": TEXT})
#: A part of a phrase: where it stands, what it speaks of, and why it was not asked.
_PART: Final = record(
    {
        "text": TEXT,
        "start": COUNT,
        "end": COUNT,
        "names": listed(TEXT),
        "reason": TEXT,
        "told": TEXT,
        "hint": TEXT,
    }
)
PHRASE: Final = record(
    {
        "text": TEXT,
        "layer": TEXT,
        "query": TEXT,
        "sentence": TEXT,
        "chips": listed(_CHIP),
        "understood": listed(_PART),
        "not_understood": listed(_PART),
        "contradictions": listed(_PART),
        "notes": listed(_PART),
        "elsewhere": maybe(record({"layer": TEXT, "query": TEXT})),
    }
)
_SUGGESTION: Final = record({"layer": TEXT, "kind": TEXT, "text": TEXT, "id": TEXT, "query": TEXT})
SUGGESTIONS: Final = record(
    {
        "text": TEXT,
        "records": listed(_SUGGESTION),
        "places": listed(_SUGGESTION),
        "criteria": listed(_SUGGESTION),
    }
)
#: The schema of each kind of answer; those of records depend on the layer and on who asks, see `answer`.
ANSWERS: Final[Mapping[str, Schema]] = {
    "health": HEALTH,
    "ready": READY,
    "landing": LANDING,
    "conformance": CONFORMANCE,
    "collection": COLLECTION,
    "collections": COLLECTIONS,
    "basemap": BASEMAP,
    "schema": JSON_SCHEMA,
    "criteria": CRITERIA,
    "search": SEARCH,
    "facets": FACETS,
    "shapes": SHAPES,
    "sheet": SHEET,
    "tilesets": TILESETS,
    "tileset": TILESET,
    "tilejson": TILEJSON,
    "phrase": PHRASE,
    "suggestions": SUGGESTIONS,
    "shares": SHARES,
    "new_share": NEW_SHARE,
    "job": JOB,
    "jobs": listed(JOB),
}


def answer(kind: str, layer: str | None, asking: PolicyClass) -> Schema:
    """Return the schema of an answer; ``feature`` and ``feature_collection`` need a layer."""
    if layer is not None and kind in ("feature", "feature_collection"):
        make = feature if kind == "feature" else feature_collection
        return make(layer_named(layer), asking)
    return ANSWERS[kind]


def feature(layer: Layer, asking: PolicyClass) -> Schema:
    """Return the schema of one GeoJSON Feature of `layer` as `asking` sees it."""
    return record({**_feature(layer, asking), "bbox": INTERVAL, "links": LINKS}, optional=("bbox", "links"))


def feature_collection(layer: Layer, asking: PolicyClass) -> Schema:
    """Return the schema of one page of `layer` as `asking` sees it."""
    return record(
        {
            "type": {"const": "FeatureCollection"},
            "notice": TEXT,
            "bbox": INTERVAL,
            "numberMatched": COUNT,
            "numberReturned": COUNT,
            "links": LINKS,
            "features": listed(record(_feature(layer, asking))),
        },
        optional=("notice", "bbox"),
    )


def _feature(layer: Layer, asking: PolicyClass) -> dict[str, Schema]:
    return {
        "type": {"const": "Feature"},
        "id": TEXT,
        "geometry": GEOMETRY,
        "properties": {"type": "object", "properties": properties(layer, asking), "additionalProperties": False},
    }


def properties(layer: Layer, asking: PolicyClass, lang: Lang = "en") -> dict[str, Schema]:
    """Return the schema of every field of `layer` that `asking` may see, nested layers included."""
    nested = {
        child.name: {
            **listed({"type": "object", "properties": properties(child, asking, lang)}),
            "title": child.label(lang),
        }
        for child in children_of(layer.name)
    }
    return {name: _property(field, lang) for name, field in layer.fields_for(asking).items()} | nested


def _property(field: Field, lang: Lang) -> Schema:
    made: Schema = {"title": field.label(lang), **_KINDS.get(field.kind, {"type": ["string", "null"]})}
    if field.unit:
        made["x-unit"] = field.unit
    if field.help(lang):
        made["description"] = field.help(lang)
    return made


def schema_document(layer: Layer, asking: PolicyClass, lang: Lang) -> Schema:
    """Return the JSON Schema of a record of `layer`, as ``/schema`` answers it."""
    geometry = {"x-ogc-role": "primary-geometry", "format": "geometry-any"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": layer.label(lang),
        "properties": {**properties(layer, asking, lang), "geometry": geometry},
    }
