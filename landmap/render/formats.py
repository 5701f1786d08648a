"""The formats a selection is handed out in; a new one is a function and a row here, and the contract tests find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final

from landmap.domain import Lang, Words
from landmap.query import Selection
from landmap.render import geojson, tables

Pieces = Callable[[Selection, Words], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: `key` is what ``f=`` and ``--format`` call it, `extension` has no dot.

    `pieces` yields a file from its beginning to its end; a format that can only be written whole yields one piece.
    """

    key: str
    media_type: str
    extension: str
    label_zh: str
    label_en: str
    pieces: Pieces

    def write(self, selection: Selection, words: Words) -> bytes:
        """Return a selection as one file."""
        return b"".join(self.pieces(selection, words))

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en


def _whole(write: Callable[[Selection, Words], bytes]) -> Pieces:
    def pieces(selection: Selection, words: Words) -> Iterator[bytes]:
        yield write(selection, words)

    return pieces


def _gis(writer: str, module: str = "gis_files") -> Pieces:
    """Return a writer of `module`, loaded at the first file: a server is ready without pandas and pyproj."""

    def write(selection: Selection, words: Words) -> bytes:
        made: bytes = getattr(import_module(f"landmap.render.{module}"), writer)(selection, words)
        return made

    return _whole(write)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        made.key: made
        for made in (
            Format("geojson", geojson.MEDIA_TYPE, "geojson", "GeoJSON", "GeoJSON", geojson.pieces),
            Format("geojsonl", geojson.LINES_TYPE, "geojsonl", "GeoJSON 逐行", "GeoJSON lines", geojson.lines),
            Format("csv", "text/csv", "csv", "CSV 表格", "CSV table", tables.csv_pieces),
            Format("xlsx", _XLSX, "xlsx", "Excel 表格", "Excel workbook", _whole(tables.xlsx_bytes)),
            Format("gpkg", "application/geopackage+sqlite3", "gpkg", "GeoPackage", "GeoPackage", _gis("gpkg_bytes")),
            Format("fgb", "application/vnd.flatgeobuf", "fgb", "FlatGeobuf", "FlatGeobuf", _gis("flatgeobuf_bytes")),
            Format(
                "parquet",
                "application/vnd.apache.parquet",
                "parquet",
                "GeoParquet",
                "GeoParquet",
                _gis("geoparquet_bytes"),
            ),
            Format(
                "guotu_txt",
                "text/plain; charset=gb18030",
                "txt",
                "国土 TXT 报盘",
                "Land-office TXT",
                _gis("write", "guotu_txt"),
            ),
        )
    }
)
