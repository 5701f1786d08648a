"""Texts inside an outline become its attributes: "key: value", a known header, an area, a number of a parcel, a use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from landmap.domain import land_use
from landmap.ingest.readers.dxf_walk import Label

NUMBER, USE, CODE, AREA, NAME, NOTE = "地块编号", "用途", "用地代码", "面积", "名称", "注记"

_PAIR: Final = re.compile(r"^(?P<key>[^\d:=][^:=]{0,29}?)\s*[:=]\s*(?P<value>.*)$")
_AREA: Final = re.compile(
    r"^(?:面积|用地面积|占地|占地面积|S)?\s*[:=]?\s*(?P<value>约?\d[\d,]*(?:\.\d+)?\s*"
    r"(?:亩|公顷|平方米|平米|万平方米|平方公里|㎡|万㎡|m2|m²|ha|hm2|km2))$",
    re.IGNORECASE,
)
#: 01-37, LC0102-035, LC2025-001, JY17-29, 2023GC07007, 370283004115GB02011: digits, and a dash or a letter with them.
_NUMBER: Final = re.compile(r"^(?=.*\d)(?=.*[A-Z-])[A-Z\d]{1,20}(?:[-_/][A-Z\d]{1,20}){0,3}$", re.IGNORECASE)
#: LC(2025)04, 李沧〔2025〕4号: a year in brackets, and a running number behind it.
_YEAR_NUMBER: Final = re.compile(
    r"^[A-Z\u4e00-\u9fff]{0,8}[(\[〔【](?:19|20)\d{2}[)\]〕】](?:第|-)?\d{1,5}(?:-\d{1,4})?号?$", re.IGNORECASE
)
_NAMED_NUMBER: Final = re.compile(
    r"^(?:地块|宗地)[A-Z\d一二三四五六七八九十-]{1,8}号?$|^[A-Z\d一二三四五六七八九十-]{1,8}号?(?:地块|宗地)$",
    re.IGNORECASE,
)
#: A class by its name, with its code before or behind it.
_USE: Final = re.compile(
    r"^(?P<before>[A-Z]{0,2}\d{0,6})\s*(?P<name>[\u4e00-\u9fff、/()]{1,16}用地)\s*\(?(?P<behind>[A-Z]{0,2}\d{0,3})\)?$"
)
#: How a value begins that follows its header without a colon.
_VALUE: Final = re.compile(r"[\s\d≥≤<>不约]")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]{2}")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2012\u2013\u2014\u2212", "-"))
_PREFIX_MAX: Final = 16


def attributes_of(
    labels: Iterable[Label], knows: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the attributes that labels give to the outline around them, and what they contradict each other in.

    Parameters
    ----------
    labels : iterable of Label
        Of one outline; read from the top down, then from the left.
    knows : callable
        Whether a text is a header that the target layer knows.

    Returns
    -------
    (dict of str by header, dict of tuple of str by header)
        Two different values for one header are no attribute but a contradiction, and stand among the notes. A single
        text that is none of the known forms is the name; several such are notes.

    Examples
    --------
    >>> attributes_of([Label("LC2025—001", 0, 9), Label("工业用地", 0, 8), Label("S=30.5亩", 0, 7)], lambda text: False)
    ({'地块编号': 'LC2025—001', '用途': '工业用地', '面积': '30.5亩'}, {})
    """
    found: dict[str, list[str]] = {}
    free: list[str] = []
    for label in sorted(labels, key=lambda one: (-one.y, one.x)):
        for header, value in _readings(label, knows):
            if not header:
                free.append(value)
            elif value not in found.setdefault(header, []):
                found[header].append(value)
    clear = {header: values[0] for header, values in found.items() if len(values) == 1}
    torn = {header: tuple(values) for header, values in found.items() if len(values) > 1}
    if len(free) == 1 and NAME not in found and _CHINESE.search(free[0]):
        clear[NAME], free = free[0], []
    notes = free + [f"{header}: {value}" for header, values in torn.items() for value in values]
    if notes:
        clear[NOTE] = "；".join(notes)
    return clear, torn


def _readings(label: Label, knows: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield header and value of each line of a label; an empty header where the line says nothing by its form."""
    lines = [" ".join(line.split()) for line in label.text.splitlines()]
    lines = [line for line in lines if line]
    if label.tag and knows(label.tag) and lines:
        yield label.tag, " ".join(lines)
        return
    for line in lines:
        yield from _reading(line, knows)


def _reading(line: str, knows: Callable[[str], bool]) -> list[tuple[str, str]]:
    plain = unicodedata.normalize("NFKC", line).translate(_DASHES)
    if area := _AREA.match(plain):
        return [(AREA, area["value"])]
    pair = _PAIR.match(plain)
    if pair and pair["value"] and _is_key(pair["key"], knows):
        return [(pair["key"], pair["value"])]
    if use := _use(plain):
        return use
    for cut in range(min(len(plain) - 1, _PREFIX_MAX), 1, -1):
        key = plain[:cut].strip()
        if key[-1].isalnum() and knows(key) and _VALUE.match(plain[cut:]):
            return [(key, plain[cut:].strip())]
    return [(NUMBER if _is_number(plain) else "", line)]


def _is_key(text: str, knows: Callable[[str], bool]) -> bool:
    """Whether a text can be the key of a value: Chinese words, or a header of more than a letter (R=30 is a radius)."""
    return bool(_CHINESE.search(text)) or (len(text) > 1 and text[-1].isalnum() and knows(text))


def _use(text: str) -> list[tuple[str, str]]:
    """Return the land use that a text is: a class by name, a code of the national or the urban classes, or both."""
    if found := _USE.match(text):
        code = found["before"] or found["behind"]
        return [(USE, found["name"]), *([(CODE, code)] if code else [])]
    if land_use.code_of_name(text):
        return [(USE, text)]
    urban = len(text) > 1 and not text.isdigit() and land_use.counterparts(text, land_use.LandUseScheme.GB50137)
    national = text.isdigit() and len(text) >= 4 and text in land_use.classes()
    return [(CODE, text)] if urban or national else []


def _is_number(text: str) -> bool:
    compact = text.replace(" ", "")
    return any(one.match(compact) for one in (_NUMBER, _YEAR_NUMBER, _NAMED_NUMBER))
