"""What any reader may hand over: no layer too wide, no text too long, no character that is only half of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.raw import COLUMNS_MAX, RawLayer

#: What one cell of a workbook holds, and more than any field is meant for.
TEXT_MAX: Final = 32_767
_TEXTS: Final = frozenset({str, type(None)})
_HALF: Final = re.compile("[\ud800-\udfff]")


def bounded(raw: RawLayer) -> RawLayer:
    r"""Return a layer whose texts can be stored and looked through; what was changed is told.

    Examples
    --------
    >>> raw = bounded(RawLayer("a", {"name": ["x" * 40_000, "half \ud800"]}, rows=(1, 2)))
    >>> [len(text) for text in raw.columns["name"]], [(fault.code, fault.row) for fault in raw.faults]
    ([32767, 6], [('text_cut', 1), ('text_broken', 2)])

    Raises
    ------
    RefusedError
        For more than 2 000 columns.
    """
    if len(raw.columns) > COLUMNS_MAX:
        raise RefusedError("columns_too_many", limit=COLUMNS_MAX)
    faults: list[Fault] = []
    columns: dict[str, Sequence[Any]] = {}
    for header, cells in raw.columns.items():
        name = _whole(header)
        while name in columns:  # two headers that differed by a broken character
            name += "_2"
        columns[name] = _column(cells, name, raw.rows, faults)
    return replace(raw, columns=columns, faults=(*raw.faults, *faults))


def _column(cells: Sequence[Any], name: str, rows: Sequence[int], faults: list[Fault]) -> Sequence[Any]:
    kinds = set(map(type, cells))
    if not any(issubclass(kind, str | list | dict) for kind in kinds):
        return cells
    if not any(issubclass(kind, list | dict) for kind in kinds):
        texts = {cell for cell in cells if isinstance(cell, str)} if kinds - _TEXTS else set(cells) - {None}
        if max(map(len, texts), default=0) <= TEXT_MAX and _encodable("".join(texts)):
            return cells
    return [_cell(cell, name, row, faults) for cell, row in zip(cells, rows, strict=True)]


def _cell(cell: Any, name: str, row: int, faults: list[Fault]) -> Any:
    if isinstance(cell, list | dict):
        return _parts(cell)
    if not isinstance(cell, str):
        return cell
    if len(cell) > TEXT_MAX:
        faults.append(Fault("text_cut", row, name, cell[:99], {"count": len(cell), "limit": TEXT_MAX}))
        cell = cell[:TEXT_MAX]
    whole = _whole(cell)
    if whole != cell:
        faults.append(Fault("text_broken", row, name, whole))
    return whole


def _parts(value: Any) -> Any:
    """Return nested values with whole characters throughout."""
    if isinstance(value, dict):
        return {_whole(str(name)): _parts(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_parts(part) for part in value]
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    """Return `text` with half characters (lone surrogates, which JSON can spell) replaced."""
    return text if _encodable(text) else _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
