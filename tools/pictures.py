"""Take the pictures of README and guide: serve the demo district, open the pages, press the shutter.

Run by hand when a page changed its looks: ``python -m tools.pictures``. Needs Chromium (see ``make test``).
"""

import argparse
import csv
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


#: A ledger with a fault of each severity, for the picture of a check report.
LEDGER: Final = (
    ("地块编号", "地块名称", "净用地面积（亩）", "容积率", "坐标"),
    ("LC-001", "兴华路北侧", "44.9", "1.5≤R≤2.5", (0, 0)),
    ("LC-002", "九水路东侧", "44.9", "2.5-1.5", (1, 0)),
    ("LC-003", "浮山路南侧", "673.5", "1.5≤R≤2.5", (2, 0)),
    ("LC-004", "沧口路西侧", "44.9", "1.5≤R≤2.5", (2.5, 0.4)),
    ("LC-001", "兴华路南侧", "44.9", "1.5≤R≤2.5", (0, 1)),
    ("LC-006", "金水路北侧", "四十", "1.5≤R≤2.5", (1, 1)),
)


def write_ledger(path: Path) -> Path:
    """Write the ledger as CSV, its outlines as squares in a grid."""

    def outline(column: float, row: float) -> str:
        west, south = 120.40 + column * 0.0026, 36.18 + row * 0.002
        corners = ((0, 0), (0.002, 0), (0.002, 0.0015), (0, 0.0015), (0, 0))
        return ";".join(f"{west + x:.6f},{south + y:.6f}" for x, y in corners)

    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows(
            [*cells[:-1], last if isinstance(last, str) else outline(*last)] for cells in LEDGER for last in cells[-1:]
        )
    return path


def take_report(page: Page, temp: Path, folder: Path) -> None:
    """Take the picture of a check report."""
    ledger, report = write_ledger(temp / "清单.csv"), temp / "report.html"
    subprocess.run([LANDMAP, "check", ledger, "--layer", "parcels", "--html", report], stdout=subprocess.DEVNULL)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.goto(report.as_uri())
    page.screenshot(path=str(folder / "report.png"))


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
            if not given.names or "report" in given.names:
                take_report(browser.new_page(locale="zh-CN"), Path(temp), given.folder)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
