"""Fields and code lists: names, labels, units, bounds and visibility, read from the field tables in ``data/``.

Source: domain reference §10; the tables under ``data/fields`` are the one place where a field is declared.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from landmap.domain.audience import Visibility
from landmap.domain.errors import SchemaError

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


class Kind(StrEnum):
    """What a field holds, and so how it is stored, filtered and shown."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CODE = "code"
    CODES = "codes"
    TEXTS = "texts"
    JSON = "json"
    GEOMETRY = "geometry"
    REFERENCE = "reference"
    URL = "url"

    @property
    def textual(self) -> bool:
        """Whether a value is one piece of text."""
        return self in (Kind.TEXT, Kind.CODE, Kind.REFERENCE, Kind.URL)

    @property
    def numeric(self) -> bool:
        """Whether a value is one number."""
        return self in (Kind.INTEGER, Kind.NUMBER)

    @property
    def listed(self) -> bool:
        """Whether a value is a list of texts."""
        return self in (Kind.CODES, Kind.TEXTS)


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list."""

    code: str
    label_zh: str
    label_en: str
    note: str = ""

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one layer, as declared in its field table."""

    layer: str
    name: str
    label_zh: str
    label_en: str
    kind: Kind
    unit: str
    nullable: bool
    codes: str
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    pattern: str
    visibility: Visibility
    derived: bool
    facet: bool
    help_zh: str
    help_en: str

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en

    def help(self, lang: Lang) -> str:
        """Return the help line in `lang`; may be empty."""
        return self.help_zh if lang == "zh" else self.help_en


def data_text(name: str) -> str:
    """Return the text of one of the domain's data files; `name` is relative to ``landmap/domain/data``."""
    return files("landmap.domain").joinpath("data", *name.split("/")).read_text(encoding="utf-8")


@cache
def code_lists() -> Mapping[str, Mapping[str, Code]]:
    """Return every code list by name; codes in their display order."""
    lists: dict[str, dict[str, Code]] = {}
    for row in csv.DictReader(data_text("codes.csv").splitlines()):
        entry = Code(row["code"], row["label_zh"], row["label_en"], row["note"])
        if lists.setdefault(row["list"], {}).setdefault(entry.code, entry) is not entry:
            raise SchemaError(f"code list {row['list']!r} holds {entry.code!r} twice")
    return MappingProxyType({name: MappingProxyType(codes) for name, codes in lists.items()})


def code_list(name: str) -> Mapping[str, Code]:
    """Return the code list called `name`; raise SchemaError when there is none."""
    try:
        return code_lists()[name]
    except KeyError:
        raise SchemaError(f"no code list is called {name!r}", hint=", ".join(sorted(code_lists()))) from None


@cache
def fields_of(layer: str) -> Mapping[str, Field]:
    """Return the fields of `layer` by name, in table order; raise SchemaError for an unknown layer or a bad row."""
    try:
        text = data_text(f"fields/{layer}.csv")
    except FileNotFoundError:
        raise SchemaError(f"no field table for layer {layer!r}") from None
    found: dict[str, Field] = {}
    for row in csv.DictReader(text.splitlines()):
        field = _field(layer, row)
        if field.name in found:
            raise SchemaError(f"field table {layer!r} declares {field.name!r} twice")
        found[field.name] = field
    return MappingProxyType(found)


def _field(layer: str, row: Mapping[str, str]) -> Field:
    return Field(
        layer=layer,
        name=row["field"],
        label_zh=row["label_zh"],
        label_en=row["label_en"],
        kind=Kind(row["kind"]),
        unit=row["unit"],
        nullable=_flag(row["nullable"]),
        codes=row["codes"],
        minimum=_number(row["minimum"]),
        maximum=_number(row["maximum"]),
        exclusive_minimum=_flag(row["exclusive_minimum"]),
        pattern=row["pattern"],
        visibility=Visibility(row["visibility"]),
        derived=_flag(row["derived"]),
        facet=_flag(row["facet"]),
        help_zh=row["help_zh"],
        help_en=row["help_en"],
    )


def _flag(text: str) -> bool:
    return text == "true"


def _number(text: str) -> float | None:
    return float(text) if text else None
