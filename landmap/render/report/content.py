"""A check report put in order for people: how much was taken, findings grouped by kind, columns of each file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landmap.domain import Words
from landmap.ingest import templates

#: Most serious first.
SEVERITIES: Final = ("error", "warning", "info")
#: Of one kind of finding so many are listed one by one on a page.
LISTED: Final = 30
_RANGES: Final = 16
_NAME: Final = re.compile(r"\{(\w+)\}")
#: Planning figures that one column tells both sides of.
_CONCEPTS: Final = ("floor_area_ratio", "building_coverage_ratio", "green_space_ratio", "height")
#: Names in a message that a table of findings tells in columns of its own.
_OWN_COLUMNS: Final = frozenset({"value", "field"})

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows over all layers that were read for the target layer; `public` of the accepted ones the public will see."""

    read: int
    accepted: int
    public: int

    @property
    def refused(self) -> int:
        """Rows that were not accepted."""
        return self.read - self.accepted


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a kind of finding, in words; empty where there is nothing to say."""

    row: str
    field: str
    value: str
    message: str
    cure: str
    key: str


@dataclass(frozen=True)
class Card:
    """All findings of one kind in one layer of a file.

    `rows` lists where they stand, `fields` in which columns; `count` is how many rows there are, 0 when it is of none
    in particular; `accept` is what accepts every proposal; `more` counts the cases that are not listed.
    """

    code: str
    severity: str
    file: str
    layer: str
    title: str
    fix: tuple[str, ...]
    rows: str
    fields: tuple[str, ...]
    count: int
    cases: tuple[Case, ...]
    more: int
    accept: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its table that say something; a message has the value in it."""
        names = ("row", "field", "message" if any(case.message for case in self.cases) else "value", "cure", "key")
        said = {"field"} if len(self.fields) == 1 else set()
        return tuple(name for name in names if name not in said and any(getattr(case, name) for case in self.cases))

    @property
    def tabled(self) -> bool:
        """Whether a table adds to what stands above it: cures, messages, or values that differ."""
        telling = any(case.cure or case.message for case in self.cases)
        return len(self.cases) > 1 and (telling or len({case.value for case in self.cases}) > 1)


class Labels:
    """What fields are called: as the steward's own file calls them, else by their label."""

    def __init__(self, report: Told, words: Words, layer: str | None) -> None:
        self._words = words
        self._layer = layer
        self._headers: dict[tuple[str, str | None, str], str] = {}
        for one in report["inputs"]:
            for column in one["columns"]:
                if column["field"] is not None:
                    self._headers.setdefault((one["file"], one["layer"], column["field"]), column["header"])

    def label(self, name: str) -> str:
        """Return the label of a field, or of a planning figure; the name itself where it is neither."""
        named = self._words.get(f"field.{self._layer}.{name}")
        return named or self._words.get(f"report.figures.{concept(name)}", name)

    def header(self, finding: Told) -> str:
        """Return what the column of a finding is called in its file, else the field's label."""
        name = finding["field"]
        if name is None:
            return ""
        place = (finding["file"], finding["layer"])
        return self._headers.get((*place, name)) or self._headers.get((*place, concept(name))) or self.label(name)


def concept(name: str) -> str:
    """Return the planning figure that a field is a side of, or its text; other names stay.

    Examples
    --------
    >>> concept("planning_raw.height_limit"), concept("floor_area_ratio_max"), concept("net_area_m2")
    ('height', 'floor_area_ratio', 'net_area_m2')
    """
    bare = name.removeprefix("planning_raw.")
    return next((one for one in _CONCEPTS if bare == one or bare.startswith(f"{one}_")), name)


def told_of(finding: Told, value: Any, words: Words) -> str:
    """Return the message of one case of a finding: with its own value, other words of the first case left out."""
    template = templates()[finding["code"]].message[words.lang]
    return _NAME.sub(lambda match: value_text(value) or "—" if match[1] == "value" else "…", template)


def totals(report: Told) -> Totals:
    """Return how many rows were read, accepted, and are for the public."""
    taken = [one for one in report["inputs"] if not skipped(one, report)]
    counts = (sum(one[name] for one in taken) for name in ("rows_read", "rows_accepted", "rows_public"))
    return Totals(*counts)


def skipped(entry: Told, report: Told) -> bool:
    """Whether a layer of a file was not read, for it does not fit the target layer."""
    place = (entry["file"], entry["layer"])
    return any(one["code"] == "layer_skipped" and (one["file"], one["layer"]) == place for one in report["findings"])


