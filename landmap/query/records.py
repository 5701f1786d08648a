"""Records as the audience sees them: JSON-ready values, nested rows included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from landmap.domain import Field, Kind
from landmap.query.columns import Columns
from landmap.query.engine import Record
from landmap.query.index import Rows
from landmap.query.scene import Scene, visible_fields
from landmap.query.view import Children

Row = dict[str, Any]


def records_at(scene: Scene, ordinals: Rows) -> Iterator[Record]:
    """Yield the records at `ordinals`: the fields of the scene, and a list of rows for every nested layer.

    A nested layer that a scope does not name is left out.
    """
    view = scene.view
    rows = _rows(view.columns, scene.fields, ordinals)
    for name, nested in view.children.items():
        fields = _shown(scene, nested)
        if fields:
            for row, ordinal in zip(rows, ordinals, strict=True):
                row[name] = _rows(nested.columns, fields, nested.of(int(ordinal)))
    for row, ordinal in zip(rows, ordinals, strict=True):
        yield Record(str(view.ids[ordinal]), view.geometry[ordinal], row, int(ordinal))


def _shown(scene: Scene, nested: Children) -> Mapping[str, Field]:
    """Return the fields of a nested row that are worth telling: the parent's id is not."""
    scope = scene.audience.scope
    if scope is not None and scope.fields is not None and nested.layer.name not in scope.fields:
        return {}
    fields = visible_fields(nested.layer, scene.audience)
    return {name: field for name, field in fields.items() if name != nested.layer.parent_field}


def _rows(columns: Columns, fields: Mapping[str, Field], rows: Rows) -> list[Row]:
    """Return the values of `rows`, a column at a time; lists and objects are fresh, so that a caller may keep them."""
    if not len(rows):
        return []
    made = [_fresh(columns.ready(name)[rows].tolist(), field.kind) for name, field in fields.items()]
    return [dict(zip(fields, values, strict=True)) for values in zip(*made, strict=True)]


def _fresh(values: list[Any], kind: Kind) -> list[Any]:
    if kind is Kind.JSON:
        return [None if text is None else json.loads(text) for text in values]
    return [None if value is None else list(value) for value in values] if kind.listed else values
