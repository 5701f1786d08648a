"""Words that choose: 标准地, 工业用地, 甲级写字楼, 楼山街道, 用地 1001."""

from __future__ import annotations

from collections.abc import Sequence

from landmap.domain.errors import InvalidValueError
from landmap.query.land_values import presets_of
from landmap.query.phrase.lexicon import Sense
from landmap.query.phrase.tape import Find, Match, Tape

#: Criteria that name uses of land: one word may be a group of uses and a class at once, and means the same.
USES = ("preset", "land_use")


def choice(tape: Tape, start: int) -> Match | None:
    """Return the choice that begins at `start`, with the name of its criterion before it or not; None for none."""
    subject = tape.at(start).sense("subject")
    at = start
    if subject is not None and subject.key in tape.declared:
        at = tape.past_light(start + 1)
        coded = _coded(tape, at, subject.key)
        if coded is not None:
            return coded
    senses = [one for one in tape.at(at).senses if one.role == "value"]
    if at > start:
        assert subject is not None
        senses = [one for one in senses if one.key == subject.key or (subject.key in USES and one.key in USES)]
    if not senses:
        return None
    first = senses[0]
    if first.key == "land_use" and tape.is_a(at, "facility"):
        return Match(at + 1, fault="subject")
    return Match(at + 1, (Find(first.key, first.value, options=_same_uses(tape, senses)),))


def _same_uses(tape: Tape, senses: Sequence[Sense]) -> tuple[tuple[str, str], ...]:
    """Return the other criteria that mean the same use; a group of one class alone is that class."""
    if senses[0].key not in USES:
        return ()
    meant = {one.key: one.value for one in reversed(senses) if one.key in USES}
    single = {
        group.codes[0]: key
        for key, group in presets_of(tape.declared["preset"].district).items()
        if len(group.codes) == 1 and not group.new_industry
    }
    if meant.get("land_use") in single:
        meant.setdefault("preset", single[meant["land_use"]])
    for code, key in single.items():
        if meant.get("preset") == key:
            meant.setdefault("land_use", code)
    return tuple(meant.items())


def _coded(tape: Tape, at: int, name: str) -> Match | None:
    """Return a choice by its code in digits, such as 用地 1001."""
    token = tape.at(at)
    measured = any(tape.is_a(at + 1, role) for role in ("unit", "range", "at_least", "at_most", "about"))
    if token.number is None or measured or name not in ("land_use", "industry"):
        return None
    text = tape.phrase.text[token.start : token.end]
    try:
        tape.declared[name].ask.value.check(name, text, None)
    except InvalidValueError:
        return Match(at + 1, fault="impossible")
    return Match(at + 1, (Find(name, text),))
