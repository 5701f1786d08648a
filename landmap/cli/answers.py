"""Commands that answer from a selection: export, share, brief."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer

from landmap.access import Database, Shares
from landmap.cli import options
from landmap.cli.console import commanded, out, print_json
from landmap.domain import PUBLIC, Audience, Lang, Level, read_words
from landmap.domain.errors import ForbiddenError, InvalidValueError
from landmap.query import Catalog, criteria_class
from landmap.render import FORMATS
from landmap.render import brief as briefs
from landmap.resources import web_root
from landmap.store import Home, open_current

AudienceOption = Annotated[str, typer.Option("--audience", help="For whom: public, partner, officer, planner …")]
LangOption = Annotated[str, typer.Option("--lang", help="zh or en.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, command in (("export", export), ("share", share), ("brief", brief)):
        app.command(name)(commanded(command))


def export(
    home: options.Home,
    output: options.Output,
    criteria: options.Criteria = None,
    layer: Annotated[str, typer.Option("--layer", help="parcels, buildings, constraints …")] = "parcels",
    format: Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")] = "geojson",
    sort: Annotated[str, typer.Option("--sort", help="Fields, - before one for descending.")] = "",
    audience: AudienceOption = "public",
    lang: LangOption = "zh",
    json_: options.Json = False,
) -> None:
    """Write the records that meet the criteria to a file.

    Example: landmap export --home var/district -f xlsx -o 地块.xlsx area_min=30 preset=industrial_land
    """
    if format not in FORMATS:
        raise InvalidValueError.of("--format", format, "is no format", f"one of {', '.join(FORMATS)}", where="cli")
    catalog = Catalog.load(open_current(Home(home)))
    wanted = criteria_class(layer).from_query(options.pairs(criteria), catalog.district)
    keys = tuple(key for key in sort.split(",") if key)
    asking = Audience(options.level_option(audience))
    selection = catalog.engine.select(layer, wanted, asking, today=catalog.district.today(), sort=keys)
    body = FORMATS[format].write(selection, read_words(_lang(lang), web_root() / "i18n"))
    _write(output, body)
    if json_ and str(output) != "-":
        print_json({"file": str(output), "records": selection.total, "version": catalog.snapshot_id})


def share(
    home: options.Home,
    parcels: Annotated[list[str] | None, typer.Option("--parcel", help="Parcel id; repeat for more.")] = None,
    buildings: Annotated[list[str] | None, typer.Option("--building", help="Building id; repeat for more.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How long the link holds.")] = 30,
    title: Annotated[str, typer.Option("--title", help="Heading of the page.")] = "",
    sender: Annotated[str, typer.Option("--sender", help="Who sends it.")] = "",
    lang: LangOption = "zh",
    revoke: Annotated[str | None, typer.Option("--revoke", help="Revoke the link with this public id instead.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the links made here instead.")] = False,
    json_: options.Json = False,
) -> None:
    """Make a link to chosen records, as the public sees them; its address is shown this once.

    Example: landmap share --home var/district --parcel 370213-LC-0102-035 --days 30
    """
    store = Home(home)
    shares = Shares(Database.open(store.path / "landmap.db"))
    now = dt.datetime.now(dt.UTC)
    if list_:
        print_json({"links": [{"id": one.public_id, "title": one.title, "opens": one.opens} for one in shares.list()]})
        return
    if revoke is not None:
        shares.revoke(revoke, now=now)
        print_json({"revoked": revoke}) if json_ else out.print(f"{revoke} is revoked", highlight=False)
        return
    catalog = Catalog.load(open_current(store))
    chosen = {"parcels": tuple(parcels or ()), "buildings": tuple(buildings or ())}
    if not any(chosen.values()):
        raise InvalidValueError("a link names at least one record", hint="--parcel ID or --building ID")
    for layer, ids in chosen.items():
        for id in ids:
            catalog.engine.record(layer, id, PUBLIC, today=catalog.district.today())
    token, made = shares.create(
        snapshot_id=catalog.snapshot_id,
        lang=_lang(lang),
        title=title,
        note="",
        sender=sender,
        days=days,
        owner="cli",
        now=now,
        **chosen,
    )
    told = {"url": f"/s/{token}", "id": made.public_id, "expires_at": made.expires_at.isoformat()}
    print_json(told) if json_ else out.print(
        f"/s/{token}  (until {made.expires_at.date()}, id {made.public_id})", highlight=False
    )


def brief(
    id: Annotated[str, typer.Argument(help="Id of a parcel or building.")],
    home: options.Home,
    output: options.Output,
    layer: Annotated[str, typer.Option("--layer", help="parcels or buildings.")] = "parcels",
    audience: AudienceOption = "public",
    lang: LangOption = "zh",
    url: Annotated[str | None, typer.Option("--url", help="Address printed as QR code.")] = None,
    json_: options.Json = False,
) -> None:
    """Write the one-page brief of a record as PDF.

    Example: landmap brief 370213-LC-0102-035 --home var/district -o brief.pdf
    """
    if layer not in ("parcels", "buildings"):
        raise InvalidValueError.of("--layer", layer, "has no brief", "parcels or buildings", where="cli")
    level = options.level_option(audience)
    if level > Level.OFFICER and url is not None:
        raise ForbiddenError("a brief with an address is for officers and below", hint="leave --url out")
    catalog = Catalog.load(open_current(Home(home)))
    words = read_words(_lang(lang), web_root() / "i18n")
    body = briefs.brief(layer, id, catalog, Audience(level), words, today=catalog.district.today(), url=url)
    _write(output, body)
    if json_ and str(output) != "-":
        print_json({"file": str(output), "bytes": len(body), "version": catalog.snapshot_id})


def _lang(text: str) -> Lang:
    if text == "zh" or text == "en":
        return text
    raise InvalidValueError.of("--lang", text, "is no language of ours", "zh or en", where="cli")


def _write(output: Path, body: bytes) -> None:
    if str(output) == "-":
        sys.stdout.buffer.write(body)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    beside = output.with_name(f".{output.name}.part")
    beside.write_bytes(body)
    beside.replace(output)
