"""What is written down: where the server failed, never what it was working on, and no link token."""

import json
import logging
from pathlib import Path

import pytest
import structlog

from landmap.api import logs
from landmap.render import geojson
from tests.served import LiveServer, serving

SECRET = "底价九百万"
TOKEN = "lm_s_Zm9vYmFyYmF6cXV4cXV1eHF1dXhxdXV4cXV1eHF1dXg"


def fail(*_: object, **__: object) -> bytes:
    known_only_here = SECRET
    try:
        raise KeyError(known_only_here)
    except KeyError as error:
        raise ValueError(f"could not convert {known_only_here}") from error


def test_a_crash_tells_where_and_nothing_else(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(geojson, "head", fail)
    with serving(demo_home) as client:
        answer = client.get("/api/collections/parcels/items?q=geheim")
    written = capfd.readouterr().err
    entry = json.loads(written.splitlines()[-1])
    assert answer.status_code == 500
    assert answer.json()["detail"] == f"reference {entry['reference']}"
    *_, kind, cause, line, inner = entry["exception"]
    assert (kind, cause, inner) == ("builtins.ValueError", "caused by", "builtins.KeyError")
    assert line.startswith(f"{__file__}:")
    assert line.endswith(" fail")
    assert entry["path"] == "/api/collections/parcels/items"
    for hidden in (SECRET, "geheim", "known_only_here"):
        assert hidden not in written + answer.text


def test_the_web_server_does_not_repeat_it() -> None:
    logs.configure()
    server = logging.getLogger("uvicorn.error")

    def written(message: str) -> bool:
        return bool(server.filter(server.makeRecord(server.name, logging.ERROR, "", 0, message, (), None)))

    assert not written("Exception in ASGI application\n")
    assert written("Shutting down")


def test_no_entry_holds_a_link(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    structlog.get_logger("landmap").error("unavailable", path=f"/s/{TOKEN}/more", message=f"no {TOKEN}.")
    written = capfd.readouterr().err
    assert TOKEN not in written
    assert json.loads(written)["path"] == "/s/lm_s_…/more"


def test_a_served_link_is_written_nowhere(live_server: LiveServer, capfd: pytest.CaptureFixture[str]) -> None:
    for path in (f"/s/{TOKEN}", f"/s/{TOKEN}/x", f"/nowhere/{TOKEN}", f"/api/collections/parcels/items?q={TOKEN}"):
        live_server.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    live_server.send(f"BROKEN /s/{TOKEN}\r\n\r\n".encode())
    told = capfd.readouterr()
    assert TOKEN not in told.out + told.err


def test_no_collector_is_told_of_requests(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9/")
    with serving(demo_home) as client:
        assert client.get("/healthz").status_code == 200
        assert not client.app._native_telemetry.enabled()  # type: ignore[attr-defined]
