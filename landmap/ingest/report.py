"""The report of a check: what was read, what was accepted, and every finding in words.

Words live in ``findings.csv``: one row per code with severity, message and advice in Chinese and English.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from landmap.domain import Lang
from landmap.domain.errors import SchemaError
from landmap.ingest.faults import Fault

Severity = Literal["error", "warning", "info"]
#: How many notes of one kind are told one by one; warnings and errors always are.
NOTES_SHOWN: Final = 20
_SHOWN: Final = 120
_NAME: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One row of ``findings.csv``."""

    code: str
    severity: Severity
    message: Mapping[Lang, str]
    fix: Mapping[Lang, str]


@cache
def templates() -> Mapping[str, Template]:
    """Return every finding that a check can make, by code; raise SchemaError for a code that stands twice."""
    found: dict[str, Template] = {}
    for row in csv.DictReader(
        files("landmap.ingest").joinpath("findings.csv").read_text(encoding="utf-8").splitlines()
    ):
        severity = row["severity"]
        if row["code"] in found or severity not in ("error", "warning", "info"):
            raise SchemaError(f"findings.csv: {row['code']!r} stands twice, or has no severity")
        found[row["code"]] = Template(
            row["code"],
            severity,  # type: ignore[arg-type]
            MappingProxyType({"zh": row["message_zh"], "en": row["message_en"]}),
            MappingProxyType({"zh": row["fix_zh"], "en": row["fix_en"]}),
        )
    return MappingProxyType(found)


@dataclass(frozen=True)
class Finding:
    """One thing found, with its place and what to do; `told` puts it into another language.

    `row` counts as the steward does; `value` is what was found, shortened to one line.
    """

    code: str
    severity: Severity
    file: str
    layer: str | None
    row: int | None
    field: str | None
    value: str | int | float | bool | None
    message: str
    fix: str
    words: Mapping[str, object] = made(default_factory=dict, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the check report has it."""
        names = ("code", "severity", "file", "layer", "row", "field", "value", "message", "fix")
        return {name: getattr(self, name) for name in names}

    def told(self, lang: Lang) -> Finding:
        """Return the finding in `lang`."""
        template = templates()[self.code]
        words = {"value": self.value, "field": self.field, **self.words}
        return replace(self, message=_filled(template.message[lang], words), fix=_filled(template.fix[lang], words))


@dataclass(frozen=True)
class InputReport:
    """What became of one input: a file, or one layer of it."""

    file: str
    layer: str | None = None
    format: str | None = None
    crs: str | None = None
    encoding: str | None = None
    rows_read: int = 0
    rows_accepted: int = 0
    refused: str | None = None
    operation: str | None = None
    profile: str | None = None
    rows_public: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the input as the check report has it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Report:
    """The whole report; `ok` when nothing was refused and no finding is an error."""

    inputs: tuple[InputReport, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every row of every input was accepted."""
        return not self.refused and all(finding.severity != "error" for finding in self.findings)

    @property
    def refused(self) -> tuple[InputReport, ...]:
        """The inputs of which nothing was taken."""
        return tuple(one for one in self.inputs if one.refused is not None)

    @property
    def rows_accepted(self) -> int:
        """Rows accepted over all inputs."""
        return sum(one.rows_accepted for one in self.inputs)

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {"error": found["error"], "warning": found["warning"], "info": found["info"]}

    def as_dict(self) -> dict[str, Any]:
        """Return the check report: one object of inputs and findings."""
        return {
            "inputs": [one.as_dict() for one in self.inputs],
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def told(self, lang: Lang) -> Report:
        """Return the report in `lang`; the reasons of refusals are findings too, and follow."""
        findings = tuple(finding.told(lang) for finding in self.findings)
        reasons = {
            (finding.file, finding.layer): finding.message for finding in findings if finding.severity == "error"
        }
        inputs = tuple(
            one if one.refused is None else replace(one, refused=reasons.get((one.file, one.layer), one.refused))
            for one in self.inputs
        )
        return Report(inputs, findings)


def place(fault: Fault, file: str, layer: str | None, lang: Lang = "zh") -> Finding:
    """Return the finding of a fault in a file and layer, in words."""
    template = templates()[fault.code]
    value = _shown(fault.value)
    bare = Finding(fault.code, template.severity, file, layer, fault.row, fault.field, value, "", "", fault.words)
    return bare.told(lang)


def severity(fault: Fault) -> Severity:
    """Return how serious a fault is."""
    return templates()[fault.code].severity


def gathered(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults with notes of one kind cut to the first ones and a count of the rest."""
    kept: list[Fault] = []
    seen: Counter[tuple[str, str | None]] = Counter()
    for fault in faults:
        if fault.row is None or severity(fault) != "info":
            kept.append(fault)
            continue
        seen[fault.code, fault.field] += 1
        if seen[fault.code, fault.field] <= NOTES_SHOWN:
            kept.append(fault)
    for (code, field), count in seen.items():
        if count > NOTES_SHOWN:
            kept.append(Fault("and_more", field=field, value=code, words={"count": count - NOTES_SHOWN}))
    return kept


def _filled(template: str, words: Mapping[str, object]) -> str:
    """Return `template` with its names filled in, in one pass: words from a file are never taken for names."""
    return _NAME.sub(lambda match: _word(words.get(match[1])), template)


def _word(value: object) -> str:
    return "—" if value is None or value == "" else str(_shown(value))


def _shown(value: Any) -> str | int | float | bool | None:
    """Return what was found in a form any report can carry: short, printable, finite."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = " ".join(str(value)[: 4 * _SHOWN].split())
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
