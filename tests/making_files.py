"""Small files for the tests of the door: a town in Qingdao's zone 40, its district, and parcels in every format."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import openpyxl
import shapely

from landmap.domain import District

WEST, SOUTH, SIDE = 120.40, 36.18, 0.002
#: Area on the ellipsoid of the parcel that `square` draws, ㎡: N cos φ dλ × M dφ at 36.181° N.
SQUARE_M2: Final = 39_927.5


def town(**changes: Any) -> District:
    """Return the test district; keyword arguments replace its settings."""
    settings: dict[str, Any] = {
        "code": "370213",
        "name_zh": "测试区",
        "name_en": "Testing",
        "planar_epsg": 4549,
        "extent": (120.3, 36.1, 120.6, 36.3),
        "rules": {"planning_conditions_valid_years": 1},
    }
    return District.from_table(settings | changes)


def square(number: int = 0) -> shapely.Polygon:
    """Return the outline of parcel `number`: squares in a row, 0.003° apart."""
    west = WEST + number * 0.003
    return shapely.box(west, SOUTH, west + SIDE, SOUTH + SIDE)


def feature(number: int = 0, geometry: Any = "own", **properties: Any) -> dict[str, Any]:
    """Return one GeoJSON feature; `geometry` None or a mapping replaces its square."""
    shape = json.loads(shapely.to_geojson(square(number))) if geometry == "own" else geometry
    named = {"parcel_id": f"P{number}", "parcel_no": f"A-{number}"} | properties
    return {"type": "Feature", "properties": named, "geometry": shape}


def write_geojson(path: Path, *features: Any, **members: Any) -> Path:
    """Write a FeatureCollection of `features`."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)} | members), encoding="utf-8")
    return path


def write_bytes(path: Path, content: bytes | str) -> Path:
    """Write a file as it is."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_csv(path: Path, rows: Iterable[Iterable[Any]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write delimited text; a cell with the delimiter is quoted."""

    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return f'"{text}"' if delimiter in text else text

    lines = (delimiter.join(cell(value) for value in row) for row in rows)
    return write_bytes(path, "\n".join(lines).encode(encoding))


def write_xlsx(path: Path, rows: Iterable[Iterable[Any]], formats: Mapping[str, str] | None = None) -> Path:
    """Write one sheet; `formats` gives cells their number format."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for name, number_format in (formats or {}).items():
        sheet[name].number_format = number_format
    book.save(path)
    return path


def write_zip(path: Path, members: Mapping[str, bytes | str]) -> Path:
    """Write an archive of named contents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def parcels_frame(epsg: int = 4490, count: int = 3) -> gpd.GeoDataFrame:
    """Return parcels A-0 … in a GeoDataFrame."""
    data = {"parcel_no": [f"A-{number}" for number in range(count)], "parcel_name": ["甲地块"] * count}
    frame = gpd.GeoDataFrame(data, geometry=[square(number) for number in range(count)], crs=4490)
    return frame.to_crs(epsg)
