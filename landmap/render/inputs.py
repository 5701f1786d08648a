"""Fields to be filled in on a page: what stands in each, what can be chosen, and what was said, as somebody writes it.

What `written` gives for a field nobody touched reads back as the value it was filled with (`landmap.ingest`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from landmap.domain import Code, Field, Kind, Words, code_list, compact_json
from landmap.render import numbers, values

Shape = Literal["line", "lines", "number", "day", "one", "some", "parts"]
#: Objects of which every part has its name and its choices: the code list of the names, and that of the choices.
PARTED: Final[Mapping[str, tuple[str, str]]] = {"site_services": ("site_service", "site_service_state")}
_NAMED: Final = {**PARTED, "bounds_text": ("side", ""), "other_conditions": ("other_condition", "")}
#: Longer texts get several lines, and so do fields that are there for sentences.
_LINE_MAX: Final = 40
_SENTENCES: Final = ("_note", "highlights")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; the blank one says that nothing is known."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One field to be filled in: its name in the form, what is said about it, what stands in it."""

    name: str
    label: str
    shape: Shape
    text: str = ""
    unit: str = ""
    help: str = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple[Input, ...] = ()


def stated(value: Any) -> str:
    """Return a JSON value as somebody would write it, so that it reads back as itself; empty for unknown.

    Structures come as JSON texts, as `landmap.access.edits.plain` gives them.

    Examples
    --------
    >>> stated(3000.0), stated(["canteen"]), stated(True), stated(None)
    ('3000', '["canteen"]', 'true', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value if isinstance(value, str) else compact_json(value)


def told(field: Field, value: Any, words: Words) -> str:
    """Return a JSON value as a reader is told it; a dash for unknown."""
    if field.kind is Kind.JSON and isinstance(value, str):
        value = json.loads(value)
    if field.name not in _NAMED or not isinstance(value, Mapping):
        return values.value_text(field, value, words) or "—"
    names, states = _NAMED[field.name]
    lang = words.lang
    known = code_list(names)
    order = [code for code in known if code in value] + [code for code in value if code not in known]
    parts = (
        values.pair(
            values.code_text(names, code, lang),
            values.code_text(states, value[code], lang) if states else values.json_text(value[code], words),
            words,
        )
        for code in order
    )
    return values.listed(parts, words) or "—"


def field_input(field: Field, text: str, words: Words, name: str = "") -> Input:
    """Return one field to be filled in, with `text` in it as `stated` or `written` gives it.

    Parameters
    ----------
    field : Field
    text : str
    words : Words
    name : str, optional
        What the form calls the field; its own name unless told.
    """
    name, lang = name or field.name, words.lang
    about = (field.label(lang), numbers.unit_label(field.unit, lang), field.help(lang))
    if field.kind is Kind.BOOLEAN:
        options = {"true": words("sheet.yes"), "false": words("sheet.no")}
        return _one(name, about, options, text, blank=field.nullable)
    if field.kind is Kind.CODE:
        return _one(name, about, _labels(code_list(field.codes), words), text, blank=field.nullable or not text)
    if field.kind is Kind.CODES:
        held = _list(text)
        offered = _labels(code_list(field.codes), words)
        # Those chosen come first, in their order: a form that nobody touched says the same list.
        order = [*held, *(code for code in offered if code not in held)]
        choices = tuple(Choice(code, offered.get(code, code), code in held) for code in order)
        return _input(name, about, "some", choices=choices)
    held_parts = _chosen(field, text) if field.name in PARTED else None
    if held_parts is not None:
        return _parted(field, name, about, held_parts, words)
    if field.kind is Kind.TEXTS:
        return _input(name, about, "lines", "\n".join(_list(text)))
    if field.kind is Kind.DATE:
        return _input(name, about, "day", text)
    if field.kind.numeric:
        return _input(name, about, "number", text)
    long = len(text) > _LINE_MAX or "\n" in text or field.name.endswith(_SENTENCES)
    many = long or field.kind in (Kind.JSON, Kind.GEOMETRY)
    return _input(name, about, "lines" if many else "line", text)


def written(field: Field, said: Callable[[str], tuple[str, ...]], name: str = "") -> str | None:
    """Return what a form says of a field, as somebody would write it; None when it does not ask for the field.

    Parameters
    ----------
    field : Field
    said : callable
        Returns every value that the form holds under a name.
    name : str, optional
        As in `field_input`.
    """
    name = name or field.name
    if field.name in PARTED:
        parts = {code: said(f"{name}.{code}") for code in code_list(PARTED[field.name][0])}
        if any(parts.values()):
            chosen = {code: found[0] for code, found in parts.items() if found and found[0]}
            return compact_json(chosen) if chosen else ""
    found = said(name)
    if not found:
        return None
    if field.kind is Kind.CODES:
        kept = [one for one in found if one]
        return compact_json(kept) if kept else ""
    text = found[0].replace("\r\n", "\n").strip()
    if field.kind is not Kind.TEXTS:
        return text
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return compact_json(lines) if lines else ""


def _input(
    name: str, about: tuple[str, str, str], shape: Shape, text: str = "", choices: tuple[Choice, ...] = ()
) -> Input:
    label, unit, help_ = about
    return Input(name, label, shape, text, unit, help_, choices)


def _one(name: str, about: tuple[str, str, str], options: Mapping[str, str], text: str, *, blank: bool) -> Input:
    choices = [Choice("", "—", not text)] if blank else []
    choices += [Choice(value, label, value == text) for value, label in options.items()]
    if text and text not in options:
        choices.append(Choice(text, text, True))
    return _input(name, about, "one", text, tuple(choices))


def _parted(field: Field, name: str, about: tuple[str, str, str], held: Mapping[str, str], words: Words) -> Input:
    names, states = (code_list(one) for one in PARTED[field.name])
    parts = tuple(
        _one(f"{name}.{code}", (label, "", ""), _labels(states, words), held.get(code, ""), blank=True)
        for code, label in _labels(names, words).items()
    )
    return Input(name, about[0], "parts", parts=parts)


def _labels(codes: Mapping[str, Code], words: Words) -> dict[str, str]:
    return {code: one.label(words.lang) for code, one in codes.items()}


def _list(text: str) -> list[str]:
    return [str(one) for one in json.loads(text)] if text.startswith("[") else []


def _chosen(field: Field, text: str) -> dict[str, str] | None:
    """Return what is chosen of each part; None for an object that holds anything else."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return None
    names, states = (code_list(one) for one in PARTED[field.name])
    fits = isinstance(found, dict) and all(code in names and value in states for code, value in found.items())
    return found if fits else None
