"""Proposals that a person accepted, put into effect: what changes, in which rows, and the record of it.

A record with an accepted change is examined again as if the file had said so, for one cure may lay open the next fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from landmap.ingest.faults import Fault
from landmap.ingest.planning import BOUNDS
from landmap.ingest.readers.raw import RawLayer

#: How often a layer is examined anew; a cure that brings forth a fault with a cure, and so on, ends here.
PASSES_MAX: Final = 4
_TEXTS: Final = frozenset(bound.raw for bound in BOUNDS.values())


@dataclass
class Corrections:
    """What was accepted so far for one layer of one file.

    `cells` holds new values by field and row; `dropped` the rows that go; `applied` the faults that were cured, in
    order; `columns` those whose cure concerns a whole column and is applied where columns are matched.
    """

    cells: dict[str, dict[int, Any]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    applied: list[Fault] = field(default_factory=list)
    columns: list[Fault] = field(default_factory=list)

    def take(self, faults: Iterable[Fault], agreed: Callable[[Fault], bool]) -> bool:
        """Take on the accepted proposals of an examination; return whether any is new: then another follows."""
        cured = {(fault.code, fault.row, fault.field) for fault in self.applied}
        fresh = False
        self.columns.clear()
        for fault in faults:
            if fault.proposal is None or (fault.code, fault.row, fault.field) in cured or not agreed(fault):
                continue
            if fault.row is None:
                self.columns.append(fault)
                continue
            self.applied.append(fault)
            fresh = True
            if fault.proposal.kind == "drop":
                self.dropped.add(fault.row)
                continue
            for change in fault.proposal.changes:
                self.cells.setdefault(change.field, {})[fault.row] = change.after
        return fresh

    def kept(self, raw: RawLayer) -> RawLayer:
        """Return a layer without the rows that go."""
        if not self.dropped:
            return raw
        keep = [index for index, row in enumerate(raw.rows) if row not in self.dropped]
        return replace(
            raw,
            columns={name: [values[index] for index in keep] for name, values in raw.columns.items()},
            rows=tuple(raw.rows[index] for index in keep),
            geometry=None if raw.geometry is None else raw.geometry[np.array(keep, dtype=np.intp)],
        )

    def correct(self, columns: dict[str, list[Any]], rows: Sequence[int]) -> None:
        """Put new values into converted columns, in place; planning texts and outlines have their own way."""
        for name in self.cells.keys() - _TEXTS - {"geometry"}:
            column = columns.setdefault(name, [None] * len(rows))
            for index, value in self.of(name, rows).items():
                column[index] = value

    def texts(self, rows: Sequence[int]) -> dict[str, dict[int, str]]:
        """Return the texts of planning conditions that were agreed to, by ``planning_raw.KEY`` and index."""
        return {name: self.of(name, rows) for name in self.cells.keys() & _TEXTS}

    def of(self, name: str, rows: Sequence[int]) -> dict[int, Any]:
        """Return the new values of one field by index."""
        wanted = self.cells.get(name)
        if not wanted:
            return {}
        return {index: wanted[row] for index, row in enumerate(rows) if row in wanted}

    def notes(self) -> list[Fault]:
        """Return what to tell of the changes made: one note for each record and field."""
        return [
            Fault("corrected", fault.row, change.field, change.before, {"to": change.after, "because": fault.code})
            for fault in self.applied
            for change in (fault.proposal.changes if fault.proposal is not None else ())
        ]

    def cured(self) -> tuple[Fault, ...]:
        """Return every fault whose proposal took effect, those of whole columns first."""
        return (*self.columns, *self.applied)
