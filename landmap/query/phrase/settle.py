"""From what a phrase asks for to criteria: limits of one quantity meet, and what contradicts itself is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from landmap.domain import District
from landmap.domain.errors import InvalidValueError
from landmap.query.declaration import Declaration
from landmap.query.phrase.measures import MU_IN, tidy
from landmap.query.phrase.tape import Find

Pairs = list[tuple[str, str]]


@dataclass
class Settled:
    """The criteria of a phrase.

    `pairs` is the query. `against` names what contradicts itself, a quantity or a criterion, and `either` what takes
    one value and was given several; neither is in `pairs`. `words` tells whether the text searched for holds several
    words, all of which must occur.
    """

    pairs: Pairs = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    either: list[str] = field(default_factory=list)
    words: bool = False


def settled(finds: Sequence[Find], declared: Mapping[str, Declaration]) -> Settled:
    """Return the criteria that `finds` come to, in the order of the form."""
    made = Settled()
    limits: dict[str, list[Find]] = defaultdict(list)
    chosen: dict[str, list[str]] = defaultdict(list)
    for find in finds:
        if find.side:
            limits[find.name].append(find)
        elif find.value not in chosen[find.name]:
            chosen[find.name].append(find.value)
    found: dict[str, list[str]] = {}
    for quantity, said in limits.items():
        _limits(quantity, said, declared, found, made)
    for name, values in chosen.items():
        if len(values) > 1 and not declared[name].repeatable:
            if name != "q":
                (made.against if declared[name].kind == "flag" else made.either).append(name)
                continue
            values, made.words = [" ".join(values)], True
        found[name] = values
    made.pairs = [(name, value) for name in declared for value in found.get(name, ())]
    return made


def _limits(
    quantity: str, said: Sequence[Find], declared: Mapping[str, Declaration], found: dict[str, list[str]], made: Settled
) -> None:
    """Add the narrowest limits of one quantity to `found`, or the quantity to what contradicts itself."""
    units = {find.unit for find in said}
    unit = units.pop() if len(units) == 1 else "mu"
    numbers = [(find, find.number if find.unit == unit else tidy(find.number * MU_IN[find.unit])) for find in said]
    least = max(((number, find.strict) for find, number in numbers if find.side == "min"), default=None)
    most = min(((number, not find.strict) for find, number in numbers if find.side == "max"), default=None)
    if least is not None and most is not None and _empty(least[0], most[0], least[1] or not most[1]):
        made.against.append(quantity)
        return
    if least is not None:
        found[f"{quantity}_min"] = [str(least[0])]
    if most is not None:
        found[f"{quantity}_max"] = [str(most[0])]
    if unit not in ("", "mu") and "area_unit" in declared:
        found["area_unit"] = [unit]


def _empty(least: Decimal, most: Decimal, strict: bool) -> bool:
    return least > most or (strict and least == most)


def impossible(finds: Sequence[Find], declared: Mapping[str, Declaration], district: District) -> str:
    """Return what the first value that no record can have should be, by the criterion's own reading; empty for none."""
    for find in finds:
        name = f"{find.name}_{find.side}" if find.side else find.name
        value, text = declared[name].ask.value, str(find.number) if find.side else find.value
        try:
            value.check(name, value.read(name, text), district)
        except InvalidValueError as error:
            low, high = declared[name].minimum, declared[name].maximum
            return error.hint or error.message if low is None or high is None else f"{low:g} – {high:g}"
    return ""
