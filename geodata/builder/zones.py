"""Parks: where industry, research and offices gather, and what each is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from builder.frame import plane, polygons
from builder.streets import Block
from builder.terrain import Terrain

#: A use is what a parcel is for, before it gets its code: see land_use.USES.
Mix = dict[str, int]


@dataclass(frozen=True)
class Park:
    """One park: an ellipse on the drawing board whose blocks become its extent."""

    park_id: str
    name: str
    name_en: str
    kind: str
    lon: float
    lat: float
    rx: float
    ry: float
    mix: Mix
    industries: tuple[str, ...]
    platforms: tuple[str, ...]
    operator: str

    def distance(self, x: float, y: float) -> float:
        """Return the distance from the middle in half axes: 1 is the edge."""
        cx, cy = plane(self.lon, self.lat)
        return math.hypot((x - cx) / self.rx, (y - cy) / self.ry)


_HEAVY: Final[Mix] = {"M2": 40, "M1": 27, "W1": 16, "W2": 5, "M": 8, "M3": 2, "M0": 3}
_TURNING: Final[Mix] = {"M2": 22, "M1": 30, "M": 16, "M0": 12, "W1": 8, "A35": 6, "B29": 5}
_NEW: Final[Mix] = {"M0": 46, "A35": 20, "M1": 16, "B29": 10, "B+": 6, "M": 4}
_CENTRE: Final[Mix] = {"B29": 42, "B+": 16, "B1": 16, "M0": 12, "A35": 8, "W1": 5}

PARKS: Final = (
    Park("PK-01", "楼山片区", "Loushan Area", "industrial_park",
         120.3735, 36.2215, 1900, 1350, _HEAVY,
         ("高端装备制造", "新材料", "食品加工"), ("共享中试平台", "集中供热"), "示例楼山园区运营公司"),
    Park("PK-02", "院士港片区", "Academician Port Area", "incubator",
         120.4175, 36.2080, 1250, 900, _NEW,
         ("生物医药", "人工智能", "新一代信息技术"), ("共享中试平台", "5G", "公共检测平台"), "示例院士港运营公司"),
    Park("PK-03", "青岛北站片区", "Qingdao North Railway Station Area", "business_tower_cluster",
         120.3795, 36.1665, 1150, 950,
         _CENTRE, ("商务服务", "数字经济", "交通商贸"), ("5G", "综合服务大厅"), "示例北站片区运营公司"),
    Park("PK-04", "沧口转型片区", "Cangkou Renewal Area", "industrial_park",
         120.3770, 36.1975, 1000, 1350, _TURNING,
         ("智能制造", "工业设计", "橡胶新材料"), ("工业设计中心",), "示例沧口片区运营公司"),
    Park("PK-05", "李村商务片区", "Licun Business Area", "business_tower_cluster",
         120.4130, 36.1570, 1000, 620, _CENTRE,
         ("商务服务", "科技服务", "金融"), ("综合服务大厅",), "示例李村商务运营公司"),
    Park("PK-06", "湘潭路物流片区", "Xiangtan Road Logistics Area", "logistics_park",
         120.4020, 36.2245, 1150, 720,
         {"W1": 46, "W2": 12, "M1": 20, "M2": 12, "M": 6, "B+": 4},
         ("现代物流", "冷链", "跨境电商"), ("保税仓储", "冷链中心"), "示例物流园区运营公司"),
    Park("PK-07", "九水科创片区", "Jiushui Science Area", "incubator",
         120.4600, 36.1600, 1150, 700, _NEW,
         ("医疗器械", "软件和信息服务", "检验检测"), ("孵化器", "公共检测平台"), "示例九水科创运营公司"),
    Park("PK-08", "金水路新型产业片区", "Jinshui Road New Industry Area", "industrial_park",
         120.4060, 36.1790, 1100, 620, _NEW,
         ("智能制造", "集成电路", "工业互联网"), ("5G", "共享中试平台"), "示例金水路运营公司"),
    Park("PK-09", "世园创新片区", "Horticultural Expo Innovation Area", "other",
         120.4640, 36.1840, 950, 560, _TURNING,
         ("现代农业科技", "节能环保"), ("孵化器",), "示例世园运营公司"),
)  # fmt: skip


def park_near(x: float, y: float) -> tuple[Park, float]:
    """Return the park whose middle is nearest in half axes, and that distance."""
    return min(((p, p.distance(x, y)) for p in PARKS), key=lambda found: found[1])


def park_extent(park: Park, blocks: list[Block], terrain: Terrain) -> MultiPolygon:
    """Return the ground of the park's blocks with the streets between them, in metres."""
    cells = [b.quad for b in blocks if _belongs(b, park)]
    merged = unary_union(cells).intersection(terrain.district).difference(terrain.sea.buffer(40))
    return MultiPolygon([Polygon(p.exterior) for p in polygons(merged) if p.area > 20_000])


def _belongs(block: Block, park: Park) -> bool:
    centre = block.shape.centroid
    nearest, distance = park_near(centre.x, centre.y)
    return nearest is park and distance <= 1
