"""Packed answers: zstd or brotli where the caller takes them, else gzip, each at its quickest.

What is packed in the request path must cost less than it saves: at its quickest zstd packs a page of records in a tenth
of the time that gzip takes at its usual level, and no larger. What leaves piece by piece is packed by gzip, whose state
goes on from piece to piece.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Coding = Literal["zstd", "br", "gzip"]

#: Answers shorter than this are sent as they are.
SHORT: Final = 1000
#: Bodies of as much are packed by a thread: so many bytes take a millisecond, and others wait for the loop.
ASIDE: Final = 64 * 1024
_LEVEL: Final = 1
_NAMES: Final[Mapping[Coding, str]] = {"zstd": "zstd", "br": "brotli", "gzip": "gzip"}
#: What is packed already.
_PACKED: Final = re.compile(r"image/(?!svg)|font/|application/(pdf|zip|vnd\.openxml|vnd\.apache\.parquet|geopackage)")
_REFUSED: Final = re.compile(r"q=0(\.0*)?\Z")


def coding_for(header: str) -> Coding | None:
    """Return how an answer may be packed, by ``Accept-Encoding``; None for not at all.

    Examples
    --------
    >>> coding_for("gzip, deflate, br"), coding_for("gzip;q=0"), coding_for("")
    ('br', None, None)
    """
    taken = set()
    for part in header.lower().split(","):
        name, *settings = (piece.strip() for piece in part.split(";"))
        if not any(map(_REFUSED.match, settings)):
            taken.add(name)
    return next((coding for coding in _NAMES if coding in taken), "gzip" if "*" in taken else None)


def packed(body: bytes, coding: Coding) -> bytes:
    """Return `body` packed."""
    import pyarrow  # the tables of a version are read with it: it is there before the first answer

    # Some codecs have a state, and threads pack at the same time: each body gets its own.
    made: bytes = pyarrow.Codec(_NAMES[coding], compression_level=_LEVEL).compress(body, asbytes=True)
    return made


class Packing:
    """ASGI middleware: answers of some length are packed; one that says how it is packed is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        coding = coding_for(Headers(scope=scope).get("accept-encoding", "")) if scope["type"] == "http" else None
        await self.app(scope, receive, send if coding is None else _Packer(coding, send))


class _Packer:
    """One answer on its way."""

    def __init__(self, coding: Coding, send: Send) -> None:
        self.coding = coding
        self._send = send
        self._start: Message | None = None
        self._stream: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if "content-encoding" in headers or _PACKED.match(headers.get("content-type", "")):
                await self._send(message)
            else:
                self._start = message
            return
        if message["type"] == "http.response.body" and self._start is not None:
            await self._begin(self._start, message)
            self._start = None
        elif message["type"] == "http.response.body" and self._stream is not None:
            await self._send({**message, "body": await self._piece(message)})
        else:
            await self._send(message)

    async def _begin(self, start: Message, message: Message) -> None:
        headers = MutableHeaders(scope=start)
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            headers["Content-Encoding"] = "gzip"
            del headers["Content-Length"]
            self._stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
            body = await self._piece(message)
        elif len(body) >= SHORT:
            headers["Content-Encoding"] = self.coding
            coding = self.coding
            body = await run_in_threadpool(packed, body, coding) if len(body) >= ASIDE else packed(body, coding)
            headers["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({**message, "body": body})

    async def _piece(self, message: Message) -> bytes:
        body: bytes = message.get("body", b"")
        pack = self._stream.compress
        piece: bytes = await run_in_threadpool(pack, body) if len(body) >= ASIDE else pack(body)
        return piece if message.get("more_body") else piece + self._stream.flush()
