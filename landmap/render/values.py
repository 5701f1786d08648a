"""One field's value as text, by the field's kind: the formatter that sheets, cards, briefs and tables share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from landmap.domain import Code, District, Field, Kind, Lang, Words, code_list, code_lists, land_use
from landmap.render import numbers

_SEPARATOR: Final[Mapping[Lang, str]] = {"zh": "、", "en": ", "}
_STRONG: Final[Mapping[Lang, str]] = {"zh": "；", "en": "; "}
_COLON: Final[Mapping[Lang, str]] = {"zh": "：", "en": ": "}


def value_text(field: Field, value: Any, words: Words) -> str | None:
    """Return `value` of `field` as text, or None when it is unknown.

    Parameters
    ----------
    field : Field
    value : JSON-ready
        As `Record.properties` holds it.
    words : Words
    """
    if value is None or (isinstance(value, str | list | tuple | dict) and not value):
        return None
    if field.kind is Kind.BOOLEAN:
        return words("sheet.yes" if value else "sheet.no")
    if field.kind is Kind.INTEGER and not field.unit:
        return str(value)
    if field.kind.numeric:
        return numbers.quantity(value, field.unit, words.lang)
    if field.kind is Kind.DATE:
        return numbers.day(value, words.lang)
    if field.kind is Kind.CODE:
        return code_text(field.codes, value, words.lang)
    if field.kind.listed:
        return joined((code_text(field.codes, one, words.lang) if field.codes else str(one) for one in value), words)
    if field.kind is Kind.JSON:
        return json_text(value, words)
    return str(value)


def code_text(codes: str, code: Any, lang: Lang) -> str:
    """Return the label of `code`; a code that its list does not hold stands as it is."""
    known: Code | None = code_lists().get(codes, {}).get(str(code))
    return str(code) if known is None else known.label(lang)


def land_use_name(code: str, lang: Lang) -> str:
    """Return the name of a land-use class alone; a code outside the 2023 table stands as it is.

    Examples
    --------
    >>> land_use_name("1001", "zh"), land_use_name("M9", "zh")
    ('工业用地', 'M9')
    """
    known = land_use.classes().get(code)
    if known is None:
        return code
    return known.name_zh if lang == "zh" else known.name_en


def land_use_text(code: str, lang: Lang, *, code_first: bool = False) -> str:
    """Return a land-use code with its name; a code outside the 2023 table stands as it is.

    Examples
    --------
    >>> land_use_text("1001", "zh"), land_use_text("1001", "zh", code_first=True), land_use_text("M9", "en")
    ('工业用地（1001）', '1001 工业用地', 'M9')
    """
    name = land_use_name(code, lang)
    if name == code:
        return code
    if code_first:
        return f"{code} {name}"
    return f"{name}（{code}）" if lang == "zh" else f"{name} ({code})"


def industry_text(code: str, lang: Lang) -> str:
    """Return a GB/T 4754 code with the name of its division; other text stands as it is.

    Examples
    --------
    >>> industry_text("35", "zh"), industry_text("生物医药", "zh")
    ('35 专用设备制造业', '生物医药')
    """
    known = code_list("industry").get(code[:2]) if code.isdigit() else None
    return code if known is None else f"{code} {known.label(lang)}"


def preset_text(key: str, district: District, lang: Lang) -> str:
    """Return the label of a land-use preset, the district's own before the built-in one."""
    known = land_use.presets(district.presets).get(key)
    if known is None:
        return key
    return known.label_zh if lang == "zh" else known.label_en


def joined(parts: Iterable[str], words: Words) -> str:
    """Return `parts` as a list in a sentence."""
    return _SEPARATOR[words.lang].join(parts)


def pair(name: str, text: str, words: Words) -> str:
    """Return ``name: text`` with the colon of the language."""
    return f"{name}{_COLON[words.lang]}{text}"


def listed(parts: Iterable[str], words: Words) -> str:
    """Return `parts` one after the other where they may hold commas themselves."""
    return _STRONG[words.lang].join(parts)


def json_text(value: Any, words: Words) -> str:
    """Return an object or list as text, in the order given; nested parts as compact JSON."""
    if isinstance(value, Mapping):
        return joined((pair(str(name), _leaf(one), words) for name, one in value.items()), words)
    if isinstance(value, list | tuple):
        return joined((_leaf(one) for one in value), words)
    return _leaf(value)


def _leaf(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
