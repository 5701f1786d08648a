"""The sentence above the map: every active criterion as a phrase, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from landmap.domain import District, Lang
from landmap.query.declaration import Ask
from landmap.query.predicates import Settings
from landmap.query.values import AREA_UNITS, Area

#: How many values a phrase spells out.
_SPELT: Final = 6


def joined(phrases: Iterable[str], lang: Lang) -> str:
    """Return phrases as one sentence, without a full stop."""
    return ("，" if lang == "zh" else ", ").join(phrases)


def phrase(ask: Ask, value: Any, settings: Settings, lang: Lang, district: District | None) -> str:
    """Return one criterion in words: subject, relation, value and unit."""
    if ask.many:
        spelt = [ask.value.say(one, lang, district) for one in value[:_SPELT]]
        rest = len(value) - len(spelt)
        said = ("、" if lang == "zh" else ", ").join(spelt)
        if rest:
            said += f" 等 {len(value)} 项" if lang == "zh" else f" and {rest} more"
    else:
        said = ask.value.say(value, lang, district)
    if isinstance(ask.value, Area):
        said = f"{said} {AREA_UNITS.say(settings.area_unit, lang, district)}"
    relation = {"zh": "：", "en": ": "} if ask.verb is None else ask.verb.relation
    return f"{ask.subject(lang)}{relation[lang]}{said}"
