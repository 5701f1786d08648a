"""What a caller would rather have: the ``Accept`` and ``Accept-Language`` headers (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from landmap.domain import LANGS, Lang

_QUALITY: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z")
#: No browser sends more; the rest of a longer header is not read.
_CHOICES_MAX: Final = 50


def preferred(header: str, offered: Mapping[str, str]) -> str | None:
    """Return what `offered` has for the media type that the caller likes best; None when it names none of ours.

    Examples
    --------
    >>> preferred("text/html, text/csv;q=0.8", {"text/csv": "csv"})
    'csv'
    """
    ours = [(quality, offered[name]) for name, quality in _choices(header) if name in offered and quality > 0]
    return max(ours, key=lambda one: one[0])[1] if ours else None


def preferred_lang(header: str) -> Lang:
    """Return the language of ours that the caller likes best; Chinese unless another comes first.

    Examples
    --------
    >>> preferred_lang("fr, en-GB;q=0.7, zh;q=0.3"), preferred_lang("*")
    ('en', 'zh')
    """
    known: dict[str, Lang] = {lang: lang for lang in LANGS}
    ours = [(quality, known[tag[:2]]) for tag, quality in _choices(header) if quality > 0 and _main(tag) in known]
    return max(ours, key=lambda one: one[0])[1] if ours else "zh"


def _main(tag: str) -> str:
    return tag.split("-")[0]


def _choices(header: str) -> Iterator[tuple[str, float]]:
    """Yield name and quality of every choice; one whose quality cannot be read counts in full."""
    for part in header.lower().split(",", _CHOICES_MAX)[:_CHOICES_MAX]:
        name, *settings = (piece.strip() for piece in part.split(";"))
        found = next((match for piece in settings if (match := _QUALITY.match(piece))), None)
        if name:
            yield name, float(found[1]) if found else 1.0
