"""The join as everyone calls it: ledgers and drawings are read in a process that sees these files and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from landmap.domain import District
from landmap.ingest.checking import StagedLayer
from landmap.ingest.confined.checking import apart
from landmap.ingest.confined.level import checks_here
from landmap.ingest.ledger.joining import Question, joined, spatial
from landmap.ingest.report import Report
from landmap.ingest.terms import Options, Terms

if TYPE_CHECKING:
    from landmap.ingest.checking import Progress


def check_joined(
    ledgers: Sequence[Path],
    drawings: Sequence[Path],
    layer: str,
    district: District,
    *,
    matches: Sequence[tuple[str, str]] = (),
    kept: tuple[int, int] = (0, 0),
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> tuple[StagedLayer | None, Report]:
    """Return the rows of ledgers that found their shape in drawings, as a layer, and the report, read confined.

    Parameters
    ----------
    ledgers, drawings, layer, district, matches, kept, progress, options
        As for `landmap.ingest.ledger.joining.check_joined`, which does the same in the calling process.

    Raises
    ------
    NotFoundError, ConfigError, UnavailableError
        As for `landmap.ingest.check`, and ConfigError for a layer without shapes; never for data.
    """
    terms = spatial(Terms.of(layer, district, **options))
    question = Question(len(ledgers), tuple(matches), kept)
    paths = [*ledgers, *drawings]
    if checks_here():
        return joined(paths, terms, question, progress)
    return apart(paths, terms, progress, join=question.as_dict())
