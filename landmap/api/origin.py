"""Whether a browser says that another site sent a request.

Source: trust model T15; Fetch Metadata (W3C), RFC 6454.
"""

from __future__ import annotations

from fastapi import Request


def from_elsewhere(request: Request) -> bool:
    """Return whether another site sent this; programs, which say nothing, did not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    ours = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
    return origin is not None and origin not in ours
