"""The street grid: slightly turned, bent and jittered lines, and the blocks between them."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from builder.facts import STREETS_EASTWARD, STREETS_NORTHWARD
from builder.frame import chance, polygons
from builder.terrain import Terrain

_TURN = math.radians(7)
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Street:
    """One line of the grid with its reserve width in metres (wall to wall)."""

    name: str
    name_en: str
    major: bool
    width: float
    line: LineString


@dataclass(frozen=True)
class Block:
    """The ground between four streets; `quad` runs along their centre lines, `shape` lies inside the kerbs."""

    i: int
    j: int
    quad: Polygon
    shape: Polygon
    west: Street
    east: Street
    south: Street
    north: Street

    @property
    def key(self) -> str:
        """Return the place in the grid, e.g. ``12-7``."""
        return f"{self.i}-{self.j}"


def numeral(number: int) -> str:
    """Return 1–99 in Chinese.

    >>> [numeral(n) for n in (3, 10, 12, 20, 47)]
    ['三', '十', '十二', '二十', '四十七']
    """
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


class Grid:
    """Nodes of the warped grid and the streets through them."""

    def __init__(self, terrain: Terrain) -> None:
        self._terrain = terrain
        west, south, east, north = terrain.district.buffer(1500).bounds
        self._origin = ((west + east) / 2, (south + north) / 2)
        rng = chance("grid")
        reach_x, reach_y = (east - west) / 2 + 900, (north - south) / 2 + 900
        self._across, majors_n = _lines(rng, reach_x, 300, 420)
        self._along, majors_e = _lines(rng, reach_y, 260, 350)
        jitter = chance("grid jitter")
        self._nodes = [
            [self._node(u, v, jitter.uniform(-9, 9), jitter.uniform(-9, 9)) for v in self._along] for u in self._across
        ]
        self.northward = self._named(majors_n, STREETS_NORTHWARD, [LineString(column) for column in self._nodes], 1)
        rows = [LineString([column[j] for column in self._nodes]) for j in range(len(self._along))]
        self.eastward = self._named(
            majors_e, STREETS_EASTWARD, rows, 1 + sum(s.name.startswith("规划") for s in self.northward)
        )

    def _node(self, u: float, v: float, du: float, dv: float) -> tuple[float, float]:
        u, v = (
            u + du + 150 * math.sin(v / 2500 + 0.7) + 45 * math.sin(u / 1500 + v / 3300),
            v + dv + 130 * math.sin(u / 3000 + 1.2) + 40 * math.sin(v / 1700 + u / 2900),
        )
        x = self._origin[0] + u * math.cos(_TURN) - v * math.sin(_TURN)
        return x, self._origin[1] + u * math.sin(_TURN) + v * math.cos(_TURN)

    def _named(
        self, majors: list[bool], names: tuple[tuple[str, str], ...], lines: list[LineString], first: int
    ) -> tuple[Street, ...]:
        """Give the real names to the major lines inside the district, 规划X路 to the rest."""
        rng = chance(f"street widths {lines[0].wkt[:40]}")
        inside = [n for n, line in enumerate(lines) if line.intersection(self._terrain.district).length > 400]
        arterial = [n for n in inside if majors[n] and lines[n].intersection(self._terrain.district).length > 1500]
        real = dict(zip(arterial, names, strict=False))
        numbers = {n: first + k for k, n in enumerate(n for n in inside if n not in real)}
        streets = []
        for n, line in enumerate(lines):
            number = numbers.get(n)
            planned = ("", "") if number is None else (f"规划{numeral(number)}路", f"Planned Road {number}")
            width = rng.choice((32, 36, 40)) if majors[n] else rng.choice((16, 18, 20))
            streets.append(Street(*real.get(n, planned), majors[n], width, line))
        return tuple(streets)

    def blocks(self) -> list[Block]:
        """Return the blocks that lie at least partly in the district, kerb to kerb, clear of every corridor."""
        corridors, district = self._terrain.corridors(), self._terrain.district.buffer(-14)
        merge = chance("merged blocks")
        blocks: list[Block] = []
        skip: set[tuple[int, int]] = set()
        for i in range(len(self._nodes) - 1):
            for j in range(len(self._along) - 1):
                if (i, j) in skip:
                    continue
                span = 1
                following = self.eastward[j + 1] if j + 2 < len(self._along) else None
                if following is not None and not following.major and merge.random() < 0.16:
                    span, skip = 2, skip | {(i, j + 1)}
                quad = self._quad(i, j, span)
                if not quad.intersects(district):
                    continue
                sides = (self.northward[i], self.northward[i + 1], self.eastward[j], self.eastward[j + span])
                streets_taken = [s.line.buffer(s.width / 2, cap_style="flat", join_style="mitre") for s in sides]
                left: BaseGeometry = quad.intersection(district).difference(corridors)
                for taken in streets_taken:
                    left = left.difference(taken)
                blocks += [Block(i, j, quad, shape, *sides) for shape in _pieces(left)]
        return blocks

    def _quad(self, i: int, j: int, span: int) -> Polygon:
        west = [self._nodes[i][k] for k in range(j, j + span + 1)]
        east = [self._nodes[i + 1][k] for k in range(j + span, j - 1, -1)]
        return Polygon(west + east)


def _lines(rng: random.Random, reach: float, least: float, most: float) -> tuple[list[float], list[bool]]:
    """Return offsets from −reach to reach, and which of them are major (every third or fourth)."""
    offsets, majors, at, until = [], [], -reach, 0
    while at < reach:
        offsets.append(at)
        majors.append(until == 0)
        until = rng.choice((2, 3)) if until == 0 else until - 1
        at += rng.uniform(least, most)
    return offsets, majors


def _pieces(left: BaseGeometry) -> list[Polygon]:
    """Return the sizeable polygons of a clipped block, thin necks opened and rounded off, largest first."""
    opened = left.buffer(-9, join_style="mitre").buffer(9, join_style="mitre", mitre_limit=2)
    simple = polygons(shapely.union_all([Polygon(p.exterior) for p in polygons(opened)]).simplify(1.2))
    return sorted((p for p in simple if p.is_valid and p.area > 4000), key=lambda p: -p.area)
