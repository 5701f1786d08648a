"""Options by which the report of a check is written as a page and as the steward's own sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from landmap import render
from landmap.cli.answers import write_file
from landmap.domain import District, Lang, read_words
from landmap.ingest import Report, StagedLayer
from landmap.resources import web_root

Html = Annotated[Path | None, typer.Option("--html", help="Write the report as one page to this file, too.")]
Xlsx = Annotated[
    Path | None, typer.Option("--xlsx", help="Write your rows with the cells coloured and commented to this file, too.")
]


@dataclass(frozen=True)
class Checked:
    """What was checked, and what came of it."""

    files: Sequence[Path]
    layer: str
    district: District
    staged: StagedLayer | None
    report: Report


def write_reports(checked: Checked, lang: Lang, html: Path | None, xlsx: Path | None) -> None:
    """Write the report to the files that were asked for."""
    if html is None and xlsx is None:
        return
    told, words = checked.report.as_dict(), read_words(lang, web_root() / "i18n")
    if html is not None:
        shapes = render.report.Shapes.of(checked.staged, checked.report, checked.district)
        now = dt.datetime.now(ZoneInfo(checked.district.timezone))
        page = render.report.report_html(told, words, layer=checked.layer, shapes=shapes, made=now)
        write_file(html, page)
    if xlsx is not None:
        write_file(xlsx, render.report.report_xlsx(told, checked.files, words, layer=checked.layer))
