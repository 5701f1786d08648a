"""Faults of a query, told all at once; no message repeats more than 120 characters of what was sent."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from landmap.domain.errors import (
    InvalidValueError,
    LandmapError,
    Place,
    UnknownFieldError,
    UnknownParameterError,
    shown,
)

#: How many faults a message spells out; `places` names every one.
_SPELT: Final = 10
_NAME: Final = 60


def unknown_parameter(param: str, text: str, known: Collection[str]) -> UnknownParameterError:
    """Return the error for a parameter that is no criterion, with the names it may have meant."""
    near = difflib.get_close_matches(param[:_NAME], known, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "see the criteria of this layer"
    place = Place(where="query", param=param[:_NAME], found=shown(text), hint=hint)
    return UnknownParameterError(f"no parameter is called {shown(param, _NAME)}", hint=hint, places=(place,))


def unknown_field(name: str, visible: Iterable[str]) -> UnknownFieldError:
    """Return the error for a field that does not exist for the audience; hidden and absent read the same."""
    near = difflib.get_close_matches(name[:_NAME], list(visible), n=3)
    hint = f"did you mean {', '.join(near)}?" if near else None
    place = Place(where="query", field=name[:_NAME], found=shown(name, _NAME), hint=hint)
    return UnknownFieldError(f"no field is called {shown(name, _NAME)}", hint=hint, places=(place,))


def given_twice(name: str, again: tuple[str, str], limit: int) -> InvalidValueError:
    """Return the error for a parameter repeated too often; `again` is the second name and text."""
    param, text = again
    if limit > 1:
        return InvalidValueError.of(name, text, f"is repeated more than {limit} times", "ask for fewer")
    return InvalidValueError.of(param, text, "is given twice", f"give {name} once")


def reversed_range(low: str, least: str, high: str, most: str) -> InvalidValueError:
    """Return the error for a lower limit above its upper one."""
    hint = f"{low} must not be above {high}"
    places = tuple(
        Place(where="query", param=name, found=shown(text), hint=hint) for name, text in ((low, least), (high, most))
    )
    message = f"{low}, {high}: the range is reversed; found {shown(least)} and {shown(most)}"
    return InvalidValueError(message, hint=hint, places=places)


def two_units(given: Sequence[tuple[str, str]]) -> InvalidValueError:
    """Return the error for limits in different area units."""
    names, hint = ", ".join(param for param, _ in given), "give both limits in one unit"
    places = tuple(Place(where="query", param=param, found=shown(text), hint=hint) for param, text in given)
    return InvalidValueError(f"{names}: two area units in one query", hint=hint, places=places)


def raise_all(told: Sequence[LandmapError]) -> None:
    """Raise the faults as one error that names every place; do nothing when there are none."""
    if not told:
        return
    if len(told) == 1:
        raise told[0]
    first = next((error for error in told if isinstance(error, UnknownParameterError)), told[0])
    message = "; ".join(error.message for error in told[:_SPELT])
    more = f"; and {len(told) - _SPELT} more" if len(told) > _SPELT else ""
    places = tuple(place for error in told for place in error.places)
    raise type(first)(f"{len(told)} faults: {message}{more}", hint=first.hint, places=places)
