"""What went wrong, before anybody puts it into words: a code, the place inside one layer, the value found.

Readers, matchers and checks make faults; ``report`` places them in a file and words them in a language.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Final

import shapely

from landmap.domain.errors import SourceError

#: What parsers raise on damaged input: whole families, for a library's own errors derive from these.
DAMAGE: Final[tuple[type[Exception], ...]] = (
    ValueError, TypeError, LookupError, AttributeError, NameError, OSError, EOFError, ArithmeticError, MemoryError,
    RuntimeError, AssertionError, SyntaxError, struct.error, zipfile.BadZipFile, zlib.error,
    shapely.errors.ShapelyError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What one field of one row holds, and what it would hold instead; an `after` of None makes it unknown."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Proposal:
    """A known cure that a person may accept: `kind` names it, the first change is of the field the fault is told at.

    Kinds: ``swap``, ``operator``, ``scale``, ``replace``, ``outline``, and ``drop``, which takes the record out; of a
    whole column ``leave`` (it is not stored) and ``keep`` (it is, in an internal field); of a join ``place`` and
    ``join``.
    """

    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing found.

    `code` names a row of ``findings.csv``; `row` counts as the steward does (the sheet's own row, the feature's number
    from 1; None: the whole layer); `field` is a field name or the file's own header; `words` fill the message;
    `proposal` is the cure, where one is known.
    """

    code: str
    row: int | None = None
    field: str | None = None
    value: Any = None
    words: Mapping[str, object] = made(default_factory=dict)
    proposal: Proposal | None = None


class RefusedError(SourceError):
    """An input that cannot be read or trusted: nothing of it is taken."""

    def __init__(self, code: str, value: Any = None, *, field: str | None = None, **words: object) -> None:
        super().__init__(code)
        self.fault = Fault(code, field=field, value=value, words=words)
