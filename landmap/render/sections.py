"""The order of a sheet, as ``domain/data/sections.toml`` declares it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from landmap.domain import Lang, fields


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row: the fields it shows and how they become text.

    `options` are the further keys of its table: ``unit``, ``min``, ``max``, ``condition`` of a bound, and the like.
    """

    fields: tuple[str, ...]
    form: str = "value"
    label_zh: str = ""
    label_en: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def label(self, lang: Lang) -> str:
        """Return the row's own label in `lang`; empty when its first field's label stands."""
        return self.label_zh if lang == "zh" else self.label_en


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section: rows of the record itself, or (`child`) the rows of a nested layer.

    `silent` fields are read by the section's rows and need no row of their own.
    """

    key: str
    label_zh: str
    label_en: str
    rows: tuple[RowPlan, ...] = ()
    child: str | None = None
    form: str = ""
    silent: tuple[str, ...] = ()

    def label(self, lang: Lang) -> str:
        """Return the heading in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that have a place here."""
        return (*(name for row in self.rows for name in row.fields), *self.silent)


@cache
def sections(layer: str) -> tuple[SectionPlan, ...]:
    """Return the sections of `layer` in order; a layer that is not arranged has none."""
    return tuple(_section(table) for table in _tables().get(layer, ()))


@cache
def _tables() -> Mapping[str, list[dict[str, Any]]]:
    return MappingProxyType(tomllib.loads(fields.data_text("sections.toml")))


def _section(table: dict[str, Any]) -> SectionPlan:
    return SectionPlan(
        key=table["key"],
        label_zh=table["label_zh"],
        label_en=table["label_en"],
        rows=tuple(_row(row) for row in table.get("rows", ())),
        child=table.get("child"),
        form=table.get("as", ""),
        silent=tuple(table.get("silent", ())),
    )


def _row(row: str | dict[str, Any]) -> RowPlan:
    if isinstance(row, str):
        return RowPlan((row,))
    known = {"fields", "as", "label_zh", "label_en"}
    options = {key: value for key, value in row.items() if key not in known}
    return RowPlan(
        fields=tuple(row["fields"]),
        form=row.get("as", "value"),
        label_zh=row.get("label_zh", ""),
        label_en=row.get("label_en", ""),
        options=MappingProxyType(options),
    )
