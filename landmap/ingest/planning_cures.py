"""What the text of a planning condition most likely should have been: offered to a person, never applied unasked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from landmap.domain.intervals import ParsedBound, ParseStatus, parse_bound
from landmap.ingest.faults import Change, Fault, Proposal

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")
#: What a figure without a sign most likely is, a floor or a ceiling, on industrial land and on other land.
#: Source: domain reference §2.5 rule 7.
_USUAL_SIGN: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "floor_area_ratio": ("≥", "≤"),
        "building_coverage_ratio": ("≥", "≤"),
        "green_space_ratio": ("≤", "≥"),
        "height": ("≤", "≤"),
    }
)
_INDUSTRIAL: Final = ("1001", "11")


def with_cure(fault: Fault, concept: str, parsed: ParsedBound, use: str | None, *, percent: bool) -> Fault:
    """Return the fault of a text with its likely cure: a sign, percentages for shares, limits the right way round.

    Parameters
    ----------
    fault : Fault
        Told at the text.
    concept : str
        The planning figure, by its name in the alias table.
    parsed : ParsedBound
    use : str or None
        The parcel's land-use code; while it is unknown, no sign is proposed.
    percent : bool
        Whether the figure is a percentage.

    Returns
    -------
    Fault
        With a proposal only where the proposed text can be read without doubt.
    """
    text, kind, cure = parsed.raw, "", ""
    if fault.code == "interval_no_operator" and use:
        sign = _USUAL_SIGN[concept][0 if use.startswith(_INDUSTRIAL) else 1]
        kind, cure = "operator", sign + _as_percent(_bare(text), percent=percent)
    elif fault.code == "interval_reversed":
        kind, cure = "swap", _turned(text)
    elif fault.code == "interval_unread" and parsed.note == "unit":
        kind, cure = "scale", _as_percent(text, percent=percent)
    if cure in ("", text) or parse_bound(cure).status is not ParseStatus.OK:
        return fault
    return replace(fault, proposal=Proposal(kind, (Change(fault.field or "", text, cure),)))


def _bare(text: str) -> str:
    """Return the one number of a text with its unit; nothing where there are several."""
    numbers = list(_NUMBER.finditer(text))
    return text[numbers[0].start() :].strip() if len(numbers) == 1 else ""


def _as_percent(text: str, *, percent: bool) -> str:
    """Return a text with its shares of one as percentages, where the figure is one."""
    if not percent or "%" in text or not all(0 < float(number) <= 1 for number in _NUMBER.findall(text)):
        return text
    return _NUMBER.sub(lambda match: f"{round(float(match[0]) * 100, 6):g}%", text)


def _turned(text: str) -> str:
    """Return a text with its two numbers exchanged; nothing where there are not two."""
    numbers = _NUMBER.findall(text)
    if len(numbers) != 2:
        return ""
    first, second = numbers
    return _NUMBER.sub(lambda match: second if match[0] == first else first, text)
