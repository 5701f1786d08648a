"""Bytes, media types, ETags and paging links: what every list answer shares."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from landmap.resources import version

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
REVALIDATE: Final = "private, no-cache"
FOREVER: Final = "private, max-age=31536000, immutable"


@cache
def app_version() -> str:
    """Return the version of the product, part of every ETag."""
    return version()


def etag_of(*parts: object) -> str:
    """Return a strong ETag over `parts` and the product's version."""
    text = "\x1f".join(str(part) for part in (app_version(), *parts))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def fresh(request: Request, etag: str) -> Response | None:
    """Return a 304 when the caller already holds `etag`, else None."""
    held = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in held.split(",")}
    if etag in tags or "*" in tags:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": REVALIDATE})
    return None


def answer(
    body: bytes,
    media_type: str,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
    cache: str = REVALIDATE,
) -> Response:
    """Return `body` as it is."""
    fixed = {"Cache-Control": cache, **({"ETag": etag} if etag else {}), **(headers or {})}
    return Response(body, media_type=media_type, headers=fixed)


def json_answer(value: Any, etag: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Return `value` as JSON; NumPy numbers and arrays are numbers and lists, NaN is null."""
    return answer(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY), JSON, etag, headers)


def unless_held(request: Request, value: Any) -> Response:
    """Return `value` as JSON under the ETag of its own bytes; for small answers that cost less than their key."""
    body = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    etag = etag_of(hashlib.sha256(body).hexdigest())
    return fresh(request, etag) or answer(body, JSON, etag)


def address(request: Request, pairs: Sequence[tuple[str, str]] = (), path: str | None = None) -> str:
    """Return a root-relative address; the Host header is never repeated in an answer."""
    root = request.scope.get("root_path", "")
    query = urlencode(list(pairs), safe=":,()")
    return f"{root}{path or request.url.path}{'?' if query else ''}{query}"


def link_header(links: Mapping[str, str]) -> dict[str, str]:
    """Return a ``Link`` header (RFC 8288) for relation to address."""
    return {"Link": ", ".join(f'<{href}>; rel="{rel}"' for rel, href in links.items())}
