"""The report of a check: what was read, what was accepted, and every finding in words.

Words live in ``findings.csv``: one row per code with severity, message and advice in Chinese and English.
"""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from landmap.domain import Lang
from landmap.domain.errors import SchemaError
from landmap.ingest.faults import Fault, Proposal, RefusedError
from landmap.ingest.ledger.outcomes import Joined
from landmap.ingest.outlines import Outline
from landmap.ingest.proposals import ColumnProposal
from landmap.ingest.wording import in_words

Severity = Literal["error", "warning", "info"]
#: A fault of one code and field in so many rows of a layer is one finding.
GROUPED_FROM: Final = 6
#: How many rows of a group are listed; its count is always that of all.
ROWS_LISTED: Final = 10_000
_GROUP: Final[Mapping[Lang, str]] = MappingProxyType(
    {"zh": "{told}（同类共 {count} 行）", "en": "{told} ({count} rows alike)"}
)
_KEY_LENGTH: Final = 12
_SHOWN: Final = 120
_VARIES: Final = "…"
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

    `row` counts as the steward does; `value` is what was found, shortened to one line. A fault that repeats is one
    finding: `row` and `value` are those of the first, `rows` lists the rows, `count` tells how many there are in all,
    and `cases` has row, value, key and proposal of each. `proposal` is a known cure, `{kind, field, from, to}`; who
    accepts it names the finding's `key` (or that of one case, or the code). `title` is the message with an ellipsis for
    what differs from the other findings of its kind. `about` is the layer that the file is meant for.
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
    rows: tuple[int, ...] = ()
    count: int = 1
    proposal: Mapping[str, object] | None = None
    key: str | None = None
    cases: tuple[Mapping[str, object], ...] = ()
    words: Mapping[str, object] = made(default_factory=dict, repr=False, compare=False)
    title: str = made(default="", repr=False, compare=False)
    about: str | None = made(default=None, repr=False, compare=False)
    varying: tuple[str, ...] = made(default=(), repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the check report has it; only a finding of several rows lists its `cases`."""
        names = ("code", "severity", "file", "layer", "row", "field", "value", "message", "fix")
        told = {name: getattr(self, name) for name in names}
        told |= {
            "rows": list(self.rows),
            "count": self.count,
            "proposal": self.proposal,
            "key": self.key,
            "title": self.title,
        }
        return told | ({"cases": [dict(case) for case in self.cases]} if self.cases else {})

    def told(self, lang: Lang) -> Finding:
        """Return the finding in `lang`."""
        template = templates()[self.code]
        given = {"value": self.value, "field": self.field, **self.words}
        words = in_words(self.code, given, self.about, lang)
        message = _filled(template.message[lang], words)
        title = _filled(template.message[lang], words | dict.fromkeys(self.varying, _VARIES))
        if self.count > 1:
            message = _filled(_GROUP[lang], {"told": message, "count": self.count})
        return replace(self, message=message, title=title, fix=_filled(template.fix[lang], words))


@dataclass(frozen=True)
class InputReport:
    """What became of one input: a file, or one layer of it.

    `columns` is the proposal table: which field every column is taken for; `datum` what a boundary at hand says of the
    coordinates (verdict, boundary, measure, scores).
    """

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
    columns: tuple[ColumnProposal, ...] = ()
    datum: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the input as the check report has it."""
        return dict(vars(self)) | {"columns": [column.as_dict() for column in self.columns]}


@dataclass(frozen=True)
class Report:
    """The whole report; `ok` when nothing was refused and no finding is an error.

    `outlines` are for a map of it: where the records lie that an error or a warning is told of. `joined`
    accounts for rows and shapes that were read apart.
    """

    inputs: tuple[InputReport, ...]
    findings: tuple[Finding, ...]
    outlines: tuple[Outline, ...] = made(default=(), repr=False, compare=False)
    joined: Joined | None = None

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
        told = {
            "inputs": [one.as_dict() for one in self.inputs],
            "findings": [finding.as_dict() for finding in self.findings],
        }
        return told if self.joined is None else told | {"joined": self.joined.as_dict()}

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
        return replace(self, inputs=inputs, findings=findings)


def place(fault: Fault, file: str, layer: str | None, lang: Lang = "zh", about: str | None = None) -> Finding:
    """Return the finding of a fault in a file and layer, in words."""
    return place_all([fault], file, layer, lang, about)[0]


def place_all(
    faults: Iterable[Fault], file: str, layer: str | None, lang: Lang = "zh", about: str | None = None
) -> list[Finding]:
    """Return the findings of faults in a file and layer; those alike in many rows are one, where the first stood.

    `about` is the layer that the file is meant for: it says what fields are called.
    """
    alike: dict[tuple[str, str | None, object], list[Fault]] = {}
    for number, fault in enumerate(faults):
        alike.setdefault((fault.code, fault.field, number if fault.row is None else None), []).append(fault)
    findings: list[Finding] = []
    for group in alike.values():
        found = (
            [_grouped(group, file, layer)]
            if len(group) >= GROUPED_FROM
            else [_single(one, file, layer) for one in group]
        )
        varying = _varying(group)
        findings += [replace(one, about=about, varying=varying).told(lang) for one in found]
    return findings


def _varying(group: Sequence[Fault]) -> tuple[str, ...]:
    """Return the words in which faults of one kind differ, sorted."""
    first = group[0]
    names = {name for one in group for name in one.words if one.words[name] != first.words.get(name)}
    names |= {"value"} if any(one.value != first.value for one in group) else set()
    return tuple(sorted(names))


def _single(fault: Fault, file: str, layer: str | None) -> Finding:
    rows = () if fault.row is None else (fault.row,)
    return _found(fault, file, layer, rows, 1, key_of(fault, file, layer), ())


def _grouped(group: Sequence[Fault], file: str, layer: str | None) -> Finding:
    listed = group[:ROWS_LISTED]
    rows = tuple(fault.row for fault in listed if fault.row is not None)
    curable = any(fault.proposal is not None for fault in group)
    first = next((fault for fault in group if fault.proposal is not None), group[0])
    key = group_key(first, file, layer) if curable else None
    cases = tuple(_case(fault, file, layer) for fault in listed)
    return _found(first, file, layer, rows, len(group), key, cases)


def _case(fault: Fault, file: str, layer: str | None) -> dict[str, object]:
    case: dict[str, object] = {"row": fault.row, "value": shown(fault.value)}
    if fault.proposal is not None:
        case |= {"key": key_of(fault, file, layer), "proposal": _proposed(fault.proposal)}
    return case


def _found(
    fault: Fault,
    file: str,
    layer: str | None,
    rows: tuple[int, ...],
    count: int,
    key: str | None,
    cases: tuple[Mapping[str, object], ...],
) -> Finding:
    return Finding(
        fault.code,
        severity(fault),
        file,
        layer,
        fault.row,
        fault.field,
        shown(fault.value),
        "",
        "",
        rows,
        count,
        None if fault.proposal is None else _proposed(fault.proposal),
        key,
        cases,
        fault.words,
    )


def _proposed(proposal: Proposal) -> dict[str, object]:
    """Return a proposal as the check report has it; what changes beside its own field is listed under `also`."""
    own, *others = [{"field": one.field, "from": shown(one.before), "to": shown(one.after)} for one in proposal.changes]
    return {"kind": proposal.kind} | own | ({"also": others} if others else {})


def key_of(fault: Fault, file: str, layer: str | None) -> str | None:
    """Return the key of a fault's proposal: the same for the same change of the same cell, whenever it is checked."""
    if fault.proposal is None:
        return None
    changes = [f"{one.field}={shown(one.before)}>{shown(one.after)}" for one in fault.proposal.changes]
    return _digest(fault.code, file, layer, fault.row, fault.field, *changes)


def group_key(fault: Fault, file: str, layer: str | None) -> str:
    """Return the key of all proposals of one code for one field of a file's layer."""
    return _digest(fault.code, file, layer, fault.field)


def _digest(*parts: object) -> str:
    text = "\x1f".join(map(str, parts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_KEY_LENGTH]


def refusal(error: RefusedError, file: str, lang: Lang = "zh") -> Finding:
    """Return the finding of a file that was refused, in words."""
    return place(error.fault, file, None, lang)


def severity(fault: Fault) -> Severity:
    """Return how serious a fault is."""
    return templates()[fault.code].severity


def _filled(template: str, words: Mapping[str, object]) -> str:
    """Return `template` with its names filled in, in one pass: words from a file are never taken for names."""
    return _NAME.sub(lambda match: _word(words.get(match[1])), template)


def _word(value: object) -> str:
    return "—" if value is None or value == "" else str(shown(value))


def shown(value: Any) -> str | int | float | bool | None:
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
