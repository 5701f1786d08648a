"""The check: files in, one staged layer and one report out. Bad data never raises; it is told."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from landmap.domain import STORE_EPSG, District, Lang, Layer, PolicyClass, layer_named, visible_records
from landmap.domain.errors import LandmapError
from landmap.ingest.columns import knows
from landmap.ingest.door import Entry, entries
from landmap.ingest.examine import Examined, examine
from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers import RawLayer, Request
from landmap.ingest.report import Finding, InputReport, Report, gathered, place
from landmap.ingest.terms import Terms

#: Called with what is being done, how many inputs are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class StagedLayer:
    """Records ready to be published: a canonical frame, where they come from, and the report of their check."""

    layer: str
    frame: pd.DataFrame
    sources: tuple[dict[str, Any], ...]
    report: Report


@dataclass
class _Run:
    """What one check gathers."""

    terms: Terms
    lang: Lang
    inputs: list[InputReport]
    findings: list[Finding]
    frames: list[tuple[str, str, Examined]]
    sources: list[dict[str, Any]]

    def tell(self, faults: Sequence[Fault], file: str, layer: str | None) -> None:
        """Add the findings of faults in one file and layer."""
        self.findings += [place(fault, file, layer, self.lang) for fault in gathered(faults)]

    def refuse(self, fault: Fault, report: InputReport) -> None:
        """Add an input of which nothing is taken; its finding comes first among its file's, so that it is read."""
        finding = place(fault, report.file, report.layer, self.lang)
        self.findings.append(finding)
        self.inputs.append(replace(report, refused=finding.message))


def check(
    paths: Sequence[Path],
    layer: str,
    district: District,
    *,
    visibility: str | None = None,
    declared_crs: int | None = None,
    progress: Progress | None = None,
    lang: Lang = "zh",
    today: dt.date | None = None,
) -> tuple[StagedLayer | None, Report]:
    """Return what can be staged of some files, and the report on all of them.

    Parameters
    ----------
    paths : sequence of Path
        Files, archives or folders; each is one input. Format is decided by content.
    layer : str
        The layer they are meant for.
    district : District
    visibility : {"public", "partner", "internal"}, optional
        The class of records that name none; given, they also count as published. Otherwise they are internal drafts.
    declared_crs : int, optional
        EPSG code that outranks what the files declare.
    progress : callable, optional
    lang : {"zh", "en"}
        Language of the messages; ``Report.told`` changes it later.
    today : date, optional
        What counts as today for conditions that lapse; the district's date unless told.

    Returns
    -------
    (StagedLayer or None, Report)
        None when no record was accepted.

    Raises
    ------
    NotFoundError
        For a layer that does not exist; never for data.
    """
    run = _Run(Terms(layer_named(layer), district, visibility, declared_crs, today), lang, [], [], [], [])
    for number, path in enumerate(paths):
        if progress is not None:
            progress(path.name, number, len(paths))
        with tempfile.TemporaryDirectory(prefix="landmap-") as scratch:
            for entry in entries(path, Path(scratch)):
                _take(entry, run)
    frame = _joined(run)
    report = Report(tuple(run.inputs), tuple(run.findings))
    if progress is not None:
        progress(layer, len(paths), len(paths))
    if frame is None:
        return None, report
    return StagedLayer(layer, frame, tuple(run.sources), report), report


def _take(entry: Entry, run: _Run) -> None:
    """Read one file and examine its layers."""
    if entry.refused is not None:
        run.refuse(entry.refused.fault, InputReport(entry.name))
        return
    run.tell(entry.faults, entry.name, None)
    if entry.path is None or entry.reader is None:
        return
    report = InputReport(entry.name, format=entry.reader.key)
    try:
        known = partial(knows, run.terms.layer)
        raws = entry.reader.read(Request(entry.path, Path(entry.name).stem, known))
    except RefusedError as error:
        run.refuse(error.fault, report)
        return
    except DAMAGE as error:
        run.refuse(_damage(error), report)
        return
    for raw, skipped in _chosen(raws, run.terms.layer):
        if skipped is not None:
            run.tell([skipped], entry.name, raw.name)
            continue
        _examine(raw, entry, replace(report, layer=raw.name, encoding=raw.encoding), run)


