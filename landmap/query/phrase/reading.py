"""What became of a phrase: the criteria it asks for, and whatever of it could not be asked."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from landmap.domain import District, Lang
from landmap.query.criteria import Criteria


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the phrase, characters `start` to `end` of what was typed.

    Attributes
    ----------
    text : str
        The characters themselves.
    reason : str
        A code of ``reasons.csv``.
    names : tuple of str
        The criteria it speaks of, where that is known.
    hint : str
        What may have been meant, or what is allowed; may be empty.
    """

    text: str
    start: int
    end: int
    reason: str = ""
    names: tuple[str, ...] = ()
    hint: str = ""

    def as_dict(self, lang: Lang) -> dict[str, Any]:
        """Return the part JSON-ready."""
        told = reasons()[self.reason][lang] if self.reason else ""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "names": list(self.names),
            "reason": self.reason,
            "told": told,
            "hint": self.hint,
        }


@dataclass(frozen=True)
class Reading:
    """A phrase as it was understood.

    Attributes
    ----------
    text : str
        What was typed.
    criteria : Criteria
        What it asks for.
    understood : tuple of Part
        The parts that ask for something, with the criteria they ask for.
    not_understood : tuple of Part
        The parts that cannot be asked, each with its reason; nothing of them is in `criteria`.
    contradictions : tuple of Part
        The parts that contradict one another, with the criterion or quantity they are about; not in `criteria` either.
    notes : tuple of Part
        What was understood in a way worth telling: a limit said as “over” includes itself, a unit was not said.
    steps : int
        How many looks at tokens it took; grows with the length of the phrase and no faster.
    """

    text: str
    criteria: Criteria
    understood: tuple[Part, ...]
    not_understood: tuple[Part, ...]
    contradictions: tuple[Part, ...]
    notes: tuple[Part, ...]
    steps: int

    @property
    def asked(self) -> dict[str, list[str]]:
        """The criteria by name, as the Python door takes them."""
        found: dict[str, list[str]] = {}
        for name, value in self.criteria.to_query():
            found.setdefault(name, []).append(value)
        return found

    @property
    def query(self) -> str:
        """The criteria as the query of an address."""
        return urlencode(self.criteria.to_query())

    def as_dict(self, lang: Lang, district: District) -> dict[str, Any]:
        """Return the reading JSON-ready, its chips in `lang`."""
        parts = ("understood", "not_understood", "contradictions", "notes")
        return {
            "text": self.text,
            "layer": self.criteria.layer_name,
            "query": self.query,
            "sentence": self.criteria.describe(lang, district),
            "chips": [chip.as_dict() for chip in self.criteria.chips(lang, district)],
            **{name: [part.as_dict(lang) for part in getattr(self, name)] for name in parts},
        }


@cache
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Return what each reason says, by code and language."""
    text = files("landmap.query.phrase").joinpath("reasons.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}
