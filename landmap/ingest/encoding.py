"""Text out of bytes: which encoding a file is in, and whether text was decoded wrongly before it came to us."""

from __future__ import annotations

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The last resort reads any byte; a file that needs it is reported.
LAST_RESORT: Final = "cp1252"

#: What UTF-8 or GBK bytes look like when read as Latin letters, and the mark of a double conversion.
_LATIN_RUN: Final = re.compile("[\u0080-\u00ff]{2,}")
_LOST: Final = ("\ufffd", "锟斤拷", "烫烫烫")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and the encoding it was read in.

    A byte-order mark decides; then strict UTF-8, then GB18030, then Windows-1252 with what it cannot say replaced.
    A handful of foreign bytes also happen to be GB18030, so that step wants Chinese characters in common use.

    Examples
    --------
    >>> decode("地块".encode("gb18030"))
    ('地块', 'gb18030')
    >>> decode("Café".encode("cp1252"))
    ('Café', 'cp1252')
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace"), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _reads_as_chinese(text):
            return text, encoding
    return data.decode(LAST_RESORT, errors="replace"), LAST_RESORT


def garbled(text: str) -> bool:
    """Return whether `text` looks like Chinese that was once decoded in the wrong encoding.

    Examples
    --------
    >>> garbled("地块".encode("gbk").decode("latin-1")), garbled("Café"), garbled("地块")
    (True, False, False)
    """
    if any(mark in text for mark in _LOST):
        return True
    return any(_was_chinese(run) for run in _LATIN_RUN.findall(text))


def decode_cut(data: bytes, encoding: str) -> str:
    """Return `data` decoded, less the character that a fixed-width column cut in half; else UnicodeDecodeError."""
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if len(data) <= cut or len(data) - error.start > 4:
                raise
            fault = error
    raise fault


def _reads_as_chinese(text: str) -> bool:
    """Whether most of the characters outside ASCII are Chinese text, as in a real GB18030 file."""
    foreign = [char for char in text[:200_000] if char > "\x7f"]
    common = sum("\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or char >= "\uff00" for char in foreign)
    return bool(foreign) and common >= 0.8 * len(foreign) and _runs(text)


def _runs(text: str) -> bool:
    """Whether Chinese characters stand in company: a stray accented letter decodes to a lone one."""
    return re.search("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]{2}", text) is not None


def _was_chinese(run: str) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = run.encode("latin-1").decode(encoding)
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue
        if text and all("\u3000" <= char <= "\u9fff" or char >= "\uff00" for char in text):
            return True
    return False
