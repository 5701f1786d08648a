"""What stands around every answer: headers, HEAD, host names, body caps; and the clock on slow callers.

Source: OWASP ASVS 5.0 (3.4 headers, 4.1.3 forwarded headers); W3C capability URLs.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: How a TLS handshake begins; the last ASCII character; so many bytes of an address are quoted, whole characters.
_TLS: Final = b"\x16\x03"
_ASCII: Final = 0x7F
_QUOTED: Final = 30
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), geolocation=(self)",
}
#: What a route finds in the scope of a GET that was asked as HEAD.
HEAD: Final = "landmap.head"
VARY: Final = "Accept, Accept-Encoding, Accept-Language, Cookie, Authorization"


class Guard:
    """ASGI middleware: fixed headers on every answer; HEAD answered as GET without a body; TRACE never."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        if head:
            scope = {**scope, "method": "GET", HEAD: True}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                _settle_caching(headers)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, guarded)


def _settle_caching(headers: MutableHeaders) -> None:
    """Name what an answer varies with; a compressed one is no longer byte for byte what a strong ETag promises."""
    if headers.get("Vary", "Accept-Encoding") == "Accept-Encoding":
        headers["Vary"] = VARY
    tag = headers.get("ETag", "W/")
    if "Content-Encoding" in headers and not tag.startswith("W/"):
        headers["ETag"] = f"W/{tag}"


class DeadlineProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with a clock: a caller that does not finish its request in time is cut off.

    uvicorn itself waits for ever for a header or a body; half-open connections would pile up.
    """

    head_seconds = 10.0
    body_seconds = 30.0
    #: A body that comes at least this fast, bytes a second, is waited for: files are sent over slow lines too.
    body_pace = 100_000
    _clock: asyncio.TimerHandle | None = None
    _deadline = 0.0
    _came = b""

    @classmethod
    def within(cls, seconds: float) -> type[DeadlineProtocol]:
        """Return the protocol with `seconds` for a whole request, head and body each."""
        return type(cls.__name__, (cls,), {"head_seconds": seconds, "body_seconds": seconds})

    def _start_clock(self, seconds: float) -> None:
        self._stop_clock()
        self._deadline = self.loop.time() + seconds
        self._clock = self.loop.call_at(self._deadline, self._cut)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _cut(self) -> None:
        if self.loop.time() < self._deadline:
            self._clock = self.loop.call_at(self._deadline, self._cut)
        elif not self.transport.is_closing():
            self.transport.abort()

    def connection_made(self, transport: Any) -> None:
        """Start the clock on the head."""
        super().connection_made(transport)
        self._start_clock(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start the clock on the head of a further request of the same connection."""
        self._start_clock(self.head_seconds)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the clock on the body."""
        self._start_clock(self.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Give a caller who sends at a fair pace the time that takes; trickling gains nothing."""
        self._deadline += len(body) / self.body_pace
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock: the request is whole, the answer may take its time."""
        self._stop_clock()
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take in what came, and keep it at hand: where it is no HTTP, it says why."""
        self._came = data
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as every other fault is answered, and close."""
        detail, errors = _unreadable(self._came)
        body = orjson.dumps(
            {
                "type": "urn:landmap:problem:invalid_value",
                "title": "This is no HTTP request",
                "status": 400,
                "detail": detail,
                "code": "invalid_value",
                "errors": errors,
            }
        )
        fixed = {**HEADERS, "Content-Type": "application/problem+json", "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**fixed, "Content-Length": len(body)}.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n".encode("ascii") + body)
        self.transport.close()


def _unreadable(data: bytes) -> tuple[str, list[dict[str, str]]]:
    """Return what is wrong with bytes that are no HTTP request, and the fault with its cure."""
    if data.startswith(_TLS):
        return "this port speaks HTTP, not HTTPS", []
    line = data.partition(b"\n")[0]
    bare = bytes(byte for byte in line if byte > _ASCII)
    if not bare:
        return "the request line or a header cannot be read", []
    spelt = quote(bare[:_QUOTED])
    try:
        bare.decode()
        hint = "write them percent-encoded, as they stand under found"
    except UnicodeDecodeError:
        hint = "they are not even UTF-8: write the text in UTF-8, percent-encoded"
    fault = {"in": "path", "param": "address", "found": spelt, "hint": hint}
    return "the address has characters that are not ASCII and not percent-encoded", [fault]
