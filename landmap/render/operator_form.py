"""Forms as XLSX: one row per record, filled with what is published, choices where a field is one of a list."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from landmap.domain import Field, Kind, Lang, code_list

#: One fixed moment in the file's own metadata: the same form gives the same bytes.
_MADE: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 — a spreadsheet's clock has no zone
#: A spreadsheet takes no longer list of choices.
_CHOICES_MAX: Final = 255
_YES_NO: Final[Mapping[Lang, tuple[str, str]]] = {"zh": ("是", "否"), "en": ("yes", "no")}


def form_bytes(
    sheet: str,
    fixed: Sequence[Field],
    answered: Sequence[Field],
    rows: Sequence[Mapping[str, Any]],
    shapes: Sequence[str] | None = None,
    lang: Lang = "zh",
) -> bytes:
    """Return a form as XLSX.

    Parameters
    ----------
    sheet : str
        Name of the sheet, by which the form is known when it comes back; at most 31 characters.
    fixed : sequence of Field
        By which a reader knows the record: shown, and locked.
    answered : sequence of Field
        To be filled in.
    rows : sequence of mapping of field name to JSON value
    shapes : sequence of str, optional
        EWKT of each record, in a column that is not shown.
    lang : {"zh", "en"}
    """
    import xlsxwriter  # loaded at the first form: a server is ready before it

    stream = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, settings) as book:
        book.set_properties({"created": _MADE, "title": sheet})
        page = book.add_worksheet(sheet)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
        shown = book.add_format({"font_color": "#6B7280"})
        open_ = book.add_format({"locked": False})
        page.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
        page.freeze_panes(1, len(fixed))
        for column, field in enumerate((*fixed, *answered)):
            look = shown if column < len(fixed) else open_
            page.write_string(0, column, field.label(lang), head)
            note = " ".join(part for part in (field.unit, field.help(lang)) if part)
            if note:
                page.write_comment(0, column, note)
            page.set_column(column, column, 18, look)
            choices = _choices(field, lang)
            if choices and column >= len(fixed) and len(",".join(choices)) <= _CHOICES_MAX:
                page.data_validation(1, column, max(len(rows), 1), column, {"validate": "list", "source": choices})
            for row, values in enumerate(rows, start=1):
                _write(
                    page, row, column, _cell(field, values[field.name], lang), shown if column < len(fixed) else open_
                )
        if shapes is not None:
            last = len(fixed) + len(answered)
            page.set_column(last, last, 0, shown, {"hidden": True})
            for row, text in enumerate(("WKT", *shapes)):
                page.write_string(row, last, text, shown)
    return stream.getvalue()


def _choices(field: Field, lang: Lang) -> list[str]:
    if field.kind is Kind.BOOLEAN:
        return list(_YES_NO[lang])
    return [code.label(lang) for code in code_list(field.codes).values()] if field.kind is Kind.CODE else []


def _cell(field: Field, value: Any, lang: Lang) -> str | float | None:
    """Return a value as somebody would write it, so that it reads back as itself."""
    if value is None:
        return None
    if field.kind is Kind.BOOLEAN:
        return _YES_NO[lang][0 if value else 1]
    if field.kind.numeric:
        return float(value)
    if field.codes and field.kind is Kind.CODE:
        return code_list(field.codes)[value].label(lang) if value in code_list(field.codes) else str(value)
    return "、".join(value) if isinstance(value, list) else str(value)


def _write(page: Any, row: int, column: int, cell: str | float | None, look: Any) -> None:
    if isinstance(cell, str):
        page.write_string(row, column, cell, look)
    elif cell is None:
        page.write_blank(row, column, None, look)
    else:
        page.write_number(row, column, cell, look)
