"""The tokens of one phrase under the eyes of the rules: bounded looks ahead, and a count of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from landmap.query.declaration import Declaration
from landmap.query.phrase.text import Folded
from landmap.query.phrase.tokens import Token

#: How many small words (的, of, is) a rule looks past.
LIGHT_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that is asked for: a criterion with its text, or a limit of a quantity.

    Parameters
    ----------
    name : str
        The criterion, or the quantity's stem where `side` is given.
    value : str
        The text of the criterion; a limit's number is in `number`.
    side : str
        ``min``, ``max`` or empty.
    number : Decimal
    unit : str
        For areas, the unit that the number is in.
    said : str
        The unit that was said.
    strict : bool
        Whether the limit itself was left out (超过, under).
    bare : bool
        Whether no unit was said where there could be one.
    options : tuple of (name, value)
        Other criteria that mean the same.
    """

    name: str
    value: str = ""
    side: str = ""
    number: Decimal = Decimal(0)
    unit: str = ""
    said: str = ""
    strict: bool = False
    bare: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule made of the tokens up to `end`: what is asked for, or the reason why it cannot be."""

    end: int
    finds: tuple[Find, ...] = ()
    fault: str = ""


@dataclass
class Tape:
    """One phrase being read.

    `declared` are the criteria on offer by name; `steps` counts every look at a token.
    """

    phrase: Folded
    tokens: Sequence[Token]
    declared: Mapping[str, Declaration]
    steps: int = 0
    #: The quantity of the limit that was read just before.
    last: str = ""
    _nothing: Token = field(default_factory=lambda: Token(0, 0, True, stop=True))

    def at(self, index: int) -> Token:
        """Return a token; past the end, a break."""
        self.steps += 1
        return self.tokens[index] if 0 <= index < len(self.tokens) else self._nothing

    def is_a(self, index: int, role: str, key: str | None = None) -> bool:
        """Return whether the token may play a role."""
        return self.at(index).sense(role, key) is not None

    def past_light(self, index: int) -> int:
        """Return the first token from `index` that is no small word; only a few are looked past."""
        end = index
        while end < index + LIGHT_MAX and self.is_a(end, "light"):
            end += 1
        return end

    def glued(self, index: int) -> bool:
        """Return whether the token follows the one before it without a blank or a break."""
        token = self.at(index)
        return index > 0 and not (token.blank or token.stop)
