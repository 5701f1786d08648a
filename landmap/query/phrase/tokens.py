"""A phrase cut into words, numbers and what is neither, from left to right, the longest word first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from landmap.query.phrase.lexicon import Lexicon, Sense, meanings
from landmap.query.phrase.numerals import Numeral, numeral
from landmap.query.phrase.text import Folded, latin

#: How long a number of a parcel may be.
NUMBER_MAX: Final = 40
_DATE: Final = re.compile(r"([12][0-9]{3})[-/年.]([0-9]{1,2})[-/月.]([0-9]{1,2})日?(?![0-9])")
_BREAKS: Final = frozenset(",.。;!?()[]{}【】〔〕《》「」『』“”‘’\"'、…")


class Numbers(Protocol):
    """What knows the numbers of records."""

    def numbered(self, word: str) -> str | None:
        """Return the number on file that `word` spells, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, break or stranger: ``text[start:end]`` of the folded phrase.

    `blank` tells whether a blank or a break stands before it.
    """

    start: int
    end: int
    blank: bool
    senses: tuple[Sense, ...] = ()
    number: Numeral | None = None
    stop: bool = False

    def sense(self, role: str, key: str | None = None) -> Sense | None:
        """Return the first sense in a role, and with a key where one is given."""
        return next((one for one in self.senses if one.role == role and key in (None, one.key)), None)

    @property
    def stranger(self) -> bool:
        """Whether nothing is known of it."""
        return not self.senses and self.number is None and not self.stop


def tokens(phrase: Folded, lexicons: Sequence[Lexicon], numbers: Numbers) -> Iterator[Token]:
    """Yield the tokens of `phrase`; every character but blanks belongs to one."""
    text, at, blank = phrase.text, 0, True
    while at < len(text):
        if text[at] == " ":
            at, blank = at + 1, True
            continue
        token = _token(text, at, blank, lexicons, numbers)
        yield token
        at, blank = token.end, token.stop


def _token(text: str, at: int, blank: bool, lexicons: Sequence[Lexicon], numbers: Numbers) -> Token:
    day = _DATE.match(text, at)
    if day is not None:
        return Token(at, day.end(), blank, _day(day))
    inside = at > 0 and latin(text[at - 1])
    found = None if inside else numeral(text, at)
    term = _longest(text, at, lexicons)
    if latin(text[at]) and not inside:
        end = _run(text, at)
        known = None if _spoken(text, found, at, len(term), end, lexicons) else numbers.numbered(text[at:end])
        if known is not None:
            return Token(at, end, blank, (Sense("value", "q", known),))
    if found is not None and found.end >= at + len(term):
        return Token(at, found.end, blank, number=found)
    if term:
        return Token(at, at + len(term), blank, meanings(term, lexicons))
    if latin(text[at]):
        return Token(at, _word(text, at), blank)
    return Token(at, at + 1, blank, stop=text[at] in _BREAKS)


def _longest(text: str, at: int, lexicons: Sequence[Lexicon]) -> str:
    return max((lexicon.longest(text, at) for lexicon in lexicons), key=len)


def _spoken(text: str, found: Numeral | None, at: int, length: int, end: int, lexicons: Sequence[Lexicon]) -> bool:
    """Whether a run of letters and digits is words of the language (``m0``, ``50mu``), so that it is no number."""
    if found is None or found.end >= end:
        return at + length >= end
    return found.end + len(_longest(text, found.end, lexicons)) >= end


def _run(text: str, at: int) -> int:
    """Return the end of what may be a number of a record: Latin letters, digits, and dashes between them."""
    end = at
    while end < min(len(text), at + NUMBER_MAX) and (latin(text[end]) or text[end] in "-_—–/."):
        end += 1
    while not latin(text[end - 1]):
        end -= 1
    return end


def _word(text: str, at: int) -> int:
    """Return the end of a strange Latin word or overlong number."""
    end = at + 1
    while end < len(text) and latin(text[end]):
        end += 1
    return end


def _day(found: re.Match[str]) -> tuple[Sense, ...]:
    """Return a day of the calendar; a day that does not exist means nothing."""
    try:
        return (Sense("day", value=dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat()),)
    except ValueError:
        return ()
