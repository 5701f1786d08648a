"""Filters joined by *and*: one frozen model per layer, with its URL, its sentence and its chips.

A criterion is one annotated field (see `landmap.query.declaration.Ask`). The URL form is canonical: the same wish
always gives the same text, and the text gives the same wish back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from landmap.domain import District, Lang
from landmap.domain.errors import InvalidValueError, LandmapError
from landmap.query import faults, sentence
from landmap.query.declaration import Ask, aliases_of
from landmap.query.parse import Bbox, Near
from landmap.query.place_predicates import InBox, Inside, NearTo
from landmap.query.place_values import Box, NearKind, Within
from landmap.query.predicates import HasId, Settings
from landmap.query.values import BUCKETS, Name

Pairs = list[tuple[str, str]]
#: How often one parameter may be repeated.
REPEATS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Chip:
    """One active criterion in words, and the query without it."""

    name: str
    text: str
    without: str

    def as_dict(self) -> dict[str, str]:
        """Return the chip JSON-ready."""
        return {"name": self.name, "text": self.text, "without": self.without}


class Criteria(BaseModel):
    """What every layer can be asked; a field left at its default filters nothing.

    Raises
    ------
    InvalidValueError
        When built with a value that means nothing, or a lower limit above its upper one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    layer_name: ClassVar[str] = ""

    bbox: Annotated[
        Bbox | None,
        Ask(
            InBox(),
            Box(),
            "范围框",
            "box",
            "place",
            help_zh="西,南,东,北（度）；与范围框相交的记录",
            help_en="west,south,east,north in degrees; records that meet the box",
        ),
    ] = None
    within: Annotated[
        str | None,
        Ask(
            Inside(),
            Within(),
            "位于",
            "inside",
            "place",
            help_zh="WKT 多边形（经度在前）或区划代码；完全位于其内的记录；自相交的环按奇偶规则",
            help_en="WKT polygon (longitude first) or district code; records that lie inside; even-odd rule",
        ),
    ] = None
    near: Annotated[
        tuple[Near, ...],
        Ask(
            NearTo(),
            NearKind(),
            "距",
            "near",
            "place",
            primary=True,
            default=(),
            help_zh="类别:米，可重复，须全部满足；直线距离，含在建、不含规划设施",
            help_en="KIND:METRES, repeatable, all must hold; straight line; existing or under construction",
        ),
    ] = ()
    ids: Annotated[
        tuple[str, ...],
        Ask(
            HasId(),
            Name(),
            "所选记录",
            "chosen records",
            "record",
            default=(),
            help_zh="记录标识，可重复",
            help_en="record ids, repeatable",
        ),
    ] = ()
    bucket: Annotated[
        Literal["match", "pending"],
        Ask(
            None,
            BUCKETS,
            "显示",
            "show",
            "record",
            default="match",
            help_zh="match 符合；pending 待核实（没有不符，但有数值未知或存疑）",
            help_en="match, or pending: nothing speaks against it, but a value is unknown or ambiguous",
        ),
    ] = "match"

    @field_validator("*", mode="after")
    @classmethod
    def _means_something(cls, value: Any, info: ValidationInfo) -> Any:
        ask = asks(cls)[info.field_name or ""]
        if value is None or value == ask.default:
            return value
        if ask.many:
            value = tuple(sorted(set(value)))
        for one in value if ask.many else (value,):
            ask.value.check(info.field_name or "", one, None)
        return value

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        faults.raise_all(list(self._reversed()))
        return self

    def _reversed(self) -> Iterator[InvalidValueError]:
        for low in asks(type(self)):
            high = f"{low.removesuffix('_min')}_max"
            if not low.endswith("_min") or high not in asks(type(self)):
                continue
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                texts = [asks(type(self))[name].value.write(value) for name, value in ((low, least), (high, most))]
                yield faults.reversed_range(low, texts[0], high, texts[1])

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]], district: District | None = None) -> Self:
        """Read the parameters of a URL.

        Parameters
        ----------
        pairs : iterable of (name, text)
            Decoded, in any order; only criteria, no paging or format.
        district : District, optional
            Whose presets apply; without one, presets are taken as they come.

        Raises
        ------
        UnknownParameterError
            When some name is no criterion of this layer.
        InvalidValueError
            For values that mean nothing. Either error tells every fault of the query at once, in its `places`.
        """
        found: list[LandmapError] = []
        values = _read(cls, pairs, district, found)
        try:
            made = cls(**values)
        except InvalidValueError as error:
            found.append(error)
        faults.raise_all(found)
        return made

    def to_query(self) -> Pairs:
        """Return the canonical parameters: form order, repeated values sorted, defaults left out."""
        return [
            (name, ask.value.write(value))
            for name, ask in asks(type(self)).items()
            if getattr(self, name) != ask.default
            for value in (getattr(self, name) if ask.many else (getattr(self, name),))
        ]

    def active(self) -> tuple[str, ...]:
        """Return the names of the criteria that filter, in form order; settings and the bucket left out."""
        return tuple(
            name
            for name, ask in asks(type(self)).items()
            if ask.verb is not None and getattr(self, name) != ask.default
        )

    def settings(self) -> Settings:
        """Return the sibling settings that verbs depend on."""
        names = Settings.__dataclass_fields__
        return Settings(**{name: getattr(self, name) for name in names if name in asks(type(self))})

    def describe(self, lang: Lang, district: District | None = None) -> str:
        """Return the criteria as one sentence; empty when nothing filters."""
        return sentence.joined((text for _, text in self._phrases(lang, district)), lang)

    def chips(self, lang: Lang, district: District | None = None) -> list[Chip]:
        """Return one chip per active criterion or setting, in form order."""
        query = self.to_query()
        return [
            Chip(name, text, urlencode([pair for pair in query if pair[0] != name]))
            for name, text in self._phrases(lang, district)
        ]

    def _phrases(self, lang: Lang, district: District | None) -> Iterator[tuple[str, str]]:
        for name, ask in asks(type(self)).items():
            value = getattr(self, name)
            if value != ask.default and name != "area_unit":
                yield name, sentence.phrase(ask, value, self.settings(), lang, district)