def _damage(error: BaseException) -> Fault:
    return Fault("file_damaged", words={"reason": f"{type(error).__name__}: {error}"})


def _chosen(raws: Sequence[RawLayer], layer: Layer) -> Iterator[tuple[RawLayer, Fault | None]]:
    """Yield the layers of a file with why one is not read: of several, only those that fit the target layer."""
    names = {layer.name, layer.label_zh, layer.label_en.lower()}
    named = [raw for raw in raws if raw.name.lower() in names]
    for raw in raws:
        kinds = (
            sorted({shape.geom_type for shape in raw.geometry if shape is not None}) if raw.geometry is not None else []
        )
        unfit = layer.spatial and bool(kinds) and not any(_fits(kind, layer) for kind in kinds)
        if len(raws) > 1 and (unfit or (named and raw not in named)):
            yield raw, Fault("layer_skipped", value="、".join(kinds) or raw.name)
        else:
            yield raw, None


def _fits(kind: str, layer: Layer) -> bool:
    return kind == "GeometryCollection" or kind in layer.geometry or f"Multi{kind}" in layer.geometry


def _examine(raw: RawLayer, entry: Entry, report: InputReport, run: _Run) -> None:
    cut = report.format == "shapefile"
    try:
        found = examine(raw, run.terms, source=entry.name, may_be_cut=cut)
    except RefusedError as error:
        run.tell(raw.faults, entry.name, raw.name)
        run.refuse(error.fault, replace(report, rows_read=len(raw.rows) + raw.lost))
        return
    except LandmapError as error:
        fault = Fault("file_damaged", words={"reason": error.message})
        run.refuse(fault, replace(report, rows_read=len(raw.rows) + raw.lost))
        return
    run.tell(found.faults, entry.name, raw.name)
    crs = f"EPSG:{found.epsg}" if found.epsg is not None else None
    run.inputs.append(
        replace(
            report,
            crs=crs,
            rows_read=found.read,
            rows_accepted=len(found.rows),
            operation=found.operation,
            rows_public=int(visible_records(found.frame, run.terms.layer, PolicyClass.PUBLIC).sum()),
        )
    )
    run.frames.append((entry.name, raw.name, found))
    run.sources.append(
        {
            "name": entry.name if entry.name == raw.name else f"{entry.name}#{raw.name}",
            "sha256": _digest(entry.path) if entry.path is not None else "",
            "reader": report.format,
            "encoding": raw.encoding,
            "crs": crs,
            "operation": found.operation,
            "profile": None,
        }
    )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _joined(run: _Run) -> pd.DataFrame | None:
    """Return the records of every input as one frame; a key that an earlier input has is an error of the later one."""
    seen: set[tuple[Any, ...]] = set()
    frames = []
    for index, (file, name, found) in enumerate(run.frames):
        keys = list(zip(*(found.frame[key] for key in run.terms.layer.key), strict=True))
        fresh = [key not in seen for key in keys]
        seen.update(keys)
        doubled = [
            Fault("key_duplicate", row, run.terms.layer.key[-1], " / ".join(map(str, key)), {"first": "—"})
            for row, key, new in zip(found.rows, keys, fresh, strict=True)
            if not new
        ]
        if doubled:
            run.tell(doubled, file, name)
            _recount(run, file, name, len(doubled))
        frames.append(found.frame[pd.Series(fresh, index=found.frame.index, dtype=bool)])
        run.frames[index] = (file, name, replace(found, frame=frames[-1]))
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return None
    joined = pd.concat(kept, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=STORE_EPSG) if run.terms.layer.spatial else joined


def _recount(run: _Run, file: str, layer: str, fewer: int) -> None:
    for index, one in enumerate(run.inputs):
        if (one.file, one.layer) == (file, layer):
            run.inputs[index] = replace(one, rows_accepted=one.rows_accepted - fewer)
