"""Where buildings stand: rectangles in line with their parcel, well inside its edges and clear of each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from shapely.geometry import Polygon

from builder.frame import box_corners, chance
from builder.plots import Plot

SETBACK_M: Final = 9.0
APART_M: Final = 14.0
#: kind: how many, length and depth in metres, floors from and to, uses of the parcels that may host it.
KINDS: Final[dict[str, tuple[int, float, float, int, int, tuple[str, ...]]]] = {
    "office": (34, 46, 31, 9, 27, ("B29", "B+")),
    "mixed": (8, 58, 36, 7, 14, ("B+", "B1", "B29")),
    "rnd": (14, 56, 30, 6, 12, ("A35", "M0")),
    "m0_building": (14, 60, 32, 6, 14, ("M0",)),
    "incubator": (6, 50, 26, 5, 8, ("A35", "M0", "M1")),
    "standard_factory": (32, 78, 38, 3, 5, ("M1", "M2", "M")),
    "warehouse": (12, 100, 50, 1, 3, ("W1", "W2")),
}
_BUILT: Final = frozenset({"stock_in_use", "low_efficiency"})


@dataclass(frozen=True)
class Site:
    """One building to be: its kind, number, host parcel and footprint in metres."""

    number: int
    kind: str
    plot: Plot
    shape: Polygon
    floors: int

    @property
    def building_id(self) -> str:
        """Return the permanent id."""
        return f"370213-LY-{self.number:03d}"


def place(plots: list[Plot]) -> list[Site]:
    """Return the 120 buildings on built-up parcels, at most three of them on one."""
    built = [
        p
        for p in plots
        if p.record["land_status"] in _BUILT and p.record["supply_stage"] in {"off_market", "promoted", "sold"}
    ]
    standing: dict[str, list[Polygon]] = {}
    sites: list[Site] = []
    for kind, (count, length, depth, least, most, uses) in KINDS.items():
        rng = chance(f"sites {kind}")
        hosts = [p for p in built if p.use in uses]
        rng.shuffle(hosts)
        placed = 0
        for plot in [h for _ in range(3) for h in hosts]:
            if placed == count:
                break
            scale = rng.uniform(0.85, 1.2)
            shape = _fit(plot, standing.setdefault(plot.parcel_id, []), length * scale, depth * scale)
            if shape is None:
                continue
            standing[plot.parcel_id].append(shape)
            placed += 1
            sites.append(Site(len(sites) + 1, kind, plot, shape, rng.randint(least, most)))
        if placed < count:
            raise RuntimeError(f"only {placed} of {count} {kind} buildings found room; change KINDS or the mixes")
    return sites


def _fit(plot: Plot, standing: list[Polygon], length: float, depth: float) -> Polygon | None:
    """Return a rectangle inside the parcel's setback and apart from what stands there, or None."""
    ground = plot.shape.buffer(-SETBACK_M, join_style="mitre")
    if ground.is_empty:
        return None
    corners = box_corners(plot.shape)
    (ax, ay), (bx, by) = max(((corners[k], corners[k + 1]) for k in (0, 1)), key=lambda side: math.dist(*side))
    angle = math.atan2(by - ay, bx - ax)
    ux, uy = math.cos(angle), math.sin(angle)
    cx, cy = plot.shape.centroid.coords[0]
    for along in (-95, 0, 95, -48, 48, -150, 150):
        for across in (0, 38, -38):
            x, y = cx + along * ux - across * uy, cy + along * uy + across * ux
            shape = _rectangle(x, y, ux, uy, length / 2, depth / 2)
            if ground.contains(shape) and all(shape.distance(other) > APART_M for other in standing):
                return shape
    return None


def _rectangle(x: float, y: float, ux: float, uy: float, a: float, b: float) -> Polygon:
    corners = ((a, b), (-a, b), (-a, -b), (a, -b))
    return Polygon([(x + u * ux - v * uy, y + u * uy + v * ux) for u, v in corners])
