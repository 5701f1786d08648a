"""A large upload over a slow line is waited for; a trickle is not."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from landmap.api import create_app
from landmap.domain import Level
from landmap.settings import Settings
from tests.served import LiveServer, listening

BODY = 600_000


@pytest.fixture
def server(demo_home: Path) -> Iterator[LiveServer]:
    with listening(create_app(Settings(home=demo_home, audience=Level.STEWARD)), 1.0) as made:
        yield made


def head(server: LiveServer) -> bytes:
    return (
        f"POST /admin/import HTTP/1.1\r\nHost: {server.host}\r\nContent-Type: multipart/form-data; boundary=XX\r\n"
        f"Cookie: landmap_form={'x' * 43}\r\nContent-Length: {BODY}\r\nConnection: close\r\n\r\n"
    ).encode()


def test_what_comes_at_a_fair_pace_is_read_to_its_end(server: LiveServer) -> None:
    begin = b'--XX\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    end = b"\r\n--XX--\r\n"
    body = begin + b"x" * (BODY - len(begin) - len(end)) + end
    begun = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=20) as plug:
        plug.sendall(head(server))
        for start in range(0, BODY, BODY // 20):
            plug.sendall(body[start : start + BODY // 20])
            time.sleep(0.12)
        answer = b"".join(iter(lambda: plug.recv(65536), b""))
    assert time.monotonic() - begun > 2.0
    # Its token is wrong, and that is told after the last byte: the connection was not cut.
    assert answer.startswith(b"HTTP/1.1 403")


def trickle(plug: socket.socket) -> None:
    for _ in range(200):
        plug.sendall(b"-")
        time.sleep(0.05)


def test_a_trickling_body_is_cut(server: LiveServer) -> None:
    begun = time.monotonic()
    with socket.create_connection((server.host, server.port), timeout=20) as plug:
        plug.sendall(head(server))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            trickle(plug)
    assert time.monotonic() - begun < 6.0
