"""The page of the search box: what a typed text led to, for readers without script."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from landmap import render
from landmap.api.answers import REVALIDATE, etag_of, fresh
from landmap.api.deps import lang_of, pairs_of, state_of
from landmap.api.params import only, read_lang
from landmap.api.routers.pages import HTML
from landmap.api.routers.phrases import SUGGESTED, layer_of, told
from landmap.api.state import today
from landmap.domain import deadline, layer_named
from landmap.query import criteria_class
from landmap.render import cards

#: How many records the page lists, and how much of a text is looked up as a name.
LISTED: Final = 20
NAME_MAX: Final = 100

router = APIRouter(tags=["pages"])


@router.get("/find", include_in_schema=False)
def find(request: Request) -> Response:
    """Answer what a text asks for and which names it may mean."""
    given = only(pairs_of(request), ("text", "layer", "lang"))
    lang = read_lang("lang", given["lang"]) if "lang" in given else lang_of(request)
    layer, text = layer_of(given), given.get("text", "")
    state = state_of(request)
    catalog, words = state.holder.current(), state.words[lang]
    etag = etag_of("find", catalog.snapshot_id, state.audience.key, today(catalog), lang, layer, text)
    held = fresh(request, etag)
    if held is not None:
        return held
    reading = told(catalog, text, layer, state.audience, lang)
    criteria = catalog.phrases.read(text, layer, state.audience).criteria
    asked = criteria if criteria.active() else criteria_class(layer)()
    selection = catalog.engine.select(layer, asked, state.audience, today=today(catalog))
    shown = selection.page(None, LISTED).records if criteria.active() else ()
    found = catalog.names.suggest(text[:NAME_MAX], state.audience, lang, layer=layer, limit=SUGGESTED)
    page = render.map.find_page(
        reading=reading,
        total=selection.total,
        cards=[cards.card(one, layer_named(layer), words, catalog) for one in deadline.in_time(shown)],
        suggestions=found.as_dict(),
        words=words,
        district=catalog.district,
        audience_level=state.settings.audience.key,
    )
    return Response(page, media_type=HTML, headers={"ETag": etag, "Cache-Control": REVALIDATE})
