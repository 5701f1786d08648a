"""One browser per worker, real servers for the public and for an officer, and visitors under watch."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from landmap.api import create_app
from landmap.domain import Level
from landmap.settings import Settings
from tests.browser.watch import Watch
from tests.served import listening

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-accelerated-2d-canvas",
    "--disable-background-networking",
    "--disable-component-update",
)
DESK, PHONE, SMALL = (1440, 900), (390, 844), (360, 740)
#: Long enough for two busy cores; a page that is right is not waited for.
PATIENCE_MS = 15_000


@pytest.fixture(scope="package")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """Return the one browser; it ends with this package, because Playwright keeps an event loop in its thread."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path, args=list(FLAGS))
        yield made
        made.close()


@dataclass(frozen=True)
class Site:
    """A server, and the application that it runs in this very process."""

    url: str
    app: FastAPI


def _site(home: Path, level: Level) -> Iterator[Site]:
    app = create_app(Settings(home=home, audience=level))
    with listening(app) as server:
        yield Site(server.url, app)


@pytest.fixture(scope="package")
def site(demo_home: Path) -> Iterator[Site]:
    """Return the demo district as the public is served it."""
    yield from _site(demo_home, Level.PUBLIC)


@pytest.fixture(scope="package")
def office(demo_home: Path) -> Iterator[Site]:
    """Return the demo district as an officer is served it."""
    yield from _site(demo_home, Level.OFFICER)


@pytest.fixture(scope="package")
def link(site: Site) -> str:
    """Return the path of a link to two parcels and a building, with texts that try to be markup."""
    return linked(site, title="地块 <b>推荐</b>", note="第一行\n<img src=x onerror=alert(1)>", sender="招商一科 & 李")


def linked(site: Site, *, now: dt.datetime | None = None, **texts: Any) -> str:
    """Make a link as an officer would; return its path."""
    state = site.app.state.landmap
    token, _ = state.shares.create(
        snapshot_id=state.holder.current().snapshot_id,
        parcels=("370213-LC-0601-017", "370213-LC-0109-001"),
        buildings=("370213-LY-018",),
        owner="officer",
        now=now or dt.datetime.now(dt.UTC),
        **texts,
    )
    return f"/s/{token}"


@dataclass
class Visitor:
    """Opens pages, each in a clean browser context, and lets no fault of any pass."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)

    def opens(
        self,
        path: str,
        size: tuple[int, int] = DESK,
        *,
        lang: str = "zh-CN",
        script: bool = True,
        dark: bool = False,
        expected: set[int] | None = None,
    ) -> Page:
        """Return a page of a browser that was never here before."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=lang,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        self.watches.append(Watch(urlsplit(self.url).netloc, expected or set()).over(context))
        page = context.new_page()
        page.goto(path if "://" in path else self.url + path)
        return page

    def leaves(self) -> list[str]:
        """Close everything; return the faults seen on the way."""
        with ExitStack() as closing:
            for context in self.contexts:
                closing.callback(context.close)
        return [fault for watch in self.watches for fault in watch.faults]


def _visits(browser: Browser, url: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, url)
    yield visitor
    assert visitor.leaves() == []


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Return somebody of the public."""
    yield from _visits(browser, site.url)


@pytest.fixture
def officer(browser: Browser, office: Site) -> Iterator[Visitor]:
    """Return an officer of the bureau."""
    yield from _visits(browser, office.url)
