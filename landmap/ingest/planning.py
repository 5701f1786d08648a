"""Planning conditions: the text of a notice into lower and upper bounds, with what it said and how well it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from landmap.domain.intervals import Interval, ParsedBound, ParseStatus, parse_bound
from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.planning_cures import with_cure


@dataclass(frozen=True, slots=True)
class Bound:
    """One planning figure: the fields of its sides and what its text may be printed in."""

    key: str
    minimum: str
    maximum: str
    unit: str | None
    inclusive: tuple[str, str] | None = None
    floors: str | None = None

    @property
    def raw(self) -> str:
        """What its text is called in findings and proposals."""
        return f"planning_raw.{self.key}"

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that its text may tell."""
        return (*(self.inclusive or ()), self.minimum, self.maximum, *((self.floors,) if self.floors else ()))


#: By the concept name of the alias table.
BOUNDS: Final[Mapping[str, Bound]] = MappingProxyType(
    {
        "floor_area_ratio": Bound(
            "floor_area_ratio",
            "floor_area_ratio_min",
            "floor_area_ratio_max",
            None,
            ("floor_area_ratio_min_inclusive", "floor_area_ratio_max_inclusive"),
        ),
        "building_coverage_ratio": Bound(
            "building_coverage_ratio", "building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct", "%"
        ),
        "green_space_ratio": Bound("green_space_ratio", "green_space_ratio_min_pct", "green_space_ratio_max_pct", "%"),
        "height": Bound("height_limit", "height_min_m", "height_limit_m", "m", floors="floors_max"),
    }
)
_SIDES: Final = tuple(name for bound in BOUNDS.values() for name in bound.fields)
#: Kinds of cells of which equal ones say the same.
_PLAIN: Final = frozenset({str, int, float, bool})
_DIFFERENT: Final = 0.5
_FAULTS: Final[Mapping[ParseStatus, str]] = MappingProxyType(
    {
        ParseStatus.AMBIGUOUS_NO_OPERATOR: "interval_no_operator",
        ParseStatus.REVERSED: "interval_reversed",
        ParseStatus.UNPARSED: "interval_unread",
        ParseStatus.PARTIAL: "interval_partly_read",
    }
)
_CARRY: Final = frozenset({ParseStatus.OK, ParseStatus.OK_WITH_EXCEPTION, ParseStatus.PARTIAL})
_MASKED_NOTE: Final = "digits are masked"


def fill_bounds(
    columns: dict[str, list[Any]],
    texts: Mapping[str, Sequence[Any]],
    limits: frozenset[str],
    rows: Sequence[int],
    accepted: Mapping[str, Mapping[int, str]] = MappingProxyType({}),
) -> list[Fault]:
    """Fill the bound fields, ``planning_raw`` and ``planning_parse_status`` of `columns`, in place.

    Parameters
    ----------
    columns : dict of str to list, each of length n
        Converted values; bounds given as numbers are here already, ``planning_raw`` perhaps.
    texts : Mapping of concept name to cells, each of length n
        Columns that give a figure as one text.
    limits : frozenset of str
        Concepts under whose header a bare number is a maximum.
    rows : sequence of int, length n
    accepted : Mapping of str to Mapping of int to str
        Texts that a person agreed to instead, by ``planning_raw.KEY`` and index; the source's words stay behind them.

    Notes
    -----
    The text outranks numbers beside it: a figure whose text cannot be read with certainty has no bounds.
    """
    count = len(rows)
    for name in _SIDES:
        columns.setdefault(name, [None] * count)
    given = columns.setdefault("planning_raw", [None] * count)
    if not texts and not any(given):
        return _numbers_only(columns, rows)
    columns["planning_parse_status"] = [{} for _ in rows]
    firsts = None if accepted or any(given) else _first_alike(columns, texts)
    faults: list[Fault] = []
    if firsts is None:
        for index in range(count):
            faults += _fill_row(columns, texts, limits, rows, index, accepted)
    else:
        told = {index: _fill_row(columns, texts, limits, rows, index, accepted) for index in dict.fromkeys(firsts)}
        for name in ("planning_raw", "planning_parse_status", *_SIDES):
            column = columns[name]
            columns[name] = [column[first] for first in firsts]
        if any(told.values()):
            faults = [replace(fault, row=row) for row, first in zip(rows, firsts, strict=True) for fault in told[first]]
    _include_limits(columns)
    return faults


def _first_alike(columns: Mapping[str, Sequence[Any]], texts: Mapping[str, Sequence[Any]]) -> list[int] | None:
    """Return for every record the first one that says the same of its planning figures; None when most differ.

    Records are compared only where every column holds one kind of plain values: Python takes 1, 1.0 and True for equal.
    """
    told = [*texts.values(), *(columns[name] for name in _SIDES if columns[name].count(None) < len(columns[name]))]
    told += [columns["land_use_code"]] if "land_use_code" in columns else []
    kinds = [set(map(type, column)) - {type(None)} for column in told]
    if any(len(kind) > 1 or not kind <= _PLAIN for kind in kinds):
        return None
    first: dict[tuple[Any, ...], int] = {}
    firsts = [first.setdefault(cells, index) for index, cells in enumerate(zip(*told, strict=True))]
    return firsts if len(first) <= _DIFFERENT * len(firsts) else None


