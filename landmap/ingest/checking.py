"""The check: files in, one staged layer and one report out. Bad data never raises; it is told."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import pandas as pd

from landmap.domain import STORE_EPSG, District, Layer, PolicyClass, visible_records
from landmap.domain.errors import LandmapError
from landmap.ingest.bounds import bounded
from landmap.ingest.columns import knows
from landmap.ingest.door import Entry, entries
from landmap.ingest.examine import Examined, examine
from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.outlines import outlines_of
from landmap.ingest.readers import RawLayer, Request
from landmap.ingest.report import Finding, InputReport, Report, group_key, key_of, place, place_all, shown
from landmap.ingest.terms import Options, Terms

#: Called with what is being done, how many inputs are done, and how many there are.
Progress = Callable[[str, int, int], None]
#: Asked before an input (then without a name) or a file in it is opened, and once more at the end: by the input's
#: number and the file's name it returns what to say instead of opening it.
Gate = Callable[[int, str], Fault | None]


def open_gate(number: int, name: str) -> Fault | None:
    """Let every file be opened."""
    return None


#: Takes a layer of a file, where it is from, and what is known of it so far.
Look = Callable[["RawLayer", "Entry", "InputReport"], None]


@dataclass(frozen=True)
class StagedLayer:
    """Records ready to be published: a canonical frame, where they come from, and the report of their check.

    `corrections` has what was changed because somebody accepted a proposal, one entry for each value:
    ``{code, kind, key, file, layer, row, id, field, from, to}``; of a whole column `row` and `id` are None. `rows`
    tells where each record stood, as findings count.
    """

    layer: str
    frame: pd.DataFrame
    sources: tuple[dict[str, Any], ...]
    report: Report
    corrections: tuple[dict[str, Any], ...] = ()
    rows: tuple[int, ...] = ()


@dataclass
class Run:
    """What one check gathers; `look` is what is done with a layer that was read, where it is not examined at once."""

    terms: Terms
    inputs: list[InputReport] = made(default_factory=list)
    findings: list[Finding] = made(default_factory=list)
    frames: list[tuple[str, str, Examined]] = made(default_factory=list)
    sources: list[dict[str, Any]] = made(default_factory=list)
    look: Look | None = None

    def tell(self, faults: Sequence[Fault], file: str, layer: str | None) -> None:
        """Add the findings of faults in one file and layer."""
        self.findings += place_all(faults, file, layer, self.terms.lang, self.terms.layer.name)

    def refuse(self, fault: Fault, report: InputReport) -> None:
        """Add an input of which nothing is taken; its finding comes first among its file's, so that it is read."""
        finding = place(fault, report.file, report.layer, self.terms.lang, self.terms.layer.name)
        self.findings.append(finding)
        self.inputs.append(replace(report, refused=finding.message))


