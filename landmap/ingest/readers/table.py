"""A sheet of cells made into layers: which rows are records, which are totals and notes, and what places them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.headers import Header, Span, cell_text, find_header, is_empty, plain_header
from landmap.ingest.readers.placing import Placed, place, places
from landmap.ingest.readers.raw import RawLayer, object_array
from landmap.ingest.readers.totals import check_totals, is_note, is_numbering, is_total

__all__ = ["Sheet", "Span", "layers_of", "plain_header"]

#: Columns that say which parcel a row speaks of: merged over several rows, they are meant for each of them.
_KEYS: Final = re.compile(
    r"编号|名称|宗地|地块$|号$|街道|坐落|座落|位置|园区|片区|\bno\b|\bid\b|name|address", re.IGNORECASE
)


@dataclass(frozen=True)
class Sheet:
    """Cells of one sheet: `rows` hold the sheet's own row number and its cells; what is hidden is read, and told."""

    name: str
    rows: Sequence[tuple[int, Sequence[Any]]]
    encoding: str | None = None
    faults: tuple[Fault, ...] = ()
    merged: tuple[Span, ...] = ()
    hidden: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def layers_of(sheet: Sheet, knows: Callable[[str], bool]) -> list[RawLayer]:
    """Return the layer that `sheet` holds; several, when its rows are in several declared coordinate systems.

    Parameters
    ----------
    sheet : Sheet
    knows : callable
        Whether a text is a header the target layer knows.

    Raises
    ------
    RefusedError
        For a sheet that is empty or has no header.
    """
    rows = [(number, cells) for number, cells in sheet.rows if any(not is_empty(cell) for cell in cells)]
    if not rows:
        raise RefusedError("table_empty")
    head = find_header(rows, lambda text: knows(text) or places(text), sheet.merged)
    faults = [*sheet.faults, *head.faults]
    headers = _unique(head.names, faults)
    records, numbers = _records(rows[head.start :], head, faults)
    _fill_merged(records, numbers, headers, sheet.merged, faults)
    faults += [Fault("row_hidden", number) for number in numbers if number in sheet.hidden]
    faults += [
        Fault("column_hidden", field=name, value=name)
        for index, name in enumerate(headers)
        if name and index in sheet.hidden_columns
    ]
    columns = {name: [cells[index] for cells in records] for index, name in enumerate(headers) if name}
    _report_nameless(headers, records, faults)
    placed = place(columns, numbers, faults)
    whole = RawLayer(
        name=sheet.name,
        columns=MappingProxyType({name: values for name, values in columns.items() if not _used(name, placed)}),
        rows=tuple(numbers),
        geometry=object_array(placed.geometry) if placed is not None else None,
        encoding=sheet.encoding,
        faults=tuple(faults),
    )
    return _by_system(whole, placed)


def _used(name: str, placed: Placed | None) -> bool:
    return placed is not None and name in placed.used


def _by_system(layer: RawLayer, placed: Placed | None) -> list[RawLayer]:
    """Return `layer` in its declared system, or one layer for each of several; undeclared rows go with the most."""
    named = [system for system in placed.systems if system is not None] if placed is not None else []
    systems = sorted(set(named), key=named.index)
    if placed is None or layer.geometry is None or not systems:
        return [layer]
    most = max(systems, key=named.count)
    if len(systems) == 1:
        return [_part(layer, range(len(layer.rows)), layer.name, most, layer.faults)]
    parts = []
    for system in systems:
        kept = [index for index, own in enumerate(placed.systems) if (own or most) == system]
        rows = {layer.rows[index] for index in kept}
        faults = tuple(one for one in layer.faults if (one.row in rows if one.row else system == systems[0]))
        parts.append(_part(layer, kept, f"{layer.name} ({system})", system, faults))
    return parts


def _part(layer: RawLayer, kept: Sequence[int], name: str, crs: str, faults: tuple[Fault, ...]) -> RawLayer:
    return RawLayer(
        name=name,
        columns=MappingProxyType({key: [values[index] for index in kept] for key, values in layer.columns.items()}),
        rows=tuple(layer.rows[index] for index in kept),
        geometry=layer.geometry[list(kept)] if layer.geometry is not None else None,
        crs=crs,
        encoding=layer.encoding,
        faults=faults,
    )


def _unique(names: list[str], faults: list[Fault]) -> list[str]:
    """Return the headers, the second of two equal ones emptied and reported."""
    seen: set[str] = set()
    headers = []
    for name in names:
        if name and name in seen:
            faults.append(Fault("header_twice", field=name, value=name))
            headers.append("")
            continue
        seen.add(name)
        headers.append(name)
    return headers


def _records(
    rows: Iterable[tuple[int, Sequence[Any]]], head: Header, faults: list[Fault]
) -> tuple[list[list[Any]], list[int]]:
    """Return the cells of each record, all of one width, and their row numbers."""
    width = len(head.names)
    records: list[list[Any]] = []
    numbers: list[int] = []
    totals: list[tuple[int, Sequence[Any]]] = []
    for number, cells in rows:
        if is_total(cells):
            totals.append((number, cells))
            faults.append(Fault("row_total", number, value=_first(cells)))
            continue
        if is_note(cells, width) or tuple(map(cell_text, cells)) in head.texts or (not records and is_numbering(cells)):
            faults.append(Fault("row_no_record", number, value=_first(cells)))
            continue
        extra = [cell for cell in cells[width:] if not is_empty(cell)]
        if extra:
            faults.append(Fault("row_too_long", number, value=cell_text(extra[0]), words={"columns": width}))
        records.append([None if is_empty(cell) else cell for cell in cells[:width]] + [None] * (width - len(cells)))
        numbers.append(number)
    faults += check_totals(totals, records, numbers, head.names)
    return records, numbers


def _first(cells: Sequence[Any]) -> str:
    return next((cell_text(cell) for cell in cells if not is_empty(cell)), "")


def _fill_merged(
    records: list[list[Any]],
    numbers: Sequence[int],
    headers: Sequence[str],
    merged: Sequence[Span],
    faults: list[Fault],
) -> None:
    """Write what names a parcel into every row that its cell is merged over; quantities stay where they stand."""
    place_of = {number: index for index, number in enumerate(numbers)}
    left = len(records) * len(headers)
    for span in merged:
        if span.bottom == span.top or span.top not in place_of or span.left >= len(headers):
            continue
        value = records[place_of[span.top]][span.left]
        if value is None or not _KEYS.search(headers[span.left]):
            continue
        left -= span.bottom - span.top
        if left < 0:  # merged cells do not overlap, unless somebody wants them to
            return
        for number in range(span.top + 1, span.bottom + 1):
            index = place_of.get(number)
            if index is not None and records[index][span.left] is None:
                records[index][span.left] = value
                faults.append(Fault("merged_filled", number, headers[span.left], value))


def _report_nameless(headers: Sequence[str], records: Sequence[Sequence[Any]], faults: list[Fault]) -> None:
    for index, name in enumerate(headers):
        if name:
            continue
        value = next((cells[index] for cells in records if not is_empty(cells[index])), None)
        if value is not None:
            faults.append(Fault("column_nameless", value=value, words={"column": index + 1}))
