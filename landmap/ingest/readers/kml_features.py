"""Placemarks of KML: their attributes from every place that programs put them, and their geometry as GeoJSON has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any, Final

from landmap.ingest.readers.geojson_shapes import ShapeError
from landmap.ingest.readers.xml_nodes import Node

#: What of a placemark is read as an attribute under its own name.
TEXTS: Final = ("name", "description", "address", "phoneNumber", "Snippet")
_SHAPES: Final = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
#: Look and view: no data.
_LOOKS: Final = frozenset(
    {"Style", "StyleMap", "styleUrl", "visibility", "open", "LookAt", "Camera", "gx:balloonVisibility", "atom:link"}
)
_NUMBERS: Final[Mapping[str, Callable[[str], int | float]]] = MappingProxyType(
    {"int": int, "uint": int, "short": int, "ushort": int, "float": float, "double": float}
)
_WORDS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})
#: As much of a description as is searched for a table.
_TABLE_MAX: Final = 100_000
_COMMA: Final = re.compile(r"\s*,\s*")


def schema_of(node: Node) -> dict[str, str]:
    """Return the kinds of a Schema's fields by name."""
    return {one.attributes.get("name", ""): one.attributes.get("type", "string") for one in node.all("SimpleField")}


def attributes_of(placemark: Node, schemas: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the attributes of a placemark: schema data, plain data, a table in the description, its own texts.

    A name that stands in several places keeps the first of them, in this order.
    """
    found: dict[str, Any] = {}
    for extended in placemark.all("ExtendedData"):
        for data in extended.all("SchemaData"):
            kinds = schemas.get(data.attributes.get("schemaUrl", "").rpartition("#")[2], {})
            for simple in data.all("SimpleData"):
                name = simple.attributes.get("name", "")
                found.setdefault(name, _typed(simple.text, kinds.get(name, "string")))
        for plain in extended.all("Data"):
            found.setdefault(plain.attributes.get("name", ""), plain.value("value") or None)
    for name in TEXTS:
        text = placemark.value(name)
        cells = _table(text) if name == "description" and "<" in text[:_TABLE_MAX] else {}
        for key, value in cells.items():
            found.setdefault(key, value or None)
        if text and not cells:
            found.setdefault(name, text)
    found.pop("", None)
    return found


def unread_of(placemark: Node) -> Iterator[str]:
    """Yield the names of what is in a placemark and is not read: times, tracks, models, links, foreign elements."""
    known = _LOOKS | _SHAPES | {*TEXTS, "ExtendedData"}
    yield from (one.tag for one in placemark.children if one.tag not in known)
    for shape in placemark.all("MultiGeometry"):
        yield from _unread_parts(shape)
    for extended in placemark.all("ExtendedData"):
        yield from (one.tag for one in extended.children if one.tag not in {"SchemaData", "Data"})


def geometry_of(placemark: Node) -> dict[str, Any] | None:
    """Return the geometry of a placemark in GeoJSON's form, not yet checked; None when there is none.

    Raises
    ------
    ShapeError
        For coordinates that are no numbers, and for a placemark with two geometries side by side.
    """
    shapes = [one for one in placemark.children if one.tag in _SHAPES]
    if len(shapes) > 1:
        raise ShapeError("kml_two_geometries", "、".join(one.tag for one in shapes))
    return _geometry(shapes[0]) if shapes else None


def _geometry(node: Node) -> dict[str, Any]:
    if node.tag == "MultiGeometry":
        return _joined([_geometry(one) for one in node.children if one.tag in _SHAPES])
    if node.tag == "Polygon":
        rings = [ring for name in ("outerBoundaryIs", "innerBoundaryIs") for ring in _rings(node, name)]
        return {"type": "Polygon", "coordinates": rings}
    positions = _positions(node.value("coordinates"))
    if node.tag == "Point":
        return {"type": "Point", "coordinates": positions[0] if positions else []}
    return {"type": "LineString", "coordinates": positions}


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return parts as one geometry: of one kind as its Multi form, of several as a collection, which may not nest."""
    flat = [inner for part in parts for inner in _parts(part)]
    kinds = Counter(part["type"] for part in flat)
    if len(kinds) == 1:
        return {"type": f"Multi{next(iter(kinds))}", "coordinates": [part["coordinates"] for part in flat]}
    return {"type": "GeometryCollection", "geometries": flat}


def _parts(shape: dict[str, Any]) -> list[dict[str, Any]]:
    kind: str = shape["type"]
    if kind == "GeometryCollection":
        return list(shape["geometries"])
    if kind.startswith("Multi"):
        return [{"type": kind.removeprefix("Multi"), "coordinates": one} for one in shape["coordinates"]]
    return [shape]


def _rings(polygon: Node, boundary: str) -> Iterator[list[list[float]]]:
    """Yield the rings of a boundary; several in one element, which the standard does not know, are read too."""
    for side in polygon.all(boundary):
        yield from (_positions(ring.value("coordinates")) for ring in side.all("LinearRing"))


def _positions(text: str) -> list[list[float]]:
    """Return "lon,lat[,height] lon,lat …" as positions; blanks around the commas, which some write, do no harm."""
    try:
        found = [[float(number) for number in one.split(",")] for one in _COMMA.sub(",", text).split()]
    except ValueError as error:
        raise ShapeError("coordinate_not_number", text[:80]) from error
    if all(len(one) == 3 and one[2] == 0 for one in found):  # written by habit, and no height
        return [one[:2] for one in found]
    return found


def _typed(text: str, kind: str) -> Any:
    """Return the text of a simple field as its schema says; text of another kind stays text, for the checks."""
    if not text:
        return None
    if kind == "bool":
        return _WORDS.get(text.lower(), text)
    try:
        return _NUMBERS[kind](text) if kind in _NUMBERS else text
    except ValueError:
        return text


def _unread_parts(shape: Node) -> Iterator[str]:
    for one in shape.children:
        if one.tag == "MultiGeometry":
            yield from _unread_parts(one)
        elif one.tag not in _SHAPES:
            yield one.tag


def _table(html: str) -> dict[str, str]:
    """Return the rows of two cells of the tables in a description, as ArcGIS writes attributes; nothing is rendered."""
    cells = _Cells()
    cells.feed(html[:_TABLE_MAX])
    cells.close()
    return {key: value for key, value in cells.pairs() if key and key != value}


class _Cells(HTMLParser):
    """The texts of table cells, row by row; the innermost row counts where tables are nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            self._inside = False
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield key and value of every row that has just two cells."""
        for row in self.rows:
            if len(row) == 2:
                key, value = (" ".join(cell.split()) for cell in row)
                yield key, "" if value in ("<Null>", "&lt;Null&gt;") else value
