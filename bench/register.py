"""A file of irregular parcels as a bureau's register hands it over: seeded, clean, each parcel among its neighbours.

Every fact in it is invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import crs

Points = NDArray[np.float64]
Given = NDArray[np.bool_]

SEED: Final = 20261122
CODE: Final = "370213"
EPSG: Final = 4549
#: The middle of the district, and the side of a parcel, metres.
MIDDLE: Final = (120.425, 36.185)
SIDE_M: Final = 87.0
#: Corners lie up to so far off the grid, and the up to six points of an edge off the straight line, in sides.
_JITTER: Final = 0.2
_POINTS: Final = 6
_WAVE: Final = 0.03
_MARGIN_DEG: Final = 0.02
_FIRST_DAY: Final = np.datetime64("2026-06-01")
_DAYS: Final = 170
_AS_OF: Final = np.datetime64("2026-10-31")
_YUAN_M2: Final = 300.0

_TEXTS: Final = {
    "街道": tuple(f"第{number}街道" for number in range(1, 12)),
    "容积率": ("≥1.0", "≥1.2", "1.0-2.0", "1.5-2.5", "2.0≤容积率≤3.0", "≤2.5", "≤3.0", "1.2～2.2"),
    "建筑系数": ("≥35%", "≥40%", "35%-60%", "≤50%", "≥40%且≤65%"),
    "绿地率": ("≤15%", "≤20%", "10%-20%", "≥10%"),
    "建筑限高": ("≤24米", "≤40米", "≤50m", "≤60米", "≤80米"),
    "供应阶段": ("规划中", "具备供应条件", "列入供应计划"),
    "供应方式": ("挂牌", "拍卖", "招标"),
    "土地状态": ("净地", "储备土地"),
    "新增或存量": ("新增供应", "存量"),
    "标准地": ("是", "否"),
    "弹性年期": ("是", "否"),
}
_SAME: Final = {
    "区划代码": CODE,
    "图形来源精度": "实测",
    "起始价口径": "总价",
    "规划公开状态": "已批准并公布",
    "公开级别": "公开",
    "原分类体系": "ydyh2023",
    "带方案出让": "否",
    "带产业条件": "否",
}
_USES: Final = (("1001", "工业用地"), ("1101", "物流仓储用地"), ("0901", "商业用地"), ("0902", "商务金融用地"))


def write_parcels(path: Path, rows: int) -> tuple[float, float, float, float]:
    """Write a GeoPackage of `rows` parcels with 30 columns, and return the extent of their district, degrees."""
    chance = np.random.default_rng(SEED)
    shapes = outlines(rows, chance)
    frame = gpd.GeoDataFrame(_columns(shapes, chance), geometry=shapes, crs=EPSG)
    frame.to_file(path, driver="GPKG", layer="parcels", engine="pyogrio", use_arrow=True)
    west, south, east, north = shapely.total_bounds(crs.transform(shapes, EPSG, crs.STORE_CRS)).tolist()
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG


def outlines(rows: int, chance: np.random.Generator) -> NDArray[np.object_]:
    """Return `rows` parcels round the middle, EPSG:4549; neighbours share their edges, point by point."""
    across = math.isqrt(rows - 1) + 1
    up = -(-rows // across)
    corners = np.stack(np.meshgrid(np.arange(across + 1.0), np.arange(up + 1.0)), axis=-1)
    corners += chance.uniform(-_JITTER, _JITTER, corners.shape)
    level = _edges(corners[:, :-1], corners[:, 1:], chance)
    steep = _edges(corners[:-1], corners[1:], chance)
    sides = (
        (level[0][:-1], level[1][:-1]),
        (steep[0][:, 1:], steep[1][:, 1:]),
        _turned(level[0][1:], level[1][1:], corners[1:, 1:]),
        _turned(steep[0][:, :-1], steep[1][:, :-1], corners[1:, :-1]),
    )
    points = np.concatenate([one.reshape(-1, _POINTS + 1, 2)[:rows] for one, _ in sides], axis=1)
    given = np.concatenate([one.reshape(-1, _POINTS + 1)[:rows] for _, one in sides], axis=1)
    middle = crs.planar(np.array([shapely.Point(MIDDLE)], dtype=object), EPSG)[0]
    flat = (points[given] - (across / 2, up / 2)) * SIDE_M + (middle.x, middle.y)
    rings = shapely.linearrings(np.round(flat, 3), indices=np.repeat(np.arange(rows), given.sum(axis=1)))
    return np.asarray(shapely.polygons(rings), dtype=object)


def _edges(start: Points, end: Points, chance: np.random.Generator) -> tuple[Points, Given]:
    """Return the first corner of every edge with up to six points on its way, and which of those seven there are."""
    count = chance.integers(0, _POINTS + 1, start.shape[:-1])[..., None]
    place = np.arange(_POINTS + 1)
    given = place <= count
    share = np.where(given, place / (count + 1), 0.0)[..., None]
    along = (end - start)[..., None, :]
    off = chance.uniform(-_WAVE, _WAVE, share.shape) * (share > 0)
    return start[..., None, :] + along * share + along[..., ::-1] * (-1, 1) * off, given


def _turned(points: Points, given: Given, end: Points) -> tuple[Points, Given]:
    """Return edges walked the other way, from the corner they ended in to before the one they began with."""
    back = np.concatenate([end[..., None, :], points[..., :0:-1, :]], axis=-2)
    return back, np.concatenate([np.ones_like(given[..., :1]), given[..., :0:-1]], axis=-1)


def _columns(shapes: NDArray[np.object_], chance: np.random.Generator) -> dict[str, Sequence[Any] | NDArray[Any]]:
    """Return what a register says of parcels, under the headers it uses."""
    count = len(shapes)
    numbers = range(1, count + 1)
    areas = np.round(shapely.area(shapes), 2)
    use = chance.integers(0, len(_USES), count)
    codes, labels = (np.array(column, dtype=object)[use] for column in zip(*_USES, strict=True))
    price = np.round(areas * _YUAN_M2 / 1e4, 2)
    return {
        "地块标识": [f"{CODE}-BX2026-{number:07d}" for number in numbers],
        "地块编号": [f"BX2026-{number:07d}" for number in numbers],
        "宗地代码": [f"{CODE}{number // 90_000 + 1:06d}GB{number % 90_000:05d}" for number in numbers],
        "坐落": [f"第{number // 1000 + 1}大道{number % 1000 + 1}号" for number in numbers],
        "净用地面积（㎡）": areas,
        "用地分类代码": codes,
        "原始用途文本": labels,
        "起始价（万元）": price,
        "竞买保证金（万元）": np.round(price / 4, 2),
        "规划条件文号": [f"规条〔2026〕{number}号" for number in numbers],
        "数据时点": np.full(count, _AS_OF),
        "规划条件出具日": _FIRST_DAY + chance.integers(0, _DAYS, count).astype("timedelta64[D]"),
        **{
            name: np.array(texts, dtype=object)[chance.integers(0, len(texts), count)] for name, texts in _TEXTS.items()
        },
        **{name: np.full(count, text, dtype=object) for name, text in _SAME.items()},
    }
