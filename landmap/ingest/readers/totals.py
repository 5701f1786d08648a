"""Rows of a sheet that are no records: totals, notes, running numbers of columns; and whether the totals are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from landmap.ingest.faults import Fault
from landmap.ingest.readers.headers import cell_text, is_empty

_TOTAL: Final = re.compile(r"(?:合\s*计|总\s*计|共\s*计|小\s*计|累\s*计|(?:sub|grand )?total)\s*[:：]?", re.IGNORECASE)
_WHOLE: Final = re.compile(r"合\s*计|总\s*计|共\s*计|^total", re.IGNORECASE)
_NOTE: Final = re.compile(
    r"^[*※]?\s*(?:附?注|备注|说明|数据来源|资料来源|填表|制表|审核|复核|填报|notes?|source)[^:：、.．]{0,8}[:：、.．]",
    re.IGNORECASE,
)
#: A note may forget its colon when nothing else stands in its row.
_BARE_NOTE: Final = re.compile(r"^[*※]?\s*(?:附?注|备注|说明|填表|制表|审核)")
_NUMBER: Final = re.compile(r"[-+]?[\d,]*\.?\d+")
#: A total rounds what it adds up.
_TOLERANCE: Final = 0.005
#: A label of a total stands at the left, perhaps beside a running number.
_LABEL_WITHIN: Final = 3
#: How many totals of a sheet are checked.
_CHECKED: Final = 20


def is_total(cells: Sequence[Any]) -> bool:
    """Return whether a row adds up others: 合计, 总计, 小计 among its first cells, and otherwise numbers."""
    filled = [cell_text(cell) for cell in cells if not is_empty(cell)]
    label = next(
        (
            index
            for index, text in enumerate(filled[:_LABEL_WITHIN])
            if _TOTAL.fullmatch(text) and (index == 0 or not text.isascii())  # further right, total is also a code
        ),
        None,
    )
    if label is None:
        return False
    others = filled[:label] + filled[label + 1 :]
    return all(_NUMBER.match(text) or text in ("-", "—", "/") for text in others)


def is_note(cells: Sequence[Any], width: int) -> bool:
    """Return whether a row is a remark below the table: little else stands in it."""
    filled = [cell_text(cell) for cell in cells if not is_empty(cell)]
    if not filled or width < 2:
        return False
    if _NOTE.match(filled[0]):
        return len(filled) <= max(2, width // 2)
    return len(filled) == 1 and width > 2 and _BARE_NOTE.match(filled[0]) is not None


def is_numbering(cells: Sequence[Any]) -> bool:
    """Return whether a row below the header numbers the columns: 1, 2, 3 and so on."""
    filled = [cell_text(cell) for cell in cells if not is_empty(cell)]
    return len(filled) > 2 and filled == [str(number) for number in range(1, len(filled) + 1)]


def check_totals(
    totals: Sequence[tuple[int, Sequence[Any]]],
    records: Sequence[Sequence[Any]],
    numbers: Sequence[int],
    headers: Sequence[str],
) -> Iterator[Fault]:
    """Yield the totals of the whole sheet that its records do not add up to: a row may be missing or counted twice.

    A total is compared with all records above it; a column with a cell that is no number is left out, as are shares
    and ratios, whose total is none.
    """
    for number, cells in totals[:_CHECKED]:
        if not any(_WHOLE.search(cell_text(cell)) for cell in cells[:_LABEL_WITHIN]):
            continue
        above = [record for record, row in zip(records, numbers, strict=True) if row < number]
        for column, name in enumerate(headers):
            stated = _number(cells[column]) if column < len(cells) else None
            values = [_number(record[column]) for record in above if record[column] is not None]
            if not name or stated is None or re.search(r"率|比|%|密度|年限|单价|序号", name):
                continue
            known = [value for value in values if value is not None]
            if len(known) == len(values) > 1 and abs(stated - sum(known)) > _TOLERANCE * max(abs(stated), 1.0):
                words = {"sum": round(sum(known), 4)}
                yield Fault("total_disagrees", number, name, stated, words)


def _number(cell: Any) -> float | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).strip()
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
