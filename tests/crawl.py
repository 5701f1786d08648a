"""Everything an application answers, and everything inside an answer: headers, files in files, pictures in pages."""

from __future__ import annotations

import base64
import html
import io
import itertools
import json
import math
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyarrow.parquet
import pyogrio
import pypdf
import shapely
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.testclient import TestClient

from landmap.domain import LANGS, collections
from landmap.render import FORMATS
from tests import dots, mvt
from tests.canaries import Flock

BRIEFED: Final = ("parcels", "buildings")
_EDGES: Final = re.compile(r'"edges":(\[[^\]]+\])')
_TILE: Final = re.compile(r"/WebMercatorQuad/(\d+)/(\d+)/(\d+)")
_DOTS: Final = b"LMD1"
_DATA: Final = re.compile(r"data:[a-z/+.-]+;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class Told:
    """One answer, or one file: `where` it came from, its `status`, headers and bytes."""

    where: str
    status: int
    headers: str
    body: bytes

    @cached_property
    def text(self) -> str:
        """Everything that can be read out of it, by whatever means."""
        return "\n".join([self.headers, *_texts(self.body)])

    @cached_property
    def readable(self) -> str:
        """What a reader finds in it, the way a file is packed left aside."""
        packed = self.body.startswith((*_READERS, b"PK"))
        headers = re.sub(r"^content-length: .*\n", "", self.headers, flags=re.M) if packed else self.headers
        return "\n".join([headers, *_texts(self.body, raw=False)])

    @property
    def places(self) -> Iterator[tuple[float, float]]:
        """Every longitude and latitude of a JSON answer, a tile, or dots."""
        tile = _TILE.search(self.where)
        if tile and self.status == 200:
            return _lying(self.body, *map(int, tile.groups()))
        if self.body.startswith(_DOTS):
            return ((west, north) for west, north, _ in dots.read(self.body).at.values())
        try:
            found = json.loads(self.body)
        except ValueError:
            return iter(())
        return _places(found)


def _texts(body: bytes, *, raw: bool = True) -> Iterator[str]:
    """Yield `body` as text, and what is packed inside it; the bytes of a packed file too when `raw`."""
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for entry in packed.infolist():
                yield entry.filename
                yield from _texts(packed.read(entry), raw=raw)
        return
    for magic, read in _READERS.items():
        if body.startswith(magic):
            yield from (body.decode("latin-1"),) if raw else ()
            yield from read(body)
            return
    try:
        plain = _EDGES.sub(_outer, body.decode("utf-8"))
    except UnicodeDecodeError:
        yield body.decode("latin-1")
        return
    yield plain
    yield html.unescape(plain)
    for found in _DATA.findall(plain):
        yield from _texts(base64.b64decode(found), raw=raw)


def _outer(found: re.Match[str]) -> str:
    """Return the first and last edge of a histogram; the others lie evenly between, values of nobody."""
    edges = json.loads(found[1])
    steps = [after - before for before, after in itertools.pairwise(edges)]
    assert max(steps) - min(steps) < 1e-6 * max(steps), "the edges of a histogram are evenly spaced"
    return f'"edges":{edges[:1] + edges[-1:]}'


def _pdf(body: bytes) -> Iterator[str]:
    document = pypdf.PdfReader(io.BytesIO(body))
    yield str(document.metadata)
    yield str(document.xmp_metadata and document.xmp_metadata.stream.get_data().decode())
    yield str([one.title for one in document.outline if not isinstance(one, list)])
    yield str(list(document.attachments))
    for page in document.pages:
        text = page.extract_text()
        yield text
        yield re.sub(r"\s", "", text)


def _sqlite(body: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.gpkg"
        path.write_bytes(body)
        with closing(sqlite3.connect(path)) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in database.execute(f'SELECT * FROM "{name}"'):
                    yield "\n".join(str(cell) for cell in row)
            yield "\n".join(str(row) for row in database.execute("SELECT sql FROM sqlite_master"))


def _flatgeobuf(body: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.fgb"
        path.write_bytes(body)
        yield str(pyogrio.read_info(path))
        yield from _cells(pyogrio.read_dataframe(path).drop(columns="geometry").to_dict("records"))


def _parquet(body: bytes) -> Iterator[str]:
    table = pyarrow.parquet.read_table(io.BytesIO(body))
    yield str(table.schema.metadata)
    yield str(table.schema)
    yield from _cells(table.to_pylist())


def _cells(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        yield "\n".join(f"{name} {value}" for name, value in row.items())


def _land_office(body: bytes) -> Iterator[str]:
    yield body.decode("gb18030")


def _tile(body: bytes) -> Iterator[str]:
    for layer in mvt.read(body):
        yield from (layer.name, *layer.keys, *map(str, layer.values))


def _dotted(body: bytes) -> Iterator[str]:
    yield from (kind for _, _, kind in dots.read(body).at.values())


def _lying(body: bytes, z: int, y: int, x: int) -> Iterator[tuple[float, float]]:
    """Yield the longitude and latitude of everything in a tile."""
    for layer in mvt.read(body):
        for feature in layer.features:
            for east, down in shapely.get_coordinates(feature.geometry):
                column, row = (x + east / layer.extent) / 2**z, (y + down / layer.extent) / 2**z
                yield column * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row))))


def _tiles_over(box: tuple[float, float, float, float]) -> Iterator[str]:
    """Yield the ends of the addresses of tiles over the middle of a box, at coarse and at fine zooms."""
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    for z in (0, 13, 17):
        yield f"{z}/{int(down * 2**z)}/{int((lon + 180) / 360 * 2**z)}"


