"""Kinds of criterion values that only land has: land-use codes, groups of them, classes of the legend, industries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from landmap.domain import Code, District, Lang, code_list, land_use
from landmap.domain.errors import InvalidValueError
from landmap.query import parse
from landmap.query.values import Schema, Value

_DIGITS: Final = re.compile(r"[0-9]{2,4}")


@dataclass(frozen=True)
class LandUse(Value[str]):
    """A land-use code of the 2023 scheme, 2, 4 or 6 digits; a code stands for everything below it."""

    kind: ClassVar[str] = "land_use"

    def read(self, param: str, text: str) -> str:
        """Read a code that exists."""
        self.check(param, text, None)
        return text

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse a code that the 2023 table does not have."""
        try:
            land_use.land_use_class(value[:40])
        except InvalidValueError as error:
            tagged = value in land_use.new_industry_tags()
            hint = "new-industry land is preset=new_industry" if tagged else error.hint
            raise InvalidValueError.of(param, value, "the 2023 land-use table has no such code", hint) from None

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the name of the class."""
        known = land_use.land_use_class(value)
        return known.name_zh if lang == "zh" else known.name_en

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return every class."""
        return tuple(Code(known.code, known.name_zh, known.name_en) for known in land_use.classes().values())

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[0-9]{2}([0-9]{2}){0,2}$"}


@dataclass(frozen=True)
class Preset(Value[str]):
    """The key of a group of land uses, built in or the district's own."""

    kind: ClassVar[str] = "codes"

    def read(self, param: str, text: str) -> str:
        """Read a key; whether it exists is checked against the district."""
        return parse.plain_text(param, text)

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse a key that the district does not have."""
        if district is not None:
            parse.one_of(param, value, presets_of(district))

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the label."""
        known = presets_of(district).get(value)
        return value if known is None else known.label_zh if lang == "zh" else known.label_en

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the groups of the district."""
        return tuple(Code(key, preset.label_zh, preset.label_en) for key, preset in presets_of(district).items())


@dataclass(frozen=True)
class Shown(Value[str]):
    """The key of a class of the map's legend."""

    kind: ClassVar[str] = "codes"

    def read(self, param: str, text: str) -> str:
        """Read a key of the legend."""
        return parse.one_of(param, text, _shown())

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse a key that the legend does not have."""
        parse.one_of(param, value, _shown())

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the label."""
        return _shown()[value].label(lang)

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the legend."""
        return tuple(_shown().values())

    def schema(self) -> Schema:
        """Return the JSON Schema with the keys."""
        return {"type": "string", "enum": list(_shown())}


def _shown() -> dict[str, Code]:
    return {one.key: Code(one.key, one.label_zh, one.label_en) for one in land_use.display_classes()}


@dataclass(frozen=True)
class Industry(Value[str]):
    """Two to four digits of GB/T 4754: a division, group or class."""

    kind: ClassVar[str] = "codes"

    def read(self, param: str, text: str) -> str:
        """Read the digits."""
        self.check(param, text, None)
        return text

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse anything else."""
        if not _DIGITS.fullmatch(value):
            raise InvalidValueError.of(
                param, value, "is no industry code", "two to four digits of GB/T 4754, such as 35"
            )

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return digits and, where the list has it, the name."""
        known = code_list("industry").get(value)
        return value if known is None else f"{value} {known.label(lang)}"

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the divisions of the list."""
        return tuple(code_list("industry").values())

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[0-9]{2,4}$"}


def presets_of(district: District | None) -> Mapping[str, land_use.Preset]:
    """Return the land-use groups on offer in `district`."""
    return land_use.presets(None if district is None else district.presets)
