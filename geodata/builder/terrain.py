"""Sea, rivers, hills, railway and expressways: where the town cannot be. All of it is invented (示意)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from builder.facts import district_outline
from builder.frame import chance, plane, to_plane

#: Coast of the bay from south to north; it stays a little inside the district's western line.
_COAST: Final = (
    (120.3380, 36.0950), (120.3455, 36.1200), (120.3520, 36.1420), (120.3575, 36.1530), (120.3592, 36.1600),
    (120.3632, 36.1665), (120.3662, 36.1720), (120.3672, 36.1790), (120.3668, 36.1860), (120.3662, 36.1930),
    (120.3610, 36.1985), (120.3545, 36.2035), (120.3500, 36.2080), (120.3530, 36.2140), (120.3572, 36.2200),
    (120.3612, 36.2262), (120.3650, 36.2320), (120.3640, 36.2420), (120.3560, 36.2560), (120.3430, 36.2720),
)  # fmt: skip
_RIVERS: Final = (
    ("李村河", "Licun River", 26, (
        (120.3570, 36.1500), (120.3680, 36.1522), (120.3800, 36.1540), (120.3920, 36.1552), (120.4040, 36.1540),
        (120.4150, 36.1512), (120.4270, 36.1508), (120.4390, 36.1548), (120.4520, 36.1600), (120.4640, 36.1650),
        (120.4760, 36.1720),
    )),
    ("楼山河", "Loushan River", 15, (
        (120.3545, 36.2152), (120.3660, 36.2118), (120.3780, 36.2108), (120.3900, 36.2112), (120.4010, 36.2090),
        (120.4110, 36.2050), (120.4200, 36.1985),
    )),
    ("大村河", "Dacun River", 13, (
        (120.3655, 36.1905), (120.3760, 36.1888), (120.3880, 36.1872), (120.4000, 36.1850), (120.4110, 36.1840),
    )),
)  # fmt: skip
#: name, pinyin, centre, half axes in metres, turn in degrees.
_HILLS: Final = (
    ("老虎山", "Laohu Hill", 120.4300, 36.1870, 1250, 850, 20),
    ("卧狼齿山", "Wolangchi Hill", 120.4900, 36.1900, 2300, 1500, 65),
    ("戴家山", "Daijia Hill", 120.4700, 36.1985, 1500, 620, 30),
    ("楼山", "Loushan Hill", 120.3885, 36.2175, 520, 360, 80),
    ("烟墩山", "Yandun Hill", 120.3965, 36.1925, 520, 380, 10),
    ("枣儿山", "Zaoer Hill", 120.4480, 36.1745, 700, 420, 140),
    ("双峰山", "Shuangfeng Hill", 120.4075, 36.1945, 430, 300, 50),
    ("石门山", "Shimen Hill", 120.4780, 36.1605, 900, 520, 35),
)
_RAIL: Final = (
    (120.3560, 36.1230), (120.3640, 36.1480), (120.3702, 36.1600), (120.3735, 36.1700), (120.3752, 36.1850),
    (120.3742, 36.1980), (120.3728, 36.2100), (120.3752, 36.2260), (120.3800, 36.2420), (120.3850, 36.2640),
)  # fmt: skip
_EXPRESSWAYS: Final = (
    ("环湾大道", "Huanwan Avenue", (
        (120.3540, 36.1200), (120.3590, 36.1420), (120.3622, 36.1560), (120.3668, 36.1650), (120.3694, 36.1730),
        (120.3704, 36.1840), (120.3690, 36.1945), (120.3612, 36.2020), (120.3540, 36.2092), (120.3592, 36.2180),
        (120.3668, 36.2290), (120.3690, 36.2400), (120.3620, 36.2620),
    )),
    ("青银高速", "Qingdao-Yinchuan Expressway", (
        (120.4420, 36.1180), (120.4460, 36.1400), (120.4455, 36.1560), (120.4420, 36.1690), (120.4440, 36.1800),
        (120.4450, 36.1920), (120.4400, 36.2060), (120.4300, 36.2200), (120.4210, 36.2400), (120.4150, 36.2640),
    )),
    ("胶州湾大桥", "Jiaozhou Bay Bridge", (
        (120.2950, 36.1720), (120.3300, 36.1800), (120.3560, 36.1862), (120.3700, 36.1872), (120.3860, 36.1925),
        (120.3985, 36.2010), (120.4140, 36.2105), (120.4290, 36.2205),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Strip:
    """A river, railway or expressway: its name and course in metres."""

    name: str
    name_en: str
    line: LineString
    half_width: float


@dataclass(frozen=True)
class Hill:
    """A hill and its foot."""

    name: str
    name_en: str
    shape: Polygon


@dataclass(frozen=True)
class Terrain:
    """The ground the town stands on, in metres of EPSG:4549."""

    district: Polygon
    frame: Polygon
    coast: LineString
    sea: BaseGeometry
    rivers: tuple[Strip, ...]
    hills: tuple[Hill, ...]
    rail: Strip
    expressways: tuple[Strip, ...]

    def corridors(self) -> BaseGeometry:
        """Return what no block may touch: sea and shore, water with its banks, tracks, expressways, hills."""
        strips = [r.line.buffer(r.half_width + 22, quad_segs=2) for r in self.rivers]
        strips += [e.line.buffer(e.half_width + 16, quad_segs=2) for e in self.expressways]
        strips.append(self.rail.line.buffer(34, quad_segs=2))
        strips.append(self.sea.buffer(55, quad_segs=2))
        strips += [h.shape.buffer(12, quad_segs=2) for h in self.hills]
        return unary_union(strips)


def smooth(points: list[tuple[float, float]], times: int = 2) -> LineString:
    """Return a course with its corners cut (Chaikin), end points kept."""
    for _ in range(times):
        cut = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut += [(0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by), (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by)]
        points = [*cut, points[-1]]
    return LineString(points)


def through(points: list[tuple[float, float]], steps: int = 6) -> LineString:
    """Return a smooth course that passes through every point (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    course = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            course.append((_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)))
    return LineString([*course, points[-1]])


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _course(points: tuple[tuple[float, float], ...], times: int = 2) -> LineString:
    return smooth([plane(lon, lat) for lon, lat in points], times)


