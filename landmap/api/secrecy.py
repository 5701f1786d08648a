"""What an answer behind a link tells caches, crawlers and other sites: nothing. Source: W3C capability URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECRET: Final[Mapping[str, str]] = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
