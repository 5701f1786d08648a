"""KML and KMZ: placemarks by folder. Styles, pictures, overlays and links are never opened; the unread is counted.

KMZ is an archive of one KML file and its pictures: only the KML members are unpacked, the pictures never.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from landmap.ingest.encoding import decode
from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers.geojson_features import WGS84, Gathered
from landmap.ingest.readers.geojson_shapes import ShapeError, read_shape
from landmap.ingest.readers.kml_features import attributes_of, geometry_of, schema_of, unread_of
from landmap.ingest.readers.raw import RawLayer, Request, object_array
from landmap.ingest.readers.xml_nodes import Node, Readable, Watch, stream

_NAMESPACES: Final = ("http://www.opengis.net/kml/", "http://earth.google.com/kml/", "http://www.google.com/kml/")
_ROOT: Final = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?kml[\s>/]")
#: What may stand before the root, and how it ends; for a document type the file is refused on reading.
_BEFORE: Final = (("<!--", "-->"), ("<!DOCTYPE", ">"), ("<?", "?>"))
_ZIP: Final = b"PK\x03\x04"
_KML: Final = ".kml"
_MAIN: Final = "doc.kml"
#: What may lie in a KMZ beside its KML: looks, never read. An archive with anything else is a delivery of data.
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".svg", ".dae", ".xsl", ".css")
_MEMBERS_MAX: Final = 10_000
_BYTES_MAX: Final = 1024**3
_RATIO_MAX: Final = 100
_RATIO_FROM: Final = 10 * 1024**2
#: Elements that hold records elsewhere, or none that we read.
_UNREAD: Final = frozenset(
    {"NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay", "NetworkLinkControl", "gx:Tour"}
)
_HOLDERS: Final = frozenset({"Document", "Folder"})


class KmlReader:
    """KML 2.x and KMZ, longitude and latitude on WGS 84 by their standard."""

    key = "kml"
    suffixes = (".kml", ".kmz")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the root element is kml, or the file is an archive of nothing but KML and pictures."""
        if head.startswith(_ZIP):
            return _is_kmz(path)
        return _ROOT.match(_root(decode(head)[0].removeprefix("\ufeff"))) is not None

    def read(self, request: Request) -> list[RawLayer]:
        """Return a layer for each folder that has placemarks of its own."""
        with request.path.open("rb") as source:
            packed = source.read(len(_ZIP)) == _ZIP
        layers, faults = _read_kmz(request) if packed else _read_kml(lambda: request.path.open("rb"), request.name)
        if not layers:
            raise RefusedError("no_placemark", "、".join(f"{one.value} × {one.words['count']}" for one in faults))
        layers[0] = replace(layers[0], faults=(*faults, *layers[0].faults))
        return layers


def _root(text: str) -> str:
    """Return a text from its first element on, as far as its prolog can be passed over."""
    text = text.lstrip()
    while begun := next((pair for pair in _BEFORE if text.startswith(pair[0])), None):
        rest = text[len(begun[0]) :]
        end = rest.find("]") if begun[1] == ">" and "[" in rest.partition(">")[0] else 0
        _, closed, text = rest[max(end, 0) :].partition(begun[1])
        text = text.lstrip() if closed else ""
    return text


