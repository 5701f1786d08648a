"""Which column of a file is which field: by name, label, alias, the unit in the header, or the codes in the cells."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from landmap.domain import District, Field, Kind, Layer, layer_named
from landmap.domain.fields import data_text
from landmap.ingest import cell_units
from landmap.ingest.codes import code_of
from landmap.ingest.faults import Fault
from landmap.ingest.readers.table import plain_header

_UNIT_IN_BRACKETS: Final = re.compile(r"^(?P<base>.+?)\s*[(\[【]\s*(?:单位[::]?)?(?P<unit>[^()\[\]【】]+)[)\]】]$")
_UNIT_AFTER_SLASH: Final = re.compile(r"^(?P<base>[^/]+)[/,]\s*(?P<unit>.+)$")
_SETS: Final = re.compile(r"sets: (\w+)=(\w+)")
#: Shapefile columns have ten bytes; a name of eight or more may have been cut.
CUT_AT: Final = 8
_AGREE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Match:
    """One column and the field it holds.

    `unit` is the unit of its numbers where it differs from the field's own; `sets` other fields that the header decides
    (建筑系数 sets the kind of coverage); `limit` says that a bare number is a maximum; `exact`: the header is the field
    name itself.
    """

    header: str
    field: str
    rank: int
    unit: str = ""
    note: str = ""
    exact: bool = False

    @property
    def sets(self) -> tuple[tuple[str, str], ...]:
        """Fields and codes that the header itself decides."""
        return tuple(_SETS.findall(self.note))

    @property
    def limit(self) -> bool:
        """Whether a bare number under this header is a maximum."""
        return self.note.startswith("limit:")


def knows(layer: Layer, text: str) -> bool:
    """Return whether `text` is a header that `layer` knows (for finding the header row of a sheet)."""
    return bool(_entries(layer, text))


def match_columns(
    columns: Mapping[str, Sequence[Any]], layer: Layer, district: District, *, may_be_cut: bool = False
) -> tuple[dict[str, Match], list[Fault]]:
    """Return the column of each field, and what could not be matched.

    Parameters
    ----------
    columns : Mapping of header to values
    layer : Layer
    district : District
        Its local land-use codes tell a column of them.
    may_be_cut : bool
        Whether headers may be cut to ten bytes (Shapefile).

    Returns
    -------
    (dict of Match by field, list of Fault)
        A column that fits no field, two fields, or a field already taken is a fault and is not stored.
    """
    faults: list[Fault] = []
    found: dict[str, Match] = {}
    strangers: list[str] = []
    for header, values in columns.items():
        match = _match(header, values, layer, faults, may_be_cut=may_be_cut)
        if match is None:
            strangers.append(header)
        else:
            _take(match, found, faults, columns)
    known = {fault.field for fault in faults}
    for header in strangers:
        inferred = _by_values(header, columns[header], layer, district, found)
        if inferred is not None:
            found[inferred.field] = inferred
            faults.append(Fault("column_by_values", field=header, value=header, words={"field": inferred.field}))
        elif header not in known and any(value is not None for value in columns[header]):
            faults.append(Fault("column_unmatched", field=header, value=header))
    return found, faults


@cache
def _vocabulary(name: str) -> Mapping[str, tuple[Match, ...]]:
    """Return what a layer's headers may be called, by plain text; rank 0 name, 1 label, 2 alias."""
    layer = layer_named(name)
    entries: dict[str, list[Match]] = {}

    def add(text: str, match: Match) -> None:
        same = entries.setdefault(plain_header(text), [])
        if all(other.field != match.field for other in same):
            same.append(match)

    for field in layer.fields.values():
        add(field.name, Match("", field.name, 0, exact=True))
    for field in layer.fields.values():
        add(field.label_zh, Match("", field.name, 1))
        add(field.label_en, Match("", field.name, 1))
    for row in csv.DictReader(data_text("aliases.csv").splitlines()):
        if row["layer"] == name:
            add(row["alias"], Match("", row["field"], 2, row["unit"], row["note"] or ""))
    return {text: tuple(matches) for text, matches in entries.items()}


