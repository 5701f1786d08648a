"""The verbs of the filters: small frozen classes, each deciding one criterion for all records at once.

`needs` are the paths an audience must see to use the criterion; whatever else a verb reads is unknown to an audience
that may not see it. `test` gets the criterion's value, its sibling settings and the scene.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, Final

import numpy as np

from landmap.domain import Lang, units
from landmap.query.columns import fold
from landmap.query.derived import permitted
from landmap.query.index import bits
from landmap.query.scene import Scene
from landmap.query.truth import Truth

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


@dataclass(frozen=True)
class AtLeast(Limit):
    """The number is at least the value; of nested rows, some row's is."""

    relation: ClassVar[dict[Lang, str]] = {"zh": " ≥ ", "en": " ≥ "}

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare from below."""
        numbers = scene.ordered(self.fields, largest=True)
        return Truth(numbers.at_least(self.limit(value, settings)), numbers.unknown)


@dataclass(frozen=True)
class AtMost(Limit):
    """The number is at most the value; of nested rows, some row's is."""

    relation: ClassVar[dict[Lang, str]] = {"zh": " ≤ ", "en": " ≤ "}

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare from above."""
        numbers = scene.ordered(self.fields, largest=False)
        return Truth(numbers.at_most(self.limit(value, settings)), numbers.unknown)


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
        guaranteed = settings.match == "guaranteed"
        read = permitted(scene, self.low, self.high, self.readings, guaranteed=guaranteed)
        fits = read.up.at_least(value) if self.at_least else read.down.at_most(value)
        return Truth(fits, read.unknown, read.ambiguous)


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
        index = scene.index(self.field)
        return Truth(index.among(scene.coded(self.field).positions(value)), index.unknown)


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
        lists, labels = scene.lists(self.field), scene.listed(self.field).labels
        held = [lists.holding(labels.index(label)) for label in value if label in labels]
        everything = reduce(np.bitwise_and, held) if len(held) == len(value) else bits.none(scene.size)
        return Truth(everything, lists.unknown)


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
        index = scene.index(self.field)
        return Truth(index.among([int(value)]), index.unknown)


@dataclass(frozen=True)
class Words(Predicate):
    """Every word occurs in some of the fields that the audience sees; never unknown."""

    fields: tuple[str, ...]

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Search every word."""
        return Truth(scene.searched(self.fields).holding(fold(value).split()))


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
        days = scene.ordered_days(self.field)
        return Truth(days.at_least(_day(value)), days.unknown)


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
        days = scene.ordered_days(self.field)
        fresh = days.at_least(_day(scene.today) - scene.district.rules.stale_days)
        return Truth(fresh if value else days.known ^ fresh, days.unknown)


@dataclass(frozen=True)
class HasId(Predicate):
    """The record is one of those chosen."""

    many: ClassVar[bool] = True

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Look the ids up."""
        ordinals = scene.view.ordinal_of
        chosen = np.array([ordinals[id] for id in value if id in ordinals], dtype=np.int64)
        return Truth(bits.of_rows(chosen, scene.size))


def _day(value: dt.date) -> int:
    return int(np.datetime64(value, "D").astype(np.int64))
