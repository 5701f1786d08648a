"""The verbs of the filters: small frozen classes, each deciding one criterion for all records at once.

`needs` are the paths an audience must see to use the criterion; whatever else a verb reads is unknown to an audience
that may not see it. `test` gets the criterion's value, its sibling settings and the scene.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from landmap.domain import Lang, intervals, units
from landmap.query.columns import NO_DAY, fold
from landmap.query.derived import readings
from landmap.query.scene import Scene
from landmap.query.truth import Mask, Truth, truth

#: Areas are on file to the hundredth of a square metre; a limit in another unit is met by what rounds to it.
_AREA_DECIMALS: Final = 2


@dataclass(frozen=True)
class Settings:
    """The sibling settings a verb may depend on."""

    area_unit: str = "mu"
    match: str = "feasible"
    include_parent: bool = False
    primary_only: bool = False


@dataclass(frozen=True)
class Predicate:
    """Base of the verbs."""

    many: ClassVar[bool] = False
    relation: ClassVar[dict[Lang, str]] = {"zh": "：", "en": ": "}

    @property
    def needs(self) -> tuple[str, ...]:
        """Paths that must be visible."""
        return ()

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Return the answer for every record of the scene."""
        raise NotImplementedError


@dataclass(frozen=True)
class Limit(Predicate):
    """A number against a limit, inclusive; several fields stand for the first known of them."""

    fields: tuple[str, ...]
    area: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Every field compared."""
        return self.fields

    def limit(self, value: float, settings: Settings) -> float:
        """Return the limit in the unit of the field."""
        return round(units.to_m2(value, settings.area_unit), _AREA_DECIMALS) if self.area else value

    def numbers(self, scene: Scene, *, largest: bool) -> npt.NDArray[np.float64]:
        """Return the first known of the fields."""
        first, *others = (scene.numbers(path, largest=largest) for path in self.fields)
        for other in others:
            first = np.where(np.isnan(first), other, first)
        return first


@dataclass(frozen=True)
class AtLeast(Limit):
    """The number is at least the value; of nested rows, some row's is."""

    relation: ClassVar[dict[Lang, str]] = {"zh": " ≥ ", "en": " ≥ "}

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare from below."""
        numbers = self.numbers(scene, largest=True)
        return truth(numbers >= self.limit(value, settings), np.isnan(numbers))


@dataclass(frozen=True)
class AtMost(Limit):
    """The number is at most the value; of nested rows, some row's is."""

    relation: ClassVar[dict[Lang, str]] = {"zh": " ≤ ", "en": " ≤ "}

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare from above."""
        numbers = self.numbers(scene, largest=False)
        return truth(numbers <= self.limit(value, settings), np.isnan(numbers))


@dataclass(frozen=True)
class Permits(Predicate):
    """A planning condition as an interval against one side of a wish.

    `feasible`: some permitted value meets the wish; `guaranteed`: every one does. The interval is convex, so the two
    sides of a wish can be tested apart. A reading that is neither sure nor silent is ambiguous; no side at all is
    unknown. Source: domain reference §2.5.
    """

    low: str
    high: str
    readings: tuple[str, ...]
    at_least: bool

    @property
    def needs(self) -> tuple[str, ...]:
        """Both sides of the interval."""
        return (self.low, self.high)

    @property
    def relation(self) -> dict[Lang, str]:  # type: ignore[override]
        """The side of the wish."""
        sign = " ≥ " if self.at_least else " ≤ "
        return {"zh": sign, "en": sign}

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Intersect or contain."""
        low, high = scene.numbers(self.low), scene.numbers(self.high)
        low_in, high_in = (scene.flags(f"{side}_inclusive") != 0 for side in (self.low, self.high))
        wish = (value, None) if self.at_least else (None, value)
        fits = intervals.guaranteed_mask if settings.match == "guaranteed" else intervals.feasible_mask
        read = readings(scene, self.readings)
        unspecified = (np.isnan(low) & np.isnan(high)) | read.silent
        return truth(fits(low, high, low_in, high_in, *wish), unspecified, read.doubtful)


@dataclass(frozen=True)
class OneOf(Predicate):
    """The text is one of the values."""

    field: str
    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Look the text up."""
        column = scene.coded(self.field)
        return truth(column.among(frozenset(value)), column.unknown)


@dataclass(frozen=True)
class HasAll(Predicate):
    """The list holds every value."""

    field: str
    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Look every value up."""
        column = scene.listed(self.field)
        return truth(np.logical_and.reduce([column.holding(label) for label in value]), ~column.known)


@dataclass(frozen=True)
class Is(Predicate):
    """The flag is as asked."""

    field: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare the flag."""
        column = scene.flags(self.field)
        return truth(column == int(value), column < 0)


@dataclass(frozen=True)
class Words(Predicate):
    """Every word occurs in some of the fields that the audience sees; never unknown."""

    fields: tuple[str, ...]

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Search every word."""
        seen = [scene.view.columns.folded(name) for name in self.fields if scene.sees(name)]
        found = np.ones(scene.size, dtype=np.bool_)
        for word in fold(value).split():
            hits: list[Mask] = [np.strings.find(column, word) >= 0 for column in seen]
            found &= np.logical_or.reduce(hits) if hits else False
        return truth(found)


@dataclass(frozen=True)
class Since(Predicate):
    """The day is the value or later."""

    field: str
    relation: ClassVar[dict[Lang, str]] = {"zh": "不早于 ", "en": " from "}

    @property
    def needs(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare days."""
        days = scene.days(self.field)
        return truth(days >= _day(value), days == NO_DAY)


@dataclass(frozen=True)
class Fresh(Predicate):
    """The data are not older than the district's limit, counted from today; or, asked so, they are."""

    field: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The field."""
        return (self.field,)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Count days."""
        days = scene.days(self.field)
        fresh = days >= _day(scene.today) - scene.district.rules.stale_days
        return truth(fresh == value, days == NO_DAY)


@dataclass(frozen=True)
class HasId(Predicate):
    """The record is one of those chosen."""

    many: ClassVar[bool] = True

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Look the ids up."""
        chosen = np.zeros(scene.size, dtype=np.bool_)
        chosen[[scene.view.ordinal_of[id] for id in value if id in scene.view.ordinal_of]] = True
        return truth(chosen)


def _day(value: dt.date) -> int:
    return int(np.datetime64(value, "D").astype(np.int64))
