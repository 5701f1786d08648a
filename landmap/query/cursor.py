"""Cursors: where a page ended, as opaque text.

A cursor names the last record and its position. After a publish the same record is looked for again, so paging goes on
where it stood; if the record is gone, at its position.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final

from landmap.domain.errors import InvalidValueError

_MAX_LENGTH: Final = 2000
_MARK: Final = 8


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page: `position` records came before and with it, `id` was the last; `mark` names the query."""

    mark: str
    position: int
    id: str

    def encode(self) -> str:
        """Return the cursor as text of the URL-safe base64 alphabet."""
        raw = json.dumps([self.mark, self.position, self.id], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode("ascii").rstrip("=")


def mark_of(*parts: str) -> str:
    """Return a short mark that differs for different queries."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_MARK]


def decode(text: str, mark: str) -> Cursor:
    """Return the cursor that `text` stands for.

    Raises
    ------
    InvalidValueError
        For a text that `Cursor.encode` did not make, or made for another query.
    """
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        made, position, id = json.loads(raw.decode())
        if not (isinstance(made, str) and type(position) is int and position >= 0 and isinstance(id, str)):
            raise ValueError("not ours")
    except (ValueError, TypeError, RecursionError):
        raise InvalidValueError.of("after", text, "is no cursor of ours", "follow the next link") from None
    if made != mark:
        raise InvalidValueError.of("after", text, "belongs to another query", "follow the next link of this one")
    return Cursor(made, position, id)
