"""Take the pictures of README and guide: serve the demo district, open the pages, press the shutter.

Run by hand when a page changed its looks: ``python -m tools.pictures``. Needs Chromium (see ``make test``).
"""

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

REPO: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = REPO / "docs" / "images"
LANDMAP: Final = REPO / ".venv" / "bin" / "landmap"
DESKTOP: Final = (1440, 900)
PHONE: Final = (390, 844)
#: Software rendering without calls home; the canvas flag makes first drawing several times faster there.
CHROMIUM_ARGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-accelerated-2d-canvas",
    "--disable-background-networking",
    "--disable-component-update",
)


@dataclass(frozen=True)
class Shot:
    """One picture: its file, the address, the window, and what to press before the shutter."""

    name: str
    address: str
    size: tuple[int, int] = DESKTOP
    press: tuple[str, ...] = ()


SHOTS: Final = (
    Shot("workspace", "/"),
    Shot("english", "/?lang=en&preset=industrial_land"),
    Shot("detail", "/?preset=industrial_land&area_min=60&near=metro_station:1500", press=(".card",)),
    Shot("phone", "/", PHONE),
)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve `home` on this machine alone; yields the address."""
    port = free_port()
    server = subprocess.Popen([LANDMAP, "serve", "--home", home, "--port", str(port)])
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{base}/readyz")
        yield base
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(address: str, seconds: float = 60) -> None:
    """Return as soon as `address` answers; TimeoutError after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


def take(page: Page, base: str, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
    page.goto(base + shot.address, wait_until="networkidle")
    for selector in shot.press:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=str(folder / f"{shot.name}.png"))


def main() -> int:
    """Take every picture, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; all without a name")
    parser.add_argument("--folder", type=Path, default=IMAGES)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temp:
        home = Path(temp) / "home"
        subprocess.run([LANDMAP, "demo", "--home", home], check=True)
        with served(home) as base, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGS))
            for shot in SHOTS:
                if not given.names or shot.name in given.names:
                    page = browser.new_page(locale="zh-CN")
                    take(page, base, shot, given.folder)
                    page.close()
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
