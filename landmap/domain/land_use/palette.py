"""Display classes: ten colours planners recognise and colour-blind readers can tell apart, and grey for the rest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from landmap.domain.fields import data_text
from landmap.domain.land_use.tables import plain

OTHER = "other"
NEW_INDUSTRY = "M0"


@dataclass(frozen=True, slots=True)
class DisplayClass:
    """One class of the legend; `colour` is #rrggbb."""

    key: str
    label_zh: str
    label_en: str
    colour: str


@cache
def _table() -> tuple[tuple[DisplayClass, tuple[str, ...]], ...]:
    table = tomllib.loads(data_text("land_use_palette.toml"))
    return tuple(
        (DisplayClass(key, row["label_zh"], row["label_en"], row["colour"]), tuple(row["prefixes"]))
        for key, row in table.items()
    )


@cache
def display_classes() -> tuple[DisplayClass, ...]:
    """Return every display class in legend order; the last one is ``other``."""
    return tuple(shown for shown, _ in _table())


@cache
def _by_prefix() -> dict[str, DisplayClass]:
    return {prefix: shown for shown, prefixes in _table() for prefix in prefixes}


def display_class(code: str | None, new_industry: bool = False) -> DisplayClass:
    """Return the display class of a 2023 code; tagged new industry is M0, an unknown code is ``other``.

    Plain 1001 (not subdivided) is drawn as M1; 100103, 1002 and 1003 as M2.

    Examples
    --------
    >>> display_class("100103").key, display_class("1001", new_industry=True).key, display_class("0902").colour
    ('M2', 'M0', '#fc9a7b')
    """
    known = _by_prefix()
    if new_industry:
        return next(shown for shown in display_classes() if shown.key == NEW_INDUSTRY)
    digits = plain(code or "")[:6]
    return next(known[digits[:size]] for size in range(len(digits), -1, -1) if digits[:size] in known)


def colour(code: str | None, new_industry: bool = False) -> str:
    """Return the fill colour of a 2023 code as #rrggbb."""
    return display_class(code, new_industry).colour
