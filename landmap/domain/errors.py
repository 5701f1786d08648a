"""The error tree: what went wrong, where, what was found, and what to do.

Nothing here knows of HTTP or exit codes; ``landmap.api.problems`` and ``landmap.cli`` each hold one table from class to
answer, and a test checks that the tables are complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

_SHOWN = 120


def shown(value: object, limit: int = _SHOWN) -> str:
    """Return `value` as it may be quoted in a message: one line, printable, at most `limit` characters.

    Examples
    --------
    >>> shown("a" * 200, limit=5)
    "'aaaa…'"
    """
    text = value if isinstance(value, str) else str(value)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: limit + 1])
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault sits; every part is optional.

    `where` and `param` speak of a request ("query", "path", "body"); the rest of a file.
    """

    where: str | None = None
    param: str | None = None
    file: str | None = None
    layer: str | None = None
    row: int | None = None
    field: str | None = None
    found: str | None = None
    hint: str | None = None


class LandmapError(Exception):
    """Base of every error that a caller may be told about.

    Parameters
    ----------
    message : str
        What is wrong, with the value found.
    hint : str, optional
        What to do about it.
    places : tuple of Place
        Where; one entry per fault, so that all faults are told at once.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None, places: tuple[Place, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.places = places

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} ({self.hint})"


class InvalidValueError(LandmapError):
    """A value that means nothing here: malformed, out of range, or in conflict with another."""

    code = "invalid_value"

    @classmethod
    def of(
        cls, param: str, found: object, message: str, hint: str | None = None, where: str = "query"
    ) -> InvalidValueError:
        """Return the error for one request parameter."""
        place = Place(where=where, param=param, found=shown(found), hint=hint)
        return cls(f"{param}: {message}; found {shown(found)}", hint=hint, places=(place,))


class UnknownParameterError(LandmapError):
    """A parameter that no filter, page or format setting is called."""

    code = "unknown_parameter"


class InvalidFilterError(LandmapError):
    """A CQL2 expression that does not parse or does not type-check."""

    code = "invalid_filter"


class UnknownFieldError(LandmapError):
    """A field that does not exist, or that the audience may not see: the answer is the same."""

    code = "unknown_field"


class TooCostlyError(LandmapError):
    """A request past its vertex, length or cost cap."""

    code = "too_costly"


class NotFoundError(LandmapError):
    """A layer, record, version or page that does not exist for this audience."""

    code = "not_found"


class GoneError(LandmapError):
    """A record that was withdrawn, or a link that is unknown, expired or revoked."""

    code = "gone"


class UnauthenticatedError(LandmapError):
    """Who is asking is not known."""

    code = "unauthenticated"


class ForbiddenError(LandmapError):
    """Who is asking may not do this."""

    code = "forbidden"


class BusyError(LandmapError):
    """Another writer holds the store."""

    code = "busy"


class ConflictError(LandmapError):
    """The state changed under the caller."""

    code = "conflict"


class TooLargeError(LandmapError):
    """A body or file past its size cap."""

    code = "too_large"


class RateLimitedError(LandmapError):
    """Too many requests from one place."""

    code = "rate_limited"


class UnavailableError(LandmapError):
    """A part the answer needs is out of reach for now."""

    code = "unavailable"


class SchemaError(LandmapError):
    """A layer or a table of ours that breaks its own description."""

    code = "schema"


class SourceError(LandmapError):
    """A file that cannot be read or trusted; nothing of it was taken."""

    code = "source"


class StoreError(LandmapError):
    """A home folder or snapshot that is damaged."""

    code = "store"


class ConfigError(LandmapError):
    """A setting or district file that cannot be used."""

    code = "config"


def as_dict(place: Place) -> dict[str, Any]:
    """Return the known parts of `place`, in problem+json names (``in`` for `where`)."""
    named = {
        "in": place.where,
        "param": place.param,
        "file": place.file,
        "layer": place.layer,
        "row": place.row,
        "field": place.field,
        "found": place.found,
        "hint": place.hint,
    }
    return {name: value for name, value in named.items() if value is not None}
