"""Forms are taken from our own pages only: a secret in a cookie that other sites cannot send, said again in the form.

Three walls, each enough alone: the cookie is ``SameSite=Strict``; the form repeats it, which no other site can read;
and a browser that says where a form came from must name us.

Source: OWASP ASVS 5.0 (3.5.1), trust model T15.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final

from fastapi import Request, Response

from landmap.api.admin.told import ForgedError
from landmap.api.origin import from_elsewhere

COOKIE: Final = "landmap_form"
#: The name of the hidden field.
FIELD: Final = "form_token"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z", re.ASCII)
_MADE: Final = "landmap.form_token"


def token_of(request: Request) -> str:
    """Return the secret of this browser, a new one where it has none; `remember` hands that out."""
    made: str | None = request.scope.get(_MADE)
    held = made or request.cookies.get(COOKIE, "")
    if not _TOKEN.match(held):
        held = request.scope[_MADE] = secrets.token_urlsafe(32)
    return held


def remember(request: Request, response: Response) -> None:
    """Put the secret into the browser when it was made for this page."""
    made = request.scope.get(_MADE)
    if made is not None:
        set_cookie(request, response, COOKIE, made)


def set_cookie(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def refuse_elsewhere(request: Request) -> None:
    """Raise unless the browser holds the secret, and says of no other site that it sent this.

    Raises
    ------
    ForgedError
        Before a byte of the form is read.
    """
    if from_elsewhere(request):
        raise ForgedError("admin.refused.elsewhere")
    if not _TOKEN.match(request.cookies.get(COOKIE, "")):
        raise ForgedError("admin.refused.no_token")


def refuse_unsaid(request: Request, said: str) -> None:
    """Raise ForgedError unless the form repeats the secret."""
    if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), said.encode("utf-8", "replace")):
        raise ForgedError("admin.refused.no_token")
