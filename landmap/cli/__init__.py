"""The command line: ``landmap COMMAND --help`` shows examples.

Exit codes: 0 done · 1 failure · 2 wrong usage · 3 data refused · 4 store damaged · 5 busy · 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

from landmap.cli import answers, data, serve
from landmap.resources import version as installed_version

app = typer.Typer(
    name="landmap",
    help="产业用地“一张图”: check, import, publish, serve, export, share and brief.\n\n"
    "Exit codes: 0 done, 1 failure, 2 wrong usage, 3 data refused, 4 store damaged, 5 busy, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"landmap {installed_version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


for _commands in (data, answers, serve):
    _commands.register(app)


def main() -> None:
    """Run the command line."""
    app()
