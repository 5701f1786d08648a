"""Texts to search in: which records hold a word.

A column of few distinct texts is searched once per text. For the others every record has a signature: the pairs of
neighbouring characters in its texts, each sent to one of 512 bitmaps. Only a record that is in the bitmaps of all pairs
of the word can hold it, and only those are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.query.index import bits
from landmap.query.index.bits import WORD, Bits
from landmap.query.index.codes import Codes

Texts = npt.NDArray[Any]
Pairs = npt.NDArray[np.uint64]

_BITMAPS: Final = 512
#: From one distinct text to so many records on, a column counts as one of few texts.
_FEW: Final = 8
#: No characters have these numbers.
_NO_PAIR: Final = np.uint64(2**64 - 1)
_SEVERAL: Final = np.uint64(2**64 - 2)
#: How many records are signed at a time.
_AT_ONCE: Final = 512 * WORD


class Searched:
    """Some columns of texts.

    Parameters
    ----------
    columns : sequence of array of str, each shape (n,)
        StringDType, empty for unknown.
    size : int
        n.
    """

    def __init__(self, columns: Sequence[Texts], size: int) -> None:
        self.size = size
        self._few: list[tuple[Texts, Codes]] = []
        self._many: list[Texts] = []
        for column in columns:
            texts = column.tolist()
            code_of = {text: code for code, text in enumerate(dict.fromkeys(texts))}
            if len(code_of) * _FEW <= size:
                codes = np.fromiter(map(code_of.__getitem__, texts), dtype=np.int64, count=size)
                self._few.append((np.array(list(code_of), dtype=column.dtype), Codes(codes, len(code_of))))
            else:
                self._many.append(column)
        self._signatures = np.zeros((_BITMAPS, bits.words_for(size) if self._many else 0), dtype=np.uint64)
        #: The only pair that is sent to each bitmap, where there is only one.
        self._alone = np.full(_BITMAPS, _NO_PAIR)
        for column in self._many:
            for start in range(0, size, _AT_ONCE):
                self._sign(column, start)

    def holding(self, words: Sequence[str]) -> Bits:
        """Return who has, for each of `words`, some text with the word in it; everybody without any word."""
        found = bits.everyone(self.size)
        for sure, possible, word in sorted(map(self._narrowed, words), key=lambda one: bits.count(one[0] | one[1])):
            found &= sure | self._looked_at(possible & found, word)
        return found

    def _narrowed(self, word: str) -> tuple[Bits, Bits, str]:
        """Return who holds a word for sure, and who else may."""
        sure = bits.union(
            (codes.among(np.flatnonzero(_holds(labels, word)).tolist()) for labels, codes in self._few), self.size
        )
        if not self._many:
            return sure, bits.none(self.size), word
        possible = bits.everyone(self.size)
        pairs = _pairs(word)
        places = _places(pairs)
        for place in np.unique(places):
            possible &= self._signatures[place]
        if len(pairs) == 1 and self._alone[places[0]] == pairs[0]:
            return sure | possible, bits.none(self.size), word
        return sure, possible & ~sure, word

    def _looked_at(self, possible: Bits, word: str) -> Bits:
        """Return who of `possible` holds a word in a column of many texts."""
        found, rows = bits.none(self.size), bits.rows_of(possible)
        for column in self._many:
            held = _holds(column[rows], word)
            found = bits.put(found, rows[held], self.size)
            rows = rows[~held]
        return found

    def _sign(self, column: Texts, start: int) -> None:
        """Add the signatures of the texts of a column from record `start` on."""
        texts = column[start : start + _AT_ONCE]
        pairs = _pairs("\0".join(texts.tolist()))
        places = _places(pairs)
        # The zero between two texts counts to the first: a pair of its own, that no word has.
        owners = np.repeat(np.arange(len(texts)), np.strings.str_len(texts) + 1)[: len(pairs)]
        masks = np.zeros((_BITMAPS, bits.words_for(len(texts)) * WORD), dtype=np.bool_)
        masks[places, owners] = True
        signed = np.packbits(masks, axis=1, bitorder="little").view(np.uint64)
        self._signatures[:, start // WORD :][:, : signed.shape[1]] |= signed
        self._alone = np.where(self._alone == _NO_PAIR, _scattered(places, pairs), self._alone)
        self._alone[places[pairs != self._alone[places]]] = _SEVERAL


def _holds(texts: Texts, word: str) -> npt.NDArray[np.bool_]:
    return np.asarray(np.strings.find(texts, word) >= 0, dtype=np.bool_)


def _pairs(text: str) -> Pairs:
    """Return every pair of neighbouring characters as one number; shape (n - 1,)."""
    characters = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    return (characters[:-1] << np.uint64(32)) | characters[1:]


def _places(pairs: Pairs) -> Pairs:
    """Return the bitmap that each pair is sent to."""
    mixed = (pairs ^ (pairs >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(64 - _BITMAPS.bit_length() + 1)


def _scattered(places: Pairs, pairs: Pairs) -> Pairs:
    """Return for each bitmap one of the pairs sent to it, `_NO_PAIR` where there is none."""
    found = np.full(_BITMAPS, _NO_PAIR)
    found[places] = pairs
    return found