_READERS: Final = {
    b"%PDF": _pdf,
    b"SQLite format 3\x00": _sqlite,
    b"fgb": _flatgeobuf,
    b"PAR1": _parquet,
    "[属性描述]".encode("gb18030"): _land_office,
    b"\x1a": _tile,
    b"LMD1": _dotted,
}


def _places(value: Any) -> Iterator[tuple[float, float]]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _places(one)
    elif isinstance(value, list):
        if len(value) in (2, 4) and all(isinstance(one, int | float) and math.isfinite(one) for one in value):
            yield from ((value[at], value[at + 1]) for at in range(0, len(value), 2))
        else:
            for one in value:
                yield from _places(one)


def paths_of(client: TestClient) -> tuple[str, ...]:
    """Return the path of every route that answers GET, mounted folders left out."""
    routes = [one for one in iter_route_contexts(client.app.routes) if not isinstance(one.original_route, Mount)]  # type: ignore[attr-defined]
    return tuple(str(one.path) for one in routes if "GET" in (one.methods or ()))


def addresses(path: str, flock: Flock, token: str) -> Iterator[str]:
    """Yield the addresses that stand for one route: every record, language, format and sort order."""
    layer = next((name for name in collections() if f"/{name}" in path), "")
    if "{layer}" in path:
        for name in (*collections(), "parks", "building_units", "nowhere"):
            yield from _spoken(path.replace("{layer}", name))
    elif "{lang}" in path:
        yield from (path.replace("{lang}", lang) for lang in (*LANGS, "fr"))
    elif "{token}" in path:
        yield from _spoken(path.replace("{token}", token))
        yield path.replace("{token}", "lm_s_none")
    elif "{file}" in path:
        yield from _files(path, flock, layer)
    elif "{id}" in path:
        for id in [row.id for row in flock.of(layer)] + ["nobody"]:
            # A brief takes its time: one in each language would tell no more.
            asked = path.replace("{id}", id)
            yield from (asked,) if path.endswith(".pdf") else _spoken(asked)
    elif "{z}" in path:
        boxes = [row.box for row in flock.of(layer or "parcels")]
        ends = dict.fromkeys(end for box in boxes for end in _tiles_over(box))
        yield from (path.replace("{z}/{y}/{x}", end) for end in (*ends, "1/2/3", "x/0/0"))
        yield from (path.replace("{z}/{y}/{x}", "0/0/0") + "?bucket=pending",) if layer else ()
    elif path.endswith("/items"):
        yield from (f"{path}?f={key}&lang={lang}" for key in ("json", *FORMATS) for lang in LANGS)
        yield from (f"{path}?limit=1", f"{path}?sort=-data_as_of&limit=2", f"{path}?bucket=pending&limit=500")
    elif path.endswith(("/phrase", "/suggest", "/find")):
        for text in ("50亩以上 净地 储备土地 距地铁1公里内", "qx", "亩均税收20万以上 LC-1", "xq"):
            yield from (f"{path}?text={quote(text)}&lang={lang}" for lang in LANGS)
    elif path.endswith(("/search", "/facets")):
        yield from _spoken(path)
        yield f"{path}?bucket=pending"
    else:
        yield from _spoken(path)
        yield path


def _files(path: str, flock: Flock, layer: str) -> Iterator[str]:
    """Yield the address of each attachment at its own record, at another one, and behind a link that is none."""
    held = [paper for paper in flock.papers if paper.layer == layer] or flock.papers[:1]
    other = flock.of(layer)[0].id if layer else ""
    for paper in held:
        named = path.replace("{file}", paper.file).replace("{public_id}", "0123456789abcdef")
        yield from dict.fromkeys((named.replace("{id}", paper.record), named.replace("{id}", other)))


def _spoken(path: str) -> Iterator[str]:
    yield path
    yield f"{path}?lang=en"


#: Addresses that are wrong in every way the product knows, each of which is told.
WRONG: Final = (
    "/api/collections/parcels/items?limit=0",
    "/api/collections/parcels/items?sort=nothing",
    "/api/collections/parcels/items?area_min=-1&nonsense=1",
    "/api/collections/parcels/items?bbox=1,2,3",
    "/api/collections/parcels/items?near=metro_station:-1",
    "/api/collections/parcels/items?near=nothing:100",
    "/api/collections/parcels/items?within=999999",
    "/api/collections/parcels/items?after=abc",
    "/api/collections/parcels/items?f=shp",
    "/api/collections/parcels/items?preset=nothing",
    "/api/collections/parcels/items?q=%FF",
    "/api/collections/buildings/search?kind=nothing",
    "/api/collections/parcels/shapes?v=!",
    "/nowhere",
    "/parcels",
    "/s/",
    "/static/../district.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/vendor/..%2f..%2f..%2fpyproject.toml",
    "/static//etc/passwd",
)


def crawl(client: TestClient, flock: Flock, token: str) -> list[Told]:
    """Return every answer to every address of every route, and to the wrong ones."""
    asked = [address for path in paths_of(client) for address in addresses(path, flock, token)]
    answers = [told(client, "GET", address) for address in dict.fromkeys([*asked, *WRONG])]
    posts = [("POST", "/api/collections/parcels/items"), ("POST", "/"), ("POST", "/api/shares"), ("GET", "/api/shares")]
    posts += [("DELETE", "/api/shares/none"), ("OPTIONS", "/"), ("TRACE", "/"), ("PUT", "/healthz")]
    return answers + [told(client, method, address) for method, address in posts]


def told(client: TestClient, method: str, address: str) -> Told:
    """Return one answer."""
    answer = client.request(method, address, headers={"Accept-Encoding": "identity"})
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return Told(f"{method} {address}", answer.status_code, headers, answer.content)
