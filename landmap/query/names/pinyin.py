"""How a name sounds: its pinyin without tones, and the first letters. The one door to pypinyin.

The library is loaded at the first name that is asked for in Latin letters, never when a server starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from landmap.query.phrase.text import fold

_LETTERS: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Sound:
    """A name in Latin letters: `full` without blanks, `initials`, and where in `full` each syllable begins."""

    full: str
    initials: str
    starts: frozenset[int]

    def rank(self, letters: str) -> int | None:
        """Return how well `letters` fit: 0 the whole name … 4 initials within it; None when they do not.

        A syllable is never entered in its middle: “an” is no part of 沧 (cang).
        """
        if letters == self.full:
            return 0
        at = self.full.find(letters)
        while at >= 0 and at not in self.starts:
            at = self.full.find(letters, at + 1)
        if at >= 0:
            return 1 if at == 0 else 2
        if len(letters) > 1 and letters in self.initials:
            return 3 if self.initials.startswith(letters) else 4
        return None


def sound(name: str) -> Sound:
    """Return how `name` sounds; what is no Chinese character stands for itself, signs are left out.

    Examples
    --------
    >>> found = sound("重庆中路A座")
    >>> found.full, found.initials, found.rank("zhonglu"), found.rank("cqzl")
    ('chongqingzhongluazuo', 'cqzlaz', 2, 3)
    """
    from pypinyin import lazy_pinyin

    parts = [part for spelt in lazy_pinyin(fold(name)) for part in _LETTERS.findall(spelt)]
    starts, at = [], 0
    for part in parts:
        starts.append(at)
        at += len(part)
    return Sound("".join(parts), "".join(part[0] for part in parts), frozenset(starts))


def letters_of(text: str) -> str:
    """Return the letters and digits of a text in Latin letters; empty when it has other letters, or none.

    Examples
    --------
    >>> letters_of("Li Cun"), letters_of("李cun"), letters_of("2024")
    ('licun', '', '')
    """
    plain = fold(text)
    if not plain.isascii() or not any(char.isalpha() for char in plain):
        return ""
    return "".join(_LETTERS.findall(plain))
