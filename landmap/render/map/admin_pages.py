"""The steward's pages: one frame around templates of ``web/templates/admin``, with a living map where one is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from landmap.domain import District, Words
from landmap.render.map.onemap import OneMap
from landmap.render.map.page import Page
from landmap.render.map.pages import banner_of, common


def admin_page(
    template: str,
    *,
    title: str,
    words: Words,
    district: District,
    audience_level: str,
    old_version: str = "",
    context: Mapping[str, Any],
    map: OneMap | None = None,
) -> str:
    """Return a page of the steward, without any inline script or style.

    Parameters
    ----------
    template : str
        Path below ``web/templates``; it extends ``admin/base.html``.
    title : str
        Plain text.
    words, district, audience_level, old_version
        As for `workspace_page`.
    context : mapping
        What the template shows; every text in it is escaped there.
    map : OneMap, optional
        Made with ``assets="linked"``; it stands where the template says ``{{ html|safe }}``.
    """
    shown = {
        **common(words, district, audience_level),
        **banner_of(words, audience_level, old_version),
        "heading": title,
        **context,
    }
    name = f"{title} · {words('page.top.product')}"
    made = Page(title=name, lang=words.lang, assets="linked", template=template, context=shown)
    if map is not None:
        made.add_child(map, name=map.get_name())
    return made.render()