def overview(report: Told, words: Words, layer: str | None) -> dict[str, Any]:
    """Return a check report as pages show it: totals, findings by severity and kind, inputs, names of fields.

    Parameters
    ----------
    report : Mapping
        The check report, as ``Report.as_dict`` has it, told in the language of `words`.
    words : Words
    layer : str or None
        The layer the files are meant for.
    """
    labels = Labels(report, words, layer)
    found = cards(report, words, labels)
    return {
        "target": "" if layer is None else words.get(f"layer.{layer}", layer),
        "files": list(dict.fromkeys(one["file"] for one in report["inputs"])),
        "totals": totals(report),
        "groups": [(one, [card for card in found if card.severity == one]) for one in SEVERITIES],
        "counts": {one: len({card.code for card in found if card.severity == one}) for one in SEVERITIES},
        "curable": any(card.accept for card in found),
        "several": len(report["inputs"]) > 1,
        "inputs": [(one, skipped(one, report)) for one in report["inputs"]],
        "label": labels.label,
        "boundary": lambda name: words.get(f"layer.{name}") or words("report.boundary"),
    }


def cards(report: Told, words: Words, labels: Labels) -> tuple[Card, ...]:
    """Return the findings by kind, the most serious first, in the order they were found."""
    kinds: dict[tuple[str, str, str, str | None], list[Told]] = {}
    for finding in report["findings"]:
        place = (finding["severity"], finding["code"], finding["file"], finding["layer"])
        kinds.setdefault(place, []).append(finding)
    made = [_card(kind, words, labels) for kind in kinds.values()]
    return tuple(sorted(made, key=lambda card: SEVERITIES.index(card.severity)))


def _card(findings: Sequence[Told], words: Words, labels: Labels) -> Card:
    first = findings[0]
    alone = len(findings) == 1 and first["count"] == 1
    template = templates()[first["code"]].message[words.lang]
    telling = not alone and bool(set(_NAME.findall(template)) - _OWN_COLUMNS)
    found = [case for finding in findings for case in _cases(finding, words, labels, telling=telling)]
    rows = [row for finding in findings for row in finding["rows"]]
    count = sum(finding["count"] for finding in findings if finding["rows"])
    fields = tuple(dict.fromkeys(filter(None, map(labels.header, findings))))
    return Card(
        code=first["code"],
        severity=first["severity"],
        file=first["file"],
        layer=first["layer"] if first["layer"] not in (None, first["file"]) else "",
        title=first["message"] if alone else _title(findings, template, found),
        fix=tuple(dict.fromkeys(finding["fix"] for finding in findings if finding["fix"])),
        rows=ranges(rows, words),
        fields=fields,
        count=count,
        cases=tuple(found[:LISTED]),
        more=max(len(found), count) - len(found[:LISTED]),
        accept=_accept(findings),
    )


def _title(findings: Sequence[Told], template: str, cases: Sequence[Case]) -> str:
    """Return what a kind of finding says, with the words that are the same in every case."""
    titles = {finding["title"] for finding in findings}
    if len(titles) == 1:
        return str(titles.pop())
    values = {case.value for case in cases}
    return _NAME.sub(lambda match: next(iter(values)) if match[1] == "value" and len(values) == 1 else "…", template)


def _accept(findings: Sequence[Told]) -> str:
    """Return what accepts all proposals: the key of the one group, the code for several; empty without proposals."""
    offered = [finding for finding in findings if finding["proposal"] is not None]
    if not offered:
        return ""
    return str(offered[0]["key"] if len(findings) == 1 and offered[0]["key"] else offered[0]["code"])


def _cases(finding: Told, words: Words, labels: Labels, *, telling: bool) -> Iterator[Case]:
    field = labels.header(finding)
    if finding.get("cases"):
        for case in finding["cases"]:
            yield _case(case, field, "", words, labels)
        return
    yield _case(finding, field, finding["message"] if telling else "", words, labels)


def _case(case: Told, field: str, message: str, words: Words, labels: Labels) -> Case:
    row = case["row"]
    proposal = case.get("proposal")
    return Case(
        row="" if row is None else str(row),
        field=field,
        value=value_text(case["value"]),
        message=message,
        cure="" if proposal is None else cure_text(proposal, words, labels),
        key=str(case.get("key") or ""),
    )


def cure_text(proposal: Told, words: Words, labels: Labels) -> str:
    """Return what a proposal would do."""
    if proposal["kind"] in ("drop", "outline", "leave"):
        return words(f"report.cure.{proposal['kind']}")
    if proposal["kind"] == "keep":
        return words("report.cure.keep", field=labels.label(str(proposal["to"])))
    own = value_text(proposal["to"]) or words("report.unknown")
    others = [
        words("report.cure.also", field=labels.label(one["field"]), to=value_text(one["to"]))
        for one in proposal.get("also", ())
    ]
    return " · ".join([own, *others])


def value_text(value: Any) -> str:
    """Return a value of a report as text; numbers without needless decimals.

    Examples
    --------
    >>> value_text(2.0), value_text(None), value_text("≥1.5")
    ('2', '', '≥1.5')
    """
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def ranges(rows: Iterable[int], words: Words) -> str:
    """Return row numbers with those in a row put together, such as 2–101、105."""
    found: list[list[int]] = []
    for row in sorted(set(rows)):
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in found[:_RANGES]]
    joined = ("、" if words.lang == "zh" else ", ").join(texts)
    return f"{joined} …" if len(found) > _RANGES else joined
