"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landmap.domain import LANGS, Lang, Level, PolicyClass, layers
from landmap.domain.errors import InvalidValueError

Home = Annotated[
    Path,
    typer.Option("--home", envvar="LANDMAP_HOME", help="Folder that holds the published versions.", show_envvar=True),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object.")]
Note = Annotated[str, typer.Option("--note", help="What this version is about; kept in its history.")]
By = Annotated[str, typer.Option("--by", envvar="LANDMAP_BY", help="Who publishes.", show_envvar=False)]
Criteria = Annotated[
    list[str] | None,
    typer.Argument(help="Criteria as in a link: area_min=30 land_use=1001 'near=metro_station:1000'."),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write; - for stdout.")]


def lang_option(text: str) -> Lang:
    """Return the language called `text`."""
    for lang in LANGS:
        if text == lang:
            return lang
    raise InvalidValueError.of("--lang", text, "is no language of ours", " or ".join(LANGS), where="cli")


def visibility_option(text: str | None) -> str | None:
    """Return the record class called `text`, or None when none was given."""
    if text is None or text in list(PolicyClass):
        return text
    raise InvalidValueError.of("--visibility", text, "is no record class", f"one of {', '.join(PolicyClass)}", "cli")


def layer_option(name: str) -> str:
    """Return `name` if it is a layer; raise a usage error with the names otherwise."""
    known = layers.layers()
    if name not in known:
        raise InvalidValueError.of("--layer", name, "is no layer", f"one of {', '.join(known)}", where="cli")
    return name


def level_option(name: str) -> Level:
    """Return the audience level called `name`."""
    try:
        return Level.named(name)
    except ValueError:
        names = ", ".join(level.key for level in Level)
        raise InvalidValueError.of("--audience", name, "is no audience", f"one of {names}", where="cli") from None


def pairs(criteria: list[str] | None) -> list[tuple[str, str]]:
    """Return ``name=value`` words as pairs."""
    found = []
    for word in criteria or []:
        name, sign, value = word.partition("=")
        if not sign:
            raise InvalidValueError.of("criteria", word, "is no name=value", "such as area_min=30", where="cli")
        found.append((name, value))
    return found
