"""What fields and codes are called in a message: people read labels, not the names that programs use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Lang, Layer, code_lists, layer_named
from landmap.ingest.planning import BOUNDS

#: Words of a message that name fields (several apart by a comma), and those that hold a code of such a field.
_FIELDS: Final = ("field", "fields", "when")
_CODES: Final[Mapping[str, str]] = MappingProxyType({"is": "when"})
#: The findings whose value is one of ours, not one of the file's.
_OWN_VALUES: Final = frozenset({"filled_default"})
_LISTED: Final = "、"
_COMMA: Final[Mapping[Lang, str]] = MappingProxyType({"zh": _LISTED, "en": ", "})
#: How the label of a figure's lower side ends.
_LOWER: Final[Mapping[Lang, str]] = MappingProxyType({"zh": "下限", "en": ", min."})


def in_words(code: str, words: Mapping[str, Any], about: str | None, lang: Lang) -> dict[str, Any]:
    """Return the words of a finding with fields and codes of the layer `about` by their labels.

    Examples
    --------
    >>> in_words("needed_missing", {"field": "conclusion", "when": "status", "is": "done"}, "site_assessments", "en")
    {'field': 'Conclusion', 'when': 'Status', 'is': 'Done'}
    """
    if about is None:
        return dict(words)
    layer, told = layer_named(about), dict(words)
    coded = dict(_CODES) | ({"value": "field"} if code in _OWN_VALUES else {})
    for name, of in coded.items():
        if isinstance(words.get(name), str) and isinstance(words.get(of), str):
            told[name] = _code(layer, words[of], words[name], lang)
    for name in _FIELDS:
        if isinstance(words.get(name), str):
            told[name] = _COMMA[lang].join(_label(layer, one, lang) for one in words[name].split(_LISTED))
    return told


def _label(layer: Layer, name: str, lang: Lang) -> str:
    field = layer.fields.get(name)
    return _figures(lang).get(name.removeprefix("planning_raw."), name) if field is None else field.label(lang)


def _code(layer: Layer, field: str, code: str, lang: Lang) -> str:
    found = code_lists().get(layer.fields[field].codes, {}).get(code) if field in layer.fields else None
    return code if found is None else found.label(lang)


@cache
def _figures(lang: Lang) -> Mapping[str, str]:
    """Return what the planning figures are called that one text tells both sides of."""
    fields = layer_named("parcels").fields
    found = {name: fields[bound.minimum].label(lang).removesuffix(_LOWER[lang]) for name, bound in BOUNDS.items()}
    return MappingProxyType(found | {bound.key: found[name] for name, bound in BOUNDS.items()})