@dataclass
class _Document:
    """What is gathered while one document passes by."""

    path: list[str | None] = field(default_factory=list)
    schemas: dict[str, dict[str, str]] = field(default_factory=dict)
    layers: dict[tuple[str, ...], Gathered] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)

    def opened(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Say which elements to gather whole: the name of a folder, schemas, placemarks."""
        if tag in _HOLDERS:
            self.path.append(None)
            return False
        if tag in _UNREAD:
            self.unread[tag] += 1
            return True
        return tag in ("Schema", "Placemark") or (tag == "name" and bool(self.path))

    def closed(self, node: Node) -> None:
        """Take what was gathered."""
        if node.tag in _HOLDERS:
            self.path.pop()
        elif node.tag == "name" and self.path:
            self.path[-1] = node.text
        elif node.tag == "Schema":
            self.schemas[node.attributes.get("id") or node.attributes.get("name", "")] = schema_of(node)
        elif node.tag == "Placemark":
            self.take(node)

    def take(self, placemark: Node) -> None:
        """Add one placemark to the layer of its folder."""
        self.unread.update(unread_of(placemark))
        gathered = self.layers.setdefault(tuple(name for name in self.path[1:] if name), Gathered())
        row = len(gathered.rows) + 1
        shape = None
        try:
            shape = read_shape(geometry_of(placemark))
        except ShapeError as error:
            gathered.faults.append(Fault(error.code, row, "geometry", error.detail))
        gathered.add(row, attributes_of(placemark, self.schemas), shape, placemark.attributes.get("id"))


def _read_kml(open_: Callable[[], AbstractContextManager[Readable]], name: str) -> tuple[list[RawLayer], list[Fault]]:
    """Return the layers of one document, and the faults of the document as a whole."""
    faults: list[Fault] = []
    document = _Document()
    try:
        with open_() as source:
            encoding = stream(source, Watch(document.opened, document.closed), _NAMESPACES)
    except RefusedError as error:
        if error.fault.code != "xml_encoding" or error.fault.value != "utf-8":
            raise
        document = _Document()
        with open_() as source:
            encoding = stream(source, Watch(document.opened, document.closed), _NAMESPACES, "gb18030")
        faults.append(Fault("encoding_guessed", value=encoding))
    faults += [Fault("part_unread", value=tag, words={"count": count}) for tag, count in document.unread.items()]
    layers = [
        RawLayer(
            name="/".join(path) or name,
            columns=gathered.columns,
            rows=tuple(gathered.rows),
            geometry=object_array(gathered.geometry),
            standard_crs=WGS84,
            encoding=encoding,
            faults=tuple(gathered.faults),
        )
        for path, gathered in document.layers.items()
    ]
    return layers, faults


def _is_kmz(path: Path) -> bool:
    """Return whether an archive holds one document, or one called doc.kml, and beside it nothing but pictures."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.filename.lower() for one in archive.infolist() if not one.is_dir()]
    except DAMAGE:
        return False
    documents = [name for name in names if name.endswith(_KML)]
    if not all(name.endswith((_KML, *_PICTURES)) for name in names):
        return False
    return len(documents) == 1 or _MAIN in documents


def _read_kmz(request: Request) -> tuple[list[RawLayer], list[Fault]]:
    """Return the layers of every KML member; pictures are counted, and never unpacked."""
    layers: list[RawLayer] = []
    faults: list[Fault] = []
    with zipfile.ZipFile(request.path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > _MEMBERS_MAX:
            raise RefusedError("archive_too_many", count=len(members), limit=_MEMBERS_MAX)
        documents = [one for one in members if one.filename.lower().endswith(_KML)]
        for member in documents:
            _check(member)
            name = request.name if len(documents) == 1 else PurePosixPath(member.filename).stem
            found, told = _read_kml(partial(_limited, archive, member), name)
            layers += found
            faults += told
    if len(members) > len(documents):
        faults.append(Fault("pictures_unread", words={"count": len(members) - len(documents)}))
    return layers, faults


def _check(member: zipfile.ZipInfo) -> None:
    """Refuse a document that is locked, too large or too dense."""
    if member.flag_bits & 0x1:
        raise RefusedError("archive_encrypted", member.filename)
    ratio = member.file_size // max(1, member.compress_size)
    if member.file_size > _RATIO_FROM and ratio > _RATIO_MAX:
        raise RefusedError("archive_ratio", member.filename, ratio=ratio)


@contextmanager
def _limited(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Readable]:
    with archive.open(member) as source:
        yield _Limited(source)


class _Limited:
    """A stream that refuses to give more than it may: sizes in an archive's list can lie."""

    def __init__(self, source: Readable) -> None:
        self._source, self._left = source, _BYTES_MAX

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        block = self._source.read(size)
        self._left -= len(block)
        if self._left < 0:
            limit = f"{_BYTES_MAX // 1024**2} MB"
            raise RefusedError("archive_too_large", size=f"> {limit}", limit=limit)
        return block
