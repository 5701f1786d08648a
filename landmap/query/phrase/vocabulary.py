"""The words a layer is asked with: the declared criteria and their code lists, and the aliases of ``words.csv``.

There is no second list of names: what the file adds are other words for what is declared, and the words of the grammar.
Only what the audience may ask for gets a word, so a hidden criterion is as strange as a word nobody knows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from landmap.domain import Code, land_use
from landmap.query.declaration import Declaration
from landmap.query.phrase.lexicon import Lexicon, Sense

#: Criteria that are drawn on the map, named by id, or are another view of `land_use`.
UNSPOKEN: Final = frozenset({"q", "bbox", "within", "ids", "area_unit", "display_class", "subdistrict", "park"})
#: What a code list says an entry is also called.
_ALSO: Final = re.compile(r"又称：([^；]*)")
_BRACKETED: Final = re.compile(r"[（(][^（）()]*[）)]")
_LIMITS: Final = re.compile(r"(.+)_(?:min|max)")


@cache
def rows() -> tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return the alias file: role, key, Chinese words, English words."""
    text = files("landmap.query.phrase").joinpath("words.csv").read_text(encoding="utf-8")
    return tuple(
        (row["role"], row["key"], tuple(_split(row["zh"])), tuple(_split(row["en"])))
        for row in csv.DictReader(text.splitlines())
    )


def vocabulary(declared: Sequence[Declaration]) -> Lexicon:
    """Return the words for some criteria of one layer."""
    made = Lexicon()
    spoken = {one.name: one for one in declared if one.name not in UNSPOKEN}
    stems = {stem(name) for name, one in spoken.items() if one.kind in ("number", "area")}
    for role, key, zh, en in rows():
        sense = _sense(role, key, {*spoken, *stems})
        if sense is not None:
            _add(made, sense, zh, en)
    for name, one in spoken.items():
        _declared(made, name, one)
    if "industry" in spoken:
        _sections(made, spoken["industry"])
    return made


def stem(name: str) -> str:
    """Return what the two limits of one quantity share: ``area`` of ``area_min``."""
    found = _LIMITS.fullmatch(name)
    return name if found is None else found[1]


def _sense(role: str, key: str, known: set[str]) -> Sense | None:
    """Return the sense of a row; None where it speaks of a criterion that is not there."""
    if role == "value":
        name, _, code = key.partition("=")
        return Sense("value", name, code) if name in known else None
    if role == "subject":
        return Sense(role, key) if key.removeprefix("-") in known else None
    if role == "facility":
        return Sense(role, key) if "near" in known else None
    return None if role in ("section", "quantity") else Sense(role, key)


def _declared(made: Lexicon, name: str, one: Declaration) -> None:
    """Add what a declaration itself says: its subject, and the labels of its options."""
    if one.kind == "near":
        for code in one.options:
            _add(made, Sense("facility", code.code), *_labels(code))
        return
    if one.kind == "flag":
        _add(made, Sense("value", name, "true"), (one.ask.zh,), (one.ask.en,))
        return
    if one.ask.verb is not None and one.kind != "date":
        _add(made, Sense("subject", stem(name)), (one.ask.zh,), (one.ask.en,))
    for code in one.options:
        if code.code != one.ask.default:
            _add(made, Sense("value", name, code.code), *_labels(code))
    if one.kind == "land_use":
        for alias, use in land_use.named_uses().items():
            if land_use.new_industry_tag(alias) == land_use.new_industry.NONE:
                made.add(alias, Sense("value", name, use))


def _labels(code: Code) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a code is called: its labels, the same without brackets, and what its note adds."""
    also = _ALSO.match(code.note)
    zh = (code.label_zh, _BRACKETED.sub("", code.label_zh), *(also[1].split("、") if also else ()))
    return zh, (code.label_en, _BRACKETED.sub("", code.label_en))


def _add(made: Lexicon, sense: Sense, zh: Sequence[str], en: Sequence[str]) -> None:
    for term in zh:
        made.add(term, sense)
    for term in en:
        made.add(term, sense)
        if sense.role in ("value", "facility") and term[-1:].isalpha() and not term.endswith("s"):
            made.add(f"{term}s", sense)


def _sections(made: Lexicon, industry: Declaration) -> None:
    """Add the divisions with the letter of their section: ``C35``."""
    for role, letter, ranges, _ in rows():
        if role == "section":
            first, _, last = ranges[0].partition("-")
            for code in industry.options:
                if int(first) <= int(code.code) <= int(last):
                    made.add(f"{letter}{code.code}", Sense("value", "industry", code.code))


def _split(cell: str) -> Iterator[str]:
    return (word for word in cell.split("|") if word)
