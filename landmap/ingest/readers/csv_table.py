"""CSV and its cousins: any delimiter, any of the encodings offices write, shapes as WKT or a pair of coordinates."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from landmap.ingest.encoding import LAST_RESORT, decode
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.raw import RawLayer, Request
from landmap.ingest.readers.table import Sheet, layers_of

#: Full-width ones too; the rarer ones last, for they must cut better to count.
DELIMITERS: Final = ",;\t|，；｜^~\x1f"
MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 1_000
#: One cell may hold the WKT of a coastline.
MAX_CELL: Final = 16 * 1024 * 1024


class CsvReader:
    """Delimited text; the last to be asked, for text has no magic."""

    key = "csv"
    suffixes = (".csv", ".tsv", ".txt")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file is text at all."""
        if not head.strip() or head.startswith((b"<", b"%PDF", b"{\\rtf")):
            return False
        text, encoding = decode(_whole_lines(head))
        if "\x00" in text or (encoding == LAST_RESORT and _control(text) > 0.02 * len(text)):
            return False
        return _control(text) <= 0.02 * len(text)

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one table of the file; refuse one without a header or past the caps."""
        text, encoding = decode(request.path.read_bytes())
        faults: tuple[Fault, ...] = ()
        if encoding == LAST_RESORT:
            faults = (Fault("encoding_guessed", value=encoding),)
        rows = _rows(text, _delimiter(text))
        faults += tuple(_unquoted(rows))
        return layers_of(Sheet(request.name, rows, encoding, faults), request.knows)


def _whole_lines(head: bytes) -> bytes:
    """Return `head` up to its last line break, so that no character is cut in half."""
    end = max(head.rfind(b"\n"), head.rfind(b"\r"))
    return head[: end + 1] if end > 0 and len(head) >= 4096 else head


def _control(text: str) -> int:
    return sum(char < " " and char not in "\t\r\n\x0c" for char in text)


def _delimiter(text: str) -> str:
    """Return the character that cuts the first lines into the most columns of one count."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if len(cells) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    try:
        return max(DELIMITERS, key=evenness)
    except csv.Error:
        return ","


def _unquoted(rows: list[tuple[int, list[Any]]]) -> Iterator[Fault]:
    """Take off quotes that were quoted as if they were text (exported twice), and yield where that was."""
    for line, cells in rows:
        wrapped = [at for at, cell in enumerate(cells) if len(cell) > 1 and cell[0] == cell[-1] == '"']
        whole = [at for at in wrapped if '"' not in cells[at][1:-1]]
        for at in whole:
            cells[at] = cells[at][1:-1]
        if whole:
            yield Fault("cell_quoted_twice", line, value=cells[whole[0]])


def _rows(text: str, delimiter: str) -> list[tuple[int, list[Any]]]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    rows: list[tuple[int, list[Any]]] = []
    line = 1
    try:
        for cells in reader:
            if len(cells) > MAX_COLUMNS or len(rows) >= MAX_ROWS:
                raise RefusedError("table_too_large", rows=MAX_ROWS, columns=MAX_COLUMNS)
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedError("csv_malformed", line=line, reason=str(error)) from error
    return rows
