"""Text that enters a Folium page without ever being a template: JSON blocks and ready-made markup.

branca renders an element and then compiles the result as a Jinja template a second time, so ``{{…}}`` inside data would
run in the server; popups and layer names are inserted as raw HTML, so markup inside data would run in the browser. Data
therefore travels as JSON that is neither: `script_json` leaves no character that means something to HTML or to Jinja,
and `RawElement` hands its text over without compiling it.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from branca.element import Element

_ESCAPED: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_MEANINGFUL = re.compile("[<>&\u2028\u2029\ud800-\udfff]|\\{(?=[{%#])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")


def script_json(value: Any) -> str:
    r"""Return `value` as JSON that may stand inside any HTML page or Jinja template and still means the same.

    Escaped are ``<``, ``>``, ``&``, the line separators U+2028 and U+2029, lone surrogates (which no UTF-8 file can
    hold) and every ``{`` that would open a Jinja expression, statement or comment.

    Raises
    ------
    ValueError
        For NaN or infinity, which are no JSON.

    Examples
    --------
    >>> script_json({"name": "</script>{{ 7 * 7 }}"})
    '{"name":"\\u003c/script\\u003e\\u007b{ 7 * 7 }}"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _MEANINGFUL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    return _ESCAPED.get(found) or f"\\u{ord(found):04x}"


class RawElement(Element):
    """Ready-made markup, handed over as it is: no template is ever compiled from it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "RawElement"
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """Return the text."""
        return self.text


class JsonBlock(RawElement):
    """``<script type="application/json">``: data that no browser runs.

    Parameters
    ----------
    name : str
        The block's id in the page; letters, digits, ``-`` and ``_``.
    payload : str
        What `script_json` returned.
    mark : str
        Value of ``data-landmap``, by which the page's own script finds the block.
    """

    def __init__(self, name: str, payload: str, mark: str) -> None:
        if not (_NAME.match(name) and _NAME.match(mark)):
            raise ValueError(f"{name!r} or {mark!r} is no plain name")
        super().__init__(f'<script type="application/json" id="{name}" data-landmap="{mark}">{payload}</script>')
