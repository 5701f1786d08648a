"""Cells into values: numbers with units, dates as people write them, yes and no, codes and lists.

A cell that cannot be read is a fault and an unknown value; it is never 0, and an empty one is simply unknown.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Field, Kind, units
from landmap.ingest import cell_units, structures
from landmap.ingest.codes import code_of
from landmap.ingest.encoding import garbled
from landmap.ingest.faults import Fault
from landmap.ingest.whole import whole_column

#: Texts that say "not known" or "not stated" in words.
NULLS: Final = frozenset(
    {
        *("", "/", "\\", "-", "--", "---", "—", "——", "―"),
        *("无", "暂无", "待定", "不详", "未知", "不限"),
        *("n/a", "na", "nan", "null", "none", "nil"),
    }
)
_NUMBER: Final = re.compile(
    r"^(?P<about>约|大约|≈|~)?(?:[¥$]|人民币)?(?P<number>[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})?(?:\.[0-9]{1,12})?(?:e[+-]?[0-9]{1,3})?)"
    r"(?P<scale>[万亿])?(?P<unit>[^0-9.,+-].{0,20})?$"
)
_SCALES: Final[Mapping[str | None, float]] = MappingProxyType({None: 1.0, "万": 1e4, "亿": 1e8})
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "1.0", "是", "有", "√", "✓", "对", "已", "具备", "可"})
_FALSE: Final = frozenset(
    {"false", "f", "no", "n", "0", "0.0", "否", "无", "×", "✗", "错", "未", "不具备", "不可", "没有"}
)
_DATE: Final = re.compile(
    r"^(?P<y>[0-9]{4})(?:[-/.年]\s*(?P<m>[0-9]{1,2})(?:[-/.月]\s*(?P<d>[0-9]{1,2})日?)?月?)?(?:[T ].*)?$"
)
_COMPACT_DATE: Final = re.compile(r"^(?P<y>[0-9]{4})(?P<m>[01][0-9])(?P<d>[0-3][0-9])$")
_DAY_FIRST: Final = re.compile(r"^(?P<a>[0-9]{1,2})[-/.](?P<b>[0-9]{1,2})[-/.](?P<y>[12][0-9]{3})$")
#: Excel's day 0, and the days that are taken for its serial numbers (1954 to 2119).
_EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_001)
_YEARS: Final = range(1900, 2201)
#: What programs write for "no date": the zero of a spreadsheet, of Unix, of databases, and the end of their calendars.
#: Source: real land notices have 1900-01-01 and 1901-01-02 throughout.
_SENTINEL_DAYS: Final = frozenset(
    {
        *((1899, 12, 30), (1899, 12, 31), (1900, 1, 0), (1900, 1, 1), (1900, 1, 2), (1901, 1, 1), (1901, 1, 2)),
        *((1970, 1, 1), (1753, 1, 1), (2099, 12, 31), (2100, 12, 31), (2999, 12, 31), (9999, 12, 31)),
    }
)
_SENTINEL_YEARS: Final = frozenset({0, 1, 9999})
#: Digits or a whole text that somebody covered.
_MASKED: Final = re.compile(r"[0-9.≥≤><]\s*[*×■□●]|[*×■□●]{2,}|[*■□●]\s*[0-9.]|^[xX*■□●]+$|[xX]{3,}|略[)）]?$|^保密$")
_BETWEEN: Final = re.compile(r"[、,，;；|\n]+")
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class CellError(ValueError):
    """A cell that cannot be read; `code` names the finding."""

    def __init__(self, code: str, **words: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


def convert(values: Sequence[Any], rows: Sequence[int], field: Field, unit: str = "") -> tuple[list[Any], list[Fault]]:
    """Return the values of one column in the form of its field, and a fault for every cell that could not be read.

    Parameters
    ----------
    values : sequence, length n
    rows : sequence of int, length n
        Where each stands in the file.
    field : Field
    unit : str
        The unit the header names, where it is not the field's own.
    """
    read = _READERS[field.kind]
    whole = whole_column(values, field, unit, partial(_read_plainly, field=field, unit=unit), _UNSEEN.search)
    if whole is not None:
        return whole, []
    found: list[Any] = []
    faults: list[Fault] = []
    for value, row in zip(values, rows, strict=True):
        notes: list[str] = []
        try:
            found.append(None if _empty(value) else read(value, field, unit, notes))
        except CellError as error:
            found.append(None)
            faults.append(Fault(error.code, row, field.name, value, error.words))
        faults += [Fault(note, row, field.name, value) for note in notes]
    return found, faults


def _read_plainly(value: Any, field: Field, unit: str) -> Any:
    """Return what a cell is read as; None when it is empty or there is anything to tell about it."""
    notes: list[str] = []
    try:
        found = None if _empty(value) else _READERS[field.kind](value, field, unit, notes)
    except CellError:
        return None
    return None if notes else found


def masked(text: str) -> bool:
    """Return whether somebody covered what a text says, in part or in whole.

    Examples
    --------
    >>> [masked(text) for text in ("12**", "***", "（略）", "370213****GB00001", "12.5", "2*3 m")]
    [True, True, True, True, False, True]
    """
    return _MASKED.search(unicodedata.normalize("NFKC", text).strip()) is not None


def plain(text: str) -> str:
    """Return half-width text without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _null(text: str) -> bool:
    return plain(text).casefold() in NULLS