def check(
    paths: Sequence[Path],
    layer: str,
    district: District,
    *,
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> tuple[StagedLayer | None, Report]:
    """Return what can be staged of some files, and the report on all of them; this process reads them itself.

    Parameters
    ----------
    paths : sequence of Path
        Files, archives or folders; each is one input. Format is decided by content.
    layer : str
        The layer they are meant for.
    district : District
    progress : callable, optional
    options
        As the fields of `Terms`.

    Returns
    -------
    (StagedLayer or None, Report)
        None when no record was accepted.

    Raises
    ------
    NotFoundError
        For a layer that does not exist; never for data.
    ConfigError
        For a profile of another layer.
    """
    return checked(paths, Terms.of(layer, district, **options), progress)


def checked(
    paths: Sequence[Path], terms: Terms, progress: Progress | None = None, gate: Gate = open_gate
) -> tuple[StagedLayer | None, Report]:
    """Return as `check` does what is found under `terms`; `gate` is asked before anything is opened."""
    run = Run(terms)
    for number, path in enumerate(paths):
        if progress is not None:
            progress(path.name, number, len(paths))
        with tempfile.TemporaryDirectory(prefix="landmap-") as scratch:
            take_input(number, path, Path(scratch), run, gate)
    gate(len(paths), "")
    if progress is not None:
        progress(terms.layer.name, len(paths), len(paths))
    return concluded(run)


def concluded(run: Run) -> tuple[StagedLayer | None, Report]:
    """Return what was gathered: the records of all inputs as one layer, None when there are none, and the report."""
    frame = _joined(run)
    outlines = tuple(one for file, name, found in run.frames for one in outlines_of(found.faulty, file, name))
    report = Report(tuple(run.inputs), tuple(run.findings), outlines)
    if frame is None:
        return None, report
    target = run.terms.layer
    corrections = tuple(one for file, name, found in run.frames for one in _corrections(found, file, name, target))
    rows = tuple(row for _, _, found in run.frames for row in found.rows)
    return StagedLayer(target.name, frame, tuple(run.sources), report, corrections, rows), report


def take_input(number: int, path: Path, scratch: Path, run: Run, gate: Gate) -> None:
    """Take the files behind one input; the door has looked at all of them before the first is read."""
    barred = gate(number, "")
    if barred is not None:
        run.refuse(barred, InputReport(path.name))
        return
    for entry in list(entries(path, scratch)):
        barred = gate(number, entry.name)
        if barred is None:
            _take(entry, run)
        else:
            run.refuse(barred, InputReport(entry.name))


def _take(entry: Entry, run: Run) -> None:
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
        raws = [bounded(raw) for raw in entry.reader.read(Request(entry.path, Path(entry.name).stem, known))]
    except RefusedError as error:
        run.refuse(_damage(error) if isinstance(error.__cause__, MemoryError) else error.fault, report)
        return
    except DAMAGE as error:
        run.refuse(_damage(error), report)
        return
    for raw, skipped in _chosen(raws, run.terms):
        if skipped is not None:
            run.tell([*(fault for fault in raw.faults if fault.row is None), skipped], entry.name, raw.name)
            count = len(raw.rows) + raw.lost
            run.inputs.append(replace(report, layer=raw.name, encoding=raw.encoding, rows_read=count))
            continue
        told = replace(report, layer=raw.name, encoding=raw.encoding)
        if run.look is None:
            examine_layer(raw, entry, told, run)
        else:
            run.look(raw, entry, told)


def _damage(error: BaseException) -> Fault:
    if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
        return Fault("file_needs_memory")
    if isinstance(error, OSError) and error.strerror:  # its own words would name our folders
        return Fault("file_unreadable", words={"reason": error.strerror})
    return Fault("file_damaged", words={"reason": f"{type(error).__name__}: {error}"})


def _chosen(raws: Sequence[RawLayer], terms: Terms) -> Iterator[tuple[RawLayer, Fault | None]]:
    """Yield the layers of a file with why one is not read: of several, only those that fit the target layer.

    Where some are called as the layer is, or at least have its name in theirs, only these are meant.
    """
    layer = terms.layer
    names = {layer.name, layer.label_zh, layer.label_en.lower()}
    named = [raw for raw in raws if raw.name.lower() in names]
    named = named or [raw for raw in raws if any(name in raw.name.lower() for name in names)]
    for raw in raws:
        kinds = (
            sorted({shape.geom_type for shape in raw.geometry if shape is not None}) if raw.geometry is not None else []
        )
        unfit = layer.spatial and bool(kinds) and not terms.update and not any(_fits(kind, layer) for kind in kinds)
        if len(raws) > 1 and (unfit or (named and raw not in named)):
            yield raw, Fault("layer_skipped", value="、".join(kinds) or raw.name)
        else:
            yield raw, None


def _fits(kind: str, layer: Layer) -> bool:
    return kind == "GeometryCollection" or kind in layer.geometry or f"Multi{kind}" in layer.geometry


def examine_layer(
    raw: RawLayer, entry: Entry, report: InputReport, run: Run, *, aside: Collection[int] = ()
) -> Examined | None:
    """Examine one layer of a file and gather what is found; None where nothing of it can be taken."""
    cut = report.format == "shapefile"
    try:
        agreed = partial(agreed_to, accept=run.terms.accept, file=entry.name, layer=raw.name)
        found = examine(raw, run.terms, source=entry.name, may_be_cut=cut, agreed=agreed, aside=aside)
    except RefusedError as error:
        run.tell(raw.faults, entry.name, raw.name)
        run.refuse(error.fault, replace(report, rows_read=len(raw.rows) + raw.lost))
        return None
    except LandmapError as error:
        fault = Fault("file_damaged", words={"reason": error.message})
        run.refuse(fault, replace(report, rows_read=len(raw.rows) + raw.lost))
        return None
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
            profile=run.terms.profile.name if run.terms.profile is not None else None,
            columns=found.proposals,
            datum=found.datum,
        )
    )
    run.frames.append((entry.name, raw.name, found))
    run.sources.append(
        {
            "name": entry.name if entry.name == raw.name else f"{entry.name}#{raw.name}",
            "sha256": digest(entry.path) if entry.path is not None else "",
            "reader": report.format,
            "encoding": raw.encoding,
            "crs": crs,
            "operation": found.operation,
            "profile": run.terms.profile.name if run.terms.profile is not None else None,
        }
        | found.approximation
    )
    return found


def agreed_to(fault: Fault, accept: frozenset[str], file: str, layer: str | None) -> bool:
    """Whether the steward accepts what a fault proposes: its code, its own key, or that of all like it in the file."""
    if not accept or fault.proposal is None:
        return False
    return not accept.isdisjoint({fault.code, key_of(fault, file, layer), group_key(fault, file, layer)})


def _corrections(found: Examined, file: str, name: str, layer: Layer) -> Iterator[dict[str, Any]]:
    """Yield what was changed in one layer of a file, as the manifest remembers it."""
    ids = dict(zip(found.rows, found.frame[layer.id_field], strict=True)) if found.cured else {}
    for fault in found.cured:
        if fault.proposal is None:
            continue
        told = {"code": fault.code, "kind": fault.proposal.kind, "key": key_of(fault, file, name)}
        place = {"file": file, "layer": name, "row": fault.row, "id": None if fault.row is None else ids.get(fault.row)}
        for change in fault.proposal.changes:
            yield told | place | {"field": change.field, "from": shown(change.before), "to": shown(change.after)}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, that of its files' names and digests in order."""
    if path.is_dir():
        told = "".join(f"{one.name} {digest(one)}\n" for one in sorted(path.iterdir()) if one.is_file())
        return hashlib.sha256(told.encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _joined(run: Run) -> pd.DataFrame | None:
    """Return the records of every input as one frame; a key that an earlier input has is an error of the later one."""
    if len(run.frames) == 1:
        frame = run.frames[0][2].frame
        return frame if len(frame) else None
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
        rows = tuple(row for row, new in zip(found.rows, fresh, strict=True) if new)
        run.frames[index] = (file, name, replace(found, frame=frames[-1], rows=rows))
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return None
    joined = pd.concat(kept, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=STORE_EPSG) if run.terms.layer.spatial else joined


def _recount(run: Run, file: str, layer: str, fewer: int) -> None:
    for index, one in enumerate(run.inputs):
        if (one.file, one.layer) == (file, layer):
            run.inputs[index] = replace(one, rows_accepted=one.rows_accepted - fewer)
