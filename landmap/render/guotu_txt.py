"""国土 TXT (勘测定界 报盘): plots as land offices exchange them, north first, in the Gauss-Krüger zone of the district.

GB18030 with CRLF; eastings carry the zone; three decimals; rings are closed and numbered through all parts of a plot;
areas are hectares of four decimals. The ninth attribute holds the permanent id, as the head says, so that a file that
comes back finds its records. A comma in a text becomes a full-width one, for commas part the attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import STORE_EPSG, Words, crs
from landmap.domain.units import M2_PER_HA
from landmap.query import Record, Selection
from landmap.render.sheet import number_of, title

ENCODING: Final = "gb18030"
_KINDS: Final = {"Polygon": "面", "MultiPolygon": "面", "LineString": "线", "MultiLineString": "线"}
_UNSAFE: Final = str.maketrans({",": "，", "\r": " ", "\n": " ", "\t": " ", "\u2028": " ", "\u2029": " ", "\x85": " "})


def write(selection: Selection, words: Words) -> bytes:
    """Return a selection as one file; records without a shape are plots without points."""
    system = _plane(selection.district.planar_epsg)
    records = list(selection.records())
    stored = np.array([record.geometry for record in records], dtype=object)
    plane = crs.transform(stored, STORE_EPSG, system)
    lines = [*_head(selection, system, words), "[地块坐标]"]
    for record, own, shape in zip(records, stored, plane, strict=True):
        lines += _plot(record, own, shape, selection, words)
    return "".join(f"{line}\r\n" for line in lines).encode(ENCODING, errors="replace")


def _plane(epsg: int) -> int:
    """Return the plane to write in: the district's, its Chinese zone with the zone number in the easting."""
    zone = crs.grid_zone(epsg)
    return epsg if zone is None else crs.GridZone(zone.system, zone.zone_width, prefixed=True, zone=zone.zone).epsg


def _head(selection: Selection, system: int, words: Words) -> Iterator[str]:
    zone = crs.grid_zone(system)
    today = selection.today
    district = selection.district
    yield "[属性描述]"
    yield "格式版本号=1.01版本"
    yield f"数据产生单位={_text(district.name(words.lang))}"
    yield f"数据产生日期={today.year}-{today.month}-{today.day}"
    yield f"坐标系={'2000国家大地坐标系' if zone is not None else f'EPSG:{system}'}"
    yield f"几度分带={'' if zone is None else zone.zone_width}"
    yield f"投影类型={'' if zone is None else '高斯克吕格'}"
    yield "计量单位=米"
    yield f"带号={'' if zone is None else zone.zone}"
    yield "精度=0.001"
    yield "转换参数=,,,,,,"
    yield "[扩展信息]"
    yield f"第9项={_text(selection.layer.fields[selection.layer.id_field].label_zh)}"
    yield f"版本={selection.snapshot_id}"
    notice = district.notice(words.lang)
    if notice:
        yield f"说明={_text(notice)}"


def _plot(
    record: Record, stored: BaseGeometry | None, plane: BaseGeometry | None, selection: Selection, words: Words
) -> Iterator[str]:
    """Yield the line of attributes of a record and the lines of its points."""
    rings = [] if plane is None else list(_rings(plane))
    attributes = (
        str(sum(map(len, rings))),
        _hectares(record, stored),
        _text(number_of(record, selection.layer)),
        _text(title(record, selection.layer, words)),
        "面" if plane is None else _KINDS.get(plane.geom_type, "点"),
        "",
        _text(record.properties.get("land_use_raw")),
        _text(record.properties.get("land_use_code")),
        _text(record.id),
    )
    yield ",".join((*attributes, "@"))
    label = 0
    for number, ring in enumerate(rings, start=1):
        first = label + 1
        closed = len(ring) > 1 and bool((ring[0] == ring[-1]).all())
        for index, (east, north) in enumerate(ring):
            again = closed and index == len(ring) - 1
            label += 0 if again else 1
            yield f"J{first if again else label},{number},{north:.3f},{east:.3f}"


def _rings(shape: BaseGeometry) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Yield the points of each ring, line or point, shape (n, 2), easting first."""
    for part in shapely.get_parts(shape):
        rings: Sequence[BaseGeometry] = [part] if part.geom_type != "Polygon" else [part.exterior, *part.interiors]
        for ring in rings:
            yield shapely.get_coordinates(ring)


def _hectares(record: Record, shape: BaseGeometry | None) -> str:
    """Return the area people quote, else that of the outline; empty for what has none."""
    area = record.properties.get("area_m2")
    if area is None and shape is not None and "Polygon" in shape.geom_type:
        area = float(crs.geodesic_area_m2(np.array([shape], dtype=object))[0])
    return "" if area is None else f"{float(area) / M2_PER_HA:.4f}"


def _text(value: object) -> str:
    return "" if value is None else str(value).translate(_UNSAFE).strip()
