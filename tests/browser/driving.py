"""A browser that sees only what a test gives it, and remembers everything that went wrong."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, Request, Route

from landmap.api.security import CSP

ORIGIN: Final = "http://landmap.test"
WIDE: Final = (1440, 900)
WEB: Final = Path(__file__).resolve().parents[2] / "web"

#: What answers a path: status, type, body; None for nothing.
Answer = tuple[int, str, bytes]
Source = Callable[[str], Answer | None]


@dataclass
class Watch:
    """What a page asked for and complained about."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Requests to any other host."""
        return [url for url in self.requests if not url.startswith((ORIGIN, "data:", "blob:", "about:", "file:"))]


@contextmanager
def visiting(
    browser: Browser, source: Source, size: tuple[int, int] = WIDE, **options: Any
) -> Iterator[tuple[Page, Watch]]:
    """Open an empty page whose requests `source` answers, under the policy the server sends."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    page, watch = context.new_page(), Watch()
    page.on("console", lambda message: watch.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("request", lambda request: watch.requests.append(request.url))

    def answer(route: Route, request: Request) -> None:
        found = source(request.url.removeprefix(ORIGIN)) if request.url.startswith(ORIGIN) else None
        if found is None:
            route.abort()
            return
        status, kind, body = found
        route.fulfill(status=status, headers={"Content-Type": kind, "Content-Security-Policy": CSP}, body=body)

    page.route(lambda url: not url.startswith("file:"), answer)
    yield page, watch
    context.close()


def static(path: str) -> Answer | None:
    """Answer the product's own files, as the server would."""
    name = path.split("?")[0].removeprefix("/static/")
    file = WEB / "dist" / name if name.startswith("vendor/") else WEB / "static" / name
    if not path.startswith("/static/") or not file.is_file():
        return None
    return 200, mimetypes.guess_type(name)[0] or "text/plain", file.read_bytes()


def given(pages: Mapping[str, bytes | str], kind: str = "text/html; charset=utf-8") -> Source:
    """Answer these pages by path (the query left aside), and the product's own files."""

    def source(path: str) -> Answer | None:
        body = pages.get(path.split("?")[0])
        if body is None:
            return static(path)
        return 200, kind, body.encode() if isinstance(body, str) else body

    return source


def until(page: Page, script: str, seconds: float = 10.0) -> None:
    """Wait until `script` is true; a strict policy refuses Playwright's own way of asking."""
    for _ in range(int(seconds * 20)):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {seconds} s: {script}")


def painted(page: Page, selector: str = ".folium-map") -> int:
    """Count the canvas tiles of a map that hold more than one colour."""
    return int(
        page.evaluate(
            """selector => [...document.querySelectorAll(`${selector} canvas.leaflet-tile`)].filter((tile) => {
                const image = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height);
                const pixels = new Uint32Array(image.data.buffer);
                return pixels.some((pixel) => pixel !== pixels[0]);
            }).length""",
            selector,
        )
    )
