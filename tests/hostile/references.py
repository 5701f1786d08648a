"""Files that name other files and hosts: in their content, or by what they are called."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.hostile.archives import Maker
from tests.hostile.bait import Bait
from tests.making_files import feature, parcels_frame, write_geojson


def text(name: str, content: str) -> Maker:
    """A text file with the bait filled in."""

    def make(folder: Path, bait: Bait) -> Path:
        path = folder / name
        path.write_text(bait.fill(content), encoding="utf-8")
        return path

    return make


def called(name: str) -> Maker:
    """A sound GeoJSON file of this name, in folders of its own."""

    def make(folder: Path, bait: Bait) -> Path:
        path = folder / bait.fill(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_geojson(path, feature())

    return make


def _vrt(source: str, more: str = "") -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource>{more}'
        "<GeometryType>wkbNone</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
    )


def link_in_a_folder(folder: Path, bait: Bait) -> Path:
    """A folder of files, one of which is a link out of it."""
    path = folder / "delivery"
    path.mkdir()
    (path / "a.csv").symlink_to(bait.canary)
    (path / "up").symlink_to(bait.canary.parent)
    write_geojson(path / "b.geojson", feature())
    return path


def shapefile(part: str, content: bytes | None = None) -> Maker:
    """A Shapefile one of whose parts is something else, or a link out of the folder."""

    def make(folder: Path, bait: Bait) -> Path:
        path = folder / "set"
        path.mkdir()
        parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "DKMC"}).to_file(path / "a.shp")
        target = path / f"a{part}"
        target.unlink(missing_ok=True)
        if content is None:
            target.symlink_to(bait.canary)
        else:
            target.write_bytes(bait.fill(content.decode("latin-1")).encode("latin-1"))
        return path

    return make


_GDALG: Final = '{"type":"gdal_streamed_alg","command_line":"gdal vector read SOURCE --output-format=stream"}'
_WFS: Final = "<OGRWFSDataSource><URL>URL</URL></OGRWFSDataSource>"
_CRS_LINK: Final = json.dumps(
    {
        "type": "FeatureCollection",
        "crs": {"type": "link", "properties": {"href": "URL", "type": "ogcwkt"}},
        "features": [feature()],
    }
)

REFERENCES: Final[Mapping[str, tuple[Maker, str]]] = {
    **{
        f"a VRT that names a file, called a{suffix}": (text(f"a{suffix}", _vrt("CANARY")), "format_unsupported")
        for suffix in (".geojson", ".shp", ".gpkg", ".fgb", ".csv", ".vrt", ".kml", ".dxf", ".txt")
    },
    "a VRT that names a host": (text("a.vrt", _vrt("/vsicurl/URL")), "format_unsupported"),
    "a VRT that unpacks a host's archive": (text("a.vrt", _vrt("/vsizip//vsicurl/URL")), "format_unsupported"),
    "a VRT with a query": (
        text("a.vrt", _vrt("CANARY", "<SrcSQL>SELECT * FROM canary</SrcSQL>")),
        "format_unsupported",
    ),
    "a VRT behind blanks and a comment": (
        text("a.csv", "\n\n<!-- x -->" + _vrt("CANARY")),
        "format_unsupported",
    ),
    "a VRT with a declaration": (text("a.csv", '<?xml version="1.0"?>\n' + _vrt("CANARY")), "format_unsupported"),
    "a pipeline that reads a file": (text("a.geojson", _GDALG.replace("SOURCE", "CANARY")), "json_not_geojson"),
    "a pipeline that reads a host": (text("a.geojson", _GDALG.replace("SOURCE", "/vsicurl/URL")), "json_not_geojson"),
    "a description of a service": (text("a.xml", _WFS), "format_unknown"),
    "the name of a service": (text("a.geojson", "WFS:URL"), "kind_differs"),
    "the name of a database": (text("a.shp", "PG:host=127.0.0.1 port=PORT dbname=x"), "kind_differs"),
    "the name of a remote file": (text("a.fgb", "/vsicurl/URL"), "kind_differs"),
    "a coordinate system at an address": (text("a.geojson", _CRS_LINK), "crs_member_malformed"),
    "a folder with links out of it": (link_in_a_folder, ""),
    "attributes behind a link": (shapefile(".dbf"), "file_unreadable"),
    "a projection behind a link": (shapefile(".prj"), "file_unreadable"),
    "a projection that names a file": (shapefile(".prj", b"@CANARY"), "crs_unknown"),
    "a projection at an address": (shapefile(".prj", b"URL"), "crs_unknown"),
    "an encoding that is no text encoding": (shapefile(".cpg", b"rot13"), "codepage_unknown"),
    "an encoding that compresses": (shapefile(".cpg", b"zip"), "codepage_unknown"),
    "an encoding that runs escapes": (shapefile(".cpg", b"unicode_escape"), "text_garbled"),
    "an encoding that climbs": (shapefile(".cpg", b"../../etc/passwd"), ""),
    "a file called like a remote one": (called("vsicurl/http:/127.0.0.1:PORT/a.geojson"), ""),
    "a file called like a service": (called("WFS:http:127.0.0.1:PORT.geojson"), ""),
    "a file called like a database": (called("PG:dbname=x"), ""),
    "a file called like an option": (called("--config.geojson"), ""),
    "a file called like a query": (called("a.gpkg?mode=rwc&vfs=unix#.geojson"), ""),
    "a file called like an archive's member": (called("vsizip/{a.zip}/b.geojson"), ""),
    "a file called like a layer": (called("a.geojson|layername=x"), ""),
    "a file with a line break in its name": (called("a\nb\x1b[2J.geojson"), ""),
}