def _hill(name: str, name_en: str, lon: float, lat: float, a: float, b: float, turn: float) -> Hill:
    rng, (x, y), angle = chance(f"hill {name}"), plane(lon, lat), math.radians(turn)
    bumps = [(rng.uniform(0.03, 0.11), k, rng.uniform(0, math.tau)) for k in (2, 3, 5)]
    ring = []
    for step in range(36):
        t = math.tau * step / 36
        r = 1 + sum(size * math.sin(k * t + phase) for size, k, phase in bumps)
        u, v = a * r * math.cos(t), b * r * math.sin(t)
        ring.append((x + u * math.cos(angle) - v * math.sin(angle), y + u * math.sin(angle) + v * math.cos(angle)))
    return Hill(name, name_en, Polygon(ring))


def make_terrain() -> Terrain:
    """Return the invented ground inside and around the real outline."""
    district = to_plane(district_outline())
    west, south, east, north = district.bounds
    frame = box(west - 4200, south - 2600, east + 3000, north + 2600)
    coast = _course(_COAST)
    (_, y0), (_, y1) = coast.coords[0], coast.coords[-1]
    sea = Polygon([*coast.coords, (frame.bounds[0] - 9000, y1), (frame.bounds[0] - 9000, y0)]).intersection(frame)
    hills = tuple(_hill(*row) for row in _HILLS)
    rivers = tuple(Strip(n, e, _course(points), half) for n, e, half, points in _RIVERS)
    roads = tuple(Strip(n, e, _course(points), 18) for n, e, points in _EXPRESSWAYS)
    return Terrain(
        district, frame, coast, sea, rivers, hills, Strip("胶济铁路", "Jiaoji Railway", _course(_RAIL), 12), roads
    )
