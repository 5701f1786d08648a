"""Routes without FastAPI's machinery, for answers that are asked for many times a second; described like all others."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from fastapi import Request, Response
from starlette.routing import Route

from landmap.api.openapi import NOTE, Note

#: A function of a thread (plain) or of the event loop (async).
Endpoint = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]


class PlainRoute(Route):
    """A route that hands the request to its endpoint as it came.

    Parameters
    ----------
    path : str
    endpoint : Endpoint
    note : Note
        What it takes and answers.
    summary, operation_id, tag : str
        As FastAPI's.
    """

    def __init__(self, path: str, endpoint: Endpoint, note: Note, *, summary: str, operation_id: str, tag: str) -> None:
        super().__init__(path, endpoint, methods=["GET"])
        self.note = note
        self.summary = summary
        self.operation_id = operation_id
        self.tag = tag

    def operation(self) -> dict[str, Any]:
        """Return what FastAPI would say of the route, with its note."""
        return {
            "tags": [self.tag],
            "summary": self.summary,
            "description": inspect.getdoc(self.endpoint) or "",
            "operationId": self.operation_id,
            "responses": {"200": {}},
            NOTE: asdict(self.note),
        }
