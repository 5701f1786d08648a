"""Long lists in pages: which part is shown, and the addresses of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request

#: Entries of one page.
SIZE: Final = 50
_NUMBER_MAX: Final = 6


@dataclass(frozen=True)
class Pager:
    """One page of a list: its entries, its number from 1, how many pages there are, and its neighbours' addresses."""

    entries: Sequence[Any]
    number: int
    last: int
    before: str
    after: str


def paged(request: Request, entries: Sequence[Any], *, size: int = SIZE, name: str = "page") -> Pager:
    """Return the page of `entries` that the address names by `name`; the nearest there is for any other word."""
    last = max(1, -(-len(entries) // size))
    asked = request.query_params.get(name, "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _NUMBER_MAX else 1
    number = min(max(number, 1), last)

    def at(other: int) -> str:
        pairs = [(key, value) for key, value in request.query_params.multi_items() if key != name]
        path = quote(request.url.path, safe="/")
        return f"{path}?{urlencode([*pairs, (name, other)])}" if 1 <= other <= last else ""

    return Pager(entries[(number - 1) * size : number * size], number, last, at(number - 1), at(number + 1))