def _entries(layer: Layer, text: str) -> tuple[Match, ...]:
    """Return what `text` may mean: as it stands, or as a known header followed by a unit."""
    vocabulary = _vocabulary(layer.name)
    direct = vocabulary.get(plain_header(text), ())
    if direct:
        best = min(match.rank for match in direct)
        return tuple(match for match in direct if match.rank == best)
    normal = unicodedata.normalize("NFKC", text).strip()
    for pattern in (_UNIT_IN_BRACKETS, _UNIT_AFTER_SLASH):
        parts = pattern.match(normal)
        unit = cell_units.named(parts["unit"]) if parts else None
        if parts and unit is not None:
            base = vocabulary.get(plain_header(parts["base"]), ())
            return tuple(
                replace(match, unit=unit, exact=False) for match in base if not match.unit or match.unit == unit
            )
    return ()


def _match(header: str, values: Sequence[Any], layer: Layer, faults: list[Fault], *, may_be_cut: bool) -> Match | None:
    """Return the match of one header; report what is ambiguous."""
    entries = _entries(layer, header)
    if not entries and may_be_cut:
        entries = _cut(layer, header)
        if len({entry.field for entry in entries}) == 1:
            faults.append(Fault("header_cut", field=header, value=header, words={"field": entries[0].field}))
    if len({entry.field for entry in entries}) > 1:
        names = "、".join(entry.field for entry in entries)
        faults.append(Fault("column_ambiguous", field=header, value=header, words={"fields": names}))
        return None
    if not entries:
        return None
    match = replace(entries[0], header=header)
    if match.note.startswith("ambiguous:"):
        other = _by_pattern(values, layer)
        if other is not None and other != match.field:
            return replace(match, field=other, note="")
        faults.append(
            Fault("header_ambiguous", field=header, value=header, words={"field": match.field, "note": match.note[11:]})
        )
    return match


def _cut(layer: Layer, header: str) -> tuple[Match, ...]:
    """Return what a header cut to ten bytes may have been: the known headers that start with it."""
    stump = plain_header(header)
    if len(header.encode()) < CUT_AT or len(stump) < 3:
        return ()
    return tuple(
        match for text, matches in _vocabulary(layer.name).items() if text.startswith(stump) for match in matches
    )


def _take(match: Match, found: dict[str, Match], faults: list[Fault], columns: Mapping[str, Sequence[Any]]) -> None:
    """Give the field to the better named column; the other is reported, not stored. An empty one gives way unsaid."""
    taken = found.get(match.field)
    if taken is None:
        found[match.field] = match
        return
    empty = [one for one in (match, taken) if all(value is None for value in columns[one.header])]
    if empty:
        found[match.field] = match if taken in empty else taken
        return
    better, worse = (match, taken) if match.rank < taken.rank else (taken, match)
    found[match.field] = better
    words = {"field": match.field, "kept": better.header}
    faults.append(Fault("field_twice", field=worse.header, value=worse.header, words=words))


def _by_pattern(values: Sequence[Any], layer: Layer) -> str | None:
    """Return the field whose pattern nearly all values have, such as a cadastral code under a vague header."""
    texts = [str(value).strip() for value in values if value is not None]
    for field in layer.fields.values():
        if texts and len(field.pattern) > 20 and field.kind is Kind.TEXT:
            hits = sum(re.fullmatch(field.pattern, text) is not None for text in texts)
            if hits >= _AGREE * len(texts):
                return field.name
    return None


def _by_values(
    header: str, values: Sequence[Any], layer: Layer, district: District, found: Mapping[str, Match]
) -> Match | None:
    """Return the code field that all values of a column belong to; None unless exactly one is meant."""
    texts = {value.strip() for value in values if isinstance(value, str) and value.strip()}
    if not texts or any(value is not None and not isinstance(value, str) for value in values):
        return None
    if "land_use_code" in layer.fields and "land_use_code" not in found and texts <= district.land_use_crosswalk.keys():
        return Match(header, "land_use_code", 3)
    if len(texts) < 2:
        return None
    fields = [field.name for field in _code_fields(layer, found) if all(code_of(text, field) for text in texts)]
    return Match(header, fields[0], 3) if len(fields) == 1 else None


def _code_fields(layer: Layer, found: Mapping[str, Match]) -> Iterator[Field]:
    for field in layer.fields.values():
        if field.kind is Kind.CODE and field.name not in found and not field.derived:
            yield field
