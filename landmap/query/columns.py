"""Typed columns of one redacted table: what a select works on, built once and then only read.

A column of a field that does not exist for the audience is unknown throughout, so nothing hidden can decide anything.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from landmap.domain import NO_INTEGER, Field, Kind, Table
from landmap.query.index import Codes, Lists, Mask, Rows
from landmap.query.truth import Numbers

T = TypeVar("T")

#: A day that is not known, in days since 1970-01-01.
NO_DAY: Final = np.iinfo(np.int64).min
_FOLDED: Final = np.dtypes.StringDType()


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column as a dictionary: `labels` sorted, `codes` their positions, -1 for unknown; shape (n,)."""

    labels: tuple[str, ...]
    codes: npt.NDArray[np.signedinteger[Any]]

    def texts(self) -> list[str | None]:
        """Return the texts themselves, None for unknown."""
        named = (*self.labels, None)
        return [named[code] for code in self.codes]

    def positions(self, wanted: Iterable[str]) -> list[int]:
        """Return the codes of those `wanted` that occur."""
        found = [(bisect_left(self.labels, label), label) for label in wanted]
        return [code for code, label in found if code < len(self.labels) and self.labels[code] == label]

    def among(self, wanted: frozenset[str]) -> Mask:
        """Return where the text is one of `wanted`."""
        chosen = np.zeros(len(self.labels) + 1, dtype=np.bool_)
        chosen[self.positions(wanted)] = True
        found: Mask = chosen[self.codes]
        return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A column of lists: the list of row `rows[k]` holds ``labels[codes[k]]``.

    `known` tells an empty list from none; shape (n,).
    """

    labels: tuple[str, ...]
    rows: Rows
    codes: npt.NDArray[np.signedinteger[Any]]
    known: Mask


class Columns:
    """The columns of `table`, each made at its first use and kept.

    Parameters
    ----------
    table : Table
        Redacted.
    fields : mapping
        The fields of `table`.
    """

    def __init__(self, table: Table, fields: Mapping[str, Field]) -> None:
        self.table = table
        self.fields = fields
        self.size = len(table)
        self._kept: dict[tuple[str, str], Any] = {}

    def numbers(self, name: str) -> Numbers:
        """Return a numeric field as float, NaN for unknown; shape (n,)."""
        return self._keep("numbers", name, self._numbers)

    def flags(self, name: str) -> npt.NDArray[np.int8]:
        """Return a boolean field as 1, 0, or -1 for unknown; shape (n,)."""
        return self._keep("flags", name, self._flags)

    def coded(self, name: str) -> Coded:
        """Return a text, code, boolean or integer field as a dictionary column."""
        return self._keep("coded", name, self._coded)

    def index(self, name: str) -> Codes:
        """Return the index of a dictionary column."""
        return self._keep("index", name, lambda _: Codes(self.coded(name).codes, len(self.coded(name).labels)))

    def listed(self, name: str) -> Listed:
        """Return a field of lists."""
        return self._keep("listed", name, self._listed)

    def lists(self, name: str) -> Lists:
        """Return the index of a field of lists."""
        return self._keep("lists", name, self._lists)

    def days(self, name: str) -> npt.NDArray[np.int64]:
        """Return a date field in days since 1970-01-01, `NO_DAY` for unknown; shape (n,)."""
        return self._keep("days", name, self._days)

    def folded(self, name: str) -> npt.NDArray[Any]:
        """Return a text field ready for searching (see `fold`), empty for unknown; StringDType, shape (n,)."""
        return self._keep("folded", name, self._folded)

    def ready(self, name: str) -> npt.NDArray[np.object_]:
        """Return a field as JSON-ready values (JSON fields still as text), None for unknown; shape (n,)."""
        return self._keep("ready", name, self._ready)

    def ranks(self, name: str) -> npt.NDArray[np.signedinteger[Any]]:
        """Return the position of each value among the distinct ones, ascending, -1 for unknown; shape (n,)."""
        return self._keep("ranks", name, self._ranks)

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` makes, kept under `name`."""
        return self._keep("derived", name, lambda _: make())

    def parsed(self, name: str) -> list[Any]:
        """Return a JSON field as Python values, None for unknown."""
        return [None if text is None else json.loads(text) for text in self._objects(name)]

    def _keep(self, kind: str, name: str, make: Callable[[str], T]) -> T:
        try:
            kept: T = self._kept[kind, name]
        except KeyError:
            kept = self._kept[kind, name] = make(name)
        return kept

    def _objects(self, name: str) -> npt.NDArray[np.object_]:
        if name not in self.fields:
            return np.full(self.size, None, dtype=object)
        return self.table[name]

    def _numbers(self, name: str) -> Numbers:
        if name not in self.fields:
            return np.full(self.size, np.nan)
        column = self.table[name]
        return column if self.fields[name].kind is Kind.NUMBER else np.where(self.table.known(name), column, np.nan)

    def _flags(self, name: str) -> npt.NDArray[np.int8]:
        return self.table[name] if name in self.fields else np.full(self.size, -1, dtype=np.int8)

    def _coded(self, name: str) -> Coded:
        field = self.fields.get(name)
        if field is not None and field.kind is Kind.BOOLEAN:
            return Coded(("false", "true"), self.flags(name))
        if field is not None and field.kind is Kind.INTEGER:
            return Coded(*_factorized([None if one == NO_INTEGER else str(one) for one in self.table[name].tolist()]))
        return Coded(*_factorized(self._objects(name)))

    def _listed(self, name: str) -> Listed:
        lists = self._objects(name)
        known = np.array([entry is not None for entry in lists], dtype=np.bool_)
        rows = np.repeat(np.arange(self.size), [0 if entry is None else len(set(entry)) for entry in lists])
        flat = [label for entry in lists if entry is not None for label in dict.fromkeys(entry)]
        labels, codes = _factorized(flat)
        return Listed(labels, rows, codes, known)

    def _lists(self, name: str) -> Lists:
        column = self.listed(name)
        return Lists(column.rows, column.codes, len(column.labels), column.known)

    def _days(self, name: str) -> npt.NDArray[np.int64]:
        if name not in self.fields:
            return np.full(self.size, NO_DAY, dtype=np.int64)
        return self.table[name].astype(np.int64)

    def _folded(self, name: str) -> npt.NDArray[Any]:
        return np.array(["" if text is None else fold(text) for text in self._objects(name)], dtype=_FOLDED)

    def _ready(self, name: str) -> npt.NDArray[np.object_]:
        kind, column = self.fields[name].kind, self.table[name]
        if kind.listed:
            made = np.empty(self.size, dtype=object)
            made[:] = [None if entry is None else list(entry) for entry in column]
            return made
        if column.dtype == object:
            return column
        plain = np.datetime_as_string(column, unit="D") if kind is Kind.DATE else column
        made = (column == 1 if kind is Kind.BOOLEAN else plain).astype(object)
        made[~self.table.known(name)] = None
        return made

    def _ranks(self, name: str) -> npt.NDArray[np.signedinteger[Any]]:
        kind = self.fields[name].kind
        if kind.textual or kind is Kind.BOOLEAN:
            return self.coded(name).codes
        if kind is Kind.DATE:
            days = self.days(name)
            return _dense(days, days == NO_DAY)
        values = self.numbers(name)
        return _dense(values, np.isnan(values))


def fold(text: str) -> str:
    """Return `text` as it is compared in searches: NFKC, without case.

    Examples
    --------
    >>> fold("LC－03")
    'lc-03'
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _factorized(texts: Iterable[str | None]) -> tuple[tuple[str, ...], npt.NDArray[np.signedinteger[Any]]]:
    """Return the distinct texts in order, and the position of each text among them, -1 for none."""
    seen: dict[str | None, int] = {None: -1}
    found = np.array([seen.setdefault(text, len(seen) - 1) for text in texts], dtype=np.int64)
    del seen[None]
    labels = sorted(label for label in seen if label is not None)
    ranks = np.empty(len(labels) + 1, dtype=np.min_scalar_type(-len(labels) - 1))
    ranks[[seen[label] for label in labels]] = np.arange(len(labels))
    ranks[-1] = -1
    return tuple(labels), ranks[found]


def _dense(values: npt.NDArray[Any], unknown: Mask) -> npt.NDArray[np.int32]:
    ranks = np.full(len(values), -1, dtype=np.int32)
    ranks[~unknown] = np.unique(values[~unknown], return_inverse=True)[1]
    return ranks
