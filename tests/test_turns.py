"""Every answer in its time and in its turn, whatever the threads are doing."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from landmap.api import create_app
from landmap.domain import Level, deadline
from landmap.query import MemoryEngine
from landmap.settings import Settings
from tests.served import LiveServer, listening, serving

SEARCH = "/api/collections/parcels/search?limit=1"
SECONDS = 0.5


class Stuck:
    """An engine that does not answer until it is let go; `busy` is how many requests are inside it."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.real = real
        self.gate = threading.Event()
        self.held = True
        self.busy = 0
        self.most = 0
        self.errors: list[Exception] = []
        self._lock = threading.Lock()

    def select(self, *args: Any, **kwargs: Any) -> Any:
        if not self.held:
            return self.real(*args, **kwargs)
        with self._lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
        try:
            assert self.gate.wait(30)
            return self.real(*args, **kwargs)
        finally:
            with self._lock:
                self.busy -= 1

    def let_go(self) -> None:
        self.held = False
        self.gate.set()


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    made = Stuck(MemoryEngine.select)
    monkeypatch.setattr(MemoryEngine, "select", lambda engine, *args, **kwargs: made.select(engine, *args, **kwargs))
    yield made
    made.let_go()


@contextmanager
def impatient(home: Path, places: int, seconds: float = SECONDS) -> Iterator[LiveServer]:
    with listening(create_app(Settings(home=home, request_timeout_s=seconds, answers_at_once=places))) as server:
        # The version is read before the clock is of interest.
        assert httpx2.get(f"{server.url}/api/collections/parcels/criteria", timeout=30).status_code == 200
        yield server


def asking(pool: ThreadPoolExecutor, server: LiveServer, path: str = SEARCH) -> "Future[tuple[httpx2.Response, float]]":
    def ask() -> tuple[httpx2.Response, float]:
        begun = time.monotonic()
        return httpx2.get(server.url + path, timeout=30), time.monotonic() - begun

    return pool.submit(ask)


