"""DXF drawings: closed outlines with the texts inside them, a layer of records for each layer of the drawing.

A drawing names no coordinate system; its unit is often said wrongly, so the coordinates decide on it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers.dxf_areas import ARC_TOLERANCE_M, Area, Areas, areas_of
from landmap.ingest.readers.dxf_labels import attributes_of
from landmap.ingest.readers.dxf_splines import CURVE_SHARE
from landmap.ingest.readers.dxf_text import decode_dxf
from landmap.ingest.readers.dxf_walk import Found, walk
from landmap.ingest.readers.geojson_features import Gathered
from landmap.ingest.readers.raw import RawLayer, Request, object_array

if TYPE_CHECKING:
    from ezdxf.document import Drawing

_BINARY: Final = b"AutoCAD Binary DXF\r\n\x1a\x00"
#: Metres in the units of $INSUNITS; 0 says nothing.
_UNITS: Final[Mapping[int, float]] = MappingProxyType(
    {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1, 21: 1200 / 3937}
)
_METRES, _MILLIMETRES, _UNSAID = 6, 4, 0
#: Northings in China, metres; no other coordinate lies there.
_NORTHING: Final = (1.8e6, 5.96e6)
_LAYER, _HANDLE = "图层", "实体句柄"


class DxfReader:
    """DXF, R12 and later, ASCII or binary."""

    key = "dxf"
    suffixes = (".dxf",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether it starts as tags of a DXF file do: comments, then the first section."""
        if head.startswith(_BINARY):
            return True
        lines = [line.strip() for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
        tags = list(zip(lines[::2], lines[1::2], strict=False))
        while tags and tags[0][0] == b"999":
            tags = tags[1:]
        return bool(tags) and tags[0] == (b"0", b"SECTION")

    def read(self, request: Request) -> list[RawLayer]:
        """Return a layer for each layer with closed outlines; what else stands in the drawing is counted."""
        drawing, encoding, faults = _load(request.path)
        found = walk(drawing)
        factor, told = _unit(found, int(drawing.header.get("$INSUNITS", _UNSAID)))
        areas = areas_of(found.shapes, found.labels, factor)
        if not areas.kept:
            kinds = "、".join(f"{kind} × {count}" for kind, count in (found.unread + areas.unread).items())
            raise RefusedError("drawing_without_areas", kinds or None)
        faults += [*told, *_counted(found, areas, drawing)]
        by_layer: dict[str, list[Area]] = {}
        for area in areas.kept:
            by_layer.setdefault(area.layer, []).append(area)
        return [
            _layer(name, kept, request, encoding, () if number else faults)
            for number, (name, kept) in enumerate(by_layer.items())
        ]


def _load(path: Path) -> tuple[Drawing, str, list[Fault]]:
    """Return the drawing, the encoding of its texts, and what was odd about both."""
    from ezdxf import recover  # loaded at the first drawing: it takes a second and a half
    from ezdxf.filemanagement import read, readfile
    from ezdxf.lldxf.const import DXFError

    damage: tuple[type[Exception], ...] = (DXFError, *DAMAGE)
    data = path.read_bytes()
    try:
        if data.startswith(_BINARY):
            drawing = readfile(path)
            return drawing, drawing.encoding, []
        text = decode_dxf(data)
        faults = [Fault("drawing_encoding", value=text.encoding, words={"reason": text.doubt})] if text.doubt else []
        try:
            drawing = read(io.StringIO(text.text, newline=None))
        except damage:
            drawing, auditor = recover.read(io.BytesIO(data), errors="ignore")
            errors = len(auditor.errors) + len(auditor.fixes)
            faults.append(Fault("drawing_recovered", words={"count": errors}))
    except damage as error:
        raise RefusedError("file_damaged", reason=f"{type(error).__name__}: {error}"[:160]) from error
    return drawing, text.encoding, faults


def _unit(found: Found, said: int) -> tuple[float, list[Fault]]:
    """Return metres in a drawing unit, and a fault where that is not what the drawing says.

    Coordinates that are metres or degrees as they stand are left alone, whatever the drawing says: many are drawn in
    metres on a sheet of millimetres. Others are scaled only when they then are northings in China.
    """
    points = [outline.in_world(1.0)[:, :2] for shape in found.shapes for outline in shape.outlines]
    if not points:
        return 1.0, []
    middle = np.abs(np.median(np.concatenate(points), axis=0))

    def northing(factor: float) -> bool:
        return bool(((middle * factor > _NORTHING[0]) & (middle * factor < _NORTHING[1])).any())

    if northing(1.0) or (middle <= 180).all():
        wrong = said not in (_UNSAID, _METRES) and northing(1.0)
        return 1.0, [Fault("drawing_unit_disregarded", value=said, words=_unit_words(said))] if wrong else []
    for code in (said, _MILLIMETRES):
        if code in _UNITS and northing(_UNITS[code]):
            return _UNITS[code], [Fault("drawing_scaled", value=code, words=_unit_words(code))]
    return 1.0, []


def _unit_words(code: int) -> dict[str, object]:
    return {"metres": _UNITS.get(code, "?")}


def _counted(found: Found, areas: Areas, drawing: Drawing) -> Iterator[Fault]:
    """Yield a fault for everything that is in the drawing and in no record."""
    for kind, count in (found.unread + areas.unread).items():
        yield Fault("part_unread", value=kind, words={"count": count})
    used = {area.layer for area in areas.kept}
    for name, count in found.layers.items():
        if name not in used:
            yield Fault("drawing_layer_without_areas", value=name, words={"count": count})
    for name in sorted(used):
        known = drawing.layers.get(name) if name in drawing.layers else None
        if known is not None and (known.is_off() or known.is_frozen()):
            yield Fault("drawing_layer_hidden", value=name)
    if areas.outside:
        yield Fault("labels_outside", value=areas.outside[0].text, words={"count": len(areas.outside)})
    if areas.repeated:
        yield Fault("outlines_repeated", words={"count": areas.repeated})
    if areas.cut:
        yield Fault("holes_cut", words={"count": areas.cut})
    if found.extended:
        yield Fault("drawing_data_unread", words={"count": found.extended})
    if any(outline.bulges.any() for shape in found.shapes for outline in shape.outlines):
        yield Fault("arcs_densified", words={"tolerance": f"{ARC_TOLERANCE_M * 1000:g} mm"})
    curves = sum(shape.chords for shape in found.shapes)
    if curves:
        yield Fault("curves_densified", value=curves, words={"share": f"1/{1 / CURVE_SHARE:,.0f}"})


def _layer(name: str, areas: Sequence[Area], request: Request, encoding: str, faults: Sequence[Fault]) -> RawLayer:
    """Return the records of one layer of the drawing."""
    places = {id(area): row for row, area in enumerate(areas, start=1)}
    gathered = Gathered()
    for row, area in enumerate(areas, start=1):
        attributes, torn = attributes_of(area.labels, request.knows)
        gathered.add(row, {_LAYER: area.layer, _HANDLE: area.handle} | attributes, area.shape, None)
        gathered.faults += _told(area, row, torn, places)
    return RawLayer(
        name=name,
        columns=gathered.columns,
        rows=tuple(gathered.rows),
        geometry=object_array(gathered.geometry),
        encoding=encoding,
        faults=(*faults, *gathered.faults),
    )


def _told(area: Area, row: int, torn: Mapping[str, Sequence[str]], places: Mapping[int, int]) -> Iterator[Fault]:
    """Yield what is odd about one record."""
    if area.gap:
        yield Fault("ring_nearly_closed", row, "geometry", round(area.gap, 3))
    if area.height:
        yield Fault("height_dropped", row, "geometry")
    if area.within is not None:
        yield Fault("ring_within", row, "geometry", area.handle, {"other": places.get(id(area.within), "?")})
    for header, values in torn.items():
        yield Fault("labels_disagree", row, header, " / ".join(values))
