"""Distances to facilities: 距地铁1公里内, 1公里内有地铁, within 1 km of metro."""

from __future__ import annotations

from typing import Final

from landmap.query.phrase.measures import accepts, in_unit
from landmap.query.phrase.tape import Find, Match, Tape

#: How many kinds of facilities one distance may speak of.
KINDS_MAX: Final = 8
_FROM: Final = ("near", "prefix")


def nearby(tape: Tape, start: int) -> Match | None:
    """Return the distance that begins at `start`, or None when the tokens speak of none."""
    return _place_first(tape, start) or _distance_first(tape, start)


def _place_first(tape: Tape, start: int) -> Match | None:
    led = tape.is_a(start, *_FROM)
    at = start
    while at < start + 3 and (tape.is_a(at, *_FROM) or (at > start and tape.is_a(at, "light"))):
        at += 1
    at, kinds = _kinds(tape, at)
    if not kinds:
        return _unknown_place(tape, start, at) if led else None
    after = at
    while after < at + 3 and (tape.is_a(after, "light") or tape.is_a(after, "near")):
        after += 1
    beside = after > at and any(tape.is_a(one, "near") for one in range(at, after))
    reach = _reach(tape, after)
    if reach is None:
        return Match(after if beside else at, fault="no_distance") if led or beside else None
    end, metres, fault = reach
    end += tape.is_a(end, "near", "suffix")
    return Match(end, () if fault else tuple(Find("near", f"{kind}:{metres}") for kind in kinds), fault)


def _distance_first(tape: Tape, start: int) -> Match | None:
    at = start + 1 if tape.is_a(start, "near", "suffix") else start
    reach = _reach(tape, at)
    if reach is None:
        return None
    end, metres, fault = reach
    at = end
    while at < end + 4 and (tape.is_a(at, "light") or tape.is_a(at, "near")):
        at += 1
    at, kinds = _kinds(tape, at)
    if not kinds:
        strange = tape.is_a(start, "within") or any(tape.is_a(one, "near", "prefix") for one in range(end, at))
        return Match(_strangers(tape, at), fault="place") if strange and tape.at(at).stranger else None
    if _reach(tape, at) is not None:
        return None
    return Match(at, () if fault else tuple(Find("near", f"{kind}:{metres}") for kind in kinds), fault)


def _kinds(tape: Tape, start: int) -> tuple[int, list[str]]:
    """Return the kinds named from `start`, joined by 和 or 、, and where they end."""
    kinds: list[str] = []
    at = end = start
    while len(kinds) < KINDS_MAX:
        sense = tape.at(at).sense("facility")
        if sense is None:
            break
        kinds.append(sense.key)
        end = at + 1
        if not tape.is_a(end, "and"):
            break
        at = tape.past_light(end + 1)
    return end, kinds


def _reach(tape: Tape, start: int) -> tuple[int, str, str] | None:
    """Return where a distance ends, its metres, and why it cannot be asked for; None when there is none."""
    at, fault = start, ""
    while at < start + 3:
        if tape.is_a(at, "at_least", "prefix") or tape.is_a(at, "above", "prefix"):
            fault = fault or "farther"
        elif tape.is_a(at, "about", "prefix"):
            fault = "vague"
        elif not any(tape.is_a(at, role, "prefix") for role in ("at_most", "below", "within")):
            break
        at += 1
    number = tape.at(at).number
    if number is None:
        return None
    if tape.is_a(at + 1, "range") and tape.at(at + 2).number is not None:
        end = at + 3 + tape.is_a(at + 3, "unit")
        unit = tape.at(end - 1).sense("unit")
        return (end, "", "unit") if unit is not None and accepts("m", unit.key) else None
    unit = tape.at(at + 1).sense("unit")
    known = unit is not None and accepts("m", unit.key)
    if not known and (unit is None or unit.key != "other"):
        return None
    end = at + 2
    if tape.at(end).number is not None and tape.glued(end):
        return end + 1 + tape.is_a(end + 1, "unit"), "", "unit"
    if tape.is_a(end, "range") and tape.at(end + 1).number is not None:
        return (end + 3 if tape.is_a(end + 2, "unit") else end + 2), "", "unit"
    if tape.is_a(end, "about", "suffix"):
        end, fault = end + 1, "vague"
    for role in ("beyond", "at_least", "at_most"):
        if tape.is_a(end, role, "suffix"):
            fault = fault or ("" if role == "at_most" else "farther")
            end += 1
            break
    if unit is None or not known or number.percent:
        return end, "", "unit"
    return end, str(in_unit(number, unit.key, "m")), fault


def _unknown_place(tape: Tape, start: int, at: int) -> Match | None:
    """Return the fault of a distance to what is no kind of facility: 距海边1公里内."""
    end = _strangers(tape, at)
    after = end
    while after < end + 2 and (tape.is_a(after, "light") or tape.is_a(after, "near")):
        after += 1
    reach = _reach(tape, after)
    if end == at:
        return None
    return Match(end if reach is None else reach[0], fault="place")


def _strangers(tape: Tape, start: int) -> int:
    end = start
    while end < len(tape.tokens) and (tape.at(end).stranger or tape.is_a(end, "place", "name")):
        end += 1
    return end
