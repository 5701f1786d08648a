"""GeoJSON text sequences: one feature to a line, or RFC 8142's records that each start with a record separator.

Read record by record, so that one broken line costs one feature and a long file little memory.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.geojson_features import GEOMETRY_TYPES, WGS84, Gathered, parse, read_feature
from landmap.ingest.readers.raw import RawLayer, Request, object_array

_SEPARATOR: Final = b"\x1e"
_BOM: Final = b"\xef\xbb\xbf"
#: One feature may not be longer than this; a first line beyond it is no feature.
_RECORD_MAX: Final = 64 * 1024**2
_BLOCK: Final = 1024**2


class GeoJsonSeqReader:
    """GeoJSONSeq, by record separators or by newlines; UTF-8 by its standard."""

    key = "geojsonseq"
    suffixes = (".geojsonl", ".geojsons", ".ndjson", ".jsonl")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether it starts with a record separator, or one line is a whole feature and another follows."""
        start = head.removeprefix(_BOM).lstrip()
        if start.startswith(_SEPARATOR):
            return True
        return start.startswith(b"{") and _feature_then_more(path)

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer of the file; refuse it when no record of it is a feature."""
        gathered = Gathered()
        with request.path.open("rb") as stream:
            start = stream.read(len(_BOM))
            stream.seek(len(_BOM) if start == _BOM else 0)
            separated = stream.read(_BLOCK).lstrip().startswith(_SEPARATOR)
            stream.seek(len(_BOM) if start == _BOM else 0)
            for row, record in _separated(stream) if separated else _lines(stream):
                _take(record, row, gathered)
        if gathered.lost and not gathered.rows:
            raise RefusedError("json_not_geojson", value=next((one.value for one in gathered.faults), None))
        layer = RawLayer(
            name=request.name,
            columns=gathered.with_ids(),
            rows=tuple(gathered.rows),
            geometry=object_array(gathered.geometry),
            standard_crs=WGS84,
            encoding="utf-8",
            faults=tuple(gathered.faults),
            lost=gathered.lost,
        )
        return [layer]


def _feature_then_more(path: Path) -> bool:
    """Return whether the first line is a feature or a geometry, and something stands below it."""
    with path.open("rb") as stream:
        lines = (line.strip() for _, line in _lines(stream))
        first = next(lines, b"").removeprefix(_BOM)
        if not first.endswith(b"}") or not next(lines, b""):
            return False
    try:
        value = parse(first.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (value.get("type") == "Feature" or _bare(value))


def _lines(stream: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, by their number in the file."""
    number = 0
    while line := stream.readline(_RECORD_MAX):
        number += 1
        if line.strip():
            yield number, line


def _separated(stream: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield the records between record separators, by their running number; a text may go over several lines."""
    number, rest = 0, b""
    while block := stream.read(_BLOCK):
        *whole, rest = (rest + block).split(_SEPARATOR)
        if len(rest) > _RECORD_MAX:
            raise RefusedError("json_malformed", line=number + 1, column="?", reason=f"> {_RECORD_MAX} B")
        for record in whole:
            if record.strip():
                number += 1
                yield number, record
    if rest.strip():
        yield number + 1, rest


def _take(record: bytes, row: int, gathered: Gathered) -> None:
    """Add the feature of one record; what is no JSON is lost, and said so."""
    try:
        value = parse(record.decode("utf-8").strip("\ufeff \t\r\n\x00"))
    except (json.JSONDecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        gathered.lost += 1
        gathered.faults.append(Fault("record_malformed", row, value=_start(record), words={"reason": _reason(error)}))
        return
    read_feature({"type": "Feature", "properties": None, "geometry": value} if _bare(value) else value, row, gathered)


def _bare(value: Any) -> bool:
    """Whether a record is a geometry without a feature around it."""
    kind = value.get("type") if isinstance(value, dict) else None
    return isinstance(kind, str) and kind in GEOMETRY_TYPES


def _start(record: bytes) -> str:
    return record[:80].decode("utf-8", errors="replace")


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