def number(value: Any, field: Field, unit: str, notes: list[str]) -> float | None:
    """Return a number in the field's unit; None for a text that says there is none."""
    if isinstance(value, bool):
        raise CellError("number_malformed")
    if isinstance(value, int | float):
        if not _finite(value):
            raise CellError("number_not_finite")
        return _scaled(float(value), unit, field)
    text = plain(str(value))
    if _null(text):
        return None
    match = _NUMBER.match(text.replace(" ", "").casefold())
    if match is None or not re.search(r"[0-9]", match["number"]):
        return _printed_area(text, field)
    if match["about"]:
        notes.append("number_approximate")
    amount = float(match["number"].replace(",", "")) * _SCALES[match["scale"]]
    if not math.isfinite(amount):
        raise CellError("number_not_finite")
    if match["unit"] is None:
        return _scaled(amount, unit, field)
    return _with_unit(amount, (match["scale"] or "") + match["unit"], match, field, text)


def _finite(value: int | float) -> bool:
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 10**300


def _with_unit(amount: float, printed: str, match: re.Match[str], field: Field, text: str) -> float:
    """Return an amount whose unit stands in the cell."""
    bare = float(match["number"].replace(",", ""))
    for unit, value in ((printed, bare), (match["unit"], amount)):
        key = cell_units.named(unit)
        if key is not None:
            return _scaled(value, key, field)
    if plain(field.unit).casefold() == match["unit"] or match["unit"] in ("年", "个", "部", "层", "家", "户", "人"):
        return amount
    return _printed_area(text, field)


def _printed_area(text: str, field: Field) -> float:
    """Return an area printed in words, perhaps in two units that must agree."""
    if field.unit == "㎡":
        area, status = units.parse_area(text)
        if area is not None:
            return area
        if status is units.AreaStatus.DISAGREE:
            raise CellError("area_units_disagree")
    raise CellError("value_masked" if masked(text) else "number_malformed")


def _scaled(value: float, unit: str, field: Field) -> float:
    if not unit:
        return value
    factor = cell_units.factor(unit, field.unit)
    if factor is None:
        raise CellError("unit_unlike", unit=cell_units.printed(unit), wanted=field.unit or "—")
    return value if factor == 1 else value * factor


def integer(value: Any, field: Field, unit: str, notes: list[str]) -> int | None:
    """Return a whole number; a fraction is a fault, not rounded away."""
    if field.name.startswith("year_") and not isinstance(value, int | float):
        day = _date_parts(plain(str(value)))
        return day[0] if day else _whole(number(value, field, unit, notes))
    return _whole(number(value, field, unit, notes))


def _whole(value: float | None) -> int | None:
    if value is not None and not value.is_integer():
        raise CellError("number_not_whole")
    if value is not None and abs(value) >= 2**53:
        raise CellError("number_malformed")
    return None if value is None else int(value)


def boolean(value: Any, field: Field, unit: str, notes: list[str]) -> bool | None:
    """Return yes or no."""
    text = plain(str(value)).casefold()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _null(text):
        return None
    raise CellError("boolean_malformed")


def date(value: Any, field: Field, unit: str, notes: list[str]) -> dt.date | None:
    """Return a day; a month alone becomes its first day with a note, a year alone stays unknown."""
    if isinstance(value, dt.date):
        return _day((value.year, value.month, value.day))
    if isinstance(value, bool):
        raise CellError("date_malformed")
    if isinstance(value, int | float):
        return _serial(float(value))
    text = plain(str(value))
    if _null(text):
        return None
    if re.fullmatch(r"[0-9]{5}(?:\.0+)?", text):
        return _serial(float(text))
    parts = _date_parts(text)
    if parts is not None and parts[1] is not None and parts[2] is None:
        notes.append("date_day_assumed")
        parts = (parts[0], parts[1], 1)
    return _day(parts)


def _meant(parts: tuple[int, int | None, int | None]) -> bool:
    """Whether a date is one, and no stand-in for none."""
    return parts not in _SENTINEL_DAYS and parts[0] not in _SENTINEL_YEARS


