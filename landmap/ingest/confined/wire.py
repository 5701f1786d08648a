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
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from landmap.domain import District, Layer, layer_named
from landmap.domain.errors import LandmapError, SourceError
from landmap.ingest.checking import StagedLayer
from landmap.ingest.confined.frames import read_frame, write_frame
from landmap.ingest.confined.limits import Limits
from landmap.ingest.datum import Boundary
from landmap.ingest.faults import Fault
from landmap.ingest.profiles import Profile
from landmap.ingest.report import Report
from landmap.ingest.terms import Terms

#: A report of a million findings has as much.
_WORDS_MAX: Final = 1 << 29
#: The layer as it is; none is called so.
_PUBLISHED: Final = "published layer.arrow"
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


def write_terms(terms: Terms, folder: Path) -> dict[str, Any]:
    """Return what is said of a check as plain data; the frames in it are written into `folder`."""
    for name, frame in terms.beside.items():
        _put(folder / f"{name}.arrow", frame, layer_named(name))
    if terms.published is not None:
        _put(folder / _PUBLISHED, terms.published, terms.layer)
    return {
        "layer": terms.layer.name,
        "district": terms.district.model_dump(mode="json"),
        "visibility": terms.visibility,
        "declared_crs": terms.declared_crs,
        "today": None if terms.today is None else terms.today.isoformat(),
        "profile": None if terms.profile is None else terms.profile.to_json(),
        "boundaries": [one.to_text() for one in terms.boundaries],
        "accept": sorted(terms.accept),
        "beside": sorted(terms.beside),
        "lang": terms.lang,
        "published": terms.published is not None,
        "mode": terms.mode,
    }


def read_terms(told: Mapping[str, Any], folder: Path) -> Terms:
    """Return what `write_terms` wrote down."""
    layer = layer_named(told["layer"])
    return Terms(
        layer,
        District.model_validate(told["district"]),
        visibility=told["visibility"],
        declared_crs=told["declared_crs"],
        today=None if told["today"] is None else dt.date.fromisoformat(told["today"]),
        profile=None if told["profile"] is None else Profile.from_json(told["profile"]),
        boundaries=tuple(Boundary.from_text(text) for text in told["boundaries"]),
        accept=frozenset(told["accept"]),
        beside={name: _got(folder / f"{name}.arrow", layer_named(name)) for name in told["beside"]},
        lang=told["lang"],
        published=_got(folder / _PUBLISHED, layer) if told["published"] else None,
        mode=told["mode"],
    )


def _put(path: Path, frame: pd.DataFrame, layer: Layer) -> None:
    with path.open("wb") as sink:
        write_frame(frame, layer, sink)


def _got(path: Path, layer: Layer) -> pd.DataFrame:
    with path.open("rb") as source:
        return read_frame(source, layer)


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
