"""Tables for offices: CSV that a spreadsheet opens with its Chinese intact, and XLSX with its notes on a second sheet.

Text is never taken for a formula: quoted away in CSV, forced to text cells in XLSX.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import shapely

from landmap.domain import Field, Kind, Layer, Words, children_of, compact_json, deadline
from landmap.query import Record, Selection
from landmap.render import values
from landmap.render.frames import LATITUDE, LONGITUDE, headings, notes

Cell = str | int | float | None

#: What makes a spreadsheet take a text for a formula; full-width forms are folded by some.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "\uff20")
#: A spreadsheet cell holds no more characters than this, a sheet no more rows.
CELL_MAX: Final = 32_767
#: One fixed moment in the file's own metadata: the same selection gives the same bytes.
_MADE: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 — a spreadsheet's clock has no zone
_PLACES: Final = 7
#: How many rows of a file are made at a time.
AT_ONCE: Final = 500


def csv_pieces(selection: Selection, words: Words) -> Iterator[bytes]:
    """Yield a selection as CSV: UTF-8 with a byte order mark, one heading row, every text in quotes.

    Nested layers have no place in one table and are left out; codes are shown by label, unknown values are empty. The
    district's notice, such as “sample data”, is the last column.
    """
    notice = selection.district.notice(words.lang)
    heads = [*_headings(selection.fields, words), *([words("table.notice")] if notice else [])]
    yield codecs.BOM_UTF8 + _csv([heads])
    records = selection.records()
    while block := list(islice(records, AT_ONCE)):
        rows = ([*_row(one, selection.fields, words), *([notice] if notice else [])] for one in deadline.in_time(block))
        yield _csv(rows)


def _csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        cells = (_harmless(cell) if isinstance(cell, str) else cell for cell in row)
        writer.writerow(["" if cell is None else cell for cell in cells])
    return stream.getvalue().encode()


def xlsx_bytes(selection: Selection, words: Words) -> bytes:
    """Return a selection as XLSX: the table, its notes on the second sheet, then one sheet for each nested layer."""
    stream = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    import xlsxwriter  # loaded at the first workbook: a server is ready before it

    with xlsxwriter.Workbook(stream, settings) as book:
        book.set_properties({"created": _MADE, "title": selection.layer.label(words.lang)})
        records = list(selection.records())
        table = [_row(record, selection.fields, words) for record in deadline.in_time(records)]
        _sheet(book, selection.layer.label(words.lang), _headings(selection.fields, words), table)
        _sheet(book, words("table.notes"), ("", ""), notes(selection, words))
        for child in children_of(selection.layer.name):
            _child_sheet(book, child, selection.layer, records, words)
    return stream.getvalue()


def _headings(fields: Mapping[str, Field], words: Words) -> list[str]:
    return [*headings(fields, words).values(), words(f"table.{LONGITUDE}"), words(f"table.{LATITUDE}")]


def _row(record: Record, fields: Mapping[str, Field], words: Words) -> list[Cell]:
    return [*(_cell(field, record.properties.get(name), words) for name, field in fields.items()), *_point(record)]


def _point(record: Record) -> tuple[Cell, Cell]:
    """Return longitude and latitude of a point inside the shape."""
    if record.geometry is None or shapely.is_empty(record.geometry):
        return None, None
    inside = shapely.point_on_surface(record.geometry)
    return round(float(inside.x), _PLACES), round(float(inside.y), _PLACES)


def _cell(field: Field, value: Any, words: Words) -> Cell:
    """Return a value as a cell: a number, a text, or None for unknown; days and codes of land use stay as stored."""
    if value is None:
        return None
    if field.kind.numeric:
        return float(value) if field.kind is Kind.NUMBER else int(value)
    if field.kind is Kind.DATE:
        return str(value)
    if field.kind is Kind.JSON:
        return compact_json(value)
    return values.value_text(field, value, words)


def _harmless(text: str) -> str:
    """Return `text` with an apostrophe before what a spreadsheet would run.

    Examples
    --------
    >>> _harmless("=1+1"), _harmless("兴华路")
    ("'=1+1", '兴华路')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, bold)
    for number, row in enumerate(deadline.in_time(rows), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell[:CELL_MAX])
            elif cell is not None:
                sheet.write_number(number, column, cell)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(heads) - 1, 0), 18)


def _child_sheet(book: Any, child: Layer, parent: Layer, records: Sequence[Record], words: Words) -> None:
    """Add the rows of a nested layer with their parent's id; nothing when there are none."""
    nested = [(record.id, row) for record in records for row in record.properties.get(child.name) or ()]
    if not nested:
        return
    seen = {name for _, row in nested for name in row}
    fields = {name: field for name, field in child.fields.items() if name in seen}
    heads = [parent.fields[parent.id_field].label(words.lang), *headings(fields, words).values()]
    rows = [[id, *(_cell(field, row.get(name), words) for name, field in fields.items())] for id, row in nested]
    _sheet(book, child.label(words.lang), heads, rows)
