"""``multipart/form-data``, read as it comes: fields are kept, files go straight to disk, and both have their caps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from landmap.api.admin.told import FormError
from landmap.domain.errors import TooLargeError, UnavailableError

#: Files of one form, fields of one form, bytes of one field, and of all fields together.
FILES_MAX: Final = 200
FIELDS_MAX: Final = 5_000
FIELD_BYTES_MAX: Final = 256 * 1024
FIELDS_BYTES_MAX: Final = 2 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """One file of a form: the name its owner knows it by, which is never a path of ours, and where its bytes lie."""

    field: str
    name: str
    path: Path
    size: int


class Multipart:
    """Reads one form, chunk by chunk; see `feed` and `done`.

    Parameters
    ----------
    content_type : str
        The header of the request.
    folder : Path or None
        Where files go, under names of our own; without it, files are refused.
    cap : int
        Most bytes of all files together.

    Raises
    ------
    FormError
        When the header names no boundary.
    """

    def __init__(self, content_type: str, folder: Path | None, cap: int) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not 1 <= len(boundary) <= 70:
            raise FormError("admin.refused.form")
        self.folder = folder
        self.cap = cap
        self.fields: list[tuple[str, str]] = []
        self.files: list[Upload] = []
        self._size = 0
        self._text_size = 0
        self._ended = False
        self._field = self._header = self._value = b""
        self._disposition = b""
        self._name: str | None = None
        self._text = bytearray()
        self._file: BinaryIO | None = None
        self._file_size = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._open,
                "on_part_data": self._on_data,
                "on_part_end": self._close,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Read on.

        Raises
        ------
        FormError
            For what is no form, or has too many parts.
        TooLargeError
            As soon as a cap is passed.
        UnavailableError
            When the disk takes no more.
        """
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise FormError("admin.refused.form") from error
        except OSError as error:
            raise UnavailableError(
                f"the upload cannot be kept: {error.strerror or error}", hint="make room on the disk"
            ) from error

    def done(self) -> None:
        """Say that no more comes; raise FormError when the form is not whole."""
        if not self._ended:
            raise FormError("admin.refused.cut")

    def close(self) -> None:
        """Close the file that was being written when reading was given up."""
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        self._disposition = b""
        self._name = None
        self._text = bytearray()
        if len(self.fields) >= FIELDS_MAX or len(self.files) >= FILES_MAX:
            raise FormError("admin.refused.too_many", files=FILES_MAX)

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise FormError("admin.refused.form")
        self._field = options[b"name"]
        if b"filename" in options:
            self._name = _unescaped(options[b"filename"])
            if self.folder is None:
                raise FormError("admin.refused.form")
            self._file = (self.folder / f"{len(self.files):04d}").open("wb")
            self._file_size = 0

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._text += data[start:end]
            self._text_size += end - start
            if len(self._text) > FIELD_BYTES_MAX or self._text_size > FIELDS_BYTES_MAX:
                raise TooLargeError("the fields of the form are too large", hint="write less")
            return
        self._size += end - start
        self._file_size += end - start
        if self._size > self.cap:
            raise TooLargeError(f"the files are larger than {self.cap} bytes", hint="send them in parts")
        self._file.write(data[start:end])

    def _close(self) -> None:
        field = _text(self._field)
        if self._file is None:
            self.fields.append((field, _text(bytes(self._text))))
            return
        path = Path(self._file.name)
        self._file.close()
        self._file = None
        if self._name or self._file_size:
            self.files.append(Upload(field, self._name or "", path, self._file_size))
        else:  # what a browser sends for a field in which no file was chosen
            path.unlink()

    def _end(self) -> None:
        self._ended = True


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormError("admin.refused.form") from None


def _unescaped(raw: bytes) -> str:
    """Return a file name as its owner wrote it; browsers escape three signs (HTML, multipart/form-data encoding)."""
    name = raw.decode("utf-8", "replace")
    for escaped, sign in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        name = name.replace(escaped, sign)
    return name
