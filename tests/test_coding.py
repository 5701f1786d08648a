"""Answers are packed the quickest way the caller takes, and are the same when unpacked."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Any

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from landmap.api.coding import SHORT, Packing, coding_for, packed

NAMES = {"zstd": "zstd", "br": "brotli", "gzip": "gzip"}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("zstd;q=0, br;q=0.000, gzip;q=0.5", "gzip"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("deflate", None),
        (";;;,,,q=", None),
    ],
)
def test_a_caller_says_what_it_takes(header: str, coding: str | None) -> None:
    assert coding_for(header) == coding


@given(st.text(max_size=60))
def test_no_header_breaks_it(header: str) -> None:
    assert coding_for(header) in (None, *NAMES)


def answered(bodies: Sequence[bytes], accepted: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of an answer that an application sends in pieces."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": told})
        for number, body in enumerate(bodies, start=1):
            await send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is to be received")

    scope = {"type": "http", "headers": [(b"accept-encoding", accepted.encode())]}
    asyncio.run(Packing(app)(scope, receive, send))
    told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return told, b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize("coding", NAMES)
def test_a_whole_answer_is_packed_and_its_length_told(coding: str) -> None:
    body = b"parcel " * 1000
    headers, content = answered([body], coding, **{"content-length": str(len(body))})
    assert headers["content-encoding"] == coding
    assert headers["content-length"] == str(len(content))
    assert pyarrow.Codec(NAMES[coding]).decompress(content, len(body), asbytes=True) == body
    assert len(content) < len(body) / 10


def test_what_leaves_piece_by_piece_is_one_gzip_stream() -> None:
    pieces = [b"a" * 5000, b"", b"b" * 5000, b"c"]
    headers, content = answered(pieces, "zstd, gzip", **{"content-length": "10001"})
    assert headers["content-encoding"] == "gzip"
    assert "content-length" not in headers
    assert zlib.decompress(content, zlib.MAX_WBITS | 16) == b"".join(pieces)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * (SHORT - 1), {}),
        (b"x" * 5000, {"content-encoding": "br"}),
        (b"x" * 5000, {"content-type": "application/pdf"}),
        (b"x" * 5000, {"content-type": "image/png"}),
    ],
)
def test_what_is_short_or_packed_already_is_sent_as_it_is(body: bytes, headers: dict[str, str]) -> None:
    told, content = answered([body], "gzip", **headers)
    assert (told, content) == (headers, body)


def test_packing_is_the_same_each_time() -> None:
    assert packed(b"x" * 5000, "zstd") == packed(b"x" * 5000, "zstd")
