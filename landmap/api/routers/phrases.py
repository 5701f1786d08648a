"""What people type: phrases read into criteria, and names looked up, under the policy of every other answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from landmap.api import openapi
from landmap.api.answers import unless_held
from landmap.api.deps import lang_of, pairs_of, state_of
from landmap.api.openapi import Note
from landmap.api.params import Pairs, only, read_lang, read_limit
from landmap.domain import Audience, Lang, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query import SPOKEN, Catalog, Reading

SUGGESTED: Final = 5


def router() -> APIRouter:
    """Return the routes of phrases and names."""
    made = APIRouter(prefix="/api", tags=["search"])
    for layer in SPOKEN:
        _add_phrase(made, layer)
    note = Note(params=("text", "layer", "limit", "lang"), answer="suggestions")
    made.add_api_route(
        "/suggest", suggest, summary="Names that a text may mean", operation_id="suggest", **openapi.route(note)
    )
    return made


def _add_phrase(made: APIRouter, layer: str) -> None:
    def phrase(request: Request) -> Response:
        return read_phrase(request, layer)

    made.add_api_route(
        f"/collections/{layer}/phrase",
        phrase,
        summary=f"{layer_named(layer).label_en}: a phrase as criteria",
        operation_id=f"phrase_{layer}",
        **openapi.route(Note(params=("text", "lang"), answer="phrase")),
    )


def read_phrase(request: Request, layer: str) -> Response:
    """Answer what a phrase asks of `layer`: criteria, chips, and every part that was not understood."""
    text, lang, _ = _asked(request, pairs_of(request), ("text", "lang"))
    state = state_of(request)
    catalog = state.holder.current()
    return unless_held(request, told(catalog, text, layer, state.audience, lang))


def told(catalog: Catalog, text: str, layer: str, audience: Audience, lang: Lang) -> dict[str, Any]:
    """Return the reading of a phrase JSON-ready, with the layer that understands more of it where there is one."""
    reading = catalog.phrases.read(text, layer, audience)
    others = [catalog.phrases.read(text, other, audience) for other in SPOKEN if other != layer]
    better = next((one for one in others if one.understood and _strange(one) < _strange(reading)), None)
    return {
        **reading.as_dict(lang, catalog.district),
        "elsewhere": None if better is None else {"layer": better.criteria.layer_name, "query": better.query},
    }


def _strange(reading: Reading) -> int:
    return sum(part.end - part.start for part in reading.not_understood)


def suggest(request: Request) -> Response:
    """Answer the records, places and criteria that a text may mean."""
    text, lang, given = _asked(request, pairs_of(request), ("text", "layer", "limit", "lang"))
    layer = layer_of(given)
    limit = read_limit("limit", given["limit"]) if "limit" in given else SUGGESTED
    state = state_of(request)
    found = state.holder.current().names.suggest(text, state.audience, lang, layer=layer, limit=limit)
    return unless_held(request, {"text": text, **found.as_dict()})


def layer_of(given: Mapping[str, str]) -> str:
    """Return the layer that is asked; InvalidValueError for one that is not asked in words."""
    layer = given.get("layer", SPOKEN[0])
    if layer not in SPOKEN:
        raise InvalidValueError.of("layer", layer, "is not asked in words", f"one of {', '.join(SPOKEN)}")
    return layer


def _asked(request: Request, pairs: Pairs, names: tuple[str, ...]) -> tuple[str, Lang, dict[str, str]]:
    given = only(pairs, names)
    if "text" not in given:
        raise InvalidValueError.of("text", "", "is missing", "what was typed")
    lang = read_lang("lang", given["lang"]) if "lang" in given else lang_of(request)
    return given["text"], lang, given
