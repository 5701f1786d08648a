"""When two people mean the same number: what may differ between their spellings, and what only looks alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from landmap.domain import Layer
from landmap.domain.identifiers import number_key
from landmap.ingest.values import NULLS, masked, plain

Key = tuple[str, ...]

_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+")
#: Dashes, blanks, brackets and signs of layout: Unicode classes whose characters separate and say nothing.
_SEPARATING: Final = frozenset({"Pd", "Ps", "Pe", "Pi", "Pf", "Zs", "Zl", "Zp", "Cc", "Cf", "Pc"})
#: Minus signs and drawn lines that people type for a dash.
_DASHES: Final = frozenset("−─━ｰー")


def number_field(layer: Layer) -> str:
    """Return the field that people know a record of `layer` by."""
    return "parcel_no" if "parcel_no" in layer.fields and layer.name == "parcels" else layer.id_field


def number_text(cell: Any) -> str | None:
    """Return the number that a cell or a label gives, as written; None where it gives none, or one somebody covered.

    Examples
    --------
    >>> number_text(" LC2025-001 "), number_text(35.0), number_text("—"), number_text("LC2025-***")
    ('LC2025-001', '35', None, None)
    """
    if cell is None or isinstance(cell, bool):
        return None
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if plain(text).casefold() in NULLS or masked(text) or not number_key(text):
        return None
    return text


def same(text: str) -> Key:
    """Return what all spellings of one number share; width, case, blanks, kinds of dashes, brackets and zeros do not.

    Any other sign does: ``A-1`` and ``A-1′`` are two parcels, and ``1、2`` is no number of one.

    Examples
    --------
    >>> same("LC2025-001") == same("lc 2025—1") == same("LC〔2025〕001")
    True
    >>> same("A-1") == same("A-1′"), same("A-1-2") == same("A-1、2")
    (False, False)
    """
    return (*number_key(text), *_odd(text))


def key_text(text: str | None) -> str:
    """Return `same` as one text, for files; empty without a number.

    Examples
    --------
    >>> key_text("LC 2025—001")
    'lc-2025-1'
    """
    return "" if text is None else "-".join(same(text))


def exact(text: str) -> Key:
    """Return the same with leading zeros kept: where both ``A-1`` and ``A-01`` stand in a list, they may differ."""
    return (*_TOKEN.findall(_folded(text)), *_odd(text))


def alike(text: str) -> frozenset[str]:
    """Return what numbers that merely look alike share: those that differ by a sign, or by a dash left out.

    Examples
    --------
    >>> bool(alike("LC2025001") & alike("LC2025-001")), bool(alike("1#") & alike("1")), bool(alike("12") & alike("1-2"))
    (True, True, True)
    """
    return frozenset({"-".join(number_key(text)), "".join(_TOKEN.findall(_folded(text)))}) - {""}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _odd(text: str) -> Key:
    """Return the signs of a number that are neither letter, digit nor separator."""
    return tuple(
        char
        for char in _folded(text)
        if not char.isalnum() and char not in _DASHES and unicodedata.category(char) not in _SEPARATING
    )