def _date_parts(text: str) -> tuple[int, int | None, int | None] | None:
    """Return year, month and day as far as a text gives them."""
    match = _COMPACT_DATE.match(text) or _DATE.match(text)
    if match:
        return int(match["y"]), int(match["m"]) if match["m"] else None, int(match["d"]) if match["d"] else None
    match = _DAY_FIRST.match(text)
    if match is None:
        return None
    first, second = int(match["a"]), int(match["b"])
    if first <= 12 and second <= 12 and first != second:
        raise CellError("date_ambiguous")
    day, month = (second, first) if second > 12 else (first, second)
    return int(match["y"]), month, day


def _day(parts: tuple[int, int | None, int | None] | None) -> dt.date:
    """Return the day of three known parts; a fault otherwise, also for years no record can be of."""
    if parts is not None and not _meant(parts):
        raise CellError("date_sentinel")
    if parts is None or parts[1] is None or parts[2] is None or parts[0] not in _YEARS:
        raise CellError("date_malformed")
    try:
        return dt.date(parts[0], parts[1], parts[2])
    except ValueError:
        raise CellError("date_malformed") from None


def _serial(value: float) -> dt.date:
    if value in (0, 1, 2):
        raise CellError("date_sentinel")
    if not math.isfinite(value) or int(value) not in _SERIALS:
        text = f"{value:.0f}"
        return _day(_date_parts(text) if len(text) == 8 else None)
    return _EXCEL_EPOCH + dt.timedelta(days=int(value))


def text(value: Any, field: Field, unit: str, notes: list[str]) -> str | None:
    """Return text as it came, without characters that cannot be seen; what was decoded wrongly is noted."""
    if isinstance(value, dict | list):
        return structures.compact(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        value = value.date() if value.time() == dt.time() else value
    written = str(value)
    if field.name == "planned_supply_on":
        return structures.period(plain(written)) or written
    clean = _UNSEEN.sub("", written).strip()
    if clean != written.strip():
        notes.append("text_unseen")
    if garbled(clean):
        notes.append("text_garbled")
    return clean or None


def url(value: Any, field: Field, unit: str, notes: list[str]) -> str | None:
    """Return a web address; anything but http and https is a fault."""
    address = plain(str(value))
    if _null(address):
        return None
    if not re.match(r"^https?://[^\s<>\"'\\]+$", address, re.IGNORECASE):
        raise CellError("url_malformed")
    return address


def code(value: Any, field: Field, unit: str, notes: list[str]) -> str | None:
    """Return a code of the field's list, written as code, label or a known other name."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value)
    found = code_of(written, field)
    if found is None and not _null(written):
        raise CellError("code_unknown", list=field.codes)
    return found


def codes(value: Any, field: Field, unit: str, notes: list[str]) -> tuple[str, ...] | None:
    """Return codes of the field's list; those that mean none are a fault, the others are kept."""
    parts = _parts(value)
    found = [code_of(part, field) for part in parts]
    if parts and not any(found):
        raise CellError("code_unknown", list=field.codes)
    if None in found:
        notes.append("code_unknown_some")
    return tuple(dict.fromkeys(one for one in found if one)) or None


def texts(value: Any, field: Field, unit: str, notes: list[str]) -> tuple[str, ...] | None:
    """Return a list of texts, from a list or from text with separators."""
    return tuple(dict.fromkeys(_parts(value))) or None


def _parts(value: Any) -> list[str]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = structures.loaded(value)
        if value is None:
            raise CellError("json_cell_malformed")
    parts = value if isinstance(value, list | tuple) else _BETWEEN.split(str(value))
    return [part for part in (_UNSEEN.sub("", str(one)).strip() for one in parts) if part and not _null(part)]


def json(value: Any, field: Field, unit: str, notes: list[str]) -> Any:
    """Return a JSON value; some fields also have a form in words."""
    if isinstance(value, dict | list):
        return value
    written = str(value)
    if _null(written):
        return None
    loaded = structures.loaded(written) if written.lstrip().startswith(("{", "[")) else None
    found = loaded if loaded is not None else structures.from_words(field.name, plain(written))
    if found is None:
        raise CellError("json_cell_malformed")
    return found


_READERS: Final[Mapping[Kind, Callable[[Any, Field, str, list[str]], Any]]] = MappingProxyType(
    {
        Kind.TEXT: text,
        Kind.REFERENCE: text,
        Kind.URL: url,
        Kind.NUMBER: number,
        Kind.INTEGER: integer,
        Kind.BOOLEAN: boolean,
        Kind.DATE: date,
        Kind.CODE: code,
        Kind.CODES: codes,
        Kind.TEXTS: texts,
        Kind.JSON: json,
    }
)
