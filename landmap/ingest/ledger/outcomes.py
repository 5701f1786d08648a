"""What a join tells: of every row and every shape what became of it, so that none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

#: placed: it has its shape and is staged; asked: somebody must settle which; unplaced: no shape has its number;
#: published: no shape has its number, but its record is published; refused: an error keeps it out.
RowFate = Literal["placed", "published", "asked", "unplaced", "refused"]
#: claimed: a row has it; asked: somebody must settle whose it is; unclaimed: no row has its number; published: nor has
#: one, but its record is published; unusable: an error keeps it out.
ShapeFate = Literal["claimed", "published", "asked", "unclaimed", "unusable"]


@dataclass(frozen=True)
class Candidate:
    """A shape that a row may have; who says so names the `key`."""

    shape: str
    number: str | None
    key: str


@dataclass(frozen=True)
class LedgerRow:
    """One row of a ledger.

    `ref` is ``FILE#SHEET:ROW``, `number` as written, `key` what all its spellings share, `shape` the `ref` of its
    shape, `also` those of further parts, and `id` the record it became. A row that is asked names its candidates;
    `together` is the key that takes all of them as parts of one, where they can be. A row that waits carries what it
    says: `values` in the form of its layer's fields, only those that are known and that the ledger itself gives.
    """

    ref: str
    source: str
    row: int
    number: str | None
    fate: RowFate
    key: str = ""
    shape: str | None = None
    id: str | None = None
    candidates: tuple[Candidate, ...] = ()
    also: tuple[str, ...] = ()
    together: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether it has no shape yet."""
        return self.fate in ("asked", "unplaced")


@dataclass(frozen=True)
class LedgerShape:
    """One shape of a drawing.

    `ref` is ``FILE#LAYER:ROW``, `entity` its handle in a CAD drawing, `row` the `ref` of the row that has it and `id`
    the record that became. A shape
    that waits carries what the drawing says of it, and itself: `wkb` in EPSG:4490, hexadecimal.
    """

    ref: str
    source: str
    place: int
    number: str | None
    fate: ShapeFate
    key: str = ""
    entity: str | None = None
    row: str | None = None
    id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    wkb: str | None = None

    @property
    def waits(self) -> bool:
        """Whether no row has it yet."""
        return self.fate in ("asked", "unclaimed")


@dataclass(frozen=True)
class Joined:
    """Every row of the ledgers and every shape of the drawings, each once."""

    rows: tuple[LedgerRow, ...] = ()
    shapes: tuple[LedgerShape, ...] = ()

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many there are of each fate, and in all."""
        rows, shapes = Counter(one.fate for one in self.rows), Counter(one.fate for one in self.shapes)
        return {
            "rows": {"read": len(self.rows)} | {fate: rows[fate] for fate in get_args(RowFate)},
            "shapes": {"read": len(self.shapes)} | {fate: shapes[fate] for fate in get_args(ShapeFate)},
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the join as a check report has it: who went with whom, and what waits, without their values."""
        return {
            "counts": self.counts(),
            "rows": [
                {
                    **{name: getattr(one, name) for name in ("ref", "number", "fate", "shape", "id", "together")},
                    "also": list(one.also),
                    "candidates": [vars(candidate) for candidate in one.candidates],
                }
                for one in self.rows
            ],
            "shapes": [
                {name: getattr(one, name) for name in ("ref", "number", "fate", "entity", "row", "id")}
                for one in self.shapes
            ],
        }
