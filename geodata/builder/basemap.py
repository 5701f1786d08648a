"""The offline basemap: sea, water, green, hills, blocks, streets, tracks, lines of administration and names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from builder.facts import DISTRICT_EN, DISTRICT_ZH, SUBDISTRICTS
from builder.frame import Feature, chance, plane, to_degrees
from builder.plots import Plot
from builder.streets import Block, Grid
from builder.surroundings import metro_lines, stations
from builder.terrain import Terrain

_PLACES: Final = (
    ("李村", "Licun", 120.4165, 36.1605),
    ("沧口", "Cangkou", 120.3872, 36.1835),
    ("楼山", "Loushan", 120.3700, 36.2265),
    ("湘潭路", "Xiangtan Road", 120.4020, 36.2175),
    ("虎山", "Hushan", 120.4145, 36.1975),
    ("世园", "Shiyuan", 120.4585, 36.1880),
    ("九水", "Jiushui", 120.4640, 36.1630),
    ("振华", "Zhenhua", 120.3800, 36.1600),
    ("城阳区", "Chengyang District", 120.4000, 36.2480),
    ("市北区", "Shibei District", 120.3850, 36.1330),
    ("崂山区", "Laoshan District", 120.5050, 36.1480),
    ("胶州湾", "Jiaozhou Bay", 120.3300, 36.1750),
)


def basemap(
    terrain: Terrain, grid: Grid, blocks: list[Block], plots: list[Plot], cells: dict[str, Polygon]
) -> Iterator[Feature]:
    """Yield the basemap from the bottom up, lon/lat."""
    yield _feature("sea", "胶州湾", "Jiaozhou Bay", terrain.sea)
    yield _feature("coastline", "海岸线（示意）", "Coastline (schematic)", terrain.coast)
    for hill in terrain.hills:
        yield _feature("hill", hill.name, hill.name_en, hill.shape.intersection(terrain.frame))
    yield from _greens(terrain)
    for river in terrain.rivers:
        course = river.line.buffer(river.half_width, quad_segs=2).difference(terrain.sea).simplify(1)
        yield _feature("water", river.name, river.name_en, course)
    yield from _blocks(blocks, plots)
    yield from _streets(terrain, grid, blocks)
    for road in terrain.expressways:
        yield _feature("expressway", road.name, road.name_en, road.line)
    yield _feature("rail", terrain.rail.name, terrain.rail.name_en, terrain.rail.line)
    for name, name_en, line in metro_lines(grid):
        yield _feature("metro", name, name_en, line)
    yield from _administration(terrain, cells)
    for name, (name_en, _, point) in stations(grid).items():
        yield _feature("station", name, name_en, point)
    for name, name_en, lon, lat in _PLACES:
        yield _feature("place", name, name_en, Point(plane(lon, lat)))


def _feature(
    kind: str, name: str | None, name_en: str | None, geometry: BaseGeometry, schematic: bool = True
) -> Feature:
    shape: BaseGeometry = to_degrees(geometry)
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    record: dict[str, Any] = {"kind": kind, "name": name, "name_en": name_en, "schematic": True if schematic else None}
    return shape, record


def _greens(terrain: Terrain) -> Iterator[Feature]:
    for river in terrain.rivers:
        strip = river.line.buffer(river.half_width + 20, quad_segs=2).difference(terrain.sea).simplify(1)
        yield _feature("green", f"{river.name}滨河绿地", f"{river.name_en} greenway", strip)
    shore = terrain.sea.buffer(52, quad_segs=2).difference(terrain.sea).intersection(terrain.district).simplify(2)
    yield _feature("green", "滨海绿地", "Seaside green", shore)


def _blocks(blocks: list[Block], plots: list[Plot]) -> Iterator[Feature]:
    """Yield the blocks without parcels; some are squares and small parks."""
    used = {id(p.block) for p in plots}
    for block in blocks:
        if id(block) in used:
            continue
        green = chance(f"green {block.key} {block.shape.area:.0f}").random() < 0.05
        yield _feature("green" if green else "block", None, None, block.shape)


def _streets(terrain: Terrain, grid: Grid, blocks: list[Block]) -> Iterator[Feature]:
    """Yield every street where it runs: not through merged blocks, hills or sea, majors a little past the district."""
    built = shapely.union_all([b.shape for b in blocks]).buffer(4, quad_segs=1)
    wild = shapely.union_all([terrain.sea.buffer(25), *(h.shape for h in terrain.hills)])
    town, beyond = terrain.district, terrain.district.buffer(1400)
    for street in (*grid.northward, *grid.eastward):
        if not street.name:
            continue
        line = street.line.intersection(beyond if street.major else town).difference(wild).difference(built)
        parts = [p for p in getattr(line, "geoms", [line]) if isinstance(p, LineString) and p.length > 60]
        if parts:
            kind = "road_major" if street.major else "road_minor"
            yield _feature(kind, street.name, street.name_en, MultiLineString(parts))


def _administration(terrain: Terrain, cells: dict[str, Polygon]) -> Iterator[Feature]:
    yield _feature("district_line", DISTRICT_ZH, DISTRICT_EN, terrain.district.boundary, schematic=False)
    english = {name: name_en for name, name_en, *_ in SUBDISTRICTS}
    for name, cell in cells.items():
        yield _feature("subdistrict_line", name, english[name], cell.boundary)
