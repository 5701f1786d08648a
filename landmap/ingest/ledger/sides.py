"""The two sides of a join: the rows of ledgers and the shapes of drawings, each with its number and its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import shapely

from landmap.domain import NO_INTEGER, District, Kind, Layer, table_of
from landmap.ingest.columns import match_columns
from landmap.ingest.defaults import UNSTATED
from landmap.ingest.faults import Fault
from landmap.ingest.ledger.numbers import number_field, number_text
from landmap.ingest.planning import BOUNDS
from landmap.ingest.profiles import Profile
from landmap.ingest.readers import RawLayer

#: The column in which drawings tell an outline's handle.
_HANDLE: Final = "实体句柄"
#: What the check fills in for every record alike; where a record comes from is kept.
_KEPT: Final = frozenset({"source_ref"})


@dataclass(frozen=True)
class Row:
    """One row of a ledger: its file and sheet, where it stands, its number and the field that is of.

    `kept`: it waits since an earlier file. `id` is the one it gives itself.
    """

    file: str
    layer: str
    row: int
    field: str
    number: str | None
    kept: bool = False
    id: str | None = None

    @property
    def ref(self) -> str:
        """What names it."""
        return f"{self.file}#{self.layer}:{self.row}"


@dataclass(frozen=True)
class Shape:
    """One shape of a drawing: its file and layer, its number among the layer's shapes, and its handle if it has one.

    `kept`: it waits since an earlier file.
    """

    file: str
    layer: str
    row: int
    number: str | None
    entity: str | None
    kept: bool = False

    @property
    def ref(self) -> str:
        """What names it."""
        return f"{self.file}#{self.layer}:{self.row}"

    @property
    def named(self) -> str:
        """What a person finds it by."""
        return self.ref if self.entity is None else f"{self.ref} ({self.entity})"


def numbers_of(
    raw: RawLayer, layer: Layer, district: District, *, cut: bool, profile: Profile | None
) -> tuple[list[str | None], list[str | None]]:
    """Return the number of every row as written, and its id; None throughout where no column holds them."""
    matches = match_columns(raw.columns, layer, district, may_be_cut=cut, profile=profile).matches

    def texts(name: str) -> list[str | None]:
        match = matches.get(name)
        return [None] * len(raw.rows) if match is None else [number_text(cell) for cell in raw.columns[match.header]]

    return texts(number_field(layer)), texts(layer.id_field)


def entities_of(raw: RawLayer) -> list[str | None]:
    """Return the handle of every outline of a CAD drawing; None for other formats."""
    return [None if cell is None else str(cell) for cell in raw.columns.get(_HANDLE, [None] * len(raw.rows))]


def known_values(frame: pd.DataFrame, layer: Layer, faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """Return what every record of a canonical frame itself says, as plain data; what `faults` filled in is left out."""
    filled: dict[str, set[Any]] = {name: {"unspecified"} for name in UNSTATED}
    for fault in faults:
        if fault.code == "filled_default" and fault.field is not None and fault.field not in _KEPT:
            filled.setdefault(fault.field, set()).add(fault.value)
    found: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    for name, column in table_of(frame, layer).columns.items():
        kind = layer.fields[name].kind
        if kind is Kind.GEOMETRY:
            continue
        made = filled.get(name, set())
        for index, value in enumerate(column.tolist()):
            known = _plain(value, kind)
            if known is not None and (isinstance(known, list) or known not in made):
                found[index][name] = known
    for record in found:
        for bound in BOUNDS.values():
            # Whether a limit itself is allowed says nothing where there is no limit.
            if bound.inclusive and record.keys().isdisjoint({bound.minimum, bound.maximum}):
                record.pop(bound.inclusive[0], None)
                record.pop(bound.inclusive[1], None)
    return found


def wkb_of(shape: Any) -> str:
    """Return a shape in hexadecimal, exactly as it is."""
    return str(shapely.to_wkb(shape, hex=True, flavor="iso"))


def _plain(value: Any, kind: Kind) -> Any:
    """Return a value of a table as JSON has it; None where it is unknown."""
    if value is None or value != value:
        return None
    if kind is Kind.INTEGER:
        return None if value == NO_INTEGER else value
    if kind is Kind.BOOLEAN:
        return None if value < 0 else bool(value)
    if kind is Kind.DATE:
        return value.isoformat()
    if kind is Kind.JSON:
        return None if value in ("{}", "[]") else value
    return list(value) if kind.listed else value
