"""Large answers leave piece by piece: little memory, a place for each piece, nothing for a caller who is gone."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient
from starlette.types import Message

from landmap.api import problems
from landmap.api.openapi import Note
from landmap.api.plain import PlainRoute
from landmap.api.security import Guard
from landmap.api.streaming import WHOLE_MAX, Streamed, sent
from landmap.api.turns import TURNS, Turns
from landmap.domain import deadline

PIECE = bytes(2**20)


def pieces(number: int, made: list[int] | None = None) -> Iterator[bytes]:
    for count in range(number):
        if made is not None:
            made.append(count)
        yield PIECE


def client_of(answer: Any, seconds: float = 5.0, places: int = 1) -> TestClient:
    app = FastAPI()
    problems.install(app)
    app.router.routes.append(PlainRoute("/file", answer, Note(), summary="", operation_id="file", tag=""))
    app.add_middleware(Turns, seconds=seconds, places=places)
    app.add_middleware(Guard)
    return TestClient(app, raise_server_exceptions=False)


def test_a_few_pieces_are_one_answer_with_its_length() -> None:
    answer = sent(pieces(2), "text/csv", '"tag"', {"X-Name": "a"})
    assert not isinstance(answer, Streamed)
    assert answer.headers["content-length"] == str(2 * len(PIECE))
    assert (answer.headers["etag"], answer.headers["x-name"]) == ('"tag"', "a")


def test_many_pieces_are_streamed_and_arrive_whole() -> None:
    def file(request: Request) -> Response:
        return sent(pieces(20), "text/csv", '"tag"', {"X-Name": "a"})

    answer = client_of(file).get("/file")
    assert "content-length" not in answer.headers
    assert (answer.headers["etag"], answer.headers["x-name"]) == ('"tag"', "a")
    assert len(answer.content) == 20 * len(PIECE)


def test_who_asks_for_the_head_alone_has_no_pieces_made() -> None:
    made: list[int] = []

    def file(request: Request) -> Response:
        return sent(pieces(500, made), "text/csv", '"tag"', {})

    answer = client_of(file).head("/file")
    assert (answer.status_code, answer.content) == (200, b"")
    assert len(made) <= WHOLE_MAX // len(PIECE) + 1


def test_each_piece_has_the_time_of_an_answer() -> None:
    def slowly() -> Iterator[bytes]:
        for _ in range(12):
            deadline.check()
            yield PIECE

    clock = iter(range(10**6))

    def file(request: Request) -> Response:
        return sent(slowly(), "text/csv", '"tag"', {})

    with pytest.MonkeyPatch.context() as patch:
        # Every look at the clock finds it a hundredth of a second later: all pieces together are out of time.
        patch.setattr("landmap.domain.deadline.time.monotonic", lambda: next(clock) / 100)
        assert len(client_of(file, seconds=0.5).get("/file").content) == 12 * len(PIECE)


def test_a_piece_that_takes_too_long_ends_the_answer() -> None:
    def endless() -> Iterator[bytes]:
        yield from pieces(10)
        while True:
            deadline.check()

    def file(request: Request) -> Response:
        return sent(endless(), "text/csv", '"tag"', {})

    app = client_of(file, seconds=0.2)
    with pytest.raises(RuntimeError, match="already started"):
        TestClient(app.app).get("/file")


async def taken(rest: Iterator[bytes], stop_after: int) -> int:
    """Return how many pieces arrived at a caller who leaves after some."""
    arrived = 0
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal arrived
        arrived += message["type"] == "http.response.body"
        if arrived >= stop_after:
            gone.set()
            await asyncio.sleep(0.05)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    scope = {"type": "http", "asgi": {"spec_version": "2.3"}, TURNS: Turns(app, 5.0, 1)}
    await Streamed([PIECE], rest, "text/csv", {})(scope, receive, send)
    return arrived


def test_for_a_caller_who_is_gone_nothing_more_is_made() -> None:
    made: list[int] = []
    assert asyncio.run(taken(pieces(10_000, made), stop_after=3)) < 10
    assert len(made) < 10


def test_a_slow_caller_holds_no_place() -> None:
    async def both() -> tuple[int, ...]:
        return tuple(await asyncio.gather(*(taken(pieces(30), 10**6) for _ in range(4))))

    assert asyncio.run(both()) == (32,) * 4


def test_a_large_file_never_stands_in_memory() -> None:
    async def all_of_it() -> int:
        return await taken((bytes(2**20) for _ in range(200)), 10**6)

    tracemalloc.start()
    try:
        assert asyncio.run(all_of_it()) == 202
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
