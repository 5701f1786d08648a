"""The command for confirmation links: who must confirm what, and a link for each of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich import markup
from rich.table import Table

from landmap.access import CONFIRMATION_DAYS, Confirmations, Database, Due, due_records
from landmap.cli import options
from landmap.cli.console import commanded, out, print_json
from landmap.domain import layer_named
from landmap.store import Home, open_current


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("confirm-links")(commanded(confirm_links))


def confirm_links(
    home: options.Home,
    layer: Annotated[str, typer.Option("--layer", help="buildings, parcels, facilities or parks.")] = "buildings",
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only this record; repeat for more.")] = None,
    make: Annotated[bool, typer.Option("--make", help="Make a link for each; otherwise they are only listed.")] = False,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="How long a link holds.")] = CONFIRMATION_DAYS,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the list to this CSV.")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", envvar="LANDMAP_BASE_URL", help="Address others reach the server by.")
    ] = None,
    by: options.By = "",
    json_: options.Json = False,
) -> None:
    """List the records that are overdue for confirmation, and make one-use links for those who keep them.

    Example: landmap confirm-links --layer buildings --make -o 待确认.csv --home var/district
    """
    store, target = Home(home), layer_named(options.layer_option(layer))
    now = dt.datetime.now(dt.UTC)
    district = store.district()
    found = due_records(open_current(store).layer(target.name), target, district, district.today(now))
    wanted = [one for one in found if (one.id in ids if ids else one.state.overdue)]
    links: dict[str, str] = {}
    if make:
        with closing(Database.open(store.path / "landmap.db")) as database:
            made = Confirmations(store, database)
            for one in wanted:
                token, _ = made.create(target.name, one.id, owner=by, now=now, recipient=one.title, days=days)
                links[one.id] = f"{(base_url or '').rstrip('/')}/c/{token}"
    if output is not None:
        output.write_text(_csv(wanted, links), encoding="utf-8-sig")
    if json_:
        print_json({"records": [{**_row(one), "link": links.get(one.id)} for one in wanted]})
        return
    table = Table("record", "", "state", "as of", "confirm by", "link")
    for one in wanted:
        cells = [*map(str, _row(one).values()), links.get(one.id, "")]
        table.add_row(*(markup.escape(cell) for cell in cells))
    out.print(table)


def _row(one: Due) -> dict[str, str]:
    days = {"as_of": one.as_of, "due": one.due}
    told = {name: "" if day is None else day.isoformat() for name, day in days.items()}
    return {"id": one.id, "title": one.title, "state": one.state.value, **told}


def _csv(wanted: list[Due], links: dict[str, str]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["编号", "名称", "状态", "数据时点", "应确认日", "确认链接"])
    for one in wanted:
        cells = [*_row(one).values(), links.get(one.id, "")]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells])
    return stream.getvalue()
