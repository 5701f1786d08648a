"""Limits of quantities: 50亩以上, 容积率不低于2.0, 30到60亩, between 30 and 60 mu, at least 50 parking spaces.

A number is bound to a quantity that is named beside it, or that its unit can only mean; it is never bound by guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from landmap.query.declaration import Declaration
from landmap.query.phrase.measures import BARE, MU_IN, accepts, in_unit, tidy
from landmap.query.phrase.numerals import Numeral
from landmap.query.phrase.tape import Find, Match, Tape

#: What may stand before a number: which side it limits, and whether the limit itself is left out.
_SIDES: Final = {"at_least": ("min", False), "above": ("min", True), "at_most": ("max", False), "below": ("max", True)}
_PREFIXES_MAX: Final = 4
#: Square kilometres are asked for in hectares.
_HA_PER_KM2: Final = 100


@dataclass
class _Said:
    """What stands written of one limit, before anything is concluded from it."""

    subject: str = ""
    side: str = ""
    strict: bool = False
    vague: bool = False
    low: Numeral | None = None
    high: Numeral | None = None
    units: list[str] = field(default_factory=list)
    between: bool = False
    clash: bool = False


def limit(tape: Tape, start: int) -> Match | None:
    """Return the limit that begins at `start`, or None when the tokens speak of none.

    The first of two limits may leave the unit to the second: 大于30小于60亩.
    """
    found = _one(tape, start)
    if found is None or found.fault != "subject":
        return found
    joined = tape.is_a(found.end, "and")
    after = tape.past_light(found.end + joined)
    if not (joined or tape.glued(after)):
        return found
    second = _one(tape, after)
    if second is None or len(second.finds) != 1:
        return found
    quantity, said = second.finds[0].name, _Said(subject=second.finds[0].name)
    at = _lead(tape, start, said)
    said.low = tape.at(at).number
    if said.low is None or _unit(tape, at + 1, said) != found.end or said.units or said.side == second.finds[0].side:
        return found
    said.units = [second.finds[0].said]
    finds, fault = _finds(tape, said, quantity) if said.side else ([], "side")
    return found if fault else Match(second.end, (*finds, *second.finds))


def _one(tape: Tape, start: int) -> Match | None:
    said = _Said()
    at = _lead(tape, start, said)
    number = tape.at(at).number
    if number is None:
        return None
    said.low = number
    end = _tail(tape, _figure(tape, at, said), said)
    trailing = "" if said.subject else _trailing(tape, end)
    finds, fault = _concluded(tape, said, trailing)
    if finds and not said.subject and trailing.removeprefix("-") == finds[0].name:
        end = tape.past_light(end) + 1
    return Match(end, tuple(finds), fault)


def _lead(tape: Tape, start: int, said: _Said) -> int:
    """Read subject and comparison before the number, in either order."""
    at = start
    while at < start + _PREFIXES_MAX:
        token = tape.at(at)
        subject = token.sense("subject")
        side = next((role for role in _SIDES if token.sense(role, "prefix")), "")
        if subject is not None and not said.subject and _measured(tape, subject.key):
            said.subject = subject.key
        elif (side and not said.side) or token.sense("between"):
            said.side, said.strict = _SIDES[side] if side else (said.side, said.strict)
            said.between = said.between or token.sense("between") is not None
        elif token.sense("about", "prefix"):
            said.vague = True
        elif at == start or not token.sense("light"):
            break
        at += 1
    return at


def _figure(tape: Tape, at: int, said: _Said) -> int:
    """Read one number or two, each with its unit."""
    end = _unit(tape, at + 1, said)
    joined = tape.is_a(end, "range") or (tape.is_a(end, "and") and (said.between or _closed(tape, end)))
    if joined and tape.at(end + 1).number is not None:
        said.high = tape.at(end + 1).number
        end = _unit(tape, end + 2, said)
    if tape.at(end).number is not None and tape.glued(end) and said.units:
        # 一亩半, 1公里500米: more than one figure, and no range.
        said.units.append("mixed")
        end = _unit(tape, end + 1, said)
    return end


def _closed(tape: Tape, at: int) -> bool:
    """Whether a range that 和 joins is closed by 之间."""
    return any(tape.is_a(one, "between", "suffix") for one in range(at + 2, at + 4))


def _unit(tape: Tape, at: int, said: _Said) -> int:
    """Read a unit; ``50+ mu`` has its sign before it."""
    if tape.is_a(at, "about", "suffix") and tape.is_a(at + 1, "unit"):
        said.vague, at = True, at + 1
    elif tape.is_a(at, "at_least", "suffix") and tape.is_a(at + 1, "unit"):
        said.side, said.strict, at = said.side or "min", False, at + 1
    unit = tape.at(at).sense("unit")
    if unit is None:
        return at
    said.units.append(unit.key)
    return at + 1


def _tail(tape: Tape, at: int, said: _Said) -> int:
    """Read what follows the number: 以上, 之间, 左右."""
    end = at
    while end < at + 3:
        token = tape.at(end)
        side = next((role for role in _SIDES if token.sense(role, "suffix")), "")
        if token.sense("about", "suffix"):
            said.vague = True
        elif token.sense("between", "suffix") and said.high is not None:
            said.between = True
        elif side and not said.side and said.high is None:
            said.side, said.strict = _SIDES[side]
        elif side and not any(token.sense(role, "prefix") for role in _SIDES):
            # 至少50亩以上 says it twice, 30-60亩以上 and 不超过50亩以上 say two things.
            said.clash = said.clash or said.high is not None or _SIDES[side][0] != said.side
        elif not token.sense("included"):
            break
        end += 1
    return end


def _trailing(tape: Tape, at: int) -> str:
    """Return the quantity that is named behind its limit, unless it has a limit of its own."""
    after = tape.past_light(at)
    subject = tape.at(after).sense("subject")
    if subject is None:
        return ""
    own = tape.past_light(after + 1)
    token = tape.at(own)
    follows = token.number is not None or any(token.sense(role, "prefix") for role in (*_SIDES, "between", "about"))
    return "" if follows or not _measured(tape, subject.key) else subject.key


def _measured(tape: Tape, quantity: str) -> bool:
    """Return whether a subject is a quantity, rather than a choice."""
    return any(declaration_of(tape, quantity, side) is not None for side in ("min", "max"))


def _concluded(tape: Tape, said: _Said, trailing: str) -> tuple[list[Find], str]:
    """Return what the words ask for, or why it cannot be told."""
    assert said.low is not None
    units = set(said.units)
    if said.vague:
        return [], "vague"
    if said.low.percent or (said.high is not None and said.high.percent):
        units.add("%")
    stems, fault = _stems(tape, said, units, trailing)
    if fault:
        return [], fault
    if said.high is None and not said.side:
        return [], "side"
    if said.clash or (said.high is not None and said.side and not said.between):
        return [], "clash"
    return _finds(tape, said, stems)


def _stems(tape: Tape, said: _Said, units: set[str], trailing: str) -> tuple[str, str]:
    """Return the quantity the number belongs to; or the reason why that is open."""
    named = said.subject or trailing
    if named:
        if fits(tape, named, units):
            return named, ""
        if said.subject:
            return "", "unit" if units or not _is_area(tape, named) else "no_unit"
    open_ = [stem for stem in _quantities(tape) if fits(tape, stem, units)] if units else []
    if "near" in tape.declared and any(accepts("m", unit) for unit in units):
        # Metres may be a height as well as a distance.
        open_.append("near")
    if tape.last and fits(tape, tape.last, units) and (not units or len(open_) > 1):
        return tape.last, ""
    if len(open_) == 1:
        return open_[0], ""
    return "", "subject" if open_ or not units else "unit"


def _quantities(tape: Tape) -> Iterator[str]:
    """Yield the quantities that the layer can be asked for, each once."""
    seen = set()
    for name, declared in tape.declared.items():
        quantity = name.removesuffix("_min").removesuffix("_max")
        if declared.kind in ("number", "area") and quantity not in seen:
            seen.add(quantity)
            yield quantity


def declaration_of(tape: Tape, quantity: str, side: str) -> Declaration | None:
    """Return the criterion of one side of a quantity, or None."""
    return tape.declared.get(f"{quantity.removeprefix('-')}_{side}")


def fits(tape: Tape, quantity: str, units: set[str]) -> bool:
    """Return whether a quantity can be said in all of `units` (none: a bare number)."""
    either = declaration_of(tape, quantity, "min") or declaration_of(tape, quantity, "max")
    if either is None:
        return False
    if either.kind == "area":
        return bool(units) and all(unit in MU_IN or unit == "km2" for unit in units)
    if quantity.startswith("-"):
        return units == {"%"} or (not units)
    return all(accepts(either.unit, unit) for unit in units or {BARE})


def _is_area(tape: Tape, quantity: str) -> bool:
    either = declaration_of(tape, quantity, "min") or declaration_of(tape, quantity, "max")
    return either is not None and either.kind == "area"


def _finds(tape: Tape, said: _Said, quantity: str) -> tuple[list[Find], str]:
    assert said.low is not None
    low, high = said.low, said.high
    units = said.units or [BARE]
    if high is None:
        made = [_find(tape, quantity, said.side, low, units[0], said)]
    else:
        if low.scale == 1 and high.scale > 1 and len(said.units) < 2 and low.mantissa < high.mantissa:
            # 1-3万平米: the scale belongs to both.
            low = Numeral(low.end, low.mantissa, high.scale, low.percent)
        made = [
            _find(tape, quantity, "min", low, units[0], said),
            _find(tape, quantity, "max", high, units[-1], said),
        ]
        if made[0] is not None and made[1] is not None and quantity.startswith("-"):
            made.reverse()
    known = [one for one in made if one is not None]
    return ([], "no_limit") if len(known) < len(made) else (known, "")


def _find(tape: Tape, quantity: str, side: str, number: Numeral, unit: str, said: _Said) -> Find | None:
    """Return one limit; None when the quantity has no criterion of that side."""
    inverse = quantity.startswith("-")
    side = {"min": "max", "max": "min"}[side] if inverse else side
    declared = declaration_of(tape, quantity, side)
    if declared is None:
        return None
    if declared.kind == "area":
        value, unit = (number.value * _HA_PER_KM2, "ha") if unit == "km2" else (number.value, unit)
        return Find(quantity, side=side, number=tidy(value), unit=unit, said=unit, strict=said.strict)
    value = in_unit(number, unit, declared.unit)
    value = tidy(100 - value) if inverse else value
    bare = unit == BARE and declared.unit not in ("", "个") and not number.percent
    return Find(quantity.removeprefix("-"), side=side, number=value, said=unit, strict=said.strict, bare=bare)
