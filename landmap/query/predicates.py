"""The verbs of the filters: small frozen classes, each deciding one criterion for all records at once.

`needs` are the paths an audience must see to use the criterion; whatever else a verb reads is unknown to an audience
that may not see it. `test` gets the criterion's value, its sibling settings and the scene.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import Lang, intervals, units
from landmap.query import parse
from landmap.query.columns import NO_DAY, fold
from landmap.query.derived import Admits, Uses, admits, checklist, readings, uses
from landmap.query.parse import Bbox, Near
from landmap.query.scene import Scene
from landmap.query.truth import Mask, Truth, all_of, everywhere_unknown, truth
from landmap.query.values import presets_of

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
class UseWithin(Predicate):
    """Some part of the (mixed) use lies within one of the codes; with `primary_only`, the main part.

    With `include_parent`, a use that is not divided as finely as the code asked also counts.
    """

    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The code."""
        return ("land_use_code",)

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare prefixes."""

        def meets(entry: Uses) -> bool:
            return any(
                code.startswith(asked) or (settings.include_parent and asked.startswith(code))
                for code in entry.asked(settings.primary_only)
                for asked in value
            )

        column = uses(scene)
        return truth(column.spread(meets), column.spread(lambda entry: not entry.codes))


@dataclass(frozen=True)
class UseInPreset(Predicate):
    """Some part of the use lies in one of the groups; a group of new industry also takes tagged land."""

    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The code and the tag."""
        return ("land_use_code", "new_industry_tag")

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare prefixes and the tag."""
        groups = [presets_of(scene.district)[key] for key in value]
        prefixes = tuple(code for group in groups for code in group.codes)
        tagging = any(group.new_industry for group in groups)

        def meets(entry: Uses) -> bool:
            coded = any(code.startswith(prefixes) for code in entry.asked(settings.primary_only))
            return (bool(prefixes) and coded) or (tagging and entry.tagged is True)

        def unsure(entry: Uses) -> bool:
            lost = bool(prefixes) and not entry.codes
            return not meets(entry) and (lost or (tagging and entry.tagged is None))

        column = uses(scene)
        return truth(column.spread(meets), column.spread(unsure))


@dataclass(frozen=True)
class AdmitsIndustry(Predicate):
    """The land admits or encourages one of the industries, and does not restrict it.

    A code and the codes below it are one family: land that admits 35 admits 351, and whoever asks for 35 finds land
    that admits 351. Land restricts an industry when it restricts it or what it belongs to. Without any list the answer
    is unknown; with encouraging texts that name no code, ambiguous.
    """

    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The three sources."""
        return ("standard_land_indices.industry_code", "encouraged_industries", "restricted_industries")

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare codes."""

        def wanted(entry: Admits) -> list[str]:
            return [asked for asked in value if not any(asked.startswith(code) for code in entry.restricted)]

        def meets(entry: Admits) -> bool:
            offered = (entry.admitted or frozenset()) | (entry.encouraged or frozenset())
            return any(_related(asked, code) for asked in wanted(entry) for code in offered)

        def unread(entry: Admits) -> bool:
            return entry.admitted is None and entry.unread and bool(wanted(entry)) and not meets(entry)

        def unknown(entry: Admits) -> bool:
            return entry.admitted is None and entry.encouraged is None and bool(wanted(entry))

        column = admits(scene)
        return truth(column.spread(meets), column.spread(unknown), column.spread(unread))


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@dataclass(frozen=True)
class AllGreen(Predicate):
    """Every site assessment is green today."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Need and status of the items."""
        return ("site_assessments.required", "site_assessments.status")

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Judge the checklist."""
        return checklist(scene)


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
class InBox(Predicate):
    """The shape meets the box, edges included."""

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Query the index."""
        return _spatial(scene, [_box(box) for box in parse.boxes(value)], "intersects")


@dataclass(frozen=True)
class Inside(Predicate):
    """The shape lies inside the district or drawn area, its edge included."""

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Query the index."""
        area = scene.outline(value) if parse.is_area_code(value) else parse.area_of(value)
        shapely.prepare(area)
        return _spatial(scene, [area], "covers")


@dataclass(frozen=True)
class NearTo(Predicate):
    """The record lies near a standing facility of every kind asked; unknown when none of the kind is on file."""

    many: ClassVar[bool] = True

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Compare distances on the district's plane, edge to edge."""
        return all_of([self._one(near, scene) for near in value])

    def _one(self, near: Near, scene: Scene) -> Truth:
        metres = scene.metres_to(near.kind)
        if metres is None:
            return everywhere_unknown(scene.size)
        return truth(metres <= near.metres, np.isnan(metres))


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


def _box(box: Bbox) -> BaseGeometry:
    west, south, east, north = box
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _spatial(scene: Scene, areas: Sequence[BaseGeometry], relation: Literal["intersects", "covers"]) -> Truth:
    """Return which shapes stand in `relation` to some area: ``area relation shape``; without a shape, unknown."""
    met = np.zeros(scene.size, dtype=np.bool_)
    for area in areas:
        met[scene.view.tree.query(area, predicate=relation)] = True
    return truth(met, np.isnan(scene.view.bounds[:, 0]))