@cache
def asks(cls: type[Criteria]) -> Mapping[str, Ask]:
    """Return the declared criteria of a class by name in form order: the layer's own, then those of every layer."""
    common = Criteria.model_fields
    names = [name for name in cls.model_fields if name not in common] + list(common)
    return {name: next(note for note in cls.model_fields[name].metadata if isinstance(note, Ask)) for name in names}


@cache
def _parameters(cls: type[Criteria]) -> Mapping[str, tuple[str, str | None]]:
    """Return every parameter name, with the criterion it stands for and the area unit it carries."""
    known: dict[str, tuple[str, str | None]] = {}
    for name, ask in asks(cls).items():
        known[name] = (name, None)
        known |= {alias: (name, alias.removeprefix(f"{name}_")) for alias in aliases_of(name, ask)}
    return known


def _read(
    cls: type[Criteria], pairs: Iterable[tuple[str, str]], district: District | None, found: list[LandmapError]
) -> dict[str, Any]:
    """Return the readable values by criterion; add an error to `found` for every other parameter."""
    known = _parameters(cls)
    texts: dict[str, Pairs] = defaultdict(list)
    units: dict[str, tuple[str, str]] = {}
    for param, text in pairs:
        if param not in known:
            found.append(faults.unknown_parameter(param, text, known))
            continue
        name, unit = known[param]
        texts[name].append((param, text))
        if unit is not None:
            units.setdefault(unit, (param, text))
    values: dict[str, Any] = {}
    for name, given in texts.items():
        ask = asks(cls)[name]
        if len(given) > (REPEATS_MAX if ask.many else 1):
            found.append(faults.given_twice(name, given[1], REPEATS_MAX if ask.many else 1))
            continue
        try:
            values[name] = _value(ask, given, district)
        except InvalidValueError as error:
            found.append(error)
    _settle_units(values, units, found)
    return values


def _value(ask: Ask, given: Pairs, district: District | None) -> Any:
    read = []
    for param, text in given:
        one = ask.value.read(param, text)
        ask.value.check(param, one, district)
        read.append(one)
    return tuple(read) if ask.many else read[0]


def _settle_units(values: dict[str, Any], units: dict[str, tuple[str, str]], found: list[LandmapError]) -> None:
    """Turn units carried by parameter names into ``area_unit``; two different ones contradict each other."""
    if not units:
        return
    said = [(unit, *place) for unit, place in units.items()]
    if "area_unit" in values:
        said.append((values["area_unit"], "area_unit", values["area_unit"]))
    if len({unit for unit, _, _ in said}) > 1:
        found.append(faults.two_units([(param, text) for _, param, text in said]))
        return
    values["area_unit"] = said[0][0]
