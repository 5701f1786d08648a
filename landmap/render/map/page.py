"""Page: a branca Figure that renders into our own templates, alone or with a map inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from branca.element import Element, Figure

from landmap.domain.errors import ConfigError
from landmap.render.map.elements import RawElement
from landmap.render.map.templates import environment

Assets = Literal["linked", "inline"]

STATIC: Final = "/static"
#: A policy's word for an empty list.
NOTHING: Final = "'none'"


class Page(Figure):
    """A page of ours.

    Parameters
    ----------
    title : str
        Plain text; escaped where it is printed.
    lang : str
        Language of the page, ``zh`` or ``en``.
    assets : {"linked", "inline"}
        ``linked``: the page names the files under ``/static`` and carries no script of its own, so that the strictest
        content security policy holds. ``inline``: everything stands inside, and a policy in the page itself forbids
        every request and every script but those.
    template : str
        A file of ``web/templates``; it gets the rendered parts and `context`.
    context : mapping, optional
        What the template shows; escaped there.

    Notes
    -----
    A linked page takes only landmap's own elements: a stock Folium element would bring an inline script.
    """

    def __init__(
        self,
        title: str = "",
        lang: str = "zh",
        assets: Assets = "inline",
        template: str = "map.html",
        context: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title=title, height="560px")
        self._name = "Page"
        self._id = "page"
        self.lang = lang
        self.assets = assets
        self.template = template
        self.context = dict(context or {})
        self.header._children.clear()  # our templates name the character set themselves

    @property
    def linked(self) -> bool:
        """Whether assets are named instead of carried."""
        return self.assets == "linked"

    def render(self, **kwargs: Any) -> str:
        """Return the page.

        Raises
        ------
        ConfigError
            When a linked page holds an element that needs a script inside the page.
        """
        for child in self._children.values():
            child.render(**kwargs)
        if self.linked and self.script._children:
            raise ConfigError(
                "a page with linked assets cannot hold stock Folium elements, which bring scripts of their own",
                hint="make the map with assets='inline'",
            )
        script = joined(self.script)
        parts = {
            "lang": "zh-CN" if self.lang == "zh" else self.lang,
            "title": self.title or "",
            "header": joined(self.header),
            "html": joined(self.html),
            "script": f"<script>{script}</script>" if script else "",
            "policy": self.policy(script),
            "static": STATIC,
            "linked": self.linked,
        }
        return environment().get_template(self.template).render(**self.context, **parts)

    def policy(self, script: str) -> str:
        """Return the content security policy that an inline page carries; empty when it cannot promise one.

        Every script is allowed by its hash and no request is allowed at all, so that even markup which slipped in
        could neither run nor call home. A stock Folium element loads scripts of its own: then there is no policy.
        """
        pieces = list(self.header._children.values())
        if self.linked or not all(isinstance(piece, RawElement) for piece in pieces):
            return ""
        scripts = [piece.source for piece in pieces if isinstance(piece, InlineScript)]
        hashes = " ".join(f"'sha256-{sha256(source)}'" for source in (*scripts, script) if source)
        return f"default-src 'none'; script-src {hashes or NOTHING}; style-src 'unsafe-inline'; img-src data: blob:"


class InlineScript(RawElement):
    """A script of ours that stands inside the page."""

    def __init__(self, source: str) -> None:
        super().__init__(f"<script>{source}</script>")
        self.source = source


class InlineStyle(RawElement):
    """A style sheet of ours that stands inside the page."""

    def __init__(self, source: str) -> None:
        super().__init__(f"<style>{source}</style>")


def figure_of(element: Element) -> Figure:
    """Return the figure that `element` stands in; ConfigError when it stands in none."""
    root = element.get_root()
    if not isinstance(root, Figure):
        raise ConfigError(f"{element.get_name()} stands in no figure", hint="add it to a map first")
    return root


def joined(element: Element) -> str:
    """Return what the children of `element` render to, one after the other."""
    return "\n".join(child.render() for child in element._children.values())


def sha256(text: str) -> str:
    """Return the hash of an inline script as a policy states it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
