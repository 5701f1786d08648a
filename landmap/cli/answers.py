"""Commands that answer from a selection: export, share, brief."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich import markup
from rich.table import Table

from landmap.access import Database, Offer, Shares, offered
from landmap.cli import options
from landmap.cli.console import commanded, err, out, print_json
from landmap.domain import Audience, read_words
from landmap.domain.errors import InvalidValueError
from landmap.query import Catalog, criteria_class
from landmap.render import FORMATS, Format
from landmap.render import brief as briefs
from landmap.resources import web_root
from landmap.store import Home, Snapshot, fate_of, open_current, open_version, read_blob

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
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}; otherwise by the name of the file."),
    ] = None,
    sort: Annotated[str, typer.Option("--sort", help="Fields, - before one for descending.")] = "",
    audience: AudienceOption = "public",
    lang: LangOption = "zh",
    version: Annotated[
        str | None, typer.Option("--version", help="An old version instead; a unique beginning is enough.")
    ] = None,
    json_: options.Json = False,
) -> None:
    """Write the records that meet the criteria to a file.

    Example: landmap export --home var/district -f xlsx -o 地块.xlsx area_min=30 preset=industrial_land
    """
    chosen = _format(format, output)
    _one_answer(output, json_)
    catalog = Catalog.load(open_current(Home(home)) if version is None else open_version(Home(home), version))
    wanted = criteria_class(layer).from_query(options.pairs(criteria), catalog.district)
    keys = tuple(key for key in sort.split(",") if key)
    asking = Audience(options.level_option(audience))
    selection = catalog.engine.select(layer, wanted, asking, today=catalog.district.today(), sort=keys)
    body = chosen.write(selection, read_words(options.lang_option(lang), web_root() / "i18n"))
    write_file(output, body)
    if json_:
        print_json({"file": str(output), "records": selection.total, "version": catalog.snapshot_id})
    elif str(output) != "-":
        out.print(f"{output}: {selection.total} records", markup=False, highlight=False)


def share(
    home: options.Home,
    parcels: Annotated[list[str] | None, typer.Option("--parcel", help="Parcel id; repeat for more.")] = None,
    buildings: Annotated[list[str] | None, typer.Option("--building", help="Building id; repeat for more.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How long the link holds.")] = 30,
    title: Annotated[str, typer.Option("--title", help="Heading of the page.")] = "",
    sender: Annotated[str, typer.Option("--sender", help="Who sends it.")] = "",
    lang: LangOption = "zh",
    base_url: Annotated[
        str | None, typer.Option("--base-url", envvar="LANDMAP_BASE_URL", help="Address others reach the server by.")
    ] = None,
    revoke: Annotated[str | None, typer.Option("--revoke", help="Revoke the link with this public id instead.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the links made here instead.")] = False,
    json_: options.Json = False,
) -> None:
    """Make a link to chosen records, as the public sees them; its address is shown this once.

    Example: landmap share --home var/district --parcel 370213-LC-0102-035 --days 30
    """
    store = Home(home)
    store.check()
    with closing(Shares(Database.open(store.path / "landmap.db"))) as shares:
        if list_:
            _list_shares(shares, json_)
        elif revoke is not None:
            shares.revoke(revoke, now=dt.datetime.now(dt.UTC))
            print_json({"revoked": revoke}) if json_ else out.print(f"{revoke} is revoked", highlight=False)
        else:
            snapshot = open_current(store)
            catalog = Catalog.load(snapshot)
            chosen = {
                layer: tuple(_number_of_today(snapshot, layer, id) for id in ids or ())
                for layer, ids in (("parcels", parcels), ("buildings", buildings))
            }
            offer = _offer(catalog, chosen)
            token, made = shares.create(
                snapshot_id=catalog.snapshot_id,
                parcels=offer.kept["parcels"],
                buildings=offer.kept["buildings"],
                lang=options.lang_option(lang),
                title=title,
                sender=sender,
                days=days,
                owner="cli",
                now=dt.datetime.now(dt.UTC),
            )
            url = f"{(base_url or '').rstrip('/')}/s/{token}"
            left_out = [{"layer": layer, "id": one.id, "reason": one.reason} for layer, one in offer.left_out]
            told = {"url": url, "id": made.public_id, "expires_at": made.expires_at.isoformat(), "left_out": left_out}
            until = f"{url}  (until {made.expires_at.date()}, id {made.public_id})"
            print_json(told) if json_ else out.print(until, markup=False, highlight=False)
            for one in () if json_ else left_out:
                line = f"left out: {one['layer']} {one['id']}, {one['reason']}"
                err.print(line, markup=False, highlight=False)


def _number_of_today(snapshot: Snapshot, layer: str, id: str) -> str:
    fate = fate_of(snapshot.manifest, layer, id)
    return id if fate is None or fate.to is None else fate.to


def _offer(catalog: Catalog, chosen: Mapping[str, tuple[str, ...]]) -> Offer:
    if not any(chosen.values()):
        raise InvalidValueError("a link names at least one record", hint="--parcel ID or --building ID")
    return offered(catalog, chosen, catalog.district.today())


def _list_shares(shares: Shares, as_json: bool) -> None:
    found = shares.list()
    if as_json:
        kept = ("public_id", "title", "parcels", "buildings", "created_at", "expires_at", "revoked_at", "opens")
        print_json({"links": [{name: getattr(one, name) for name in kept} for one in found]})
        return
    table = Table("id", "title", "records", "until", "opened")
    for one in found:
        until = "revoked" if one.revoked_at else str(one.expires_at.date())
        cells = (one.public_id, one.title, str(len(one.parcels) + len(one.buildings)), until, str(one.opens))
        table.add_row(*(markup.escape(cell) for cell in cells))
    out.print(table)


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
    _one_answer(output, json_)
    store = Home(home)
    catalog = Catalog.load(open_current(store))
    words = read_words(options.lang_option(lang), web_root() / "i18n")
    read, now = partial(read_blob, store), catalog.district.today()
    body = briefs.brief(layer, id, catalog, Audience(level), words, today=now, url=url, read=read)
    write_file(output, body)
    if json_:
        print_json({"file": str(output), "bytes": len(body), "version": catalog.snapshot_id})


def _format(key: str | None, output: Path) -> Format:
    """Return the format asked for, or the one the file's name tells; GeoJSON on stdout."""
    if key is None:
        ending = output.suffix.removeprefix(".").lower()
        if str(output) == "-" or ending == "json":
            return FORMATS["geojson"]
        named = [one for one in FORMATS.values() if ending == one.extension]
        if named:
            return named[0]
        key = ending
    if key not in FORMATS:
        raise InvalidValueError.of("--format", key, "is no format", f"one of {', '.join(FORMATS)}", where="cli")
    return FORMATS[key]


def _one_answer(output: Path, as_json: bool) -> None:
    if as_json and str(output) == "-":
        raise InvalidValueError("--json and --output - both want stdout", hint="write to a file")


def write_file(output: Path, body: bytes) -> None:
    """Write a file whole, or to stdout for ``-``."""
    if str(output) == "-":
        sys.stdout.buffer.write(body)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    beside = output.with_name(f".{output.name}.part")
    beside.write_bytes(body)
    beside.replace(output)
