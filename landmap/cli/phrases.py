"""Commands that read what people type: a phrase as criteria, names looked up."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import markup
from rich.table import Table

from landmap.cli import options
from landmap.cli.answers import AudienceOption, LangOption
from landmap.cli.console import commanded, out, print_json
from landmap.domain import Audience
from landmap.query import SPOKEN, Catalog
from landmap.store import Home, open_current

LayerOption = Annotated[str, typer.Option("--layer", help=f"One of {', '.join(SPOKEN)}.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, command in (("phrase", phrase), ("suggest", suggest)):
        app.command(name)(commanded(command))


def phrase(
    text: Annotated[str, typer.Argument(help="What is asked for, in Chinese or English.")],
    home: options.Home,
    layer: LayerOption = SPOKEN[0],
    audience: AudienceOption = "public",
    lang: LangOption = "zh",
    json_: options.Json = False,
) -> None:
    """Read a phrase into criteria; say what of it was not understood.

    Example: landmap phrase "50亩以上 新型产业用地 距地铁1公里内" --home var/district
    """
    language = options.lang_option(lang)
    catalog = Catalog.load(open_current(Home(home)))
    reading = catalog.phrases.read(text, layer, Audience(options.level_option(audience)))
    told = reading.as_dict(language, catalog.district)
    if json_:
        print_json(told)
        return
    table = Table("", "")
    for chip in told["chips"]:
        table.add_row("✓", markup.escape(chip["text"]))
    for group in ("not_understood", "contradictions", "notes"):
        for part in told[group]:
            reason = f"{part['told']} {part['hint']}".strip()
            table.add_row("✗" if group != "notes" else "i", markup.escape(f"{part['text']}: {reason}"))
    out.print(table)
    words = (f"{name}={value}" for name, value in reading.criteria.to_query())
    out.print(" ".join(words), markup=False, highlight=False)


def suggest(
    text: Annotated[str, typer.Argument(help="A number, a few characters, pinyin, initials, or English words.")],
    home: options.Home,
    layer: LayerOption = SPOKEN[0],
    audience: AudienceOption = "public",
    lang: LangOption = "zh",
    limit: Annotated[int, typer.Option("--limit", min=1, max=20, help="How many of each group.")] = 5,
    json_: options.Json = False,
) -> None:
    """Look a name up: records, places and criteria that the text may mean.

    Example: landmap suggest licun --home var/district
    """
    language = options.lang_option(lang)
    catalog = Catalog.load(open_current(Home(home)))
    asking = Audience(options.level_option(audience))
    told = catalog.names.suggest(text, asking, language, layer=layer, limit=limit).as_dict()
    if json_:
        print_json({"text": text, **told})
        return
    table = Table("", "", "")
    for group, found in told.items():
        for one in found:
            table.add_row(group, markup.escape(one["text"]), markup.escape(one["id"] or one["query"]))
    out.print(table)
