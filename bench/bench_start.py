"""Start of a server on a home that is there, from the command to its first answer, beside importing GeoPandas."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.timing import medians, table
from landmap.pipeline import demo_home
from tools.pictures import LANDMAP, free_port


def start(home: Path) -> None:
    """Start a server, wait for its first answer, stop it."""
    port = free_port()
    server = subprocess.Popen([LANDMAP, "serve", "--home", home, "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        while not ready(f"http://127.0.0.1:{port}/readyz"):
            time.sleep(0.01)
    finally:
        server.kill()
        server.wait(timeout=20)


def ready(address: str) -> bool:
    """Return whether `address` answers."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def control() -> None:
    """Import what every tool of this field imports, and nothing else."""
    subprocess.run([sys.executable, "-c", "import geopandas"], check=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        demo_home(Path(temp) / "home")
        taken = medians({"landmap serve": lambda: start(Path(temp) / "home"), "import geopandas": control})
        print(table("start of a server, demo district", taken, "landmap serve"))
