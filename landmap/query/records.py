"""Records as the audience sees them: JSON-ready values, nested rows included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from landmap.domain import Field, Kind
from landmap.query.columns import Columns
from landmap.query.engine import Record
from landmap.query.scene import Scene, visible_fields
from landmap.query.view import Children


def record_at(scene: Scene, ordinal: int) -> Record:
    """Return the record at `ordinal` with the fields of the scene, and a list of rows for every nested layer.

    A nested layer of which a scope shows nothing but its key is left out.
    """
    view = scene.view
    properties = _row(view.columns, scene.fields, ordinal)
    for name, nested in view.children.items():
        fields = _shown(scene, nested)
        if fields:
            properties[name] = [_row(nested.columns, fields, int(row)) for row in nested.of(ordinal)]
    return Record(str(view.ids[ordinal]), view.geometry[ordinal], properties, ordinal)


def _shown(scene: Scene, nested: Children) -> Mapping[str, Field]:
    """Return the fields of a nested row that are worth telling: the parent's id is not."""
    scope = scene.audience.scope
    if scope is not None and scope.fields is not None and nested.layer.name not in scope.fields:
        return {}
    fields = visible_fields(nested.layer, scene.audience)
    return {name: field for name, field in fields.items() if name != nested.layer.parent_field}


def _row(columns: Columns, fields: Mapping[str, Field], row: int) -> dict[str, Any]:
    return {name: _value(columns, name, field, row) for name, field in fields.items()}


def _value(columns: Columns, name: str, field: Field, row: int) -> Any:
    value = columns.ready(name)[row]
    if value is None:
        return None
    if field.kind is Kind.JSON:
        return json.loads(value)
    return list(value) if field.kind.listed else value
