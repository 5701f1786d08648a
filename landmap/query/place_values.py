"""Kinds of criterion values that are places: a box, an area, a distance to a facility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from landmap.domain import Code, District, Lang, code_list
from landmap.domain.errors import InvalidValueError
from landmap.query import parse
from landmap.query.parse import Bbox, Near
from landmap.query.values import Number, Schema, Value


@dataclass(frozen=True)
class Box(Value[Bbox]):
    """West, south, east, north in degrees."""

    kind: ClassVar[str] = "bbox"

    def read(self, param: str, text: str) -> Bbox:
        """Read four or six numbers."""
        return parse.parse_bbox(text, param)

    def check(self, param: str, value: Bbox, district: District | None) -> None:
        """Refuse a box that is no place on earth."""
        parse.check_bbox(value, param)

    def write(self, value: Bbox) -> str:
        """Write four numbers."""
        return ",".join(parse.number_text(side) for side in value)


@dataclass(frozen=True)
class Within(Value[str]):
    """A district by its code, or a polygon."""

    kind: ClassVar[str] = "within"

    def read(self, param: str, text: str) -> str:
        """Read into the canonical text."""
        return parse.parse_within(text, param)

    def check(self, param: str, value: str, district: District | None) -> None:
        """Refuse what is not in canonical form."""
        if parse.parse_within(value, param) != value:
            raise InvalidValueError.of(param, value, "is not in canonical form", "make it with parse_within")

    def say(self, value: str, lang: Lang, district: District | None) -> str:
        """Return the code, or that an area was drawn."""
        if parse.is_area_code(value):
            return value
        return "所绘范围" if lang == "zh" else "the drawn area"


@dataclass(frozen=True)
class NearKind(Value[Near]):
    """A facility kind and a distance."""

    kind: ClassVar[str] = "near"

    def read(self, param: str, text: str) -> Near:
        """Read ``KIND:METRES``."""
        return parse.parse_near(param, text)

    def check(self, param: str, value: Near, district: District | None) -> None:
        """Refuse an unknown kind and a distance out of range."""
        parse.one_of(param, value.kind, code_list("facility_kind"))
        Number("m", 1.0, parse.NEAR_MAX_M).check(param, value.metres, district)

    def write(self, value: Near) -> str:
        """Write ``KIND:METRES``."""
        return f"{value.kind}:{parse.number_text(value.metres)}"

    def say(self, value: Near, lang: Lang, district: District | None) -> str:
        """Return kind and distance."""
        kind, metres = code_list("facility_kind")[value.kind].label(lang), parse.number_text(value.metres)
        return f"{kind} {metres} 米以内" if lang == "zh" else f"{kind} within {metres} m"

    def options(self, district: District | None) -> tuple[Code, ...]:
        """Return the facility kinds."""
        return tuple(code_list("facility_kind").values())

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": "^[a-z_]+:[0-9]+(\\.[0-9]+)?$"}
