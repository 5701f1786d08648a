"""The letters of SVG: numbers as short as they can be, and text that stays text."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

#: What XML 1.0 cannot hold, and the marks that would turn the reading direction of a whole map.
_LEFT_OUT: Final = dict.fromkeys(
    (
        *range(9),
        11,
        12,
        *range(14, 32),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        0xFFFE,
        0xFFFF,
    )
)


def number(value: float) -> str:
    """Return a drawing coordinate as short as it can be, never as ``-0``.

    Examples
    --------
    >>> number(12.0), number(-0.0), number(0.25)
    ('12', '0', '0.25')
    """
    return f"{value + 0.0:g}" if abs(value) < 100_000 else f"{value:.1f}"


def text_of(text: str) -> str:
    r"""Return `text` as XML text; characters that XML cannot hold are left out.

    Examples
    --------
    >>> text_of('<b>&"\x00')
    '&lt;b&gt;&amp;&quot;'
    """
    held = text.translate(_LEFT_OUT).encode("utf-8", "ignore").decode("utf-8")
    return escape(held, {'"': "&quot;", "'": "&#39;"})
