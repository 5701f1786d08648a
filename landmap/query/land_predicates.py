"""The verbs of land alone: uses, groups of uses, classes of the legend, industries, the checklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from landmap.domain import land_use
from landmap.query.derived import Admits, admits, checklist, drawn, tagged, uses
from landmap.query.land_values import presets_of
from landmap.query.predicates import Predicate, Settings
from landmap.query.scene import Scene
from landmap.query.truth import Truth, any_of


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

        def meets(code: str) -> bool:
            return code.startswith(value) or (
                settings.include_parent and any(asked.startswith(code) for asked in value)
            )

        return uses(scene).among(meets, primary_only=settings.primary_only)


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
        return in_groups(scene, [presets_of(scene.district)[key] for key in value], settings)


def in_groups(scene: Scene, groups: Sequence[land_use.Preset], settings: Settings) -> Truth:
    """Return whose uses lie in one of the groups."""
    prefixes = tuple(code for group in groups for code in group.codes)
    answers = [tagged(scene)] if any(group.new_industry for group in groups) else []
    if prefixes:
        answers.append(uses(scene).among(lambda code: code.startswith(prefixes), primary_only=settings.primary_only))
    return any_of(answers)


@dataclass(frozen=True)
class ShownAs(Predicate):
    """The record is drawn in the colour of one of the classes: by its own use, and by its tag of new industry.

    The classes divide the land: whoever asks for industry does not get what the map shows as new industry.
    """

    many: ClassVar[bool] = True

    @property
    def needs(self) -> tuple[str, ...]:
        """The code and the tag."""
        return ("land_use_code", "new_industry_tag")

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Look the class up."""
        labels, index = drawn(scene)
        return Truth(index.among([labels.index(key) for key in value]), index.unknown)


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
        return Truth(column.spread(meets), column.spread(unknown), column.spread(unread))


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
