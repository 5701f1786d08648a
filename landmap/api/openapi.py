"""The OpenAPI document: every parameter from its declaration, every schema inline, for the audience that is served.

Routes read their query strings themselves (strictly, all faults at once), so FastAPI does not know the parameters; each
route leaves a note of what it takes, and `document` writes it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from landmap.domain import LANGS, Field, Kind, Lang, Layer, PolicyClass
from landmap.query import Declaration, declarations

NOTE: Final = "x-landmap"
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        },
    },
}
_ANSWER: Final[dict[str, dict[str, Any]]] = {
    "limit": {
        "schema": {"type": "integer", "minimum": 1},
        "description": "Records per page; above 10 000 is served as 10 000.",
    },
    "after": {
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,2000}$"},
        "description": "Cursor of a `next` link.",
    },
    "sort": {"schema": {"type": "string"}, "description": "Fields to sort by, `-` before one for descending."},
    "sortby": {"schema": {"type": "string"}, "description": "The same as `sort`; give one of the two."},
    "f": {"schema": {"type": "string"}, "description": "Format of the answer."},
    "lang": {"schema": {"type": "string", "enum": list(LANGS)}, "description": "Language of labels."},
    "v": {
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9]+$"},
        "description": "Version; makes the answer cacheable.",
    },
}
_JSON_TYPES: Final[dict[Kind, dict[str, Any]]] = {
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.BOOLEAN: {"type": ["boolean", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.TEXTS: {"type": ["array", "null"], "items": {"type": "string"}},
    Kind.CODES: {"type": ["array", "null"], "items": {"type": "string"}},
    Kind.JSON: {},
}


def listing(layer: str, answer: Iterable[str], media_type: str) -> dict[str, Any]:
    """Return the route settings of a list of `layer`: its criteria and the named answer parameters."""
    return _route({"layer": layer, "params": list(answer)}, media_type)


def single(layer: str, params: Iterable[str], media_type: str = "application/json") -> dict[str, Any]:
    """Return the route settings of one record of `layer`."""
    return _route({"params": list(params), "path": ["id"]}, media_type)


def plain(params: Iterable[str], path: Iterable[str] = ()) -> dict[str, Any]:
    """Return the route settings of an address that takes no criteria."""
    return _route({"params": list(params), "path": list(path)}, "application/json")


def body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the route settings of an address that takes `model` as its JSON body."""
    return _route({"params": [], "body": model.model_json_schema()}, "application/json")


def _route(note: dict[str, Any], media_type: str) -> dict[str, Any]:
    return {"openapi_extra": {NOTE: {**note, "media_type": media_type}}, "response_model": None}


def document(app: FastAPI, asking: PolicyClass) -> dict[str, Any]:
    """Return the OpenAPI document of `app` as `asking` may know it."""
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for operations in made["paths"].values():
        for operation in operations.values():
            _fill(operation, operation.pop(NOTE, {"params": []}), asking)
    made.get("components", {}).get("schemas", {}).clear()
    return made


def _fill(operation: dict[str, Any], note: dict[str, Any], asking: PolicyClass) -> None:
    parameters = [_path(name) for name in note.get("path", ())]
    if "layer" in note:
        parameters += [parameter for one in declarations(note["layer"], asking) for parameter in _criterion(one)]
    parameters += [{"name": name, "in": "query", **_ANSWER[name]} for name in note["params"]]
    operation["parameters"] = parameters
    if "body" in note:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": note["body"]}}}
    media_type = note.get("media_type", "application/json")
    told = {"description": "The answer", "content": {media_type: {"schema": {}}}}
    operation["responses"] = {
        next((status for status in operation["responses"] if status.startswith("2")), "200"): told,
        "304": {"description": "You hold this answer already"},
        **{str(status): _problem(text) for status, text in _PROBLEMS.items()},
    }


_PROBLEMS: Final = {
    400: "A parameter is wrong",
    404: "There is nothing here",
    410: "No longer available",
    503: "Out of reach for now",
}


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": PROBLEM}}}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _criterion(declared: Declaration) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": declared.help("en") or declared.label("en"), "schema": schema}
        for name, schema in declared.schemas().items()
    ]


def schema_of(layer: Layer, asking: PolicyClass, lang: Lang) -> dict[str, Any]:
    """Return the JSON Schema of a record of `layer` as `asking` sees it."""
    properties = {name: _property(field, lang) for name, field in layer.fields_for(asking).items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": layer.label(lang),
        "properties": {**properties, "geometry": {"x-ogc-role": "primary-geometry", "format": "geometry-any"}},
    }


def _property(field: Field, lang: Lang) -> dict[str, Any]:
    made: dict[str, Any] = {"title": field.label(lang), **_JSON_TYPES.get(field.kind, {"type": ["string", "null"]})}
    if field.unit:
        made["x-unit"] = field.unit
    if field.help(lang):
        made["description"] = field.help(lang)
    return made
