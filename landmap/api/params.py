"""Query strings, read strictly: UTF-8 or a 400, no control characters, numbers as written by people.

The parameters of a list are of two kinds: criteria (declared in ``landmap.query``) and those of the answer itself
(paging, order, format, language), which are read here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from landmap.domain import LANGS, Lang
from landmap.domain.errors import (
    InvalidValueError,
    LandmapError,
    Place,
    TooCostlyError,
    UnknownParameterError,
    shown,
)

MAX_QUERY_BYTES: Final = 65_536
MAX_PAIRS: Final = 500
#: OGC API asks that a larger limit be served as the largest, not refused.
LIMIT_MAX: Final = 10_000

#: How much of a name is repeated, and how many names are listed.
_NAME_SHOWN: Final = 60
_FEW: Final = 12
_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DIGITS = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9]{1,64}\Z", re.ASCII)
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,2000}\Z", re.ASCII)

Pairs = list[tuple[str, str]]


def read_pairs(query: bytes) -> Pairs:
    """Return the decoded pairs of a query string, in order.

    Raises
    ------
    InvalidValueError
        For a bad percent escape, bytes that are no UTF-8 (a lone surrogate among them), or a control character.
    TooCostlyError
        Past 64 KiB or 500 pairs.
    """
    if len(query) > MAX_QUERY_BYTES:
        raise TooCostlyError(f"the query string has {len(query)} bytes; {MAX_QUERY_BYTES} are read at the most")
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MAX_PAIRS:
        raise TooCostlyError(f"the query string has {len(parts)} parameters; {MAX_PAIRS} are read at the most")
    pairs = []
    for part in parts:
        name, _, value = part.partition(b"=")
        pairs.append((_text(name, "?"), _text(value, name.decode("ascii", "replace"))))
    return pairs


def _text(raw: bytes, param: str) -> str:
    if _PERCENT.search(raw):
        raise InvalidValueError.of(
            param, raw.decode("ascii", "replace"), "has a % that starts no escape", "write % as %25"
        )
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidValueError.of(
            param, raw.decode("ascii", "replace"), "is no UTF-8", "encode the value as UTF-8"
        ) from None
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise InvalidValueError.of(param, text, "has a control character", "remove it")
    return text


@dataclass(frozen=True)
class Answer:
    """How an answer is wanted: page, order, format, language, and of which version."""

    limit: int | None = None
    after: str | None = None
    sort: tuple[str, ...] = ()
    f: str | None = None
    lang: Lang | None = None
    v: str | None = None


ANSWER_PARAMS: Final = ("limit", "after", "sort", "sortby", "f", "lang")


def split_answer(pairs: Pairs, offered: tuple[str, ...] = ANSWER_PARAMS) -> tuple[Answer, Pairs]:
    """Return the answer parameters among `pairs`, and the rest; all faults are told at once."""
    mine: dict[str, str] = {}
    rest: Pairs = []
    faults: list[LandmapError] = []
    for name, value in pairs:
        if name not in offered:
            rest.append((name, value))
        elif name in mine:
            faults.append(InvalidValueError.of(name, value, "is given twice", "give it once"))
        else:
            mine[name] = value
    if "sort" in mine and "sortby" in mine:
        faults.append(InvalidValueError.of("sortby", mine["sortby"], "stands beside sort", "give one of the two"))
    read = {}
    for name, value in mine.items():
        try:
            read["sort" if name == "sortby" else name] = _READ[name](name, value)
        except LandmapError as error:
            faults.append(error)
    raise_all(faults)
    return Answer(**read), rest  # type: ignore[arg-type]


def raise_all(faults: list[LandmapError]) -> None:
    """Raise the faults as one error that tells them all; do nothing when there are none."""
    if not faults:
        return
    if len(faults) == 1:
        raise faults[0]
    places = tuple(place for fault in faults for place in fault.places)
    raise type(faults[0])("; ".join(fault.message for fault in faults), places=places)


def only(pairs: Pairs, names: tuple[str, ...]) -> dict[str, str]:
    """Return `pairs` as a mapping of single values; UnknownParameterError for any other name."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in names:
            raise unknown(name, value, names)
        if name in found:
            raise InvalidValueError.of(name, value, "is given twice", "give it once")
        found[name] = value
    return found


def unknown(name: str, value: str, names: Collection[str]) -> UnknownParameterError:
    """Return the error for a parameter nobody reads here; only `names` are ever suggested."""
    near = difflib.get_close_matches(name[:_NAME_SHOWN], names, n=3)
    few = f"known here: {', '.join(names) or 'none'}"
    hint = f"did you mean {', '.join(near)}?" if near else few if len(names) <= _FEW else "see /api/docs"
    place = Place(where="query", param=name[:_NAME_SHOWN], found=shown(value), hint=hint)
    told = f"no parameter of this address is called {shown(name, _NAME_SHOWN)}"
    return UnknownParameterError(told, hint=hint, places=(place,))


def read_limit(name: str, text: str) -> int:
    """Return a limit of at least 1; a larger one than `LIMIT_MAX` is served as that."""
    if not _DIGITS.match(text) or int(text) < 1:
        raise InvalidValueError.of(name, text, "must be a whole number from 1", f"1 to {LIMIT_MAX}")
    return min(int(text), LIMIT_MAX)


def read_lang(name: str, text: str) -> Lang:
    """Return a language we speak."""
    for lang in LANGS:
        if text == lang:
            return lang
    raise InvalidValueError.of(name, text, "is no language of ours", f"one of {', '.join(LANGS)}")


def read_version(name: str, text: str) -> str:
    """Return the key of an answer's content."""
    if not _VERSION.match(text):
        raise InvalidValueError.of(name, text, "is no version", "use what `search` or a tileset tells")
    return text


def read_format(name: str, text: str, offered: tuple[str, ...]) -> str:
    """Return a format that is on offer."""
    if text not in offered:
        raise InvalidValueError.of(name, text, "is no format on offer here", f"one of {', '.join(offered)}")
    return text


def _read_after(name: str, text: str) -> str:
    if not _CURSOR.match(text):
        raise InvalidValueError.of(name, text, "is no cursor of ours", "follow the `next` link")
    return text


def _read_sort(name: str, text: str) -> tuple[str, ...]:
    keys = tuple(part.strip().removeprefix("+") for part in text.split(","))
    if not all(keys) or len(keys) > 5:
        raise InvalidValueError.of(name, text, "must name one to five fields", "such as -area_m2,parcel_no")
    return keys


def _read_text(_name: str, text: str) -> str:
    return text


_READ: Final = {
    "limit": read_limit,
    "after": _read_after,
    "sort": _read_sort,
    "sortby": _read_sort,
    "f": _read_text,
    "lang": read_lang,
    "v": read_version,
}
