"""FlatGeobuf."""

from __future__ import annotations

from pathlib import Path

from landmap.ingest.readers import gdal
from landmap.ingest.readers.raw import RawLayer, Request


class FlatGeobufReader:
    """FlatGeobuf, version 3."""

    key = "flatgeobuf"
    suffixes = (".fgb",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file starts with FlatGeobuf's eight bytes."""
        return head.startswith(b"fgb\x03fgb")

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer of the file."""
        layer = gdal.read(request.path)
        return [
            RawLayer(
                name=request.name,
                columns=dict(zip(layer.fields, layer.values, strict=True)),
                rows=tuple(range(1, len(layer.geometry) + 1)),
                geometry=layer.geometry,
                crs=layer.crs,
                encoding="utf-8",
                faults=layer.faults,
            )
        ]
