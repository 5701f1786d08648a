"""By which names a server that shows more than the public sees may be called.

Such a server listens on this machine alone, but every page in the officer's browser can reach it: a site whose name is
made to point at 127.0.0.1 (DNS rebinding) is then of one origin with us, reads every answer and writes as the officer.
What gives it away is the name it called: not this machine's.

Source: OWASP ASVS 5.0 (4.1.3), trust model T15 and T23.
"""

from __future__ import annotations

import ipaddress
import re
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from landmap.api.problems import problem
from landmap.domain import Level
from landmap.settings import Settings

_LOCAL: Final = "localhost"
#: A name or an address in brackets, and a port (RFC 9110, 7.2).
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?\Z")


class OwnNameOnly:
    """ASGI middleware: 403 for a request whose ``Host`` is not this machine, or the server's ``base_url``.

    A server of public records answers to any name: nobody gains by calling it another.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.anybody = settings.audience is Level.PUBLIC
        self.named = urlsplit(settings.base_url or "").hostname

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or self.anybody or self.ours(Headers(scope=scope).getlist("host")):
            await self.app(scope, receive, send)
            return
        told = "this server answers to localhost, 127.0.0.1 and its base_url only"
        refusal = problem("forbidden", HTTPStatus.FORBIDDEN, told, "/")
        await refusal(scope, receive, send)

    def ours(self, hosts: list[str]) -> bool:
        """Return whether the one ``Host`` of a request is this machine or the name in the settings."""
        found = _HOST.match(hosts[0]) if len(hosts) == 1 else None
        name = found[1].lower().strip("[]") if found else ""
        return bool(name) and (name in (_LOCAL, self.named) or _is_loopback(name))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
