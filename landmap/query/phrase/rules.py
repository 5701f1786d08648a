"""What a phrase asks for and what of it was not understood, piece by piece from left to right."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from landmap.query.phrase.alternatives import alternatives
from landmap.query.phrase.choices import choice
from landmap.query.phrase.limits import limit
from landmap.query.phrase.merging import Piece, join, merged
from landmap.query.phrase.nearby import nearby
from landmap.query.phrase.tape import Find, Match, Tape

#: Words that say nothing by themselves.
_QUIET: Final = ("light", "filler", "and", "place")
#: How many words a negation reaches over.
_NEGATED_MAX: Final = 12


def pieces(tape: Tape) -> list[Piece]:
    """Return the pieces of a phrase in order; together they are all of its tokens."""
    made: list[Piece] = []
    at = 0
    while at < len(tape.tokens):
        piece = _piece(tape, at)
        if piece.finds or piece.fault:
            piece = alternatives(tape, piece, _asked)
        join(tape, made, piece)
        tape.last = _quantity(piece, tape.last)
        at = piece.end
    return merged(tape, made)


def _piece(tape: Tape, at: int) -> Piece:
    token = tape.at(at)
    if token.stop:
        return Piece(at, at + 1)
    negated = _negated(tape, at) or _wished(tape, at)
    if negated is not None:
        return negated
    found = _asked(tape, at)
    if found is not None:
        return _denied(tape, Piece(at, found.end, found.finds, found.fault))
    if any(token.sense(role) for role in _QUIET) or token.sense("or"):
        return Piece(at, at + 1)
    if token.sense("facility"):
        return Piece(at, at + 1, fault="no_distance")
    return Piece(at, at + 1, fault="unknown", open=True)


def _asked(tape: Tape, at: int) -> Match | None:
    return _since(tape, at) or nearby(tape, at) or choice(tape, at) or limit(tape, at)


def _since(tape: Tape, at: int) -> Match | None:
    """Return a wish for data of a day or later: 数据 2026-01-01 以后."""
    subject = tape.at(at).sense("subject", "as_of_min")
    if subject is None:
        return None
    after = tape.past_light(at + 1)
    led = any(tape.is_a(after, role, "prefix") for role in ("at_least", "since"))
    day = tape.at(after + led).sense("day")
    if day is None:
        return None
    end = after + led + 1
    if tape.is_a(end, "since", "suffix") or tape.is_a(end, "at_least", "suffix"):
        return Match(end + 1, (Find("as_of_min", day.value),))
    return Match(end, (Find("as_of_min", day.value),) if led else (), "" if led else "side")


def _negated(tape: Tape, at: int) -> Piece | None:
    """Return what a negation makes of what follows it: the other value of a flag, or what cannot be asked."""
    if not tape.is_a(at, "not", "prefix"):
        return None
    after = tape.past_light(at + 1)
    found = None if tape.is_a(after, "not", "prefix") else _asked(tape, after)
    if found is None:
        return None
    flag = found.finds[0] if len(found.finds) == 1 else None
    joined = tape.is_a(found.end, "and") or tape.is_a(found.end, "or")
    if flag is not None and flag.value in ("true", "false") and not joined:
        return Piece(at, found.end, (replace(flag, value="false" if flag.value == "true" else "true"),))
    end = found.end
    while end < at + _NEGATED_MAX and (tape.is_a(end, "and") or tape.is_a(end, "or")):
        further = choice(tape, end + 1)
        if further is None:
            break
        end = further.end
    return Piece(at, end, fault="not")


def _wished(tape: Tape, at: int) -> Piece | None:
    """Return a preference, which no criterion can express: 最好带方案."""
    found = _asked(tape, tape.past_light(at + 1)) if tape.is_a(at, "soft", "prefix") else None
    return None if found is None else Piece(at, found.end, fault="soft")


def _denied(tape: Tape, piece: Piece) -> Piece:
    """Take in what is said behind a choice (工业用地除外, 标准地优先), unless it belongs to what follows."""
    chosen = bool(piece.finds) and not piece.finds[0].side
    if chosen and tape.is_a(piece.end, "soft", "suffix") and tape.glued(piece.end):
        further = tape.is_a(piece.end, "soft", "prefix") and _asked(tape, tape.past_light(piece.end + 1))
        return piece if further else Piece(piece.start, piece.end + 1, fault="soft")
    if not chosen or not tape.is_a(piece.end, "not", "suffix") or tape.at(piece.end).blank:
        return piece
    if tape.is_a(piece.end, "not", "prefix") and _asked(tape, tape.past_light(piece.end + 1)) is not None:
        return piece
    return Piece(piece.start, piece.end + 1, fault="not")


def _quantity(piece: Piece, last: str) -> str:
    """Return the quantity that a limit right behind this piece may go on about."""
    if piece.finds:
        return piece.finds[0].name if piece.finds[0].side else ""
    return "" if piece.fault else last
