"""The parcels as drawn: shape, place, neighbours, identity and what each is for."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from builder.facts import DISTRICT_CODE
from builder.frame import MU_M2, chance, geodesic_area_m2, to_degrees
from builder.parcelling import cut
from builder.streets import Block, Street
from builder.zones import Park, park_near

PARCELS: Final = 600
#: Uses that only make the town look like one: homes, schools, clinics, utilities, green.
CONTEXT_USES: Final = {"R2": 50, "A33": 12, "A5": 5, "A1": 4, "G1": 12, "G2": 5, "U": 8, "S4": 4}


@dataclass
class Plot:
    """One parcel on its way to a record; `record` gathers its canonical fields."""

    parcel_id: str
    parcel_no: str
    shape: Polygon
    lonlat: MultiPolygon
    use: str
    park: Park | None
    block: Block
    bounds: dict[str, str]
    rng: random.Random
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def area_m2(self) -> float:
        """Return the geodesic area as drawn."""
        return geodesic_area_m2(self.lonlat)

    @property
    def area_mu(self) -> float:
        """Return the geodesic area in 亩."""
        return self.area_m2 / MU_M2

    @property
    def context(self) -> bool:
        """Whether it only makes the town look like one."""
        return self.use in CONTEXT_USES

    def chance(self, topic: str) -> random.Random:
        """Return this parcel's own random numbers for a topic."""
        return chance(f"{self.parcel_id} {topic}")


def _wanted(rng: random.Random, context: bool) -> float:
    if context:
        return min(70_000, max(6_000, rng.lognormvariate(math.log(30_000), 0.5)))
    return min(118_000, max(5_500, rng.lognormvariate(math.log(35_500), 0.62)))


def _pick(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def draw_plots(blocks: list[Block]) -> list[Plot]:
    """Return the parcels of the blocks nearest to a park's middle, in id order."""
    near = sorted(((*park_near(b.shape.centroid.x, b.shape.centroid.y), b) for b in blocks), key=lambda n: n[1])
    plots: list[Plot] = []
    counters: dict[str, int] = {}
    taken: dict[str, int] = {}
    for park, distance, block in near:
        if len(plots) >= PARCELS:
            break
        rng = chance(f"block {block.key} {block.shape.area:.0f}")
        homes = rng.random() < (0.05 if distance < 0.55 else 0.2 if distance < 0.8 else 0.42)
        inside = distance <= 0.97
        nth = taken[park.park_id] = taken.get(park.park_id, -1) + 1
        unit = f"{park.park_id[-2:]}{nth // 5 + 1:02d}"
        for shape in cut(block.shape, rng, partial(_wanted, rng, homes)):
            if len(plots) >= PARCELS:
                break
            counters[unit] = counters.get(unit, 0) + 1
            context = homes or rng.random() < 0.06
            use = _pick(rng, CONTEXT_USES if context else park.mix)
            plots.append(_plot(unit, counters[unit], shape, use, park if inside else None, block, rng))
    return sorted(plots, key=lambda p: p.parcel_id)


def _plot(
    unit: str, number: int, shape: Polygon, use: str, park: Park | None, block: Block, rng: random.Random
) -> Plot:
    parcel_id = f"{DISTRICT_CODE}-LC-{unit}-{number:03d}"
    lonlat = MultiPolygon([to_degrees(shape)])
    bounds = {side: _across(shape, street) for side, street in _sides(block).items()}
    return Plot(parcel_id, f"LC{unit}-{number:03d}", shape, lonlat, use, park, block, bounds, chance(parcel_id))


def _sides(block: Block) -> dict[str, Street]:
    return {"east": block.east, "south": block.south, "west": block.west, "north": block.north}


def _across(shape: Polygon, street: Street) -> str:
    near = shape.exterior.distance(street.line) < street.width / 2 + 14
    return street.name if near and street.name else "相邻地块"


_FACING: Final = {"east": "以西", "south": "以北", "west": "以东", "north": "以南"}


def place_words(plot: Plot) -> str:
    """Return the place in words, e.g. “重庆中路以西、规划二路以北”."""
    sides = _sides(plot.block)
    middle = shapely.centroid(plot.shape)
    words = []
    for pair in (("west", "east"), ("south", "north")):
        named = [side for side in pair if sides[side].name]
        nearest = min(named, key=lambda side: (not sides[side].major, Point(middle).distance(sides[side].line)))
        words.append(sides[nearest].name + _FACING[nearest])
    return "、".join(words)
