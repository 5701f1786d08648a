"""Planning conditions: the text of a notice into lower and upper bounds, with what it said and how well it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from landmap.domain.intervals import Interval, ParsedBound, ParseStatus, parse_bound
from landmap.ingest.faults import Fault


@dataclass(frozen=True, slots=True)
class Bound:
    """One planning figure: the fields of its sides and what its text may be printed in."""

    key: str
    minimum: str
    maximum: str
    unit: str | None
    inclusive: tuple[str, str] | None = None
    floors: str | None = None


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
_FAULTS: Final[Mapping[ParseStatus, str]] = MappingProxyType(
    {
        ParseStatus.AMBIGUOUS_NO_OPERATOR: "interval_no_operator",
        ParseStatus.REVERSED: "interval_reversed",
        ParseStatus.UNPARSED: "interval_unread",
        ParseStatus.PARTIAL: "interval_partly_read",
    }
)
_CARRY: Final = frozenset({ParseStatus.OK, ParseStatus.OK_WITH_EXCEPTION, ParseStatus.PARTIAL})


def fill_bounds(
    columns: dict[str, list[Any]], texts: Mapping[str, Sequence[Any]], limits: frozenset[str], rows: Sequence[int]
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

    Notes
    -----
    The text outranks numbers beside it: a figure whose text cannot be read with certainty has no bounds.
    """
    count = len(rows)
    for bound in BOUNDS.values():
        sides = (*(bound.inclusive or ()), bound.minimum, bound.maximum, *([bound.floors] if bound.floors else []))
        for name in sides:
            columns.setdefault(name, [None] * count)
    given = columns.setdefault("planning_raw", [None] * count)
    statuses: list[dict[str, str]] = []
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        raw = dict(given[index]) if isinstance(given[index], dict) else {}
        status: dict[str, str] = {}
        for concept, bound in BOUNDS.items():
            cell = texts[concept][index] if concept in texts else None
            text = _text(cell) if cell is not None else raw.get(bound.key)
            if isinstance(text, str) and text.strip():
                raw[bound.key] = text
                parsed = _read(text, bound, limit=concept in limits)
                status[bound.key] = parsed.status.value
                faults += _fill(columns, index, row, bound, parsed)
            else:
                _check_numbers(columns, index, row, bound, status, faults)
        given[index] = raw
        statuses.append(status)
    columns["planning_parse_status"] = statuses
    for bound in BOUNDS.values():
        for name in bound.inclusive or ():
            columns[name] = [True if value is None else value for value in columns[name]]
    return faults


def _text(cell: Any) -> str:
    """Return a cell as printed; a whole float loses its point."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


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


def _fill(columns: dict[str, list[Any]], index: int, row: int, bound: Bound, parsed: ParsedBound) -> list[Fault]:
    """Write what a text says; report what it leaves open, and numbers beside it that say otherwise."""
    faults: list[Fault] = []
    code = _FAULTS.get(parsed.status)
    if code is not None:
        words = {"note": parsed.note or ""}
        faults.append(Fault(code, row, f"planning_raw.{bound.key}", parsed.raw, words))
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
        faults.append(Fault("bound_exclusive", row, f"planning_raw.{bound.key}", parsed.raw))
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
        faults.append(Fault("interval_reversed", row, bound.minimum, f"{low:g} – {high:g}"))
        return
    status[bound.key] = ParseStatus.OK.value
