"""The check report in the steward's own workbook: cells coloured and commented, all findings on a sheet in front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from landmap.domain import Words
from landmap.ingest import Cover, Line, Mark, Markup, Shown, marked
from landmap.render.report.content import SEVERITIES, Labels, concept, cure_text, ranges, told_of, totals, value_text

#: More comments than this nobody reads, and few programs open.
MARKS_MAX: Final = 10_000
_HEADS: Final = (
    "book.severity",
    "head.message",
    "head.row",
    "head.field",
    "head.value",
    "do",
    "head.cure",
    "book.key",
    "book.count",
    "book.file",
    "book.layer",
)
_WIDTHS: Final = (10, 52, 18, 22, 24, 40, 22, 26, 8, 26, 18)


def report_xlsx(report: Mapping[str, Any], sources: Sequence[Path], words: Words, *, layer: str | None = None) -> bytes:
    """Return a check report as XLSX.

    Of one ``.xlsx`` file it is that workbook with the cells coloured and commented; of other files, their rows as read
    with the same marks. In front stands a sheet with the figures and every finding. Columns with personal or secret
    values are left out of rows as read.

    Parameters
    ----------
    report : Mapping
        The check report, as ``Report.as_dict`` has it, told in the language of `words`.
    sources : sequence of Path
        The inputs it is of, opened anew in a confined process; none leaves the front sheet alone.
    words : Words
    layer : str, optional
        The layer the files are meant for: its fields are called by their labels.

    Raises
    ------
    UnavailableError
        When the confined process cannot be started.
    """
    labels = Labels(report, words, layer)
    marks = list(_marks(report, words, labels)) if sources else []
    shown = tuple(_shown(report)) if sources else ()
    cover = _cover(report, words, labels, limited=len(marks) > MARKS_MAX)
    return marked(sources, Markup(cover, tuple(marks[:MARKS_MAX]), shown, words("report.book.row")))


def _shown(report: Mapping[str, Any]) -> Iterator[Shown]:
    for one in report["inputs"]:
        if one["columns"]:
            open_ = tuple(column["header"] for column in one["columns"] if column["treatment"] != "private")
            yield Shown(one["file"], one["layer"], open_)


def _marks(report: Mapping[str, Any], words: Words, labels: Labels) -> Iterator[Mark]:
    """Yield the remarks, the most serious first."""
    headers: dict[tuple[str, str | None, str], tuple[str, ...]] = {}
    for one in report["inputs"]:
        for column in one["columns"]:
            for name in {column["header"], column["field"]} - {None}:
                place = (one["file"], one["layer"], name)
                headers[place] = (*headers.get(place, ()), column["header"])
    for severity in SEVERITIES:
        for finding in report["findings"]:
            if finding["severity"] != severity:
                continue
            file, layer, field = finding["file"], finding["layer"], finding["field"] or ""
            own = headers.get((file, layer, field)) or headers.get((file, layer, concept(field)), ())
            for case in finding.get("cases") or (finding,):
                if case["row"] is not None or own:
                    yield Mark(file, layer, case["row"], own, severity, _remark(finding, case, own, words, labels))


def _remark(
    finding: Mapping[str, Any], case: Mapping[str, Any], own: Sequence[str], words: Words, labels: Labels
) -> str:
    """Return a comment: what is wrong, what to do, what is proposed and the key that accepts it."""
    message = told_of(finding, case["value"], words) if finding["count"] > 1 else str(finding["message"])
    if not own and finding["field"] is not None:
        message = f"{labels.header(finding)}: {message}"
    told = [message, finding["fix"]]
    if case.get("proposal") is not None:
        cure = cure_text(case["proposal"], words, labels)
        told.append(f"{words('report.head.cure')} {cure} (--accept {case['key']})")
    return "\n".join(text for text in told if text)


def _cover(report: Mapping[str, Any], words: Words, labels: Labels, *, limited: bool) -> Cover:
    found = totals(report)
    lines = [
        Line((words("report.title"),), "title"),
        Line((", ".join(dict.fromkeys(one["file"] for one in report["inputs"])),)),
        Line(()),
        *(
            Line((words(f"report.figure.{name}"), None, getattr(found, name)))
            for name in ("read", "accepted", "refused", "public")
        ),
        Line(()),
        Line((words("report.book.legend"),)),
        *([Line((words("report.book.limit", n=MARKS_MAX),))] if limited else []),
        Line((words("report.how_to"),)),
        Line(()),
    ]
    if report["findings"]:
        lines.append(Line(tuple(words(f"report.{head}") for head in _HEADS), "head"))
        lines += [_line(one, words, labels) for severity in SEVERITIES for one in _of(report, severity)]
    else:
        lines.append(Line((words("report.clean"),), "strong"))
    return Cover(words("report.book.cover"), tuple(lines), _WIDTHS, words("report.book.alone"))


def _of(report: Mapping[str, Any], severity: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in report["findings"] if one["severity"] == severity)


def _line(finding: Mapping[str, Any], words: Words, labels: Labels) -> Line:
    proposal = finding["proposal"]
    cells = (
        words(f"report.degree.{finding['severity']}"),
        finding["message"],
        ranges(finding["rows"], words),
        labels.header(finding),
        value_text(finding["value"]),
        finding["fix"],
        "" if proposal is None else cure_text(proposal, words, labels),
        f"--accept {finding['key']}" if finding["key"] else "",
        finding["count"] if finding["rows"] else None,
        finding["file"],
        finding["layer"] or "",
    )
    return Line(tuple(None if cell == "" else cell for cell in cells), finding["severity"])
