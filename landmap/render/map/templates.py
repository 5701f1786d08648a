"""The Jinja environment of the page templates: everything is escaped, a missing name is an error."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from landmap.render.map.elements import script_json
from landmap.resources import web_root


@cache
def environment() -> Environment:
    """Return the environment over ``web/templates``.

    The filter ``json_block`` is the only way data reaches a script element. Templates are files of the product; nothing
    that a user or a record brought is ever compiled as one.
    """
    made = Environment(
        loader=FileSystemLoader(web_root() / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["json_block"] = json_block
    return made


def json_block(value: Any) -> Markup:
    """Return `value` as the content of an ``application/json`` script element."""
    return Markup(script_json(value))
