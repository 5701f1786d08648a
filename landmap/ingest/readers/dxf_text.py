r"""The text of a DXF file: drawings before 2007 name a code page, later ones are UTF-8, and either may be untrue.

Characters that a code page lacks are written in ASCII, as ``\U+5730`` or ``\M+5B5D8``; they are characters again here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from landmap.ingest.encoding import PYTHON_NAMES, chinese_encoding, chinese_shares

_VERSION: Final = re.compile(rb"\$ACADVER\s+1\s+AC(\d{4})")
_CODEPAGE: Final = re.compile(rb"\$DWGCODEPAGE\s+3\s+([A-Za-z0-9_]{1,20})")
#: The first version (2007) whose files are UTF-8 whatever their code page says.
_UTF8_FROM: Final = 1021
_CODEPAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"ANSI_936": "gb18030", "GB2312": "gb18030", "ANSI_950": "big5", "BIG5": "big5", "UTF_8": "utf-8"}
)
_NAMED: Final = re.compile(r"(?:ANSI|DOS)_?(\d{3,4})")
_UNICODE: Final = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_MULTIBYTE: Final = re.compile(r"\\M\+([1-5])([0-9A-Fa-f]{4})")
_PAGES: Final = MappingProxyType({"1": "cp932", "2": "big5hkscs", "3": "cp949", "4": "johab", "5": "gb18030"})
_LINES: Final = 5000


class DxfText(NamedTuple):
    """The text, its encoding by the name that reports use, and why another than the declared one was taken."""

    text: str
    encoding: str
    doubt: str = ""


def decode_dxf(data: bytes) -> DxfText:
    """Return the text of an ASCII DXF file.

    The declared encoding counts where it fits and is not one of the Latin pages, which fit anything; else strict UTF-8,
    then GB18030 or Big5 by likelihood, and last the declared one with what it cannot say replaced.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _declared(data)
    foreign = [line for line in data.split(b"\n") if not line.isascii()]
    if not foreign:
        return DxfText(_spelt(data.decode("ascii")), declared)
    if not declared.startswith("cp125") and _fits(data, declared):
        return DxfText(_spelt(_decoded(data, declared)), declared)
    sample = foreign[:_LINES]
    found = "utf-8" if _fits(data, "utf-8") else chinese_encoding(sample)
    if found is None:
        doubt = "" if declared.startswith("cp125") else f"{declared}: ?"
        return DxfText(_spelt(_decoded(data, declared, errors="replace")), declared, doubt)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in chinese_shares(sample).items())
    doubt = f"{declared} → utf-8" if found == "utf-8" else f"{declared} → {shares}"
    return DxfText(_spelt(_decoded(data, found, errors="replace")), found, doubt)


def _declared(data: bytes) -> str:
    """Return the encoding that the header gives; Windows-1252 when it says nothing, as AutoCAD does."""
    version = _VERSION.search(data)
    if version and int(version[1]) >= _UTF8_FROM:
        return "utf-8"
    page = _CODEPAGE.search(data)
    name = page[1].decode("ascii").upper() if page else ""
    number = _NAMED.fullmatch(name)
    candidate = _CODEPAGES.get(name) or (f"cp{number[1]}" if number else "cp1252")
    try:
        codecs.lookup(candidate)
    except LookupError:
        return "cp1252"
    return candidate


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> str:
    return data.decode(PYTHON_NAMES.get(encoding, encoding), errors=errors)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        _decoded(data, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _spelt(text: str) -> str:
    """Return `text` with characters in place of their spellings in ASCII; what would end a line stays spelt."""
    if "\\M+" in text:
        text = _MULTIBYTE.sub(_multibyte, text)
    if "\\U+" in text:
        text = _UNICODE.sub(_character, text)
    return text


def _character(spelling: re.Match[str]) -> str:
    char = chr(int(spelling[1], 16))
    return char if char.isprintable() else spelling[0]


def _multibyte(spelling: re.Match[str]) -> str:
    try:
        return bytes.fromhex(spelling[2]).decode(_PAGES[spelling[1]])
    except UnicodeDecodeError:
        return spelling[0]
