"""Text out of bytes: which encoding a file is in, and whether text was decoded wrongly before it came to us."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What Python calls an encoding where our reports use the common name: Big5 with Hong Kong's characters.
PYTHON_NAMES: Final = MappingProxyType({"big5": "big5hkscs"})
#: As much of a file as is looked at to tell encodings apart.
_SAMPLE: Final = 200_000
#: The last resort reads any byte; a file that needs it is reported.
LAST_RESORT: Final = "cp1252"

#: First bytes of the characters in common use: GB 2312 level 1 (with the second byte from A1), Big5 level 1.
_GB_COMMON: Final = range(0xB0, 0xD8)
_BIG5_COMMON: Final = range(0xA4, 0xC7)
#: Punctuation and full-width signs, which tell the two apart no more than ASCII does.
_GB_SIGNS: Final = range(0xA1, 0xAA)
_BIG5_SIGNS: Final = range(0xA1, 0xA4)

#: What UTF-8 or GBK bytes look like when read as Latin letters, and the mark of a double conversion.
_LATIN_RUN: Final = re.compile("[\u0080-\u00ff]{2,}")
_LOST: Final = ("\ufffd", "锟斤拷", "烫烫烫")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and the encoding it was read in.

    A byte-order mark decides; then strict UTF-8, then GB18030 or Big5 by likelihood, then Windows-1252 with what it
    cannot say replaced. A handful of foreign bytes also happen to be GB18030, so that step wants Chinese characters in
    common use.

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
    for encoding in ("utf-8", chinese_encoding([data[:_SAMPLE]]) or "gb18030"):
        try:
            text = data.decode(PYTHON_NAMES.get(encoding, encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _reads_as_chinese(text):
            return text, encoding
    return data.decode(LAST_RESORT, errors="replace"), LAST_RESORT


def chinese_encoding(texts: Iterable[bytes]) -> str | None:
    """Return "gb18030" or "big5", whichever these bytes more likely are; None when they are neither.

    Both encodings give most pairs of bytes some meaning. Real text, though, is written in the few thousand characters
    of each standard's first level: the share of those tells which one it is. At a draw it is GB18030, as files of the
    mainland are.

    Examples
    --------
    >>> chinese_encoding(["工業用地".encode("big5")]), chinese_encoding(["工业用地".encode("gbk")])
    ('big5', 'gb18030')
    >>> chinese_encoding(["Café".encode("latin-1")]) is None
    True
    """
    shares = chinese_shares(texts)
    best = max(shares, key=lambda name: shares[name])  # the first of equals: GB18030
    return best if shares[best] > 0 else None


def chinese_shares(texts: Iterable[bytes]) -> dict[str, float]:
    """Return for GB18030 and Big5 the share of characters in common use, 0 to 1; 0 where the bytes cannot be it."""
    kept = [text for text in texts if not text.isascii()]
    if not kept:
        return {"gb18030": 0.0, "big5": 0.0}
    return {
        "gb18030": _share(kept, "gb18030", _GB_COMMON, _GB_SIGNS, 0xA1),
        "big5": _share(kept, "big5hkscs", _BIG5_COMMON, _BIG5_SIGNS, 0x40),
    }


def _share(texts: Iterable[bytes], encoding: str, common: range, signs: range, second: int) -> float:
    """Return the share of characters beyond ASCII and punctuation whose bytes lie in the common range."""
    hits = count = marks = 0
    for text in texts:
        try:
            decoded = decode_cut(text, encoding)
        except UnicodeDecodeError:
            return 0.0
        for char in decoded:
            if char < "\x80":
                continue
            code = char.encode(encoding)
            regular = len(code) == 2 and code[1] >= second
            if regular and code[0] in signs:
                marks += 1
                continue
            count += 1
            hits += regular and code[0] in common
    return hits / count if count else float(marks > 0)


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
    foreign = [char for char in text[:_SAMPLE] if char > "\x7f"]
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
