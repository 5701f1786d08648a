"""Files whose shapes are wrong: their structure, their geometry, where they lie."""

from typing import Final

import numpy as np
import shapely

from tests.bad_files.making import (
    BOW_TIE,
    NAN_RING,
    OPEN_RING,
    XIAN_80,
    Case,
    content,
    csv_rows,
    geojson,
    moved,
    polygon,
    shapefile,
)
from tests.making_files import (
    feature,
    parcels_frame,
    square,
    write_csv,
)

CASES: Final[dict[str, Case]] = {
    # GeoJSON structure
    "broken JSON": Case(content("a.geojson", '{"type":\n "Feature",,}'), "json_malformed", "第 2 行", refused=True),
    "deep JSON": Case(content("a.geojson", '{"a":' * 100_000), "json_too_deep", "过深", refused=True),
    "other JSON": Case(content("a.geojson", '{"type":"Topology"}'), "json_not_geojson", "Topology", refused=True),
    "no features": Case(
        content("a.geojson", '{"type":"FeatureCollection"}'), "features_missing", "features", refused=True
    ),
    "null feature": Case(geojson(feature(), None), "feature_malformed", "不是 GeoJSON 要素", 2),
    "wrong case of a type": Case(
        geojson(feature(geometry={"type": "polygon", "coordinates": []})), "geometry_type_unknown", "polygon", 1
    ),
    "open ring": Case(geojson(feature(geometry=OPEN_RING)), "ring_not_closed", "没有闭合", 1),
    "text for a coordinate": Case(
        geojson(feature(geometry={"type": "Point", "coordinates": ["120", 36]})),
        "coordinate_not_number",
        "不是有限的数",
        1,
    ),
    "NaN in a ring": Case(content("a.geojson", NAN_RING), "coordinate_not_number", "不是有限的数", 1),
    "properties as a list": Case(
        geojson({"type": "Feature", "properties": [], "geometry": None}), "properties_malformed", "properties", 1
    ),
    "member twice": Case(
        content("a.geojson", '{"type":"FeatureCollection","type":"FeatureCollection","features":[]}'),
        "member_twice",
        "两次",
    ),
    "empty layer": Case(geojson(), "layer_empty", "没有记录"),
    # geometry
    "null geometry": Case(geojson(feature(), feature(1, geometry=None)), "geometry_missing", "没有图形", 2),
    "empty polygon": Case(geojson(feature(geometry=polygon())), "geometry_missing", "没有图形", 1),
    "point for a parcel": Case(
        geojson(feature(geometry={"type": "Point", "coordinates": [120.4, 36.2]})), "geometry_type_wrong", "Point", 1
    ),
    "bow tie": Case(geojson(feature(geometry=BOW_TIE)), "geometry_repaired", "变化", 1),
    "height": Case(
        geojson(feature(geometry=polygon([[*point, 12.5] for point in square().exterior.coords]))),
        "height_dropped",
        "高程",
        1,
    ),
    "same outline twice": Case(
        geojson(feature(), feature(1, geometry=moved(0, 0), parcel_name="乙")),
        "geometry_duplicate",
        "第 1 条完全相同",
        2,
    ),
    "overlapping parcels": Case(
        geojson(feature(), feature(1, geometry=moved(0.001, 0))), "geometry_overlap", "与第 1 条重叠", 2
    ),
    "huge coordinate": Case(
        geojson(
            *(feature(i) for i in range(20)), feature(20, geometry=polygon([[1e300, 0], [1, 1], [0, 1], [1e300, 0]]))
        ),
        "out_of_bounds",
        "超出范围",
        21,
    ),
    # coordinate systems
    "swapped axes": Case(
        geojson(feature(geometry=polygon([list(point[::-1]) for point in square().exterior.coords]))),
        "axes_swapped",
        "写反",
    ),
    "another city": Case(geojson(feature(geometry=moved(-4, -5))), "crs_outside_district", "20 公里", refused=True),
    "one stray among many": Case(
        geojson(*(feature(i) for i in range(20)), feature(20, geometry=moved(-4, -5))),
        "outside_district",
        "20 公里",
        21,
    ),
    "neighbouring zone": Case(
        lambda f: write_csv(
            f / "a.csv",
            [
                ("编号", "wkt"),
                ("A", shapely.transform(parcels_frame(4528, 1).geometry[0], lambda p: p - np.array([1e6, 0])).wkt),
            ],
        ),
        "crs_outside_district",
        "20 公里",
        refused=True,
    ),
    "zone that is not in China": Case(
        csv_rows(("编号", "x", "y"), ("A", 24_540_000, 4_005_000)), "crs_undecided", "zone 24", refused=True
    ),
    "two northings": Case(
        csv_rows(("编号", "x", "y"), ("A", 4_005_000, 4_006_000)), "crs_undecided", "ambiguous", refused=True
    ),
    "Xi'an 80": Case(
        geojson(feature(), crs={"type": "name", "properties": {"name": XIAN_80}}),
        "crs_datum_refused",
        "西安80",
        refused=True,
    ),
    "unknown projection file": Case(shapefile(prj='LOCAL_CS["青岛城建"]'), "crs_unknown", "认不出"),
    "lying projection file": Case(
        shapefile(
            epsg=4549,
            prj='GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
            'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
        ),
        "crs_declared_wrong",
        "不符",
    ),
}
