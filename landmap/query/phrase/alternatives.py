"""Alternatives: 工业或仓储用地 asks for either, 标准地或清单全绿 cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from landmap.query.phrase.merging import Piece
from landmap.query.phrase.tape import Find, Match, Tape

#: Criteria whose repeated values must all hold, so that “or” cannot be asked.
_ALL_OF: Final = ("near", "amenity", "q")


def alternatives(tape: Tape, piece: Piece, asked: Callable[[Tape, int], Match | None]) -> Piece:
    """Take in what “or” joins: values of one criterion are alternatives; anything else cannot be asked."""
    finds, end, strange = list(piece.finds), piece.end, piece.fault != ""
    while tape.is_a(end, "or") or (tape.at(end).stop and tape.is_a(end + 1, "or")):
        after = tape.past_light(end + 1 if tape.is_a(end, "or") else end + 2)
        if tape.at(after).stop:
            break
        found = asked(tape, after)
        end = after + 1 if found is None else found.end
        strange = strange or found is None or found.fault != ""
        finds += () if found is None else found.finds
    if end == piece.end:
        return piece
    common = () if strange else _common(finds)
    return Piece(piece.start, end, common, "" if common else "or")


def _common(finds: Sequence[Find]) -> tuple[Find, ...]:
    """Return `finds` as choices of one criterion; empty when they are not."""
    if any(find.side or find.name in _ALL_OF for find in finds):
        return ()
    for name in dict.fromkeys((finds[0].name, *dict(finds[0].options))):
        spelt = [_named(find, name) for find in finds]
        if all(one is not None for one in spelt):
            return tuple(one for one in spelt if one is not None)
    return ()


def _named(find: Find, name: str) -> Find | None:
    """Return a choice as one of the criterion `name`, or None when it has no such meaning."""
    meanings = dict(reversed(((find.name, find.value), *find.options)))
    return (
        None if name not in meanings else Find(name, meanings[name], options=((find.name, find.value), *find.options))
    )


def unified(finds: list[Find]) -> list[Find]:
    """Return choices of uses as ones of a single criterion where that can be: uses of one phrase are alternatives."""
    uses = [find for find in finds if find.name in ("preset", "land_use")]
    names = dict.fromkeys(find.name for find in uses)
    if len(names) < 2:
        return finds
    for name in ("land_use", "preset"):
        spelt = {find: _named(find, name) for find in uses}
        if all(one is not None for one in spelt.values()):
            return [spelt.get(find) or find for find in finds]
    return finds
