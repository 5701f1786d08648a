"""Who may see and do what, beside the map itself: the database, and links for those outside.

Loaded at its first use: a server is ready before anybody has opened a link.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from landmap.access.database import Database
    from landmap.access.shares import Share, Shares, scope_of

__all__ = ["Database", "Share", "Shares", "scope_of"]

_HOMES: Final = {"Database": "database", "Share": "shares", "Shares": "shares", "scope_of": "shares"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
