"""The join as everyone calls it: ledgers and drawings are read in a process that sees these files and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from landmap.domain import District
from landmap.ingest.checking import StagedLayer, fitting
from landmap.ingest.confined.checking import Options, apart
from landmap.ingest.confined.level import checks_here
from landmap.ingest.ledger import joining
from landmap.ingest.report import Report

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
    if checks_here():
        return joining.check_joined(
            ledgers, drawings, layer, district, matches=matches, kept=kept, progress=progress, **options
        )
    joining.spatial(fitting(layer, options.get("profile")))
    terms: dict[str, Any] = dict.fromkeys(Options.__annotations__) | {"lang": "zh", "boundaries": (), "accept": ()}
    terms |= {"layer": layer, "district": district, **options}
    terms |= {"ledgers": len(ledgers), "matches": list(matches), "kept": kept}
    return apart("join", [*ledgers, *drawings], terms, progress)
