"""A workbook that shows a report where its findings stand: what is to be written, as plain data.

Words and severities come from outside; here they only have a place: a cover sheet, and cells of the steward's own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from landmap.ingest.bounds import bounded
from landmap.ingest.door import Entry, entries
from landmap.ingest.faults import DAMAGE, RefusedError
from landmap.ingest.readers import RawLayer, Request
from landmap.ingest.readers.headers import LEVEL_MARK, plain_header
from landmap.ingest.readers.marked_workbook import annotated
from landmap.ingest.readers.rows_workbook import rows_book
from landmap.ingest.readers.sheet_marks import Cover, Looks, SheetMarks, cover_book, together

Severity = Literal["error", "warning", "info"]
#: A remark is no longer than this, and a comment has no more lines.
_REMARK: Final = 400
_LINES: Final = 24
_DAMAGE: Final[tuple[type[Exception], ...]] = (RefusedError, *DAMAGE)


@dataclass(frozen=True, slots=True)
class Mark:
    """One remark on cells of a file's layer: without `row`, on the headers; without `headers`, on the whole row."""

    file: str
    layer: str | None
    row: int | None
    headers: tuple[str, ...]
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One layer of a file whose rows are to be shown, with the columns that may be."""

    file: str
    layer: str | None
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Markup:
    """All that is to be written: the cover sheet, the remarks, the layers they are in, and what to call row numbers."""

    cover: Cover
    marks: tuple[Mark, ...]
    shown: tuple[Shown, ...]
    row_header: str


def book_of(paths: Sequence[Path], markup: Markup, scratch: Path) -> bytes:
    """Return the workbook as XLSX; this process opens the files itself.

    A single file that is an ``.xlsx`` comes back as it is, with cells coloured and commented; of anything else, the
    rows as read are written into sheets. A file that cannot be opened any more leaves the cover alone.

    Parameters
    ----------
    paths : sequence of Path
        The inputs the report is of.
    markup : Markup
    scratch : Path
        An empty folder.
    """
    wanted = {(one.file, one.layer) for one in markup.shown}
    found = []
    for number, path in enumerate(paths):
        folder = scratch / str(number)
        folder.mkdir()
        found += [one for one in entries(path, folder) if one.reader is not None and one.path is not None]
    files = [one for one in found if one.name in {file for file, _ in wanted}]
    try:
        if len(files) == 1 and files[0].reader is not None and files[0].reader.key == "xlsx" and files[0].path:
            return annotated(files[0].path, markup.cover, _by_sheet(markup))
        raws = [
            (raw, one.name)
            for one in files
            for raw in _read(one, _known(markup.shown))
            if (one.name, raw.name) in wanted
        ]
    except _DAMAGE:
        raws = []
    if not raws:
        return cover_book(markup.cover, alone=bool(wanted))
    headers = {(one.file, one.layer): one.headers for one in markup.shown}
    marks = _by_layer(markup)
    return rows_book(
        markup.cover,
        [(raw, headers[file, raw.name], marks.get((file, raw.name), SheetMarks({}, {}))) for raw, file in raws],
        markup.row_header,
    )


def _read(entry: Entry, known: Callable[[str], bool]) -> Iterator[RawLayer]:
    if entry.reader is not None and entry.path is not None:
        for raw in entry.reader.read(Request(entry.path, Path(entry.name).stem, known)):
            yield bounded(raw)


def _known(shown: Sequence[Shown]) -> Callable[[str], bool]:
    """Return what tells the headers that the report speaks of; a unit or an upper level may have been added to them."""
    texts = {text for one in shown for header in one.headers for text in (header, *header.split(LEVEL_MARK))}
    plain = {plain_header(form) for text in texts for form in (text, text.partition("(")[0], text.partition("（")[0])}
    return lambda text: plain_header(text) in plain - {""}


def _by_sheet(markup: Markup) -> Mapping[str | None, tuple[Callable[[str], bool], SheetMarks]]:
    """Return the marks by layer of the one workbook there is, each with what tells its headers."""
    marks = _by_layer(markup)
    return {
        one.layer: (_known([one]), marks[one.file, one.layer]) for one in markup.shown if (one.file, one.layer) in marks
    }


def _by_layer(markup: Markup) -> dict[tuple[str, str | None], SheetMarks]:
    """Return the remarks gathered by cell: the most serious gives the colour, all give the comment."""
    gathered: dict[tuple[str, str | None], dict[tuple[int | None, str | None], list[Mark]]] = {}
    for mark in markup.marks:
        cells = gathered.setdefault((mark.file, mark.layer), {})
        for header in mark.headers or (None,):
            cells.setdefault((mark.row, header), []).append(mark)
    return {
        place: SheetMarks(
            {(row, header): _look(marks) for (row, header), marks in cells.items() if row is not None},
            {header: _look(marks) for (row, header), marks in cells.items() if row is None and header is not None},
        )
        for place, cells in gathered.items()
    }


def _look(marks: Sequence[Mark]) -> Looks:
    texts = dict.fromkeys((mark.severity, mark.text[:_REMARK]) for mark in marks)
    found = together([Looks(severity, text) for severity, text in texts])
    return Looks(found.severity, "\n".join(found.text.split("\n")[:_LINES]))