def _fill_row(
    columns: dict[str, list[Any]],
    texts: Mapping[str, Sequence[Any]],
    limits: frozenset[str],
    rows: Sequence[int],
    index: int,
    accepted: Mapping[str, Mapping[int, str]],
) -> list[Fault]:
    """Fill the bounds, raw texts and status of one record."""
    row, status = rows[index], columns["planning_parse_status"][index]
    given = columns["planning_raw"][index]
    raw = dict(given) if isinstance(given, dict) else {}
    faults: list[Fault] = []
    for concept, bound in BOUNDS.items():
        cell = texts[concept][index] if concept in texts else None
        text = _text(cell) if cell is not None else raw.get(bound.key)
        if isinstance(text, str) and text.strip():
            agreed = accepted.get(bound.raw, {}).get(index)
            raw[bound.key] = text if agreed is None else f"{agreed}（原文：{text}）"
            parsed = _read(agreed or text, bound, limit=concept in limits)
            status[bound.key] = parsed.status.value
            faults += _fill(columns, index, row, concept, parsed)
        else:
            _check_numbers(columns, index, row, bound, status, faults)
    columns["planning_raw"][index] = raw
    return faults


def _include_limits(columns: dict[str, list[Any]]) -> None:
    """Take limits for included where nothing says otherwise."""
    for bound in BOUNDS.values():
        for name in bound.inclusive or ():
            columns[name] = [True if value is None else value for value in columns[name]]


def _numbers_only(columns: dict[str, list[Any]], rows: Sequence[int]) -> list[Fault]:
    """Fill status and raw text of a layer whose figures are all given as numbers; records that say alike share them."""
    known = np.zeros(len(rows), dtype=np.int64)
    wrong = np.zeros(len(rows), dtype=np.bool_)
    for place, bound in enumerate(BOUNDS.values()):
        low, high = (np.array(columns[name], dtype=np.float64) for name in (bound.minimum, bound.maximum))
        known |= (~(np.isnan(low) & np.isnan(high))).astype(np.int64) << place
        wrong |= low > high
    keys = [bound.key for bound in BOUNDS.values()]
    alike = [
        {key: ParseStatus.OK.value for place, key in enumerate(keys) if number >> place & 1}
        for number in range(1 << len(keys))
    ]
    statuses = [alike[number] for number in known.tolist()]
    faults: list[Fault] = []
    for index in np.flatnonzero(wrong).tolist():
        statuses[index] = {}
        for bound in BOUNDS.values():
            _check_numbers(columns, index, rows[index], bound, statuses[index], faults)
    nothing: dict[str, str] = {}
    columns["planning_raw"], columns["planning_parse_status"] = [nothing] * len(rows), statuses
    _include_limits(columns)
    return faults


def _text(cell: Any) -> str:
    """Return a cell as printed; a whole float loses its point."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


@lru_cache(maxsize=4096)
def _read(text: str, bound: Bound, *, limit: bool) -> ParsedBound:
    parsed = parse_bound(text)
    if limit and parsed.status is ParseStatus.AMBIGUOUS_NO_OPERATOR and "-" not in text:
        as_limit = parse_bound(f"≤{text.strip()}")
        if as_limit.status in _CARRY:
            parsed = ParsedBound(as_limit.interval, None, as_limit.unit, as_limit.status, text, as_limit.note)
    wrong_unit = parsed.unit is not None and parsed.unit not in (bound.unit, "层" if bound.floors else None)
    fraction = bound.unit == "%" and parsed.unit is None and _all_within_one(parsed.interval)
    if parsed.status in _CARRY and (wrong_unit or fraction):
        return ParsedBound(Interval(), None, parsed.unit, ParseStatus.UNPARSED, text, "unit")
    return parsed


def _all_within_one(interval: Interval) -> bool:
    """Whether every bound is at most 1: as a percentage it was most likely meant as a share."""
    sides = [side for side in (interval.min, interval.max) if side is not None]
    return bool(sides) and all(0 < side <= 1 for side in sides)


def _fill(columns: dict[str, list[Any]], index: int, row: int, concept: str, parsed: ParsedBound) -> list[Fault]:
    """Write what a text says; report what it leaves open, and numbers beside it that say otherwise."""
    bound, faults = BOUNDS[concept], list[Fault]()
    code = "interval_masked" if parsed.note == _MASKED_NOTE else _FAULTS.get(parsed.status)
    if code is not None:
        codes = columns.get("land_use_code")
        use = codes[index] if codes is not None else None
        fault = Fault(code, row, bound.raw, parsed.raw, {"note": parsed.note or ""})
        faults.append(with_cure(fault, concept, parsed, use, percent=bound.unit == "%"))
    interval = parsed.interval if parsed.status in _CARRY else Interval()
    for name, value in ((bound.minimum, interval.min), (bound.maximum, interval.max)):
        number = columns[name][index]
        if number is not None and number != value:
            faults.append(Fault("bound_disagrees", row, name, number, {"text": parsed.raw}))
        columns[name][index] = value
    if bound.inclusive:
        lower, upper = bound.inclusive
        columns[lower][index], columns[upper][index] = interval.min_inclusive, interval.max_inclusive
    elif not (interval.min_inclusive and interval.max_inclusive):
        faults.append(Fault("bound_exclusive", row, bound.raw, parsed.raw))
    if bound.floors and parsed.floors_max is not None:
        columns[bound.floors][index] = parsed.floors_max
    return faults


def _check_numbers(
    columns: dict[str, list[Any]], index: int, row: int, bound: Bound, status: dict[str, str], faults: list[Fault]
) -> None:
    """Judge bounds given as numbers alone; reversed ones are set aside."""
    low, high = columns[bound.minimum][index], columns[bound.maximum][index]
    if low is None and high is None:
        return
    if low is not None and high is not None and low > high:
        columns[bound.minimum][index] = columns[bound.maximum][index] = None
        status[bound.key] = ParseStatus.REVERSED.value
        swapped = Proposal("swap", (Change(bound.minimum, low, high), Change(bound.maximum, high, low)))
        faults.append(Fault("interval_reversed", row, bound.minimum, f"{low:g} – {high:g}", {}, swapped))
        return
    status[bound.key] = ParseStatus.OK.value
