"""Text as the grammar reads it, and where every character of it stood in what was typed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

#: Signs that are written in several ways.
_SAME: Final = str.maketrans("畝・•⋅", "亩···")
#: A comma of Chinese text parts sentences, never the digits of a number.
_CHINESE_COMMA: Final = "，"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` without width, case and spare blanks; ``text[k]`` comes from ``source[origins[k]]``.

    `origins` has one entry more than `text`: where the source ends.
    """

    source: str
    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]``, which is not empty, stands in the source."""
        return self.origins[start], self.origins[end - 1] + 1


def folded(source: str) -> Folded:
    """Return `source` by NFKC and without case; a run of blanks is one, a hyphen between Latin letters is a blank.

    Characters that have no width are left out.

    Examples
    --------
    >>> folded("50 ㎡，R&D")
    Folded(source='50 ㎡，R&D', text='50 m2;r&d', origins=(0, 1, 2, 3, 3, 4, 5, 6, 7, 8))
    """
    chars: list[str] = []
    origins: list[int] = []
    for index, char in enumerate(source):
        if unicodedata.category(char) in ("Cf", "Cc", "Mn"):
            continue
        for plain in ";" if char == _CHINESE_COMMA else fold(char):
            if plain == " " and (not chars or chars[-1] == " "):
                continue
            chars.append(plain)
            origins.append(index)
    for at in range(1, len(chars) - 1):
        if chars[at] == "-" and _latin(chars[at - 1]) and _latin(chars[at + 1]):
            chars[at] = " "
    return Folded(source, "".join(chars), (*origins, len(source)))


def fold(text: str) -> str:
    """Return `text` by NFKC, without case, every blank a plain one.

    Examples
    --------
    >>> fold("1.5万㎡ R&D")
    '1.5万m2 r&d'
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_SAME)
    return "".join(" " if char.isspace() else char for char in plain)


def latin(char: str) -> bool:
    """Return whether a folded character belongs to a word of Latin letters and digits."""
    return char.isascii() and char.isalnum()


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def han(char: str) -> bool:
    """Return whether a character belongs to text that is written without blanks between words."""
    return not char.isascii() and char.isalpha()
