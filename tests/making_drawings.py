"""Drawings, geodatabases and KML for the tests of the door."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyogrio
import shapely
from ezdxf.document import Drawing
from ezdxf.filemanagement import new
from ezdxf.layouts.layout import Modelspace

from tests.making_files import feature, parcels_frame, square

#: Corner of the tests' drawings in zone 40 with its number, metres: it lies in the town.
EAST, NORTH = 40_537_000.0, 4_005_000.0
KML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'


def drawing(
    path: Path,
    draw: Callable[[Modelspace], object],
    *,
    version: str = "R2010",
    header: Mapping[str, Any] | None = None,
    prepare: Callable[[Drawing], object] = lambda made: None,
) -> Path:
    """Write a DXF whose model space `draw` fills; `header` sets variables, `prepare` makes blocks and layers first."""
    made = new(version)
    for name, value in (header or {}).items():
        made.header[name] = value
    prepare(made)
    draw(made.modelspace())
    stream = io.StringIO()
    made.write(stream)
    path.write_bytes(stream.getvalue().encode("utf-8", errors="surrogateescape"))
    return path


def corners(x: float = 0, y: float = 0, side: float = 100) -> list[tuple[float, float]]:
    """Return the corners of a square, metres from the corner of the drawings."""
    west, south = EAST + x, NORTH + y
    return [(west, south), (west + side, south), (west + side, south + side), (west, south + side)]


def label(space: Modelspace, text: str, x: float, y: float, **attributes: Any) -> None:
    """Write a text at a place, metres from the corner of the drawings."""
    space.add_text(text, height=2.5, dxfattribs={"insert": (EAST + x, NORTH + y), **attributes})


def write_dxf(path: Path) -> Path:
    """Write the three parcels with their numbers and names inside."""

    def draw(space: Modelspace) -> None:
        frame = parcels_frame(4528)
        for number, name, outline in zip(frame.parcel_no, frame.parcel_name, frame.geometry, strict=True):
            space.add_lwpolyline(shapely.get_coordinates(outline)[:-1].tolist(), close=True)
            middle = outline.centroid
            space.add_text(number, dxfattribs={"insert": (middle.x, middle.y + 5)})
            space.add_text(name, dxfattribs={"insert": (middle.x, middle.y - 5)})

    return drawing(path, draw)


def write_kml(path: Path, *placemarks: str, head: str = KML_HEAD) -> Path:
    """Write placemarks in one folder; without any, the three parcels."""
    given = placemarks or tuple(
        placemark(square(number), parcel_no=f"A-{number}", parcel_name="甲地块") for number in range(3)
    )
    text = f"{head}<Document><name>d</name><Folder><name>地块</name>{''.join(given)}</Folder></Document></kml>"
    path.write_bytes(text.encode())
    return path


def placemark(shape: shapely.Polygon | str | None, inside: str = "", **data: str) -> str:
    """Return one placemark with plain data; `shape` is a polygon or the element itself."""
    cells = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in data.items())
    element = kml_polygon(shape) if isinstance(shape, shapely.Polygon) else shape or ""
    return f"<Placemark>{inside}<ExtendedData>{cells}</ExtendedData>{element}</Placemark>"


def kml_polygon(shape: shapely.Polygon) -> str:
    """Return a Polygon element."""

    def ring(line: shapely.LinearRing) -> str:
        return (
            f"<LinearRing><coordinates>{' '.join(f'{x!r},{y!r},0' for x, y in line.coords)}</coordinates></LinearRing>"
        )

    inner = "".join(f"<innerBoundaryIs>{ring(one)}</innerBoundaryIs>" for one in shape.interiors)
    return f"<Polygon><outerBoundaryIs>{ring(shape.exterior)}</outerBoundaryIs>{inner}</Polygon>"


def write_kmz(path: Path, kml: bytes, others: Mapping[str, bytes] | None = None, name: str = "doc.kml") -> Path:
    """Write an archive of one KML and what lies beside it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, kml)
        for one, content in (others or {}).items():
            archive.writestr(one, content)
    return path


def write_gdb(path: Path, layers: Iterable[str] = ("地块",)) -> Path:
    """Write a file geodatabase with the three parcels in each layer."""
    for number, name in enumerate(layers):
        pyogrio.write_dataframe(parcels_frame(), path, driver="OpenFileGDB", layer=name, append=number > 0)
    return path


def write_geojson_lines(path: Path, mark: str = "") -> Path:
    """Write the three parcels, one feature to a line, each after `mark`."""
    features = [feature(number, parcel_name="甲地块") for number in range(3)]
    path.write_text("".join(f"{mark}{json.dumps(one, ensure_ascii=False)}\n" for one in features), encoding="utf-8")
    return path


def zipped(folder: Path, path: Path, inside: str = "") -> Path:
    """Write an archive of a folder's files, each under `inside`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, f"{inside}{one.name}")
    return path
