"""XML read as a stream of small trees: no document type, no entities, no address is followed, nothing is kept.

A document type is refused before it can define anything: that ends external entities and entity bombs at once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from xml.parsers import expat

from landmap.ingest.faults import RefusedError

MAX_DEPTH: Final = 64
#: Characters in one tree: an outline of a million points has 40 million.
MAX_TEXT: Final = 64 * 1024**2
MAX_NODES: Final = 100_000
_BLOCK: Final = 256 * 1024
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: What Chinese programs declare, and the encoding that reads it all.
_WIDER: Final = frozenset({"gb2312", "gbk", "cp936"})


@dataclass
class Node:
    """One element: its name without a prefix of the document's own vocabulary, attributes, text and elements inside."""

    tag: str
    attributes: Mapping[str, str]
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text directly inside, without the blanks around it."""
        return "".join(self.texts).strip()

    def child(self, tag: str) -> Node | None:
        """Return the first element of that name directly inside."""
        return next((one for one in self.children if one.tag == tag), None)

    def value(self, tag: str) -> str:
        """Return the text of the first element of that name directly inside; empty when there is none."""
        found = self.child(tag)
        return "" if found is None else found.text

    def all(self, tag: str) -> Iterator[Node]:
        """Yield the elements of that name directly inside."""
        return (one for one in self.children if one.tag == tag)


@dataclass
class Watch:
    """What to do with a document: `opened` and `closed` are called with names as the stream passes them.

    An element for which `opened` returns True is gathered as a tree and handed to `closed` whole; of any other element
    only its name is passed on, and `closed` gets a node without content.
    """

    opened: Callable[[str, Mapping[str, str]], bool]
    closed: Callable[[Node], None]


class Readable(Protocol):
    """What a document is read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        ...


def stream(source: Readable, watch: Watch, namespaces: tuple[str, ...], encoding: str | None = None) -> str:
    """Pass a document through `watch`; return the encoding it was read in.

    Parameters
    ----------
    source : readable, at its start
    watch : Watch
    namespaces : tuple of str
        Beginnings of the addresses of the vocabulary whose prefix is dropped from names; others keep theirs.
    encoding : str, optional
        Outranks the byte-order mark and the declaration.

    Raises
    ------
    RefusedError
        For a document type, for broken XML, for text that is not in its encoding (``xml_encoding``), and for a tree
        that is too deep or too large.
    """
    block = source.read(_BLOCK)
    encoding = encoding or _encoding(block)
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        parser = _parser(watch, namespaces)
        while block:
            parser.Parse(decoder.decode(block).encode("utf-8"), False)
            block = source.read(_BLOCK)
        parser.Parse(decoder.decode(b"", True).encode("utf-8"), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise RefusedError("xml_malformed", line=error.lineno, column=error.offset + 1, reason=reason) from error
    except UnicodeError as error:
        raise RefusedError("xml_encoding", encoding, reason=error.__class__.__name__) from error
    return encoding


def _encoding(head: bytes) -> str:
    """Return the encoding by byte-order mark, else as declared, else UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    found = _DECLARED.match(head)
    name = found[1].decode("ascii").lower() if found else "utf-8"
    try:
        known = codecs.lookup(name)
    except LookupError as error:
        raise RefusedError("xml_encoding", name, reason=str(error)) from error
    if not known._is_text_encoding:
        raise RefusedError("xml_encoding", name, reason="no text encoding")
    return "gb18030" if known.name in _WIDER else known.name


class _Builder:
    """Turns the parser's events into calls of a `Watch`."""

    def __init__(self, watch: Watch, namespaces: tuple[str, ...]) -> None:
        self._watch, self._namespaces = watch, namespaces
        self._ours: set[str] = set()
        self._open: list[Node] = []
        self._depth = self._text = self._nodes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RefusedError("xml_too_large", "depth", limit=MAX_DEPTH)
        for key, value in attributes.items():
            if key.startswith("xmlns:") and value.startswith(self._namespaces):
                self._ours.add(key[len("xmlns:") :])
        tag = self._tag(name)
        if self._open:
            self._nodes += 1
            if self._nodes > MAX_NODES:
                raise RefusedError("xml_too_large", "elements", limit=MAX_NODES)
            node = Node(tag, attributes)
            self._open[-1].children.append(node)
            self._open.append(node)
        elif self._watch.opened(tag, attributes):
            self._text = self._nodes = 0
            self._open.append(Node(tag, attributes))

    def data(self, text: str) -> None:
        if self._open:
            self._text += len(text)
            if self._text > MAX_TEXT:
                raise RefusedError("xml_too_large", "text", limit=MAX_TEXT)
            self._open[-1].texts.append(text)

    def end(self, name: str) -> None:
        self._depth -= 1
        node = self._open.pop() if self._open else Node(self._tag(name), {})
        if not self._open:
            self._watch.closed(node)

    def doctype(self, name: str, *_: object) -> None:
        raise RefusedError("xml_doctype", name)

    def _tag(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return rest if colon and prefix in self._ours else name


def _parser(watch: Watch, namespaces: tuple[str, ...]) -> expat.XMLParserType:
    builder = _Builder(watch, namespaces)
    parser = expat.ParserCreate("utf-8")  # outranks what the document declares: it comes decoded
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    return parser
