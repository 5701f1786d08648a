"""What travels when a report is written into a workbook: the remarks as JSON, the workbook as bytes."""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from pydantic import TypeAdapter

from landmap.ingest.confined.wire import Job
from landmap.ingest.markup import Markup, book_of

_MARKUP: Final = TypeAdapter(Markup)


def terms_of(markup: Markup) -> dict[str, Any]:
    """Return what is to be written as plain data."""
    return {"markup": _MARKUP.dump_python(markup, mode="json")}


def write_answer(job: Job, records: BinaryIO) -> None:
    """Do the job and write the workbook."""
    markup = _MARKUP.validate_python(job.terms["markup"])
    records.write(book_of(job.paths, markup, job.scratch))
