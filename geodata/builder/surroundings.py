"""Facilities and lines of control: real names where they are facts, invented places, laws as sample bases."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from builder.facts import METRO
from builder.frame import SOURCE, Feature, chance, plane, polygons, to_degrees
from builder.streets import Grid
from builder.terrain import Terrain, through

#: The line that runs on past its first station here; the others begin at theirs.
_BOTH_WAYS: Final = "地铁1号线"
_AS_OF: Final = dt.date(2026, 9, 30).isoformat()
#: kind, name, lon, lat, status; positions are rough (示意).
_PLACES: Final = (
    ("rail_station", "青岛北站", 120.3722, 36.1700, "existing"),
    ("rail_station", "沧口站", 120.3762, 36.1868, "existing"),
    ("rail_station", "娄山站", 120.3738, 36.2160, "existing"),
    ("airport", "青岛胶东国际机场", 120.0880, 36.3610, "existing"),
    ("port", "青岛港大港港区", 120.3160, 36.0960, "existing"),
    ("port", "青岛港前湾港区", 120.2260, 36.0270, "existing"),
    ("bus_hub", "青岛北站公交枢纽", 120.3748, 36.1722, "existing"),
    ("bus_hub", "李村公交枢纽", 120.4172, 36.1583, "existing"),
    ("bus_hub", "湘潭路公交场站（示意）", 120.4005, 36.2190, "existing"),
    ("expressway_ramp", "环湾大道振华路出入口（示意）", 120.3690, 36.1725, "existing"),
    ("expressway_ramp", "环湾大道楼山出入口（示意）", 120.3590, 36.2175, "existing"),
    ("expressway_ramp", "青银高速李村出入口（示意）", 120.4450, 36.1590, "existing"),
    ("expressway_ramp", "青银高速夏庄出入口（示意）", 120.4370, 36.2105, "existing"),
    ("expressway_ramp", "胶州湾大桥四流中路出入口（示意）", 120.3800, 36.1900, "existing"),
    ("expressway_ramp", "胶州湾大桥湘潭路出入口（示意）", 120.4060, 36.2052, "under_construction"),
    ("substation", "示例变电站一", 120.3905, 36.2250, "existing"),
    ("substation", "示例变电站二", 120.4010, 36.1755, "existing"),
    ("substation", "示例变电站三", 120.4560, 36.1650, "planned"),
    ("water_plant", "示例供水厂", 120.4710, 36.1800, "existing"),
    ("sewage_plant", "李村河污水处理厂（示意）", 120.3660, 36.1545, "existing"),
    ("sewage_plant", "楼山河水质净化厂（示意）", 120.3590, 36.2138, "existing"),
    ("gas_station", "示例燃气调压站一", 120.3830, 36.2105, "existing"),
    ("gas_station", "示例燃气调压站二", 120.4200, 36.1720, "existing"),
    ("heat_source", "示例热源厂一", 120.3820, 36.2040, "existing"),
    ("heat_source", "示例热源厂二", 120.4130, 36.1760, "existing"),
    ("school", "示例李村小学", 120.4150, 36.1625, "existing"),
    ("school", "示例永平路小学", 120.3895, 36.1775, "existing"),
    ("school", "示例湘潭路小学", 120.4050, 36.2160, "existing"),
    ("school", "示例九水中学", 120.4575, 36.1680, "existing"),
    ("school", "示例楼山中学", 120.3795, 36.2240, "under_construction"),
    ("school", "示例兴城路小学", 120.3785, 36.2010, "existing"),
    ("school", "示例国际学校", 120.4230, 36.2100, "planned"),
    ("hospital", "示例李沧医院", 120.4085, 36.1590, "existing"),
    ("hospital", "示例沧口医院", 120.3860, 36.1850, "existing"),
    ("hospital", "示例世园医院", 120.4620, 36.1790, "under_construction"),
    ("park", "李村公园", 120.4052, 36.1592, "existing"),
    ("park", "沧口公园", 120.3880, 36.1810, "existing"),
    ("park", "世博园", 120.4790, 36.2020, "existing"),
    ("park", "楼山公园", 120.3890, 36.2172, "existing"),
    ("hotel", "示例北站酒店", 120.3780, 36.1690, "existing"),
    ("hotel", "示例李村酒店", 120.4195, 36.1570, "existing"),
    ("talent_apartment", "示例人才公寓一", 120.4190, 36.2055, "existing"),
    ("talent_apartment", "示例人才公寓二", 120.3830, 36.1650, "existing"),
    ("talent_apartment", "示例人才公寓三", 120.4590, 36.1620, "under_construction"),
    ("bank", "示例银行网点一", 120.4140, 36.1575, "existing"),
    ("bank", "示例银行网点二", 120.3805, 36.1675, "existing"),
)  # fmt: skip


def stations(grid: Grid) -> dict[str, tuple[str, list[str], Point]]:
    """Return station → (English name, lines, place in metres), moved onto the nearest major street."""
    majors = [s.line for s in (*grid.northward, *grid.eastward) if s.major]
    found: dict[str, tuple[str, list[str], Point]] = {}
    for line, _, stops in METRO:
        for name, name_en, lon, lat in stops:
            if name in found:
                found[name][1].append(line)
                continue
            point = Point(plane(lon, lat))
            street = min(majors, key=point.distance)
            found[name] = (name_en, [line], street.interpolate(street.project(point)))
    return found


def metro_lines(grid: Grid) -> list[tuple[str, str, LineString]]:
    """Return the invented courses of the metro lines, in metres, drawn out past the district."""
    places = stations(grid)
    courses = []
    for name, name_en, stops in METRO:
        points = [places[stop[0]][2].coords[0] for stop in stops]
        start = [_beyond(points[1], points[0])] if name == _BOTH_WAYS else []
        ends = [*start, *points, _beyond(points[-2], points[-1])]
        courses.append((name, name_en, through([(x, y) for x, y in ends])))
    return courses


def _beyond(a: tuple[float, ...], b: tuple[float, ...], reach: float = 0.9) -> tuple[float, float]:
    return b[0] + (b[0] - a[0]) * reach, b[1] + (b[1] - a[1]) * reach


def facilities(grid: Grid) -> list[Feature]:
    """Return stations, ramps, ports, utilities, schools and the rest as points."""
    rows: list[tuple[str, str, Point, str, str | None]] = []
    for name, (_, lines, point) in stations(grid).items():
        rows.append(("metro_station", name, point, "existing", "、".join(lines)))
    for kind, name, lon, lat, status in _PLACES:
        line = (
            name.split("大道")[0] + "大道"
            if name.startswith("环湾")
            else "青银高速"
            if name.startswith("青银")
            else None
        )
        rows.append((kind, name, Point(plane(lon, lat)), status, line))
    features: list[Feature] = []
    for number, (kind, name, point, status, line) in enumerate(rows, start=1):
        rng = chance(f"facility {number}")
        capacity = {"substation": "110kV（示例）", "sewage_plant": f"{rng.choice((5, 10, 20))}万m³/日（示例）"}.get(
            kind
        )
        record = {
            "facility_id": f"FA-{number:03d}",
            "kind": kind,
            "name": name,
            "line_name": line,
            "status": status,
            "capacity_text": capacity,
            "data_as_of": _AS_OF,
        }
        features.append((to_degrees(point), record))
    return features


def constraints(terrain: Terrain, grounds: dict[str, MultiPolygon]) -> list[Feature]:
    """Return lines of control and other limits; `grounds` are the parks' extents in metres."""
    land = terrain.district.difference(terrain.sea)
    level_one = shapely.union_all([grounds["PK-01"], grounds["PK-06"]])
    level_two = shapely.union_all([grounds["PK-04"], grounds["PK-08"], grounds["PK-02"]])
    shore = terrain.coast.buffer(100).intersection(land)
    near_shore = terrain.coast.buffer(30).intersection(land)
    bay = "胶州湾保护条例第十九条"
    control = "青岛市工业用地控制线规划管理办法（试行）"
    rows: list[tuple[str, str, str | None, str, float | None, BaseGeometry, str]] = [
        ("industrial_control_line", "工业用地控制线（一级，示意）", "1", "restrict", None, level_one, control),
        ("industrial_control_line", "工业用地控制线（二级，示意）", "2", "restrict", None, level_two, control),
        ("jiaozhou_bay_line", "胶州湾保护控制线向陆30米（示意）", "30", "prohibit", 30, near_shore, bay),
        ("jiaozhou_bay_line", "胶州湾保护控制线向陆100米（示意）", "100", "prohibit", 100, shore, bay),
    ]
    for river in terrain.rivers:
        area = river.line.buffer(river.half_width + 500, quad_segs=4).intersection(land)
        rows.append(
            (
                "bay_river_500m",
                f"{river.name}两侧500米（示意）",
                None,
                "prohibit",
                500,
                area,
                "胶州湾保护条例第三十七条",
            )
        )
    for hill in terrain.hills[:3]:
        area = hill.shape.buffer(140, quad_segs=3).intersection(land)
        rows.append(
            (
                "geohazard_zone",
                f"{hill.name}地质灾害易发区（示意）",
                "中",
                "require_assessment",
                None,
                area,
                "地质灾害防治条例第二十一条",
            )
        )
    for name, lon, lat, radius in (
        ("示例旧址一", 120.3905, 36.1822, 90),
        ("示例旧址二", 120.4110, 36.1600, 70),
        ("示例旧址三", 120.3795, 36.1955, 110),
    ):
        point = Point(plane(lon, lat))
        rows.append(
            (
                "heritage_protection",
                f"{name}保护范围",
                "区级（示例）",
                "require_assessment",
                None,
                point.buffer(radius, quad_segs=4),
                "文物保护法",
            )
        )
        rows.append(
            (
                "heritage_control_zone",
                f"{name}建设控制地带",
                "区级（示例）",
                "restrict",
                None,
                point.buffer(radius * 2.2, quad_segs=4),
                "文物保护法",
            )
        )
    buried = Point(plane(120.4200, 36.2075)).buffer(420, quad_segs=4)
    rows.append(
        (
            "underground_heritage",
            "示例地下文物埋藏区",
            None,
            "require_assessment",
            None,
            buried,
            "山东省文物保护条例第三十一条",
        )
    )
    mine = Point(plane(120.4660, 36.1880)).buffer(620, quad_segs=3).intersection(land)
    rows.append(("mining_right", "示例矿业权查询范围", None, "require_assessment", None, mine, "矿产资源法第三十二条"))
    track = terrain.rail.line.buffer(50, quad_segs=3).intersection(land)
    rows.append(("railway_protection", "胶济铁路安全保护区（示意）", None, "restrict", 50, track, "铁路安全管理条例"))
    features: list[Feature] = []
    for number, (kind, name, level, effect, buffer, area, basis) in enumerate(rows, start=1):
        record: dict[str, Any] = {
            "constraint_id": f"CO-{number:03d}",
            "constraint_type": kind,
            "name": name,
            "level": level,
            "effect": effect,
            "buffer_m": buffer,
            "legal_basis": basis,
            "source_ref": SOURCE,
            "valid_from": "2023-12-15" if kind == "industrial_control_line" else None,
            "visibility": "internal" if kind == "underground_heritage" else "public",
        }
        features.append((many(to_degrees(area.simplify(0.5))), record))
    return features


def many(geometry: BaseGeometry) -> MultiPolygon:
    """Return polygons as one MultiPolygon, made valid after rounding."""
    sound = geometry if geometry.is_valid else shapely.make_valid(geometry)
    return MultiPolygon(polygons(sound))
