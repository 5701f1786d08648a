"""What travels between the two processes: plain data, checked against the types it must have.

Nothing here can carry code: a request and an answer are JSON, records are an Arrow stream.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, get_type_hints

import numpy as np
from pydantic import TypeAdapter, ValidationError

from landmap.domain import District, layer_named
from landmap.domain.errors import LandmapError, SourceError
from landmap.ingest.checking import StagedLayer
from landmap.ingest.confined.frames import read_frame, write_frame
from landmap.ingest.confined.limits import Limits
from landmap.ingest.datum import Boundary
from landmap.ingest.faults import Fault
from landmap.ingest.profiles import Profile
from landmap.ingest.report import Report

#: A report of a million findings has as much.
_WORDS_MAX: Final = 1 << 29
#: The fields of a staged layer that travel by themselves.
_APART: Final = frozenset({"frame", "report"})


@dataclass(frozen=True)
class Deadly:
    """A file that ended the process that read it: which input, what it is called, and what to say of it."""

    number: int
    name: str
    fault: Fault


@dataclass(frozen=True)
class Job:
    """All one process is asked, and within which walls: to check or join inputs, make an attachment anew, mark rows."""

    paths: tuple[Path, ...]
    sizes: tuple[int, ...]
    terms: Mapping[str, Any]
    scratch: Path
    readable: tuple[Path, ...]
    limits: Limits
    level: str
    deadly: tuple[Deadly, ...] = ()
    task: Literal["check", "join", "attach", "mark"] = "check"

    def cpu_for(self, number: int) -> int:
        """Return how long the processor may work on one input, seconds; past the last, on what comes after them all."""
        return self.limits.cpu_for(self.sizes[number] if number < len(self.sizes) else sum(self.sizes))

    def to_bytes(self) -> bytes:
        """Return the job as it is sent."""
        return json.dumps(_JOB.dump_python(self, mode="json")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Job:
        """Return the job that was sent."""
        return _JOB.validate_python(json.loads(data))


_JOB: Final = TypeAdapter(Job)
_REPORT: Final = TypeAdapter(Report)


def write_terms(terms: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the arguments of a check as plain data; the frames among them are written into `folder`."""
    beside = terms["beside"] or {}
    for name, frame in beside.items():
        with (folder / f"{name}.arrow").open("wb") as sink:
            write_frame(frame, layer_named(name), sink)
    return dict(terms) | {
        "district": terms["district"].model_dump(mode="json"),
        "today": None if terms["today"] is None else terms["today"].isoformat(),
        "profile": None if terms["profile"] is None else terms["profile"].to_json(),
        "boundaries": [one.to_text() for one in terms["boundaries"]],
        "accept": sorted(terms["accept"]),
        "beside": sorted(beside),
    }


def read_terms(terms: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the arguments of the check that `write_terms` wrote down."""
    beside = {}
    for name in terms["beside"]:
        with (folder / f"{name}.arrow").open("rb") as source:
            beside[name] = read_frame(source, layer_named(name))
    return dict(terms) | {
        "district": District.model_validate(terms["district"]),
        "today": None if terms["today"] is None else dt.date.fromisoformat(terms["today"]),
        "profile": None if terms["profile"] is None else Profile.from_json(terms["profile"]),
        "boundaries": [Boundary.from_text(text) for text in terms["boundaries"]],
        "beside": beside,
    }


def write_answer(staged: StagedLayer | None, report: Report, words: BinaryIO, records: BinaryIO) -> None:
    """Write what a check found: its report and the rest of the layer as JSON, the records as an Arrow stream."""
    rest = None
    if staged is not None:
        write_frame(staged.frame, layer_named(staged.layer), records)
        rest = {
            name: adapter.dump_python(getattr(staged, name), mode="json", fallback=_plain)
            for name, adapter in _rest().items()
        }
    told = {"report": _REPORT.dump_python(report, mode="json", fallback=_plain), "staged": rest}
    words.write(json.dumps(told).encode())


def read_answer(words: BinaryIO, records: BinaryIO) -> tuple[StagedLayer | None, Report]:
    """Return what the check found.

    Raises
    ------
    SourceError
        When the answer is not of the form it must have.
    """
    if os.fstat(words.fileno()).st_size > _WORDS_MAX:
        raise SourceError("the checking process answered more words than any report has")
    try:
        told = json.loads(words.read())
        report = _REPORT.validate_python(told["report"])
        if told["staged"] is None:
            return None, report
        rest = {name: adapter.validate_python(told["staged"][name]) for name, adapter in _rest().items()}
        frame = read_frame(records, layer_named(rest["layer"]))
    except SourceError:
        raise
    except (ValueError, LookupError, TypeError, RecursionError, ValidationError, LandmapError) as error:
        raise SourceError(f"the checking process answered nothing that makes sense: {error}") from error
    return StagedLayer(frame=frame, report=report, **rest), report


def _plain(value: object) -> object:
    """Return a value that JSON has no form for as one it has."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic):
        return value.item()
    return str(value)


def _rest() -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(StagedLayer)
    return {one.name: TypeAdapter(hints[one.name]) for one in dataclasses.fields(StagedLayer) if one.name not in _APART}
