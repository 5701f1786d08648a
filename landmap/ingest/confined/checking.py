"""The check as everyone calls it: in a process of its own that sees its inputs and nothing else."""

from __future__ import annotations

import logging
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Unpack

from landmap.domain import District, Lang
from landmap.domain.errors import SourceError
from landmap.ingest.checking import Progress, StagedLayer, checked
from landmap.ingest.confined import child, client, wire
from landmap.ingest.confined.exchange import done
from landmap.ingest.confined.level import checks_here, confinement
from landmap.ingest.confined.limits import MIB, Limits
from landmap.ingest.confined.staging import Staged, programs, stage_inputs
from landmap.ingest.faults import Fault
from landmap.ingest.report import InputReport, Report, place
from landmap.ingest.terms import Options, Terms

#: After so many files that ended the process that read them, the rest is not tried any more.
DEADLY_MAX: Final = 8
_SAID_MAX: Final = 1 << 16
_log = logging.getLogger(__name__)


def check(
    paths: Sequence[Path],
    layer: str,
    district: District,
    *,
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> tuple[StagedLayer | None, Report]:
    """Return what can be staged of some files, and the report on all of them, read in a confined process.

    That process sees the inputs, a folder for its scratch, and no network; memory and time are bounded by the size of
    the inputs. A file that ends it is refused by name, and the others are reported all the same.

    Parameters
    ----------
    paths, layer, district, progress, options
        As for `check_here`, which does the same in the calling process.

    Returns
    -------
    (StagedLayer or None, Report)
        None when no record was accepted.

    Raises
    ------
    NotFoundError, ConfigError
        As for `check_here`; never for data.
    UnavailableError
        When the confined process cannot be started.
    """
    terms = Terms.of(layer, district, **options)
    return checked(paths, terms, progress) if checks_here() else apart(paths, terms, progress)


def apart(
    paths: Sequence[Path], terms: Terms, progress: Progress | None, join: Mapping[str, Any] | None = None
) -> tuple[StagedLayer | None, Report]:
    """Return what a confined process finds in files; one that ends it is refused, and another process tries the rest.

    Parameters
    ----------
    paths : sequence of Path
    terms : Terms
    progress : callable, optional
    join : Mapping, optional
        What a join wants beside, as plain data; without it the files are checked as they are.
    """
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        staging = Path(folder).resolve()
        written = wire.write_terms(terms, staging) | ({} if join is None else {"join": dict(join)})
        staged = stage_inputs(paths, staging)
        deadly: list[wire.Deadly] = []
        while True:
            found = _tried(staged, written, staging / f"scratch{len(deadly)}", deadly, progress)
            if not isinstance(found, wire.Deadly):
                return found
            again = any((one.number, one.name) == (found.number, found.name) for one in deadly)
            deadly.append(found)
            if again or found.number >= len(paths) or len(deadly) >= DEADLY_MAX:
                return None, _refused(paths, deadly, terms.lang)


def _tried(
    staged: Sequence[Staged],
    terms: Mapping[str, Any],
    scratch: Path,
    deadly: Sequence[wire.Deadly],
    progress: Progress | None,
) -> tuple[StagedLayer | None, Report] | wire.Deadly:
    """Return what one confined process found, or the file that ended it."""
    scratch.mkdir()
    limits = Limits.of(sum(one.size for one in staged))
    job = wire.Job(
        task="join" if "join" in terms else "check",
        paths=tuple(one.path for one in staged),
        sizes=tuple(one.size for one in staged),
        terms=terms,
        scratch=scratch,
        readable=(*(file for one in staged for file in one.behind), *programs()),
        limits=limits,
        level=confinement(),
        deadly=tuple(deadly),
    )
    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as records:
        ended = done(job, words, records, progress)
        if ended.code != child.DONE:
            return _deadly(ended, words.read(_SAID_MAX).decode(errors="replace"), job)
        try:
            return wire.read_answer(words, records)
        except SourceError as error:
            return _deadly(replace(ended, code=child.BROKEN, at=None), error.message, job)


def _deadly(ended: client.Ended, said: str, job: wire.Job) -> wire.Deadly:
    """Return the file that a process was at when it ended, and what to say of it; of none, the whole check."""
    number, name = ended.at or (len(job.paths), "")
    if ended.out_of_time:
        fault = Fault("check_too_long", words={"seconds": job.cpu_for(number)})
    elif ended.code == child.MEMORY:
        fault = Fault("check_memory", words={"limit": job.limits.memory // MIB})
    elif ended.code < 0:
        fault = Fault("check_died", words={"reason": signal.Signals(-ended.code).name})
    else:
        _log.error("checking %s failed:\n%s", name or "files", said)
        fault = Fault("check_failed", words={"reason": (said.strip().splitlines() or [f"exit code {ended.code}"])[-1]})
    return wire.Deadly(number, name, fault)


def _refused(paths: Sequence[Path], deadly: Sequence[wire.Deadly], lang: Lang) -> Report:
    """Return the report of inputs of which nothing could be taken: each by its own fault, else by the last one's."""
    own = {one.number: one.fault for one in deadly}
    findings = [place(own.get(number, deadly[-1].fault), path.name, None, lang) for number, path in enumerate(paths)]
    inputs = [InputReport(finding.file, refused=finding.message) for finding in findings]
    return Report(tuple(inputs), tuple(findings))
