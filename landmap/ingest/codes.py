"""A cell that should hold a code: the code itself, its label in either language, or a name the list's note gives."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from landmap.domain import Field, code_list

_ALSO: Final = "又称："


def code_of(text: str, field: Field) -> str | None:
    """Return the code that `text` means in the field's code list; None when it means none.

    Examples
    --------
    >>> from landmap.domain import layer_named
    >>> code_of("挂牌出让", layer_named("parcels").fields["supply_method"])
    'listing'
    """
    return _spellings(field.codes).get(_plain(text))


@cache
def _spellings(name: str) -> Mapping[str, str]:
    """Return the code of every spelling; a code wins over a label, a label over another name."""
    codes = code_list(name)
    found: dict[str, str] = {}
    for code in codes.values():
        if _ALSO in code.note:
            also = code.note.split(_ALSO, 1)[1].split("；")[0]
            found |= {_plain(part): code.code for part in also.split("、")}
    for code in codes.values():
        found |= {_plain(code.label_en): code.code, _plain(code.label_zh): code.code}
    return found | {_plain(code): code for code in codes}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
