"""The pages people open: workspace, record, link, problem. Data reaches a page as escaped text or as one JSON block."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from landmap.domain import LANGS, District, Lang, Level, Words, land_use
from landmap.render.map.onemap import Bounds, OneMap
from landmap.render.map.page import Page

#: What the workspace shows when its address says nothing.
FIRST_VIEW: Final = "preset=industrial_land"

#: Sort orders on offer by layer: value for the server (empty: the server's own order), key of the label.
SORTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "parcels": (
        ("-area_m2", "page.sort.area_down"),
        ("area_m2", "page.sort.area_up"),
        ("parcel_no", "page.sort.number"),
        ("-data_as_of", "page.sort.newest"),
    ),
    "buildings": (
        ("-available_area_m2", "page.sort.available_down"),
        ("rent_min_cny_m2_day", "page.sort.rent_up"),
        ("-gross_floor_area_m2", "page.sort.gross_down"),
        ("building_name", "page.sort.name"),
        ("-data_as_of", "page.sort.newest"),
    ),
}

#: The modules of the workspace, named in its head so that the browser fetches them at once.
WORKSPACE_MODULES: Final = (
    *(f"map/{name}.js" for name in ("boot", "index", "make", "feature_layer", "basemap", "legend", "source", "styles")),
    *(f"map/{name}.js" for name in ("hit", "labels", "popup", "canvas_tiles", "frame")),
    *(
        f"js/{name}.js"
        for name in ("album", "api", "chips", "controls", "detail", "filters", "histogram", "legend", "list")
    ),
    *(f"js/{name}.js" for name in ("map_view", "phone", "phrase", "state", "tree", "words", "copy", "link")),
)


@dataclass(frozen=True)
class ShareView:
    """What a link says of itself; every text is shown as text."""

    title: str
    note: str
    sender: str
    created_on: dt.date
    expires_on: dt.date


def workspace_page(
    map: OneMap,
    *,
    words: Words,
    district: District,
    lang: Lang | None = None,
    audience_level: str = "public",
    version: str = "",
    old_version: str = "",
    config: Mapping[str, Any] | None = None,
) -> str:
    """Return the officer workspace.

    Parameters
    ----------
    map : OneMap
        Made by `one_map` with ``assets="linked"``, ``popup=False`` and ``controls=("zoom", "scale")``.
    words : Words
        The dictionary of the page's language.
    district : District
    lang : {"zh", "en"}, optional
        Taken from `words`.
    audience_level : str
        Key of the level, such as ``officer``; anything but ``public`` puts a banner on the page.
    version : str
        Snapshot id.
    old_version : str
        What names the version and its day when it is an old one, opened to be read; it stands in the banner.
    config : mapping, optional
        Further entries for the page's scripts, JSON-ready; they win over the page's own.

    Returns
    -------
    str
        HTML without any inline script or style.
    """
    language = lang or words.lang
    shown = {
        **common(words, district, audience_level),
        "modules": WORKSPACE_MODULES,
        "steward": Level.named(audience_level) >= Level.STEWARD,
        **banner_of(words, audience_level, old_version),
        "config": {**_config(words, district, language, audience_level, version), **(config or {})},
    }
    title = f"{words('page.top.product')} · {district.name(language)}"
    return _rendered(map, "workspace.html", title, language, shown)


def record_page(
    map: OneMap | None,
    *,
    sheet: Mapping[str, Any],
    words: Words,
    district: District,
    audience_level: str = "public",
    old_version: str = "",
    drawing: str = "",
    bounds: Bounds | None = None,
) -> str:
    """Return the permanent page of one parcel or building, readable without script.

    Parameters
    ----------
    map : OneMap or None
        The living map, made with ``assets="linked"``; None leaves only the drawing.
    sheet : mapping
        The answer of ``/items/{id}/sheet``.
    drawing : str
        A map as SVG; shown as a picture, so that nothing in it can act.
    bounds : (west, south, east, north), optional
        What the living map shows when opened.
    words, district, audience_level, old_version
        As for `workspace_page`.
    """
    shown = {
        **common(words, district, audience_level),
        "sheets": [sheet],
        "share": None,
        "picture": _picture(drawing),
        "bounds": bounds,
        "chosen": sheet["id"],
        **banner_of(words, audience_level, old_version),
    }
    return _rendered(map, "parcel.html", f"{sheet['title']} · {words('page.top.product')}", words.lang, shown)


def share_page(
    map: OneMap | None,
    *,
    share: ShareView,
    sheets: Sequence[Mapping[str, Any]],
    words: Words,
    district: District,
    drawing: str = "",
    bounds: Bounds | None = None,
) -> str:
    """Return the page behind a link: who sent it, until when, the chosen records, whom to call.

    Parameters are those of `record_page`; `sheets` holds one sheet per chosen record, in the sender's order, made for
    the audience of the link.
    """
    shown = {
        **common(words, district, "public"),
        "sheets": list(sheets),
        "share": share,
        "picture": _picture(drawing),
        "bounds": bounds,
        "chosen": sheets[0]["id"] if len(sheets) == 1 else "",
        "audience": "",
        "banner": "",
    }
    title = share.title or words("page.share.untitled")
    return _rendered(map, "share.html", f"{title} · {words('page.top.product')}", words.lang, shown)


def find_page(
    *,
    reading: Mapping[str, Any],
    total: int,
    cards: Sequence[Mapping[str, Any]],
    suggestions: Mapping[str, Sequence[Mapping[str, str]]],
    words: Words,
    district: District,
    audience_level: str = "public",
) -> str:
    """Return what a typed text led to, readable without script: criteria, records, names, and what was not understood.

    Parameters
    ----------
    reading : mapping
        The answer of ``/phrase``.
    total : int
        How many records the criteria leave.
    cards : sequence of mapping
        The first of them.
    suggestions : mapping
        The answer of ``/api/suggest``: groups of records, places and criteria.
    words, district, audience_level
        As for `workspace_page`.
    """
    lang = words.lang
    groups = [
        {"label": words(f"page.find.{name}"), "found": [{**one, "href": _where(one, lang)} for one in found]}
        for name, found in suggestions.items()
        if found
    ]
    elsewhere = reading["elsewhere"] or {}
    shown = {
        **common(words, district, audience_level),
        **banner_of(words, audience_level, ""),
        "reading": reading,
        "strange": [*reading["not_understood"], *reading["contradictions"], *reading["notes"]],
        "elsewhere": urlencode({"text": reading["text"], "layer": elsewhere.get("layer", ""), "lang": lang}),
        "map": f"layer={reading['layer']}&{reading['query']}&lang={lang}",
        "total": total,
        "cards": cards,
        "groups": groups,
    }
    return _rendered(None, "find.html", f"{words('page.find.title')} · {words('page.top.product')}", lang, shown)


def _where(suggestion: Mapping[str, str], lang: Lang) -> str:
    """Return the address of a suggestion: its page, or the map with what it asks for."""
    if suggestion["id"]:
        return f"/{suggestion['layer']}/{quote(suggestion['id'], safe='')}?lang={lang}"
    return f"/?layer={suggestion['layer']}&{suggestion['query']}&lang={lang}"


def problem_page(*, status: int, title: str, detail: str = "", words: Words, district: District | None = None) -> str:
    """Return the page of an error that a person sees: what happened, what to do, where to go."""
    shown = {**common(words, district, "public"), "status": status, "headline": title, "detail": detail}
    return _rendered(None, "error.html", title, words.lang, shown)


def gone_page(*, words: Words, district: District) -> str:
    """Return the one page of every link that leads nowhere: it does not tell whether there ever was one."""
    return _rendered(None, "gone.html", words("page.gone.title"), words.lang, common(words, district, "public"))


def _rendered(map: OneMap | None, template: str, title: str, lang: Lang, context: Mapping[str, Any]) -> str:
    page = Page(title=title, lang=lang, assets="linked", template=template, context=context)
    if map is not None:
        page.add_child(map, name=map.get_name())
    return page.render()


def banner_of(words: Words, audience_level: str, old_version: str) -> dict[str, str]:
    """Return what stands above a page that is not what the public sees today."""
    told = [words("page.old.banner", version=old_version)] if old_version else []
    told += [words("page.audience.banner")] if audience_level != "public" else []
    return {"audience": words(f"page.audience.{audience_level}"), "banner": " ".join(told)}


def common(words: Words, district: District | None, audience_level: str) -> dict[str, Any]:
    """Return what every page shows: its words, the district and its office, and the marks a map must bear."""
    lang = words.lang
    return {
        "t": words,
        "other_lang": next(other for other in LANGS if other != lang),
        "lang_code": lang,
        "district_name": district.name(lang) if district else "",
        "contact": _contact(district, lang) if district else {},
        "sample": (district.notice(lang) or "") if district and district.sample else "",
        "approval": _approval(words, district, audience_level),
        "notice": words("page.mark.notice"),
    }


def _contact(district: District, lang: Lang) -> dict[str, str]:
    contact = district.contact
    return {
        "office": contact.office_zh if lang == "zh" else contact.office_en or contact.office_zh,
        "phone": contact.phone,
        "address": contact.address_zh if lang == "zh" else contact.address_en or contact.address_zh,
    }


def _approval(words: Words, district: District | None, audience_level: str) -> str:
    if district and district.map_approval_no:
        return words("page.mark.approved", no=district.map_approval_no)
    sketch = district is not None and district.sample and audience_level == "public"
    return words("page.mark.unapproved" if sketch else "page.mark.internal")


def _config(words: Words, district: District, lang: Lang, audience_level: str, version: str) -> dict[str, Any]:
    return {
        "lang": lang,
        "version": version,
        "audience": audience_level,
        "first": FIRST_VIEW,
        "district": {"code": district.code, "name": district.name(lang), "bounds": list(district.extent)},
        "sorts": {
            layer: [{"value": value, "label": words(key)} for value, key in orders] for layer, orders in SORTS.items()
        },
        "landUse": [
            {
                "code": one.code,
                "label": one.name_zh if lang == "zh" else one.name_en,
                "colour": land_use.colour(one.code),
            }
            for one in land_use.classes().values()
        ],
        "words": {key: text for key, text in words.entries.items() if key.startswith("page.")},
    }


def _picture(svg: str) -> str:
    """Return an SVG as an address that an ``<img>`` shows; inside one no script runs and nothing is fetched."""
    if not svg:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
