"""The application: routes, errors, headers and static files put together."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from landmap import access, render
from landmap.api import logs, openapi, problems
from landmap.api.answers import answer, app_version, etag_of, fresh
from landmap.api.coding import Packing
from landmap.api.deps import refuse_parameters
from landmap.api.hosts import OwnNameOnly
from landmap.api.plain import PlainRoute
from landmap.api.routers import (
    attachments,
    briefs,
    confirm,
    docs,
    features,
    find,
    pages,
    phrases,
    search,
    service,
    shares,
    tiles,
    tilesets,
)
from landmap.api.security import Guard
from landmap.api.state import State
from landmap.api.turns import Turns
from landmap.domain import Level
from landmap.domain.errors import LandmapError
from landmap.resources import web_root
from landmap.settings import Settings

#: Seconds after the start when what nobody has asked for yet is loaded.
WARM_AFTER: Final = 1.0


def create_app(settings: Settings) -> FastAPI:
    """Return the application for one home folder and one audience.

    Parameters
    ----------
    settings : Settings
        Made at the door (CLI or test); nothing is read from the environment here.
    """
    logs.configure()
    state = State.made(settings)
    app = FastAPI(
        title="landmap",
        version=app_version(),
        description="One map of a district's industrial land and office buildings: query, filter, analyse, share.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # Addresses hold the tokens of links: no collector is told of requests, whatever the environment names.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.landmap = state
    problems.install(app)
    # What is asked for most is looked for first.
    app.router.routes += [*tiles.routes(), *features.hot_routes(), *search.hot_routes()]
    for router in (
        service.router,
        features.router(),
        attachments.router,
        search.router(),
        phrases.router(),
        tilesets.router(),
        shares.router,
        confirm.router,
        briefs.router,
        docs.router,
        pages.router,
        find.router,
    ):
        app.include_router(router)
    # Below the steward level these addresses are not there at all, like any other that is none.
    if settings.audience >= Level.STEWARD:
        # They bring what writes, which no other server needs to load.
        from landmap.api import admin
        from landmap.api.routers import jobs

        for router in (jobs.router, *admin.routers()):
            app.include_router(router)
    _add_openapi(app)
    web = web_root()
    app.mount("/static/vendor", StaticFiles(directory=web / "dist" / "vendor"), name="vendor")
    app.mount("/static", StaticFiles(directory=web / "static"), name="static")
    app.add_middleware(Packing)
    app.add_middleware(Turns, seconds=settings.request_timeout_s, places=settings.answers_at_once)
    app.add_middleware(OwnNameOnly, settings=settings)
    app.add_middleware(Guard)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: State = app.state.landmap
    # An empty home is served too: /readyz says so, and the first publish is noticed.
    with suppress(LandmapError):
        state.holder.current()
    # What the first page, link or brief needs is loaded a moment later, so that nobody waits for it before /readyz.
    warming = threading.Timer(WARM_AFTER, _warm)
    warming.daemon = True
    warming.start()
    yield
    warming.cancel()
    state.close()


def _warm() -> None:
    for module, name in ((render, "map"), (access, "Shares"), (render, "brief")):
        getattr(module, name)


def _add_openapi(app: FastAPI) -> None:
    made: dict[str, bytes] = {}

    def document() -> dict[str, Any]:
        plain = [route for route in app.router.routes if isinstance(route, PlainRoute)]
        return openapi.document(app, app.state.landmap.audience.policy_class, plain)

    def serve(request: Request) -> Response:
        refuse_parameters(request)
        if "body" not in made:
            made["body"] = orjson.dumps(app.openapi())
        etag = etag_of("openapi", app.state.landmap.audience.policy_class)
        return fresh(request, etag) or answer(made["body"], service.OPENAPI, etag)

    app.openapi = document  # type: ignore[method-assign]
    app.add_api_route("/api/openapi.json", serve, include_in_schema=False, response_model=None)
