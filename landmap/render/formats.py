"""The formats a selection is handed out in; a new one is a function and a row here, and the contract tests find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from landmap.domain import Lang, Words
from landmap.query import Selection
from landmap.render import geojson, gis_files, tables


@dataclass(frozen=True, slots=True)
class Format:
    """One format: `key` is what ``f=`` and ``--format`` call it, `extension` has no dot."""

    key: str
    media_type: str
    extension: str
    label_zh: str
    label_en: str
    write: Callable[[Selection, Words], bytes]

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        made.key: made
        for made in (
            Format("geojson", geojson.MEDIA_TYPE, "geojson", "GeoJSON", "GeoJSON", geojson.write),
            Format("csv", "text/csv", "csv", "CSV 表格", "CSV table", tables.csv_bytes),
            Format("xlsx", _XLSX, "xlsx", "Excel 表格", "Excel workbook", tables.xlsx_bytes),
            Format("gpkg", "application/geopackage+sqlite3", "gpkg", "GeoPackage", "GeoPackage", gis_files.gpkg_bytes),
            Format("fgb", "application/vnd.flatgeobuf", "fgb", "FlatGeobuf", "FlatGeobuf", gis_files.flatgeobuf_bytes),
            Format(
                "parquet",
                "application/vnd.apache.parquet",
                "parquet",
                "GeoParquet",
                "GeoParquet",
                gis_files.geoparquet_bytes,
            ),
        )
    }
)
