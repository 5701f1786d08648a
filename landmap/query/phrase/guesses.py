"""The word that a strange one may have been meant to be; offered as a hint, never taken."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from landmap.query.phrase.lexicon import Lexicon

#: Longer strangers are no slips of the pen.
LENGTH_MAX: Final = 24
_ROLES: Final = frozenset({"value", "subject", "facility"})
_WORD: Final = re.compile(r"[^0-9]+")
_CUTOFF: Final = 0.6
#: Shorter strangers look like too many words.
_HAN_MIN: Final = 2
_LATIN_MIN: Final = 4


class Spelling:
    """Finds the nearest word among those an audience may use.

    Parameters
    ----------
    lexicons : sequence of Lexicon
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._lexicons = lexicons

    @cached_property
    def _by_char(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for lexicon in self._lexicons:
            for term, senses in lexicon.senses.items():
                if len(term) > 1 and any(sense.role in _ROLES for sense in senses):
                    for char in set(term):
                        found[char].append(term)
        return found

    def nearest(self, strange: str) -> str:
        """Return the word that looks most like the beginning of a folded stranger, empty for none.

        Examples
        --------
        >>> from landmap.query.phrase.lexicon import Sense
        >>> words = Lexicon()
        >>> words.add("容积率", Sense("subject", "floor_area_ratio"))
        >>> Spelling([words]).nearest("容集率2.0以上")
        '容积率'
        """
        found = _WORD.match(strange)
        if found is None or len(found[0]) > LENGTH_MAX:
            return ""
        word = found[0].strip()
        if len(word) < (_LATIN_MIN if word.isascii() else _HAN_MIN):
            return ""
        near = difflib.get_close_matches(word, self._alike(word), n=1, cutoff=_CUTOFF)
        return near[0] if near and near[0] != word else ""

    def _alike(self, word: str) -> Iterable[str]:
        """Return the terms that share at least half of the characters."""
        shared: dict[str, int] = defaultdict(int)
        for char in set(word):
            for term in self._by_char.get(char, ()):
                shared[term] += 1
        return [term for term, count in shared.items() if 2 * count >= len(set(word)) and len(term) <= 2 * len(word)]
