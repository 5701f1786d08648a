"""A report written into the steward's own rows, by a process of its own that sees these files and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from landmap.ingest.confined import child, wire
from landmap.ingest.confined.exchange import done
from landmap.ingest.confined.level import checks_here, confinement
from landmap.ingest.confined.limits import Limits
from landmap.ingest.confined.marking_wire import terms_of
from landmap.ingest.confined.staging import programs, stage_inputs
from landmap.ingest.markup import Markup, book_of


def marked(paths: Sequence[Path], markup: Markup) -> bytes:
    """Return a workbook with the rows of some files and what a report says of them, as `landmap.ingest.markup.book_of`.

    Files that take more memory or time than they may are left out: then the cover stands alone and says so.

    Raises
    ------
    UnavailableError
        When the confined process cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        staging = Path(folder).resolve()
        scratch = staging / "scratch"
        scratch.mkdir()
        if checks_here() or not paths:
            return book_of(paths, markup, scratch)
        staged = stage_inputs(paths, staging)
        job = wire.Job(
            task="mark",
            paths=tuple(one.path for one in staged),
            sizes=tuple(one.size for one in staged),
            terms=terms_of(markup),
            scratch=scratch,
            readable=(*(file for one in staged for file in one.behind), *programs()),
            limits=_limits(sum(one.size for one in staged)),
            level=confinement(),
        )
        with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as records:
            ended = done(job, words, records)
            if ended.code == child.DONE:
                return records.read()
    return book_of((), markup, Path())


def _limits(size: int) -> Limits:
    """Return what the marking of so many bytes may take: a workbook is held in memory whole, and written anew."""
    usual = Limits.of(size)
    return replace(usual, wall_s=2 * usual.wall_s, cpu_s=30.0, cpu_s_per_mib=16.0)
