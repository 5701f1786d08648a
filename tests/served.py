"""The demo district published once per run, and served: in process, or by a real server on a free port."""

import fcntl
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from landmap import pipeline
from landmap.api import DeadlineProtocol, create_app
from landmap.domain import Level
from landmap.settings import Settings


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the demo district published; shared by all workers, so nobody publishes into it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "demo-home"
    with (shared / "demo-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pipeline.demo_home(home)
    return home


@pytest.fixture
def own_home(demo_home: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo home that the test may publish into; links of other tests stay behind."""
    others = shutil.ignore_patterns("landmap.db*")
    return Path(shutil.copytree(demo_home, tmp_path / "home", ignore=others))


def serving(home: Path, **settings: Any) -> TestClient:
    """Return a client of an application of its own; use it in a `with`."""
    app = create_app(Settings(home=home, **settings))
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="session")
def client(demo_home: Path) -> Iterator[TestClient]:
    """Return a client that is served as the public."""
    with serving(demo_home) as made:
        yield made


@pytest.fixture(scope="session")
def officer_client(demo_home: Path) -> Iterator[TestClient]:
    """Return a client that is served as an officer."""
    with serving(demo_home, audience=Level.OFFICER) as made:
        yield made


@dataclass(frozen=True)
class LiveServer:
    """A server that listens on a port."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{self.host}:{self.port}"

    def send(self, raw: bytes, seconds: float = 10.0) -> bytes:
        """Return everything the server answers to `raw` until it closes the connection."""
        with socket.create_connection((self.host, self.port), timeout=seconds) as plug:
            plug.sendall(raw)
            return b"".join(iter(lambda: plug.recv(65536), b""))


#: Seconds a half-open connection lives on the live server.
HEAD_SECONDS = 1.0


@contextmanager
def listening(app: FastAPI, head_seconds: float = 15.0, keep_alive: int = 5) -> Iterator[LiveServer]:
    """Serve `app` on a free port of this machine, by a thread of this process."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=DeadlineProtocol.within(head_seconds),
        loop="uvloop",
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=keep_alive,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.02)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield LiveServer(host, port)
    finally:
        server.should_exit = True
        thread.join(15)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def live_server(demo_home: Path) -> Iterator[LiveServer]:
    """Return a real server with short deadlines on a free port of this machine."""
    with listening(create_app(Settings(home=demo_home)), HEAD_SECONDS, keep_alive=1) as server:
        yield server
