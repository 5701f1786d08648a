"""One record in labelled words: the sheet that detail, list cards, link page and brief all draw from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from landmap.domain import District, Layer, Words, children_of
from landmap.query import Record
from landmap.render import children, values
from landmap.render.classes import map_class
from landmap.render.forms import FORMS
from landmap.render.lights import Light, lights
from landmap.render.rows import Row, Setting
from landmap.render.sections import RowPlan, SectionPlan, sections

#: Layers whose records have a printed brief.
BRIEFED: Final = frozenset({"parcels", "buildings"})
#: Key of the section that holds every field without a place of its own.
OTHER: Final = "other"
#: The field people quote as a record's number, where it is not its id.
_NUMBER: Final[Mapping[str, str]] = {"parcels": "parcel_no"}
#: What the subtitle says, by layer.
_SUBTITLE: Final[Mapping[str, tuple[str, ...]]] = {
    "parcels": ("supply_stage", "subdistrict"),
    "buildings": ("building_kind", "grade", "address"),
    "constraints": ("constraint_type", "effect"),
    "facilities": ("kind", "line_name"),
    "districts": ("level",),
}


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading."""

    key: str
    label: str
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the section as the sheet answer states it."""
        return {"key": self.key, "label": self.label, "rows": [row.as_dict() for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A record in words; `as_of` is an ISO date or None, `notice` what every output carries (may be empty)."""

    id: str
    no: str
    title: str
    subtitle: str
    layer: str
    sections: tuple[Section, ...]
    lights: tuple[Light, ...]
    notice: str
    as_of: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the sheet answer, links left out."""
        return {
            "id": self.id,
            "no": self.no,
            "title": self.title,
            "subtitle": self.subtitle,
            "layer": self.layer,
            "sections": [section.as_dict() for section in self.sections],
            "lights": [light.as_dict() for light in self.lights],
            "notice": self.notice,
            "as_of": self.as_of,
        }

    def section(self, key: str) -> Section | None:
        """Return the section called `key`, or None when nothing of it is known."""
        return next((section for section in self.sections if section.key == key), None)

    def row(self, key: str) -> Row | None:
        """Return the row whose first field is `key`, or None when it is not shown."""
        return next((row for section in self.sections for row in section.rows if row.key == key), None)


def sheet(record: Record, layer: Layer, words: Words, *, today: dt.date, district: District) -> Sheet:
    """Return `record` in words.

    Parameters
    ----------
    record : Record
        As the audience sees it: only fields present here are shown.
    layer : Layer
    words : Words
    today : date
        Decides what has expired or gone stale.
    district : District

    Returns
    -------
    Sheet
        A section with nothing known is left out; every visible field has a place in some section.
    """
    setting = Setting(record.properties, layer, words, today, district)
    found = [_section(setting, plan) for plan in (*sections(layer.name), _other(record, layer, words))]
    return Sheet(
        id=record.id,
        no=number_of(record, layer),
        title=title(record, layer, words),
        subtitle=subtitle(record, layer, words),
        layer=layer.name,
        sections=tuple(section for section in found if any(row.known for row in section.rows)),
        lights=lights(record.properties.get("site_assessments") or (), words, today),
        notice=district.notice(words.lang),
        as_of=record.properties.get("data_as_of"),
    )


def title(record: Record, layer: Layer, words: Words) -> str:
    """Return what a record is called: its name, else its number or id."""
    name = record.properties.get(layer.title) if layer.title else None
    return str(name) if name else number_of(record, layer)


def number_of(record: Record, layer: Layer) -> str:
    """Return the number people quote, else the id."""
    return str(record.properties.get(_NUMBER.get(layer.name, layer.id_field)) or record.id)


def subtitle(record: Record, layer: Layer, words: Words) -> str:
    """Return the line below the title: what it is, its stage, where."""
    parts = [_use(record, words)] if layer.name == "parcels" else []
    names = _SUBTITLE.get(layer.name, ())
    parts += [values.value_text(layer.fields[name], record.properties.get(name), words) for name in names]
    return " · ".join(part for part in parts if part)


def _use(record: Record, words: Words) -> str | None:
    code = record.properties.get("land_use_code")
    if record.properties.get("new_industry_tag") not in (None, "none"):
        return map_class("parcels", record.properties).label(words.lang)
    return None if code is None else values.land_use_text(code, words.lang)


def _section(setting: Setting, plan: SectionPlan) -> Section:
    words = setting.words
    if plan.child is not None:
        rows = children.child_rows(plan.form, plan.child, setting.get(plan.child) or (), words)
        return Section(plan.key, plan.label(words.lang), rows)
    shown = [row for row in plan.rows if any(name in setting.properties for name in row.fields)]
    return Section(plan.key, plan.label(words.lang), tuple(FORMS[row.form](setting, row) for row in shown))


def _other(record: Record, layer: Layer, words: Words) -> SectionPlan:
    placed = {name for plan in sections(layer.name) for name in plan.fields}
    nested = {child.name for child in children_of(layer.name)}
    left = [name for name in record.properties if name not in placed | nested and name in layer.fields]
    label = words("sheet.other")
    return SectionPlan(OTHER, label, label, tuple(RowPlan((name,)) for name in left))
