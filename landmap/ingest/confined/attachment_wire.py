"""What travels back when an attachment was made anew: words as JSON, files one after another."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, BinaryIO

from landmap.domain.errors import SourceError
from landmap.ingest.attached import Attached, made
from landmap.ingest.faults import Fault, RefusedError


def write_answer(path: Path, words: BinaryIO, records: BinaryIO) -> None:
    """Make a file anew and write what is kept of it, or why nothing is."""
    try:
        kept = made(path.read_bytes())
    except RefusedError as error:
        fault = error.fault
        told: dict[str, Any] = {"refused": {"code": fault.code, "value": fault.value, "words": dict(fault.words)}}
    else:
        told = {
            "media_type": kept.media_type,
            "files": {name: len(data) for name, data in kept.files.items()},
            "width": kept.width,
            "height": kept.height,
            "taken_on": None if kept.taken_on is None else kept.taken_on.isoformat(),
        }
        for data in kept.files.values():
            records.write(data)
    words.write(json.dumps(told).encode())


def read_answer(words: IO[bytes], records: IO[bytes]) -> Attached:
    """Return what is kept; raise RefusedError for what was refused, SourceError for an answer that makes no sense."""
    try:
        told = json.loads(words.read())
        if "refused" in told:
            raise _refused(told["refused"])
        data = records.read()
        ends = [0]
        for size in told["files"].values():
            ends.append(ends[-1] + int(size))
        if ends[-1] != len(data):
            raise ValueError(f"{len(data)} bytes instead of {ends[-1]}")
        pieces = [data[start:end] for start, end in pairwise(ends)]
        day = told["taken_on"]
        return Attached(
            str(told["media_type"]),
            dict(zip(map(str, told["files"]), pieces, strict=True)),
            told["width"],
            told["height"],
            None if day is None else dt.date.fromisoformat(day),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SourceError(f"the process that reads attachments answered nothing that makes sense: {error}") from error


def _refused(told: Mapping[str, Any]) -> RefusedError:
    words = {str(name): value for name, value in told["words"].items()}
    error = RefusedError(str(told["code"]), told["value"])
    error.fault = Fault(error.fault.code, value=told["value"], words=words)
    return error
