"""How long an answer may take, and how many are made at the same time.

Routes run in threads, and a thread that computes cannot be stopped. So a request gets a place before it computes and
gives it back when its answer begins. When its time is up the caller is told, and the place stays taken until the thread
has noticed (`landmap.domain.deadline`): however many callers come, no more threads are ever busy than there are places.

Source: trust model T21 and T22.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from landmap.api.problems import instance_of, told
from landmap.domain import deadline
from landmap.domain.deadline import Deadline
from landmap.domain.errors import LandmapError, UnavailableError

#: What does no work and must be answered whatever happens.
FREE: Final = frozenset({"/healthz"})
#: How many may wait for a place, as a multiple of the places.
QUEUE: Final = 16
#: Where a request finds the turns it waits for.
TURNS: Final = "landmap.turns"


class Places:
    """The places of one process, for requests of one event loop.

    Parameters
    ----------
    number : int
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.waiting = 0
        #: Places held by work that nobody waits for any more.
        self.lost = 0
        self._free = asyncio.Semaphore(number)

    async def take(self, seconds: float) -> None:
        """Take a place, within `seconds`.

        Raises
        ------
        UnavailableError
            At once when the queue is full or no place will come free, else when the time is up.
        """
        if self.lost >= self.number or self.waiting >= QUEUE * self.number:
            raise UnavailableError("too much is being asked of this server", hint="try again in a moment")
        self.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Deadline(seconds).error(costly=False) from None
        finally:
            self.waiting -= 1

    def give_back(self) -> None:
        """Give a place back."""
        self._free.release()


class Turns:
    """ASGI middleware: every request waits its turn and is answered in time, if only to say that the time is up.

    Parameters
    ----------
    app : ASGI application
    seconds : float
        How long an answer may take to begin, the wait for a place included. What the caller takes to send the request
        or to fetch the answer does not count.
    places : int
        How many answers are made at the same time.
    """

    def __init__(self, app: ASGIApp, seconds: float, places: int) -> None:
        self.app = app
        self.seconds = seconds
        self.places = Places(places)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self.app(scope, receive, send)
            return
        scope[TURNS] = self
        await _Turn(self, scope, receive, send).serve()


@asynccontextmanager
async def again(scope: Scope) -> AsyncIterator[None]:
    """Take a place once more, for a piece of an answer that has begun; it has the time of an answer.

    Raises
    ------
    UnavailableError
        When no place comes free in time.
    """
    turns: Turns = scope[TURNS]
    await turns.places.take(turns.seconds)
    try:
        with deadline.running(Deadline(turns.seconds)):
            yield
    finally:
        turns.places.give_back()


class _Turn:
    """One request: its place, its clock, and who may still answer."""

    def __init__(self, turns: Turns, scope: Scope, receive: Receive, send: Send) -> None:
        self.turns = turns
        self.scope = scope
        self.deadline = Deadline(turns.seconds)
        self._receive = receive
        self._send = send
        self._placed = False
        self._begun = False
        self._over = False
        self._clock: asyncio.TimerHandle | None = None
        self._late: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Answer by the application, or in its stead when the time is up before it begins."""
        try:
            await self._enter()
        except LandmapError as error:
            await self._refuse(error)
            return
        with deadline.running(self.deadline):
            work = asyncio.create_task(self._work())
        try:
            await asyncio.wait({work, self._late}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if work.done() or self._begun:
            await work
            return
        self._over = True
        self.turns.places.lost += 1
        work.add_done_callback(self._found)
        structlog.get_logger("landmap").warning("out_of_time", path=instance_of(Request(self.scope)))
        await self._refuse(self.deadline.error(costly=False))

    async def _work(self) -> None:
        try:
            await self.turns.app(self.scope, self.receive, self.send)
        finally:
            self._leave()

    def _found(self, work: asyncio.Task[None]) -> None:
        self.turns.places.lost -= 1
        if not work.cancelled() and (error := work.exception()) is not None:
            structlog.get_logger("landmap").error("crash", path=instance_of(Request(self.scope)), exc_info=error)

    async def receive(self) -> Message:
        """Hand on what the caller sends; while it takes its time, others may have the place."""
        if self._begun or self._over:
            return await self._receive()
        self._leave()
        message = await self._receive()
        await self._enter()
        return message

    async def send(self, message: Message) -> None:
        """Hand on the answer, unless the caller was told already that it came too late."""
        if self._over:
            return
        if not self._begun:
            self._begun = True
            self._leave()
        await self._send(message)

    async def _enter(self) -> None:
        self.deadline.restart()
        await self.turns.places.take(self.turns.seconds)
        self._placed = True
        loop = asyncio.get_running_loop()
        self._clock = loop.call_later(self.deadline.left(), self._strike)

    def _leave(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        if self._placed:
            self._placed = False
            self.turns.places.give_back()

    def _strike(self) -> None:
        if not self._late.done():
            self._late.set_result(None)

    async def _refuse(self, error: LandmapError) -> None:
        request = Request(self.scope)
        await told(request, error)(self.scope, self._receive, self._send)
