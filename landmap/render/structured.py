"""Rows of fields that hold objects or lists: sides, shares, terms, services, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from landmap.domain import Lang, code_list
from landmap.render import numbers, values
from landmap.render.rows import Row, Setting, made
from landmap.render.sections import RowPlan

#: Order in which the states of the services are told, worst last, and the word of each.
_SERVICE_STATES: Final = ("yes", "partial", "no")


def sides(setting: Setting, plan: RowPlan) -> Row:
    """Return what adjoins a parcel: east, south, west, north, then whatever else is on file."""
    return made(setting, plan, _labelled(setting, setting.get(plan.fields[0]), "side"))


def conditions(setting: Setting, plan: RowPlan) -> Row:
    """Return further planning requirements, each with its name; a key outside the code list stands as it is."""
    return made(setting, plan, _labelled(setting, setting.get(plan.fields[0]), "other_condition"))


def _labelled(setting: Setting, found: Any, codes: str) -> str | None:
    if not isinstance(found, Mapping):
        return _stray(setting, found)
    known = code_list(codes)
    order = [key for key in known if key in found] + [key for key in found if key not in known]
    lang = setting.words.lang
    parts = (
        values.pair(values.code_text(codes, key, lang), values.json_text(found[key], setting.words), setting.words)
        for key in order
        if found[key] not in (None, "")
    )
    return values.listed(parts, setting.words)


def uses(setting: Setting, plan: RowPlan) -> Row:
    """Return the uses of a mixed parcel with their shares."""
    found = setting.get(plan.fields[0])
    lang = setting.words.lang
    texts = [_use(part, lang) for part in _objects(found)]
    return made(setting, plan, " + ".join(texts) or _stray(setting, found))


def _use(part: Mapping[str, Any], lang: Lang) -> str:
    text = values.land_use_text(str(part.get("code", "")), lang)
    if part.get("share_pct") is not None:
        text = f"{text} {numbers.number(part['share_pct'], 1)}%"
    if part.get("basis") is None:
        return text
    basis = values.code_text("share_basis", part["basis"], lang)
    return f"{text}（{basis}）" if lang == "zh" else f"{text} ({basis})"


def mix(setting: Setting, plan: RowPlan) -> Row:
    """Return the industries in a building with their shares."""
    found = setting.get(plan.fields[0])
    texts = [
        values.industry_text(str(part.get("code", "")), setting.words.lang)
        + ("" if part.get("share_pct") is None else f" {numbers.number(part['share_pct'], 1)}%")
        for part in _objects(found)
    ]
    return made(setting, plan, values.listed(texts, setting.words) or _stray(setting, found))


def terms(setting: Setting, plan: RowPlan) -> Row:
    """Return the land-use term of each use."""
    found = setting.get(plan.fields[0])
    lang = setting.words.lang
    texts = [
        " ".join(
            part
            for part in (
                values.code_text("term_use", one["use"], lang) if one.get("use") else "",
                "" if one.get("years") is None else numbers.quantity(one["years"], "年", lang),
            )
            if part
        )
        for one in _objects(found)
    ]
    return made(setting, plan, values.joined(filter(None, texts), setting.words) or _stray(setting, found))


def services(setting: Setting, plan: RowPlan) -> Row:
    """Return the site services grouped by state: what is there, in part, and not; a service not on file is not told."""
    found = setting.get(plan.fields[0])
    if not isinstance(found, Mapping):
        return made(setting, plan, _stray(setting, found))
    lang = setting.words.lang
    known = code_list("site_service")
    order = [key for key in known if key in found] + [key for key in found if key not in known]
    groups = []
    for state in (*_SERVICE_STATES, *sorted({str(found[key]) for key in order} - {*_SERVICE_STATES, "None"})):
        names = [values.code_text("site_service", key, lang) for key in order if found[key] == state]
        if names:
            told = values.joined(names, setting.words)
            groups.append(values.pair(values.code_text("site_service_state", state, lang), told, setting.words))
    return made(setting, plan, values.listed(groups, setting.words) or None)


def _objects(found: Any) -> Iterable[Mapping[str, Any]]:
    parts: Sequence[Any] = found if isinstance(found, list | tuple) else ()
    return [part for part in parts if isinstance(part, Mapping)]


def _stray(setting: Setting, found: Any) -> str | None:
    """Return a value of another shape than the field asks for as plain text: it is shown, never dropped."""
    return None if found in (None, "", [], {}, ()) else values.json_text(found, setting.words)
