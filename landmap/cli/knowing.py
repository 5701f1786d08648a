"""Options by which a steward says what is known of a source, and which proposals are accepted; the table of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict

import typer
from rich import markup
from rich.table import Table

from landmap import ingest, pipeline
from landmap.cli.console import err, out
from landmap.domain.errors import InvalidValueError
from landmap.ingest import Boundary, Report
from landmap.store import Home, Mode

if TYPE_CHECKING:
    import pandas as pd

Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Read the columns as is remembered of this source.")
]
SaveProfile = Annotated[
    str | None, typer.Option("--save-profile", metavar="NAME", help="Remember how the columns were read, in the home.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="CODE|KEY", help="Apply what findings of this code, or the one of this key, propose."
    ),
]
Columns = Annotated[bool, typer.Option("--columns", help="Print which field every column is taken for.")]

_HEADS: Final = ("column", "field", "sure", "by", "what becomes of it", "conversion", "such as", "or perhaps")


class Known(TypedDict):
    """What a home adds to a check."""

    profile: ingest.Profile | None
    boundaries: Sequence[Boundary]
    beside: Mapping[str, pd.DataFrame]
    published: pd.DataFrame | None
    mode: Mode


def known(home: Home | None, layer: str, profile: str | None, mode: Mode = "replace", *, join: bool = False) -> Known:
    """Return what a home knows of a source and of where things lie; nothing without a home.

    An update is checked against the layer as it is; so is a `join`, which takes shapes from there.
    """
    if home is None:
        if profile is not None:
            raise _homeless("--profile", profile)
        if mode == "update":
            raise _homeless("--mode", mode)
        return {"profile": None, "boundaries": (), "beside": {}, "published": None, "mode": mode}
    remembered = None if profile is None else pipeline.load_profile(home, profile)
    return {
        "profile": remembered,
        "boundaries": pipeline.boundaries_of(home, layer),
        "beside": pipeline.beside_of(home, layer),
        "published": pipeline.published_of(home, layer) if mode == "update" or join else None,
        "mode": mode,
    }


def remember(home: Home | None, layer: str, name: str | None, report: Report) -> None:
    """Remember how the columns of the first input that was read are laid out, where a name is given for it."""
    if name is None:
        return
    if home is None:
        raise _homeless("--save-profile", name)
    found = next((one for one in report.inputs if one.columns), None)
    if found is None:
        err.print(f"no columns were read, so nothing is remembered as {name}", markup=False, highlight=False)
        return
    pipeline.remember_profile(home, name, layer, found)


def print_columns(report: Report) -> None:
    """Print the proposal table of every input."""
    for one in report.inputs:
        rows = [_cells(column.as_dict()) for column in one.columns]
        if out.is_terminal and rows:
            table = Table(*_HEADS, title=markup.escape(one.file))
            for cells in rows:
                table.add_row(*map(markup.escape, cells))
            out.print(table)
        else:
            for cells in rows:
                out.print("\t".join(cells), markup=False, highlight=False)


def _cells(row: dict[str, Any]) -> list[str]:
    names = ("header", "field", "confidence", "how", "treatment", "conversion", "sample")
    guesses = ", ".join(f"{guess['field']} {guess['confidence']:.2f}" for guess in row["guesses"])
    return [*("" if row[name] is None else str(row[name]) for name in names), guesses]


def _homeless(option: str, name: str) -> InvalidValueError:
    return InvalidValueError.of(option, name, "needs a home to look in", "add --home", where="cli")
