"""The words that JSON Schemas of answers are written in."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
NUMBER: Final[Schema] = {"type": "number"}
INTERVAL: Final[Schema] = {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4}
GEOMETRY: Final[Schema] = {
    "type": ["object", "null"],
    "required": ["type", "coordinates"],
    "properties": {"type": TEXT, "coordinates": {"type": "array"}},
}


def listed(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def keyed(values: Schema) -> Schema:
    """Return the schema of an object whose names are data."""
    return {"type": "object", "additionalProperties": values}


def record(properties: dict[str, Schema], optional: tuple[str, ...] = (), more: bool = False) -> Schema:
    """Return the schema of an object with these names, each present unless `optional`; no others unless `more`."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": more}


def maybe(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


LINK: Final = record({"href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT}, optional=("type", "title"))
LINKS: Final = listed(LINK)
