"""Mixed uses: one text, several uses, sometimes with shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from landmap.domain.land_use.classes import code_of_name
from landmap.domain.land_use.tables import plain

_ALSO: Final = re.compile(r"\(兼容([^()]*)\)")
_BETWEEN: Final = re.compile(r"[/+、,;及]|兼容")
_SHARE: Final = re.compile(r"[((]?(?:占|约)?([0-9]{1,3}(?:\.[0-9]{1,4})?)%[))]?$")


@dataclass(frozen=True, slots=True)
class UseShare:
    """One use of a mixed feature; `share_pct` is None where no share is printed."""

    text: str
    share_pct: float | None


def mixed_shares(text: str) -> tuple[UseShare, ...]:
    """Return the uses named in `text`, in order, each with its share when one is printed.

    Examples
    --------
    >>> [(use.text, use.share_pct) for use in mixed_shares("工业用地70%、商业用地30%")]
    [('工业用地', 70.0), ('商业用地', 30.0)]
    """
    return tuple(_share(part) for part in _parts(plain(text)))


def split_mixed(text: str) -> tuple[str, ...]:
    """Return the uses named in `text`, the first being the main one; a single use comes back alone.

    Examples
    --------
    >>> split_mixed("商务金融用地(兼容商业用地)"), split_mixed("M1+B2"), split_mixed("工业用地(新型产业用地)")
    (('商务金融用地', '商业用地'), ('M1', 'B2'), ('工业用地(新型产业用地)',))
    """
    return tuple(use.text for use in mixed_shares(text))


def _parts(text: str) -> list[str]:
    """Cut at separators outside brackets; a name that holds a separator itself stays whole."""
    if code_of_name(text) is not None:
        return [text]
    opened = _ALSO.sub(r"/\1", text)
    parts, start, depth = [], 0, 0
    cuts = {match.start(): match.end() for match in _BETWEEN.finditer(opened)}
    for index, char in enumerate(opened):
        depth = max(0, depth + (char == "(") - (char == ")"))
        if depth == 0 and index in cuts:
            parts.append(opened[start:index])
            start = cuts[index]
    return [part for part in (*parts, opened[start:]) if part]


def _share(part: str) -> UseShare:
    found = _SHARE.search(part)
    if found is None or found.start() == 0:
        return UseShare(part, None)
    return UseShare(part[: found.start()], float(found[1]))
