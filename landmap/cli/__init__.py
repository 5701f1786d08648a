"""The command line: ``landmap COMMAND --help`` shows examples.

Exit codes: 0 done · 1 failure · 2 wrong usage · 3 data refused · 4 store damaged · 5 busy · 130 interrupted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, Final

import structlog
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from landmap.cli.console import Exit, tell
from landmap.domain.errors import InvalidValueError
from landmap.resources import version as installed_version


class Commands(TyperGroup):
    """Commands whose wrong usage is one JSON object too, where ``--json`` was asked for."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line and leave with its exit code."""
        words = sys.argv[1:] if args is None else list(args)
        settled = {"prog_name": prog_name, "complete_var": complete_var, **extra}
        if not standalone_mode or "--json" not in words:
            return super().main(words, standalone_mode=standalone_mode, **settled)
        try:
            sys.exit(super().main(words, standalone_mode=False, **settled) or Exit.OK)
        except TyperException as error:
            tell(InvalidValueError(str(error), hint="--help shows the options and an example"), as_json=True)
            sys.exit(Exit.USAGE)


#: Modules of commands, in the order of the help page.
GROUPS: Final = (
    "data",
    "join",
    "versions",
    "amend",
    "form",
    "attach",
    "confirm",
    "answers",
    "phrases",
    "serve",
    "work",
    "doctor",
)


def command_line(groups: Sequence[str] = GROUPS) -> typer.Typer:
    """Return the command line with the commands of the named modules; the others are not loaded."""
    made = typer.Typer(
        name="landmap",
        cls=Commands,
        help="产业用地“一张图”: check, import, publish, serve, export, share and brief.\n\n"
        "Exit codes: 0 done, 1 failure, 2 wrong usage, 3 data refused, 4 store damaged, 5 busy, 130 interrupted.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=True,
        rich_markup_mode="rich",
        callback=_root,
    )
    for group in groups:
        import_module(f"landmap.cli.{group}").register(made)
    return made


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"landmap {installed_version()}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    # What the store has to say goes to stderr: stdout is for the answer alone.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def main() -> None:
    """Run the command line; a file name that is no text is shown escaped instead of breaking the answer."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # A server starts at once: it has no use for what reads files or writes PDFs.
    command_line(("serve",) if sys.argv[1:2] == ["serve"] else GROUPS)()


__all__ = ["GROUPS", "command_line", "main"]
