"""What one criterion declares: verb, kind of value, words, place in the form. Everything else derives from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from landmap.domain import Code, District, Lang
from landmap.query.predicates import AtLeast, AtMost, Permits, Predicate
from landmap.query.values import AREA_UNITS, Area, Options, Schema, Value

#: What a limit is called beside its subject.
_LOWER: Final[Mapping[Lang, str]] = {"zh": "下限", "en": ", min."}
_UPPER: Final[Mapping[Lang, str]] = {"zh": "上限", "en": ", max."}


@dataclass(frozen=True)
class Ask:
    """One criterion, as written beside its field.

    Parameters
    ----------
    verb : Predicate or None
        What is tested; None for a setting that other criteria read.
    value : Value
        How a value is read, checked, written and said.
    zh, en : str
        The subject of the sentence: “面积”, "area".
    group : str
        Section of the form.
    primary : bool
        Whether the form shows it before “more” is opened.
    counts : tuple of str
        Facets and histograms that leave this criterion aside: its own group.
    histogram : str or None
        The numeric path drawn beside it.
    default : object
        The value that filters nothing, left out of the URL.
    help_zh, help_en : str
        One line for forms and API documents.
    """

    verb: Predicate | None
    value: Value[Any]
    zh: str
    en: str
    group: str
    primary: bool = False
    counts: tuple[str, ...] = ()
    histogram: str | None = None
    default: object = None
    help_zh: str = ""
    help_en: str = ""

    @property
    def many(self) -> bool:
        """Whether the parameter may be repeated."""
        return self.verb is not None and self.verb.many

    @property
    def needs(self) -> tuple[str, ...]:
        """Paths that the audience must see."""
        return () if self.verb is None else self.verb.needs

    def subject(self, lang: Lang) -> str:
        """Return the subject in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Declaration:
    """One criterion of one layer, as forms, OpenAPI, queryables and documents need it."""

    name: str
    ask: Ask
    district: District | None = None

    @property
    def kind(self) -> str:
        """What it takes: number, area, flag, codes, choice, land_use, text, date, bbox, within or near."""
        return self.ask.value.kind

    @property
    def group(self) -> str:
        """Section of the form."""
        return self.ask.group

    @property
    def primary(self) -> bool:
        """Whether the form shows it at once."""
        return self.ask.primary

    @property
    def repeatable(self) -> bool:
        """Whether the parameter may be repeated."""
        return self.ask.many

    @property
    def histogram(self) -> str | None:
        """The numeric path whose histogram belongs to it."""
        return self.ask.histogram

    @property
    def facet(self) -> str | None:
        """The facet whose counts belong beside its options."""
        return self.ask.counts[0] if self.kind in ("codes", "flag", "land_use", "text") and self.ask.counts else None

    @property
    def field(self) -> str | None:
        """The facet or, failing that, the histogram that belongs to it."""
        return self.facet or self.histogram

    @property
    def unit(self) -> str:
        """Code of its unit; an area is given in the unit that ``area_unit`` names."""
        return getattr(self.ask.value, "unit", "")

    @property
    def minimum(self) -> float | None:
        """Smallest number accepted."""
        return getattr(self.ask.value, "minimum", None)

    @property
    def maximum(self) -> float | None:
        """Largest number accepted."""
        return getattr(self.ask.value, "maximum", None)

    @property
    def options(self) -> tuple[Code, ...]:
        """Values on offer, where there is a list."""
        return self.ask.value.options(self.district)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Explicit forms that mean the same with a unit in the name."""
        return aliases_of(self.name, self.ask)

    def label(self, lang: Lang) -> str:
        """Return the label of its input."""
        side: Mapping[Lang, str] = {}
        if isinstance(self.ask.verb, AtLeast) or (isinstance(self.ask.verb, Permits) and self.ask.verb.at_least):
            side = _LOWER
        elif isinstance(self.ask.verb, AtMost | Permits):
            side = _UPPER
        subject = self.ask.subject(lang)
        label = f"{subject}{side.get(lang, '')}"
        return label if lang == "zh" else label[:1].upper() + label[1:]

    def help(self, lang: Lang) -> str:
        """Return its help line; may be empty."""
        return self.ask.help_zh if lang == "zh" else self.ask.help_en

    def schemas(self) -> Mapping[str, Schema]:
        """Return the JSON Schema of every parameter that stands for it, aliases included."""
        one = self.ask.value.schema()
        if isinstance(self.ask.value, Options) and self.ask.default is not None:
            one = {**one, "default": self.ask.default}
        schema = {"type": "array", "items": one} if self.repeatable else one
        return dict.fromkeys((self.name, *self.aliases), schema)

    def as_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the description a form is drawn from, JSON-ready."""
        return {
            "name": self.name,
            "kind": self.kind,
            "label": self.label(lang),
            "help": self.help(lang),
            "unit": self.unit,
            "group": self.group,
            "primary": self.primary,
            "repeatable": self.repeatable,
            "field": self.field,
            "options": [{"code": code.code, "label": code.label(lang)} for code in self.options],
            "minimum": self.minimum,
            "maximum": self.maximum,
        }


def aliases_of(name: str, ask: Ask) -> tuple[str, ...]:
    """Return the names that carry the area unit themselves, such as ``area_min_ha``."""
    return tuple(f"{name}_{unit.code}" for unit in AREA_UNITS.codes) if isinstance(ask.value, Area) else ()
