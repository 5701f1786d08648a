"""The lights of the 用地清单: one per pre-supply assessment, judged on a given day.

An item is green exactly when the criterion ``checklist=green`` counts it green. Source: domain reference §4.6; past
``valid_until`` an item falls back to unknown, and an assessment that is done says nothing without its conclusion, be it
that none is on file or that the audience may not see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from landmap.domain import Words, code_list
from landmap.render import numbers, values

Colour = Literal["green", "amber", "red", "grey"]
_SETTLED: Final = frozenset({"covered_by_regional", "exempt"})
_PASSED: Final = frozenset({"pass", "na"})
_NOT_PASSED: Final[Mapping[str, Colour]] = {"conditional": "amber", "fail": "red"}


@dataclass(frozen=True, slots=True)
class Light:
    """One item of the checklist; `required` is yes, no or unknown."""

    item: str
    label: str
    required: str
    state: Colour
    text: str

    def as_dict(self) -> dict[str, str]:
        """Return the light as the sheet answer states it."""
        return {
            "item": self.item,
            "label": self.label,
            "required": self.required,
            "state": self.state,
            "text": self.text,
        }


def lights(rows: Sequence[Mapping[str, Any]], words: Words, today: dt.date) -> tuple[Light, ...]:
    """Return a light for every assessment on file, in the order of the code list.

    Parameters
    ----------
    rows : sequence of mapping
        The rows of ``site_assessments`` as the audience sees them.
    words : Words
    today : date
        Decides what has expired.
    """
    order = {code: rank for rank, code in enumerate(code_list("assessment_item"))}
    ranked = sorted(rows, key=lambda row: order.get(row.get("item", ""), len(order)))
    return tuple(_light(row, words, today) for row in ranked)


def _light(row: Mapping[str, Any], words: Words, today: dt.date) -> Light:
    item, required = str(row.get("item")), str(row.get("required") or "unknown")
    state, text = _judged(row, required, words, today)
    return Light(item, values.code_text("assessment_item", item, words.lang), required, state, text)


def _judged(row: Mapping[str, Any], required: str, words: Words, today: dt.date) -> tuple[Colour, str]:
    status, conclusion, until = row.get("status"), row.get("conclusion"), row.get("valid_until")
    stated = values.code_text("assessment_status", status or "unknown", words.lang)
    if required == "no":
        return "green", words("sheet.light.not_required")
    if required != "yes":
        return "grey", words("sheet.light.unknown")
    if until is not None and dt.date.fromisoformat(until) < today:
        return "amber", words("sheet.light.expired", day=numbers.day(until, words.lang))
    if status == "in_progress":
        return "amber", stated
    if status == "not_started":
        return "red", stated
    if status in _SETTLED:
        return "green", _until(stated, until, words)
    if status != "done":
        return "grey", words("sheet.light.unknown")
    if conclusion in _PASSED:
        return "green", _until(stated, until, words)
    if conclusion is None:
        # A field that is hidden has no key; one that nobody filled in has, and no value.
        why = "sheet.light.conclusion_unknown" if "conclusion" in row else "sheet.light.conclusion_hidden"
        return "grey", words(why, text=stated)
    return _NOT_PASSED[conclusion], values.code_text("assessment_conclusion", conclusion, words.lang)


def _until(text: str, until: str | None, words: Words) -> str:
    return text if until is None else words("sheet.light.valid", text=text, day=numbers.day(until, words.lang))
