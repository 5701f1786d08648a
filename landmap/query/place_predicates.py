"""The verbs of place: in a box, inside an area, near a facility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.query import parse
from landmap.query.index import bits, covered
from landmap.query.parse import Bbox, Near
from landmap.query.predicates import Predicate, Settings
from landmap.query.scene import Scene
from landmap.query.truth import Truth, all_of, everywhere_unknown


@dataclass(frozen=True)
class InBox(Predicate):
    """The shape meets the box, edges included."""

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Part the zones by the box."""
        zones = scene.view.zones
        met = bits.union((zones.meeting(box, _box(box)) for box in parse.boxes(value)), scene.size)
        return Truth(met, zones.unlocated)


@dataclass(frozen=True)
class Inside(Predicate):
    """The shape lies inside the district or drawn area, its edge included."""

    def test(self, value: Any, settings: Settings, scene: Scene) -> Truth:
        """Part the zones by the outline."""
        area = scene.outline(value) if parse.is_area_code(value) else parse.area_of(value)
        return Truth(covered(scene.view.zones, area), scene.view.zones.unlocated)


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
        return Truth(metres.at_most(near.metres), metres.unknown)


def _box(box: Bbox) -> BaseGeometry:
    west, south, east, north = box
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
