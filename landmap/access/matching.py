"""Which record a file belongs to, by the number in its name or in a folder's: told apart, or asked; never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from landmap.domain import Layer, Table
from landmap.domain.identifiers import number_key

Key = tuple[str, ...]

#: A number of one part must have this many characters to count at the beginning of a name.
TELLING: Final = 4
#: What a name ends in beside its number: its kind, and the count that copies of one name get.
_SUFFIX: Final = re.compile(r"(?:\s*[(（][0-9]{1,3}[)）])?\.[A-Za-z0-9]{1,5}$")


@dataclass
class Matches:
    """Files by what was found: one record, several that would fit, none."""

    matched: dict[str, str] = field(default_factory=dict)
    ambiguous: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


def match_files(paths: Iterable[str], names: Mapping[str, Iterable[str]]) -> Matches:
    """Return which record each file belongs to.

    Parameters
    ----------
    paths : iterable of str
        Relative, with forward slashes: ``LC2025-001/正面.jpg``, ``LC2025—1 鸟瞰.jpg``.
    names : mapping of str to iterable of str
        By record, what it is called: its id, its number, its name.

    Returns
    -------
    Matches
        The file's own name decides before its folders do, the nearest folder first. A name counts when it begins with
        the number, spelled as anybody would; of several numbers that it begins with, the longest. A number that is
        short enough to begin names by chance must be the whole name.

    Examples
    --------
    >>> names = {"P1": ["LC2025-001"], "P2": ["LC2025-001-2"]}
    >>> match_files(["LC2025—1 (3).jpg", "LC 2025-1-2.jpg", "scan.pdf"], names).matched
    {'LC2025—1 (3).jpg': 'P1', 'LC 2025-1-2.jpg': 'P2'}
    """
    known: dict[Key, set[str]] = {}
    for id, given in names.items():
        for name in given:
            key = number_key(name)
            if key:
                known.setdefault(key, set()).add(id)
    found = Matches()
    for path in paths:
        ids = _ids(path, known)
        if len(ids) == 1:
            found.matched[path] = next(iter(ids))
        elif ids:
            found.ambiguous[path] = tuple(sorted(ids))
        else:
            found.unmatched.append(path)
    return found


def names_of(table: Table, layer: Layer) -> dict[str, list[str]]:
    """Return by record what it is called: its id, its number, its name."""
    said = (layer.id_field, "parcel_no", layer.title or "")
    known = [table.columns[name].tolist() for name in dict.fromkeys(said) if name in table.columns]
    return {str(row[0]): [one for one in row if isinstance(one, str)] for row in zip(*known, strict=True)}


def _ids(path: str, known: Mapping[Key, set[str]]) -> set[str]:
    *folders, file = path.split("/")
    for part in (_SUFFIX.sub("", file), *reversed(folders)):
        key = number_key(part)
        for length in range(len(key), 0, -1):
            start = key[:length]
            if start in known and (start == key or length > 1 or len(start[0]) >= TELLING):
                return known[start]
    return set()
