"""Words and what they may mean; the longest one at a place is found in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from landmap.query.phrase.text import folded, latin


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a word.

    `role` is what it does in a phrase, `key` the criterion, unit or position it stands for, `value` the code it names.
    """

    role: str
    key: str = ""
    value: str = ""


@dataclass
class Lexicon:
    """Folded terms with their senses, in the order in which they were added."""

    senses: dict[str, tuple[Sense, ...]] = field(default_factory=dict)
    _lengths: dict[str, list[int]] = field(default_factory=dict)

    def add(self, term: str, sense: Sense) -> None:
        """Let `term` mean `sense` too; an empty term is left out."""
        plain = folded(term).text.strip()
        known = self.senses.get(plain, ())
        if not plain or sense in known:
            return
        self.senses[plain] = (*known, sense)
        lengths = self._lengths.setdefault(plain[0], [])
        if len(plain) not in lengths:
            lengths.append(len(plain))
            lengths.sort(reverse=True)

    def longest(self, text: str, start: int) -> str:
        """Return the longest term at `start` of folded `text`, empty for none; a Latin word is taken whole or not."""
        for length in self._lengths.get(text[start], ()):
            term = text[start : start + length]
            if len(term) == length and term in self.senses and _whole_word(text, start, start + length):
                return term
        return ""


def meanings(term: str, lexicons: Iterable[Lexicon]) -> tuple[Sense, ...]:
    """Return every sense of `term`, each once."""
    return tuple(dict.fromkeys(sense for lexicon in lexicons for sense in lexicon.senses.get(term, ())))


def _whole_word(text: str, start: int, end: int) -> bool:
    """Whether the term does not cut a Latin word; a number may stand before a unit (``50mu``)."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    cut_before = latin(first) and bool(before) and latin(before) and (first.isdigit() or before.isalpha())
    return not cut_before and not (latin(last) and bool(after) and latin(after))
