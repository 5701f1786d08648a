"""Kinds of criterion values: how one is read, checked, written, said, and described to a form or an API client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from landmap.domain import Code, District, Lang, code_list
from landmap.domain.errors import InvalidValueError
from landmap.query import parse

T = TypeVar("T")
Schema = dict[str, Any]

_YES: Final[Mapping[bool, Mapping[Lang, str]]] = {True: {"zh": "是", "en": "yes"}, False: {"zh": "否", "en": "no"}}


class Value(Generic[T]):
    """How one value of a criterion travels between text, code and words."""

    kind: ClassVar[str]

    def read(self, param: str, text: str) -> T:
        """Return the value that `text` stands for; raise InvalidValueError."""
        raise NotImplementedError

    def check(self, param: str, value: T, district: District | None) -> None:
        """Raise InvalidValueError for a value that means nothing; `district` None leaves local names unchecked."""

    def write(self, value: T) -> str:
        """Return the canonical text; `read` gives the value back."""
        return str(value)

    def say(self, value: T, lang: Lang, district: District | None) -> str:
        """Return the value in words."""
        return self.write(value)

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the values on offer, where there is a list."""
        return ()

    def schema(self) -> Schema:
        """Return the JSON Schema of one value."""
        return {"type": "string"}


@dataclass(frozen=True)
class Number(Value[float]):
    """A decimal number in `unit` (a code of the unit list, or empty)."""

    unit: str = ""
    minimum: float = 0.0
    maximum: float = 1e9
    kind: ClassVar[str] = "number"

    def read(self, param: str, text: str) -> float:
        """Read strictly."""
        return parse.number(param, text)

    def check(self, param: str, value: float, district: District | None) -> None:
        """Refuse what lies outside the bounds."""
        if not self.minimum <= value <= self.maximum:
            low, high = parse.number_text(self.minimum), parse.number_text(self.maximum)
            raise InvalidValueError.of(param, value, "is out of range", f"between {low} and {high}")
        if len(parse.number_text(value)) > parse.NUMBER_MAX_LENGTH:
            raise InvalidValueError.of(param, value, "has too many digits", "round it")

    def write(self, value: float) -> str:
        """Write in plain decimals."""
        return parse.number_text(value)

    def say(self, value: float, lang: Lang, district: District | None) -> str:
        """Return number and unit."""
        unit = unit_label(self.unit, lang)
        return f"{self.write(value)}{'' if unit in ('', '%') else ' '}{unit}"

    def schema(self) -> Schema:
        """Return the JSON Schema with its bounds."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True)
class Area(Number):
    """An area in the unit that ``area_unit`` names."""

    kind: ClassVar[str] = "area"


@dataclass(frozen=True)
class Flag(Value[bool]):
    """True or false."""

    kind: ClassVar[str] = "flag"

    def read(self, param: str, text: str) -> bool:
        """Read strictly."""
        return parse.flag(param, text)

    def write(self, value: bool) -> str:
        """Write ``true`` or ``false``."""
        return "true" if value else "false"

    def say(self, value: bool, lang: Lang, district: District | None) -> str:
        """Return yes or no."""
        return _YES[value][lang]

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Options(Value[str]):
    """One of a few words of our own."""

    codes: tuple[Code, ...]
    kind: ClassVar[str] = "choice"

    def read(self, param: str, text: str) -> str:
        """Read one of the words."""
        return parse.one_of(param, text, self._labels())

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse any other word."""
        parse.one_of(param, value, self._labels())

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the label."""
        return self._labels()[value].label(lang)

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the words."""
        return self.codes

    def schema(self) -> Schema:
        """Return the JSON Schema with the words."""
        return {"type": "string", "enum": [code.code for code in self.codes]}

    def _labels(self) -> Mapping[str, Code]:
        return {code.code: code for code in self.codes}


@dataclass(frozen=True)
class CodeOf(Value[str]):
    """A code of one of the code lists."""

    list: str
    kind: ClassVar[str] = "codes"

    def read(self, param: str, text: str) -> str:
        """Read a code of the list."""
        return parse.one_of(param, text, code_list(self.list))

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse a code that is not on the list."""
        parse.one_of(param, value, code_list(self.list))

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the label."""
        return code_list(self.list)[value].label(lang)

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the list."""
        return tuple(code_list(self.list).values())

    def schema(self) -> Schema:
        """Return the JSON Schema with the codes."""
        return {"type": "string", "enum": list(code_list(self.list))}


@dataclass(frozen=True)
class Text(Value[str]):
    """A short text."""

    limit: int = parse.TEXT_MAX_LENGTH
    kind: ClassVar[str] = "text"

    def read(self, param: str, text: str) -> str:
        """Read with blanks run together."""
        words = parse.plain_text(param, text, self.limit)
        self.check(param, words, None)
        return words

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse an empty text."""
        if not value:
            raise InvalidValueError.of(param, value, "is empty", "leave the parameter out")
        if parse.plain_text(param, value, self.limit) != value:
            raise InvalidValueError.of(param, value, "has blanks to spare", "one blank between words")

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the text in quotation marks of the language."""
        return f"“{value}”"

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "minLength": 1, "maxLength": self.limit}


@dataclass(frozen=True)
class Name(Text):
    """A text that names something as it stands in the data."""

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the name."""
        return value


@dataclass(frozen=True)
class Day(Value[dt.date]):
    """A day of the calendar."""

    kind: ClassVar[str] = "date"

    def read(self, param: str, text: str) -> dt.date:
        """Read strictly."""
        return parse.day(param, text)

    def write(self, value: dt.date) -> str:
        """Write as ISO 8601."""
        return value.isoformat()

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "format": "date"}


def unit_label(unit: str, lang: Lang) -> str:
    """Return a unit's label."""
    known = code_list("unit").get(unit)
    return unit if known is None else known.label(lang)


#: Units an area may be given in.
AREA_UNITS: Final = Options((Code("mu", "亩", "mu"), Code("m2", "㎡", "m²"), Code("ha", "公顷", "ha")))
#: How planning conditions are matched.
MATCHES: Final = Options(
    (Code("feasible", "可以做到", "can be met"), Code("guaranteed", "必然满足", "always met")),
)
#: What may be asked for.
BUCKETS: Final = Options((Code("match", "符合", "matches"), Code("pending", "待核实", "to be checked")))
#: The one state of the checklist that may be asked for.
GREEN: Final = Options((Code("green", "全部通过", "all green"),))
