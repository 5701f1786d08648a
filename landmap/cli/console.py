"""How the command line speaks: tables and progress for people, one JSON object for machines, documented exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from functools import wraps
from typing import Any, Final, ParamSpec

import typer
from rich import markup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from landmap.domain import errors
from landmap.domain.errors import LandmapError, as_dict

P = ParamSpec("P")

#: People read stderr for progress and errors, stdout for the answer; rich drops colours where there is no terminal.
out: Final = Console(soft_wrap=True)
err: Final = Console(stderr=True, soft_wrap=True)


class Exit(IntEnum):
    """Exit codes; they do not change their meaning."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    DATA_INVALID = 3
    STORE_CORRUPT = 4
    BUSY = 5
    INTERRUPTED = 130


#: The one table from error class to exit code; what is not named is a failure.
EXIT: Final[Mapping[type[LandmapError], Exit]] = {
    errors.InvalidValueError: Exit.USAGE,
    errors.UnknownParameterError: Exit.USAGE,
    errors.InvalidFilterError: Exit.USAGE,
    errors.UnknownFieldError: Exit.USAGE,
    errors.ConfigError: Exit.USAGE,
    errors.SourceError: Exit.DATA_INVALID,
    errors.SchemaError: Exit.DATA_INVALID,
    errors.StoreError: Exit.STORE_CORRUPT,
    errors.BusyError: Exit.BUSY,
    errors.ConflictError: Exit.BUSY,
}


def exit_code(error: LandmapError) -> Exit:
    """Return the exit code for an error, by its nearest class in `EXIT`."""
    return next((EXIT[kind] for kind in type(error).__mro__ if kind in EXIT), Exit.FAILURE)


def print_json(value: Any) -> None:
    """Print exactly one JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str) + "\n")


def commanded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn errors of ours into one line on stderr (or one JSON object) and their exit code; never a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except LandmapError as error:
            tell(error, as_json=bool(kwargs.get("json_", False)))
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(Exit.INTERRUPTED) from None
        except OSError as error:
            tell(
                LandmapError(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")),
                bool(kwargs.get("json_", False)),
            )
            raise typer.Exit(Exit.FAILURE) from None

    return run


def tell(error: LandmapError, as_json: bool) -> None:
    """Say what went wrong."""
    if as_json:
        told = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        print_json({**told, "errors": [as_dict(place) for place in error.places]})
        return
    err.print("[bold red]error:[/]", end=" ")
    err.print(error.message, markup=False, highlight=False)
    if error.hint and error.hint not in error.message:
        err.print(f"  → {error.hint}", markup=False, highlight=False)


#: Told what is being done, how many steps are done, and how many there are.
Step = Callable[[str, int, int], None]


@contextmanager
def progress(title: str, quiet: bool = False) -> Iterator[Step]:
    """Show progress on stderr while work goes on, on a terminal only; yields a function that tells each step."""
    if quiet or not err.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda what, done, total: bar.update(
            task, description=f"{title} {markup.escape(what)}", completed=done, total=total
        )
