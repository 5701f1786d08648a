"""Answers that leave piece by piece: however many records a file holds, only a few of them are in memory.

Each piece waits its turn and has the time of an answer: a caller who fetches slowly holds no place meanwhile, and many
large files at a time do not keep the others waiting. When the caller is gone, nothing more is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from landmap.api.answers import REVALIDATE, answer
from landmap.api.security import HEAD
from landmap.api.turns import again

#: An answer of so many bytes is sent whole, with its length.
WHOLE_MAX: Final = 8 * 2**20


def sent(pieces: Iterator[bytes], media_type: str, etag: str, headers: Mapping[str, str]) -> Response:
    """Return pieces as one answer: whole when they are few, else streamed."""
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        begun.append(piece)
        size += len(piece)
        if size > WHOLE_MAX:
            return Streamed(begun, pieces, media_type, {"Cache-Control": REVALIDATE, "ETag": etag, **headers})
    return answer(b"".join(begun), media_type, etag, headers)


class Streamed(StreamingResponse):
    """Pieces that are there already, then those that have yet to be made."""

    def __init__(self, begun: list[bytes], rest: Iterator[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        self._begun = begun
        self._rest = rest
        super().__init__(iter(()), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; who asks for the head alone gets no piece."""
        self.body_iterator = self._pieces(scope)
        await super().__call__(scope, receive, send)

    async def _pieces(self, scope: Scope) -> AsyncIterator[bytes]:
        if scope.get(HEAD):
            return
        for piece in self._begun:
            yield piece
        self._begun = []
        while True:
            async with again(scope):
                following = await run_in_threadpool(next, self._rest, None)
            if following is None:
                return
            yield following
