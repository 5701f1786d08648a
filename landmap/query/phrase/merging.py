"""Pieces of a phrase, and how strangers draw their neighbours in.

A stranger that runs into a word belongs to that word: 新形产业用地 is no 产业用地, and 最好带方案 no 带方案. The two
become one piece that was not understood. What stands apart stands for itself: of “cheap standard land” only “cheap” is
strange.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from landmap.query.phrase.tape import Find, Tape
from landmap.query.phrase.text import han, latin
from landmap.query.phrase.vocabulary import rows

#: A word this short may be the beginning of another one when something strange runs on: 工业 of 工业园区.
_SHORT: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Some tokens of the phrase, ``start`` to ``end``, and what became of them.

    `finds` is empty for a piece that says nothing or was not understood; then `fault` tells why, empty for nothing.
    `open` marks a stranger that a word may follow; `hint` says what is allowed.
    """

    start: int
    end: int
    finds: tuple[Find, ...] = ()
    fault: str = ""
    open: bool = False
    hint: str = ""


def join(tape: Tape, made: list[Piece], piece: Piece) -> None:
    """Add a piece; one that a stranger runs into becomes strange with it."""
    if not made:
        made.append(piece)
        return
    before = made[-1]
    glued = tape.glued(piece.start)
    runs_on = glued and bool(piece.finds) and before.fault != "" and before.open
    names_it = bool(piece.finds) and before.open and not glued and _quantity_before(tape, before, piece)
    cut = glued and piece.fault == "unknown" and bool(before.finds) and _short(tape, before) and not _leads(tape, piece)
    if runs_on or names_it or cut:
        made[-1] = Piece(before.start, piece.end, fault="unknown", open=cut)
    else:
        made.append(piece)


def _quantity_before(tape: Tape, before: Piece, piece: Piece) -> bool:
    """Whether a stranger that stands apart before a limit is what it is about: 净高 4米以上, depth at least 5 m."""
    text = tape.phrase.text[tape.at(before.start).start : tape.at(before.end - 1).end]
    if not piece.finds[0].side or tape.at(piece.start).stop:
        return False
    return latin(text[-1]) or text.endswith(_quantities())


def _quantities() -> tuple[str, ...]:
    return next(zh for role, _, zh, _ in rows() if role == "quantity")


def _short(tape: Tape, piece: Piece) -> bool:
    start, end = tape.at(piece.start).start, tape.at(piece.end - 1).end
    return not piece.finds[0].side and end - start <= _SHORT and han(tape.phrase.text[end - 1])


def _leads(tape: Tape, piece: Piece) -> bool:
    """Whether a stranger is followed by a number, so that it names a quantity of its own."""
    at = piece.end
    while at < piece.end + 8 and tape.at(at).stranger and tape.glued(at):
        at += 1
    token = tape.at(at)
    return token.number is not None or any(
        token.sense(role, "prefix") for role in ("at_least", "at_most", "above", "below")
    )


def _merged(tape: Tape, made: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces, strange neighbours as one: runs of Chinese without a blank, and words of a Latin phrase."""
    held: Piece | None = None
    for piece in made:
        if held is not None and held.fault and piece.fault and _together(tape, held, piece):
            faults = {held.fault, piece.fault}
            same = held.fault if len(faults) == 1 else "not" if "not" in faults else "unknown"
            held = Piece(held.start, piece.end, fault=same)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def merged(tape: Tape, made: list[Piece]) -> list[Piece]:
    """Return the pieces, strange neighbours as one.

    Latin strangers take the small words before them and the noun behind along: with a sea view, standrad land.
    """
    out: list[Piece] = []
    for piece in _merged(tape, made):
        before = out[-1] if out else None
        if before is not None and before.fault == "unknown" and _noun(tape, before, piece):
            out[-1] = replace(before, end=piece.end)
            continue
        while piece.fault and out and not (out[-1].finds or out[-1].fault) and _small(tape, out[-1], piece):
            piece = replace(piece, start=out.pop().start)
        out.append(piece)
    return out


def _noun(tape: Tape, before: Piece, piece: Piece) -> bool:
    """Whether a piece that says nothing belongs to the stranger before it: standrad land, 标准 and its 地."""
    if piece.finds or piece.fault or not tape.is_a(piece.start, "filler"):
        return False
    return tape.glued(piece.start) or _latin_neighbours(tape, before, piece)


def _small(tape: Tape, before: Piece, piece: Piece) -> bool:
    """Whether a piece that says nothing belongs to the stranger behind it: with a sea view."""
    if _latin_neighbours(tape, before, piece):
        return tape.is_a(before.start, "light")
    return tape.is_a(before.start, "filler") and tape.glued(piece.start) and _single(tape, before)


def _single(tape: Tape, piece: Piece) -> bool:
    """Whether a piece is one Chinese character."""
    token = tape.at(piece.start)
    return token.end - token.start == 1 and han(tape.phrase.text[token.start])


def _latin_neighbours(tape: Tape, before: Piece, piece: Piece) -> bool:
    text = tape.phrase.text
    return latin(text[tape.at(before.end - 1).end - 1]) and latin(text[tape.at(piece.start).start])


def _together(tape: Tape, before: Piece, piece: Piece) -> bool:
    if tape.glued(piece.start) or not tape.at(piece.start).blank:
        return True
    return _latin_neighbours(tape, before, piece)
