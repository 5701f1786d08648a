"""The parts of a reading, in the words and at the places of what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from landmap.query.phrase.guesses import Spelling
from landmap.query.phrase.merging import Piece
from landmap.query.phrase.reading import Part
from landmap.query.phrase.settle import Settled
from landmap.query.phrase.tape import Find, Tape


@dataclass(frozen=True)
class Telling:
    """The parts of a reading, drawn from the pieces of its phrase and what they came to."""

    tape: Tape
    found: Sequence[Piece]
    done: Settled
    spelling: Spelling

    def understood(self) -> Iterator[Part]:
        """Yield the parts that ask for something."""
        for piece in self.found:
            if piece.finds and not self._against(piece) and not self._either(piece):
                yield self._part(piece)

    def not_understood(self) -> Iterator[Part]:
        """Yield the parts that cannot be asked, each with its reason."""
        for piece in self.found:
            if piece.fault:
                hint = self.spelling.nearest(self._text(piece)) if piece.fault == "unknown" else piece.hint
                yield self._part(piece, piece.fault, hint)
            elif self._either(piece):
                yield self._part(piece, "or")

    def contradictions(self) -> Iterator[Part]:
        """Yield the parts that contradict one another."""
        for piece in self.found:
            if self._against(piece):
                yield self._part(piece, "against")

    def notes(self) -> Iterator[Part]:
        """Yield what was read in a way worth telling."""
        for part, piece in ((self._part(piece), piece) for piece in self.found):
            for reason in ("strict", "bare"):
                if not self._against(piece) and any(getattr(find, reason) for find in piece.finds):
                    yield Part(part.text, part.start, part.end, reason, part.names)
            if self.done.words and any(find.name == "q" for find in piece.finds):
                yield Part(part.text, part.start, part.end, "all", part.names)

    def _either(self, piece: Piece) -> bool:
        return any(find.name in self.done.either for find in piece.finds)

    def _against(self, piece: Piece) -> bool:
        return any(find.name in self.done.against for find in piece.finds)

    def _text(self, piece: Piece) -> str:
        return self.tape.phrase.text[self.tape.at(piece.start).start : self.tape.at(piece.end - 1).end]

    def _part(self, piece: Piece, reason: str = "", hint: str = "") -> Part:
        phrase = self.tape.phrase
        start, end = phrase.span(self.tape.at(piece.start).start, self.tape.at(piece.end - 1).end)
        return Part(phrase.source[start:end], start, end, reason, _names_of(piece.finds), hint)


def _names_of(finds: Sequence[Find]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{find.name}_{find.side}" if find.side else find.name for find in finds))
