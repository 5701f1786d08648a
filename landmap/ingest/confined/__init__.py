"""Files from outside are read in a process of their own that sees nothing else; its doors: `attach`, `check`, `marked`.

What checks is loaded at its first use: a server tells how well it confines without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from landmap.ingest.confined.level import confinement, require_confinement

if TYPE_CHECKING:
    from landmap.ingest.confined.attaching import attach
    from landmap.ingest.confined.checking import check
    from landmap.ingest.confined.joining import check_joined
    from landmap.ingest.confined.marking import marked

__all__ = ["attach", "check", "check_joined", "confinement", "marked", "require_confinement"]

_HOMES: Final = {"attach": "attaching", "check": "checking", "check_joined": "joining", "marked": "marking"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
