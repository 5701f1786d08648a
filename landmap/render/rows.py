"""The rows of a sheet: what a row is, what it is made from, and how it says that something is not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from landmap.domain import District, Field, Layer, Visibility, Words
from landmap.domain.audience import NOTICED_STAGES
from landmap.render import numbers, values
from landmap.render.sections import RowPlan

State = Literal["ok", "unknown", "ambiguous", "warn"]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled line; `key` is its first field."""

    key: str
    label: str
    text: str
    note: str | None = None
    state: State = "ok"

    @property
    def known(self) -> bool:
        """Whether there is anything to say, were it only that it must be checked."""
        return self.state != "unknown"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as the sheet answer states it."""
        return {"label": self.label, "text": self.text, "note": self.note, "state": self.state}


@dataclass(frozen=True, slots=True)
class Setting:
    """The record a row speaks of, and in which words, on which day, in which district."""

    properties: Mapping[str, Any]
    layer: Layer
    words: Words
    today: dt.date
    district: District

    def get(self, name: str) -> Any:
        """Return a visible value; None when it is unknown or hidden."""
        return self.properties.get(name)

    def field(self, name: str) -> Field:
        """Return the declaration of a field."""
        return self.layer.fields[name]

    def text(self, name: str) -> str | None:
        """Return a visible value as text; None when it is unknown or hidden."""
        return values.value_text(self.field(name), self.get(name), self.words)

    def label(self, plan: RowPlan) -> str:
        """Return the label of a row."""
        return plan.label(self.words.lang) or self.field(plan.fields[0]).label(self.words.lang)


Form = Callable[[Setting, RowPlan], Row]


def made(setting: Setting, plan: RowPlan, text: str | None, note: str | None = None, state: State = "ok") -> Row:
    """Return a row; without a text it is unknown, and says when the value waits for a notice."""
    label = setting.label(plan)
    if text is not None:
        return Row(plan.fields[0], label, text, note, state)
    return Row(plan.fields[0], label, numbers.UNKNOWN, note or _waiting(setting, plan.fields[0]), "unknown")


def _waiting(setting: Setting, name: str) -> str | None:
    """Say of any unknown value that may wait for a notice that it follows it: nothing tells hidden from none."""
    waits = setting.field(name).visibility is Visibility.PUBLIC_AFTER_NOTICE
    if not waits or not setting.layer.staged or setting.get("supply_stage") in NOTICED_STAGES:
        return None
    return setting.words("sheet.after_notice")
