"""The command of workers."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from typing import Annotated, Final

import typer

from landmap import pipeline
from landmap.access import Database, Jobs
from landmap.cli import options
from landmap.cli.console import commanded, err
from landmap.store import Home

_LOOK_EVERY_S: Final = 1.0


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("work")(commanded(work))


def work(
    home: options.Home,
    once: Annotated[bool, typer.Option("--once", help="Do what waits and leave.")] = False,
    parent: Annotated[int | None, typer.Option("--parent", hidden=True)] = None,
) -> None:
    """Take jobs that wait, such as imports, and publish approved edits when they are due.

    A server for stewards runs one by itself; more can be started beside it, on the same home.

    Example: landmap work --home var/district
    """
    store = Home(home)
    store.check()
    if once:
        database = Database.open(store.path / "landmap.db")
        jobs = Jobs(database, store.folder("jobs"))
        while pipeline.work_once(store, jobs, pipeline.KINDS, clock=lambda: dt.datetime.now(dt.UTC)):
            pass
        database.close()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_follow, args=(parent, stop), daemon=True).start()
    err.print(f"landmap: working in {home}", markup=False, highlight=False)
    pipeline.work(store, pipeline.KINDS, stop)


def _follow(parent: int, stop: threading.Event) -> None:
    """Stop when the process that started this one is gone."""
    while os.getppid() == parent:
        if stop.wait(_LOOK_EVERY_S):
            return
    stop.set()
