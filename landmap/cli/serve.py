"""The command that serves."""

from __future__ import annotations

import socket
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from landmap.cli import options
from landmap.cli.console import commanded, err
from landmap.cli.keeping import working
from landmap.domain import Level
from landmap.domain.errors import LandmapError
from landmap.settings import Settings
from landmap.store import Home, open_version


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("serve")(commanded(serve))


def serve(
    home: Annotated[
        Path | None, typer.Option("--home", help="Folder that holds the published versions. [LANDMAP_HOME]")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. [LANDMAP_HOST]")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port. [LANDMAP_PORT]")] = None,
    audience: Annotated[
        str | None, typer.Option("--audience", help="public; another level on this machine only. [LANDMAP_AUDIENCE]")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", help="Show an old version, read-only; a unique beginning is enough.")
    ] = None,
) -> None:
    """Serve the one map.

    Example: landmap serve --home var/demo --port 8000 --audience officer
    """
    given = {"home": home, "host": host, "port": port, "version": version}
    if audience is not None:
        given["audience"] = options.level_option(audience)
    settings = Settings.from_environ(**{name: value for name, value in given.items() if value is not None})
    Home(settings.home).check()
    if settings.version is not None:
        open_version(Home(settings.home), settings.version)
    listening = _listen(settings.host, settings.port)
    _run(settings, listening)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LandmapError(
            f"cannot listen on {host}, port {port}: {reason}", hint="--port 0 takes a free one"
        ) from None


def _run(settings: Settings, listening: socket.socket) -> None:
    # The web libraries are heavy, and no other command needs them.
    import uvicorn

    from landmap.api import DeadlineProtocol, create_app

    config = uvicorn.Config(
        create_app(settings),
        http=DeadlineProtocol.within(settings.request_timeout_s),
        loop="uvloop",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
    )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    port = listening.getsockname()[1]
    err.print(f"landmap: http://{host}:{port}/  ({settings.audience.key})", highlight=False)
    # Only stewards bring work: the public's server runs alone.
    with working(settings.home) if settings.audience >= Level.STEWARD else nullcontext():
        uvicorn.Server(config).run(sockets=[listening])
