"""The registry of file formats. Adding one: a module with a Reader, and a row here; the contract tests find it."""

from __future__ import annotations

from typing import Final

from landmap.ingest.readers.csv_table import CsvReader
from landmap.ingest.readers.dxf import DxfReader
from landmap.ingest.readers.filegdb import FileGdbReader
from landmap.ingest.readers.flatgeobuf import FlatGeobufReader
from landmap.ingest.readers.geojson import GeoJsonReader
from landmap.ingest.readers.geojson_seq import GeoJsonSeqReader
from landmap.ingest.readers.geoparquet import GeoParquetReader
from landmap.ingest.readers.gpkg import GpkgReader
from landmap.ingest.readers.guotu_txt import GuotuTxtReader
from landmap.ingest.readers.kml import KmlReader
from landmap.ingest.readers.raw import RawLayer, Reader, Request
from landmap.ingest.readers.shapefile import ShapefileReader
from landmap.ingest.readers.xls import XlsReader
from landmap.ingest.readers.xlsx import XlsxReader

#: In the order they are asked; text formats last, for they have no magic.
READERS: Final[tuple[Reader, ...]] = (
    GpkgReader(),
    FlatGeobufReader(),
    GeoParquetReader(),
    ShapefileReader(),
    FileGdbReader(),
    KmlReader(),
    XlsxReader(),
    XlsReader(),
    DxfReader(),
    GeoJsonSeqReader(),
    GeoJsonReader(),
    GuotuTxtReader(),
    CsvReader(),
)

__all__ = ["READERS", "RawLayer", "Reader", "Request"]