def until(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_stuck_answer_is_told_as_unavailable_when_its_time_is_up(demo_home: Path, stuck: Stuck) -> None:
    with impatient(demo_home, places=4) as server, ThreadPoolExecutor(1) as pool:
        answer, took = asking(pool, server).result()
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.json()["detail"] == "the answer was not there within 0.5 s (try again in a moment)"
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-security-policy"]
        assert SECONDS <= took < SECONDS + 3
        stuck.let_go()


def test_health_is_told_while_every_place_is_stuck_and_everything_else_is_refused_at_once(
    demo_home: Path, stuck: Stuck
) -> None:
    with impatient(demo_home, places=2) as server, ThreadPoolExecutor(8) as pool:
        first = [asking(pool, server) for _ in range(6)]
        assert {one.result()[0].status_code for one in first} == {503}
        assert (stuck.busy, stuck.most) == (2, 2)
        for _ in range(20):
            assert asking(pool, server, "/healthz").result()[0].status_code == 200
        for path in (SEARCH, "/readyz", "/", "/static/css/app.css"):
            answer, _ = asking(pool, server, path).result()
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
            assert answer.json()["detail"].startswith("too much is being asked of this server")
        assert stuck.most == 2
        stuck.let_go()
        until(lambda: stuck.busy == 0)
        until(lambda: asking(pool, server).result()[0].status_code == 200)


def test_a_place_that_comes_free_in_time_goes_to_the_next_in_turn(demo_home: Path, stuck: Stuck) -> None:
    with impatient(demo_home, places=1, seconds=20) as server, ThreadPoolExecutor(8) as pool:
        asked = [asking(pool, server) for _ in range(5)]
        until(lambda: stuck.busy == 1)
        stuck.let_go()
        assert {one.result()[0].status_code for one in asked} == {200}
        assert stuck.most == 1


def test_a_queue_has_an_end(demo_home: Path, stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmap.api.turns.QUEUE", 2)
    with impatient(demo_home, places=1, seconds=20) as server, ThreadPoolExecutor(8) as pool:
        inside = asking(pool, server)
        until(lambda: stuck.busy == 1)
        answers = [asking(pool, server) for _ in range(4)]
        until(lambda: sum(one.done() for one in answers) == 2)
        assert {one.result()[0].status_code for one in answers if one.done()} == {503}
        stuck.let_go()
        assert inside.result()[0].status_code == 200
        assert sorted(one.result()[0].status_code for one in answers) == [200, 200, 503, 503]


def test_a_request_that_computes_too_long_is_told_that_it_costs_too_much(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def slowly(*_: Any) -> dict[str, Any]:
        drawn.append(1)
        time.sleep(0.02)
        return {}

    with serving(demo_home, request_timeout_s=1.0) as client:
        assert client.get(SEARCH).status_code == 200
        # However busy the machine, this thread counts as the one that computes.
        monkeypatch.setattr("landmap.domain.deadline.time.thread_time", time.monotonic)
        monkeypatch.setattr("landmap.render.cards.card", slowly)
        answer = client.get("/api/collections/parcels/search?limit=500")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_costly")
    assert "narrow the filters" in answer.json()["detail"]
    assert 2 <= len(drawn) < 50


@pytest.mark.parametrize("f", ["geojsonl", "csv", "xlsx", "gpkg", "fgb", "parquet"])
def test_every_file_looks_at_the_clock(demo_home: Path, monkeypatch: pytest.MonkeyPatch, f: str) -> None:
    with serving(demo_home) as client:
        whole = client.get(f"/api/collections/parcels/items?f={f}")
        assert whole.status_code == 200
        looked = []
        monkeypatch.setattr(deadline.Deadline, "check", lambda _: looked.append(1))
        assert client.get(f"/api/collections/parcels/items?f={f}&area_min_mu=1").status_code == 200
    assert len(looked) >= 2


def test_a_person_is_told_on_a_page(demo_home: Path, stuck: Stuck) -> None:
    with serving(demo_home, request_timeout_s=SECONDS) as client:
        answer = client.get("/?lang=en", headers={"Accept": "text/html"})
        stuck.let_go()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_what_the_caller_takes_to_send_its_request_holds_no_place(own_home: Path) -> None:
    settings = Settings(home=own_home, audience=Level.OFFICER, request_timeout_s=SECONDS, answers_at_once=1)
    with serving(own_home) as public:
        chosen = public.get("/api/collections/parcels/items?limit=1").json()["features"][0]["id"]
    begun, go_on = threading.Event(), threading.Event()

    def slow_body() -> Iterator[bytes]:
        yield b'{"parcels": ["'
        begun.set()
        assert go_on.wait(20)
        yield chosen.encode() + b'"]}'

    with listening(create_app(settings)) as server, ThreadPoolExecutor(1) as pool:
        assert httpx2.get(server.url + "/readyz", timeout=30).status_code == 200
        made = pool.submit(lambda: httpx2.post(f"{server.url}/api/shares", content=slow_body(), timeout=30))
        assert begun.wait(20)
        time.sleep(2 * SECONDS)
        assert httpx2.get(f"{server.url}/api/shares", timeout=30).status_code == 200
        go_on.set()
        assert made.result().status_code == 201


def test_an_answer_that_comes_too_late_is_heard_by_nobody_and_its_crash_is_logged(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = threading.Event()

    def crash(*_: Any, **__: Any) -> Any:
        assert gate.wait(20)
        raise RuntimeError("the secret of parcel 7")

    with serving(demo_home, request_timeout_s=SECONDS) as client:
        assert client.get(SEARCH).status_code == 200
        monkeypatch.setattr(MemoryEngine, "select", crash)
        assert client.get(SEARCH).status_code == 503
        gate.set()
        logged: list[str] = []

        def told() -> bool:
            logged.append(capsys.readouterr().err)
            return "builtins.RuntimeError" in "".join(logged)

        until(told)
    assert '"event": "out_of_time"' in "".join(logged)
    assert "secret" not in "".join(logged)


def test_a_client_may_be_served_without_a_lifespan(demo_home: Path) -> None:
    bare = TestClient(create_app(Settings(home=demo_home)))
    assert [bare.get(SEARCH).status_code for _ in range(3)] == [200, 200, 200]
