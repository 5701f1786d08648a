"""Planning conditions as rows: signed bounds where they were read, the notice's own words where they were not.

Source: domain reference §2.5; “≥1.5”, “1.5–2.5”, ``/`` for what the plan leaves open.
"""

from __future__ import annotations

import re
from typing import Final

from landmap.domain import Interval, Words
from landmap.render import numbers
from landmap.render.rows import Row, Setting, made
from landmap.render.sections import RowPlan

#: Readings whose numbers stand.
_READ: Final = frozenset({None, "ok", "ok_with_exception", "floors_not_metres"})
_FIGURE: Final = re.compile(r"[0-9]+(?:[.][0-9]+)?")
#: What a notice prints for a condition it leaves open.
OPEN: Final = "/"


def bound(setting: Setting, plan: RowPlan) -> Row:
    """Return the row of one condition: its interval, or what is on file when that cannot be relied on.

    Parameters
    ----------
    setting : Setting
    plan : RowPlan
        Options ``min`` and ``max`` name the fields, ``condition`` the key of the readings and of the source's words,
        ``unit`` the text after a number, ``names`` a code field that says what the figure is, ``basis`` one that says
        how it counts.
    """
    words, condition = setting.words, plan.options.get("condition", "")
    status = (setting.get("planning_parse_status") or {}).get(condition)
    raw = (setting.get("planning_raw") or {}).get(condition) or None
    text = interval_text(_interval(setting, plan), words, plan.options.get("unit", ""))
    if status not in _READ and status != "unspecified":
        shown = raw or (text if status == "partial" else None)
        check = words("sheet.to_check")
        return made(setting, plan, shown or check, check if shown else None, "ambiguous")
    if status == "floors_not_metres" and text is None:
        return made(setting, plan, OPEN, words("sheet.floors_stated"), "ok")
    if text is None:
        return _open(setting, plan) if status == "unspecified" else made(setting, plan, None)
    return made(setting, plan, text, _note(setting, plan, status, raw))


def _interval(setting: Setting, plan: RowPlan) -> Interval:
    low, high = plan.options["min"], plan.options["max"]
    return Interval(
        setting.get(low),
        setting.get(high),
        setting.get(f"{low}_inclusive") is not False,
        setting.get(f"{high}_inclusive") is not False,
    )


def interval_text(interval: Interval, words: Words, unit: str = "") -> str | None:
    """Return an interval with its signs; None when neither side is given.

    Examples
    --------
    >>> from landmap.domain import Words
    >>> interval_text(Interval(1.0, 1.9, min_inclusive=False), Words("en", {}))
    '>1.0 and ≤1.9'
    """
    if not interval.specified:
        return None
    shown = numbers.unit_label(unit.strip(), words.lang)
    text = interval.text(f" {shown}" if unit.startswith(" ") else shown)
    if unit.strip() == "㎡":
        text = _FIGURE.sub(lambda found: numbers.number(float(found[0]), 2), text.removesuffix(shown)) + shown
    return text if words.lang == "zh" else text.replace("且", " and ")


def _open(setting: Setting, plan: RowPlan) -> Row:
    return made(setting, plan, OPEN, setting.words("sheet.not_specified"), "unknown")


def _note(setting: Setting, plan: RowPlan, status: str | None, raw: str | None) -> str | None:
    words = setting.words
    named = (plan.options.get("names"), plan.options.get("basis"))
    parts = [setting.text(name) for name in named if name and _told(setting, name)]
    if status == "ok_with_exception":
        parts.append(words("sheet.stated", text=raw) if raw else words("sheet.exception"))
    return " · ".join(part for part in parts if part) or None


def _told(setting: Setting, name: str) -> bool:
    return setting.get(name) not in (None, "unspecified")
