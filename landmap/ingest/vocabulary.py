"""What headers may be called: field names, labels in both languages, aliases, and units after them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from landmap.domain import Lang, Layer, layer_named
from landmap.domain.fields import data_text
from landmap.ingest import cell_units
from landmap.ingest.readers.headers import LEVEL_MARK, plain_header

How = Literal["name", "label", "alias", "unit", "cut", "codes", "pattern", "profile"]

#: How sure a header is by what it is known by, before its values are looked at.
CONFIDENCE: Final[Mapping[How, float]] = MappingProxyType(
    {"profile": 1.0, "name": 1.0, "label": 0.98, "alias": 0.95, "unit": 0.95, "pattern": 0.9, "codes": 0.8, "cut": 0.7}
)
#: Of two columns for one field the lower rank is kept.
_RANKS: Final[Mapping[How, int]] = MappingProxyType(
    {"profile": -1, "name": 0, "label": 1, "alias": 2, "unit": 2, "pattern": 3, "codes": 3, "cut": 3}
)
_UNIT_IN_BRACKETS: Final = re.compile(r"^(?P<base>.+?)\s*[(\[【]\s*(?:单位[::]?)?(?P<unit>[^()\[\]【】]+)[)\]】]$")
_UNIT_AFTER_SLASH: Final = re.compile(r"^(?P<base>[^/]+)[/,]\s*(?P<unit>.+)$")
_SETS: Final = re.compile(r"sets: (\w+)=(\w+)")
#: Shapefile columns have ten bytes; a name of eight or more may have been cut.
CUT_AT: Final = 8


@dataclass(frozen=True, slots=True)
class Match:
    """One column and the field it holds.

    `how` it is known; `unit` the unit of its numbers where it differs from the field's own; `sets` other fields that
    the header decides (建筑系数 sets the kind of coverage); `limit` says that a bare number is a maximum.
    """

    header: str
    field: str
    how: How
    unit: str = ""
    note: str = ""

    @property
    def rank(self) -> int:
        """How well it is named; lower is better."""
        return _RANKS[self.how]

    @property
    def exact(self) -> bool:
        """Whether the header is the field name itself."""
        return self.how == "name"

    @property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """Fields and codes that the header itself decides."""
        return tuple(_SETS.findall(self.note))

    @property
    def limit(self) -> bool:
        """Whether a bare number under this header is a maximum."""
        return self.note.startswith("limit:")

    @property
    def ambiguous(self) -> Mapping[Lang, str] | None:
        """Why the header may mean something else, in both languages; None when it does not."""
        if not self.note.startswith("ambiguous:"):
            return None
        english, _, chinese = self.note[11:].partition(" | ")
        return {"en": english, "zh": chinese}


def knows(layer: Layer, text: str) -> bool:
    """Return whether `text` is a header that `layer` knows (for finding the header row of a sheet)."""
    return bool(entries(layer, text))


def entries(layer: Layer, text: str) -> tuple[Match, ...]:
    """Return what `text` may mean: as it stands, as a known header before a unit, or by a level of 上级·下级."""
    vocabulary = words_of(layer.name)
    direct = vocabulary.get(plain_header(text), ())
    if direct:
        best = min(match.rank for match in direct)
        return tuple(match for match in direct if match.rank == best)
    for base, unit in _with_unit(text):
        found = vocabulary.get(plain_header(base), ())
        if found:
            return tuple(replace(match, unit=unit, how="unit") for match in found if match.unit in ("", unit))
    levels = text.split(LEVEL_MARK)
    return next((found for level in reversed(levels) if level != text and (found := entries(layer, level))), ())


def cut_entries(layer: Layer, header: str) -> tuple[Match, ...]:
    """Return what a header cut to ten bytes may have been: the known headers that start with it."""
    stump = plain_header(header)
    if len(header.encode()) < CUT_AT or len(stump) < 3:
        return ()
    return tuple(
        replace(match, how="cut")
        for text, matches in words_of(layer.name).items()
        if text.startswith(stump)
        for match in matches
    )


def base_of(text: str) -> str:
    """Return a header without the brackets after it, whatever stands in them.

    Examples
    --------
    >>> base_of("净用地面积（平方英尺）"), base_of("坐落")
    ('净用地面积', '坐落')
    """
    match = _UNIT_IN_BRACKETS.match(unicodedata.normalize("NFKC", text).strip())
    return match["base"] if match else text


@cache
def words_of(name: str) -> Mapping[str, tuple[Match, ...]]:
    """Return what the headers of the layer called `name` may be, by their plain text."""
    layer = layer_named(name)
    found: dict[str, list[Match]] = {}

    def add(text: str, match: Match) -> None:
        same = found.setdefault(plain_header(text), [])
        if all(other.field != match.field for other in same):
            same.append(match)

    for field in layer.fields.values():
        add(field.name, Match("", field.name, "name"))
    for field in layer.fields.values():
        add(field.label_zh, Match("", field.name, "label"))
        add(field.label_en, Match("", field.name, "label"))
    for row in csv.DictReader(data_text("aliases.csv").splitlines()):
        if row["layer"] == name:
            add(row["alias"], Match("", row["field"], "alias", row["unit"], row["note"] or ""))
    return MappingProxyType({text: tuple(matches) for text, matches in found.items()})


def _with_unit(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read `text` as a header and a unit that we know."""
    normal = unicodedata.normalize("NFKC", text).strip()
    for pattern in (_UNIT_IN_BRACKETS, _UNIT_AFTER_SLASH):
        parts = pattern.match(normal)
        unit = cell_units.named(parts["unit"]) if parts else None
        if parts and unit is not None:
            yield parts["base"], unit
