"""The check report as one page that carries everything: printable, without script, data only ever text."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from markupsafe import Markup

from landmap.domain import Words
from landmap.render.map.templates import environment
from landmap.render.report.content import overview
from landmap.render.report.site_map import Shapes, SiteMap, site_map
from landmap.resources import web_root

_HTML_LANG: Final = {"zh": "zh-CN", "en": "en"}


def report_html(
    report: Mapping[str, Any],
    words: Words,
    *,
    layer: str | None = None,
    shapes: Shapes | SiteMap | None = None,
    made: dt.datetime | None = None,
) -> bytes:
    """Return a check report as a self-contained HTML page.

    Parameters
    ----------
    report : Mapping
        The check report, as ``Report.as_dict`` has it, told in the language of `words`.
    words : Words
    layer : str, optional
        The layer the files are meant for: its fields are called by their labels.
    shapes : Shapes or SiteMap, optional
        What to draw on its map, or the map; without them, or with none to draw, there is no map.
    made : datetime, optional
        When the check was made, as the page says.

    Returns
    -------
    bytes
        UTF-8. The page forbids itself everything but its own style (see `content_security_policy`).
    """
    drawn = site_map(shapes, report["findings"], words) if isinstance(shapes, Shapes) else shapes
    text = (
        environment()
        .get_template("check_report.html")
        .render(
            t=words,
            lang=_HTML_LANG[words.lang],
            style=Markup(_style()),
            policy=content_security_policy(),
            made="" if made is None else f"{made:%Y-%m-%d %H:%M}",
            drawn=drawn,
            svg=None if drawn is None else Markup(drawn.svg),
            **overview(report, words, layer),
        )
    )
    return text.encode("utf-8", "replace")


@cache
def content_security_policy() -> str:
    """Return the policy under which the page works: no script, no request, its one style sheet by hash."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> str:
    return (web_root() / "static" / "css" / "report.css").read_text(encoding="utf-8")
