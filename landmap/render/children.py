"""Sections made from the rows of a nested layer: indices, events, projects, floors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Interval, Layer, Words, layer_named
from landmap.render import numbers, values
from landmap.render.rows import Row

Rows = Sequence[Mapping[str, Any]]

#: Indices where less is better, so that the figure is a ceiling.
_CEILINGS: Final = frozenset({"energy_per_10k_output_tce", "energy_per_10k_value_added_tce"})
_RATIOS: Final = frozenset({"floor_area_ratio_min"})
#: What is said of a unit first, without labels.
_UNIT: Final = ("unit_no", "unit_use", "unit_area_m2", "lease_status")
_PLAIN: Final = frozenset({"reach_within_years"})


def child_rows(form: str, layer: str, rows: Rows, words: Words) -> tuple[Row, ...]:
    """Return the rows of one child section; `form` is a key of `CHILD_FORMS`."""
    return tuple(CHILD_FORMS[form](layer_named(layer), rows, words))


def _sentence(parts: Sequence[str | None], words: Words) -> str:
    return values.listed((part for part in parts if part), words)


def _rest(layer: Layer, row: Mapping[str, Any], told: frozenset[str], words: Words) -> list[str]:
    """Return every other known value of `row` with its label."""
    found = []
    for name, field in layer.fields.items():
        text = None if name in told or name not in row else values.value_text(field, row[name], words)
        if text is not None:
            found.append(f"{field.label(words.lang)} {text}")
    return found


def _indices(layer: Layer, rows: Rows, words: Words) -> list[Row]:
    made = []
    for row in rows:
        parts = []
        for name, field in layer.fields.items():
            value = row.get(name)
            if not field.kind.numeric or value is None:
                continue
            sign = "" if name in _PLAIN else "≤" if name in _CEILINGS else "≥"
            shown = f"{sign}{numbers.quantity(value, field.unit, words.lang)}"
            if name in _RATIOS:
                shown = Interval(value).text()
            parts.append(f"{field.label(words.lang)} {shown}")
        code = str(row.get("industry_code") or "")
        stated = f"{code} {row.get('industry_name') or ''}"
        name = stated if words.lang == "zh" else values.industry_text(code, words.lang)
        made.append(Row(code, name.strip() or numbers.UNKNOWN, _sentence(parts, words) or numbers.UNKNOWN))
    return made


def _events(layer: Layer, rows: Rows, words: Words) -> list[Row]:
    told = frozenset({"on", "stage", "event_id", "parcel_id"})
    made = []
    for row in sorted(rows, key=lambda one: str(one.get("on") or "")):
        stage = values.code_text("supply_event_stage", row.get("stage"), words.lang)
        day = numbers.day(row["on"], words.lang) if row.get("on") else numbers.UNKNOWN
        made.append(Row(str(row.get("event_id")), day, _sentence([stage, *_rest(layer, row, told, words)], words)))
    return made


def _projects(layer: Layer, rows: Rows, words: Words) -> list[Row]:
    told = frozenset({"redevelopment_id", "parcel_id", "name"})
    return [
        Row(
            str(row.get("redevelopment_id")),
            str(row.get("name") or numbers.UNKNOWN),
            _sentence(_rest(layer, row, told, words), words) or numbers.UNKNOWN,
        )
        for row in rows
    ]


def _stack(layer: Layer, rows: Rows, words: Words) -> list[Row]:
    """Return one row a floor, from the top down: its units with use, area and status."""
    told = frozenset({"unit_id", "building_id", "floor_no", "floor_label", *_UNIT})
    floors: dict[int | None, list[Mapping[str, Any]]] = {}
    for row in rows:
        floors.setdefault(row.get("floor_no"), []).append(row)
    made = []
    for floor in sorted(floors, key=lambda number: -1000 if number is None else number, reverse=True):
        label = next((str(one["floor_label"]) for one in floors[floor] if one.get("floor_label")), None)
        name = label or (numbers.UNKNOWN if floor is None else str(floor))
        units = [_unit(layer, row, told, words) for row in floors[floor]]
        made.append(Row(f"floor {floor}", words("sheet.floor", n=name), _sentence(units, words)))
    return made


def _unit(layer: Layer, row: Mapping[str, Any], told: frozenset[str], words: Words) -> str:
    shown = [values.value_text(layer.fields[name], row.get(name), words) for name in _UNIT if name in row]
    return " ".join([*(text for text in shown if text), *_rest(layer, row, told, words)])


CHILD_FORMS: Final[Mapping[str, Callable[[Layer, Rows, Words], list[Row]]]] = MappingProxyType(
    {"indices": _indices, "events": _events, "projects": _projects, "stack": _stack}
)
