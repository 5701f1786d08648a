"""Snapshots on disk: immutable versions, published whole, verified before they are served.

What writes is loaded at its first use: a server that only reads starts without pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from landmap.store.current import Change, CurrentWatcher, changes, open_current, open_version
from landmap.store.home import Home
from landmap.store.manifest import app_version
from landmap.store.snapshot import Snapshot

if TYPE_CHECKING:
    from landmap.store.canonical import check_frame
    from landmap.store.publishing import Derivation, Sidecar, publish
    from landmap.store.staging import Staged, stage, staged, unstage
    from landmap.store.versions import Diff, LayerDiff, Version, diff, history, rollback

__all__ = [
    "Change",
    "CurrentWatcher",
    "Derivation",
    "Diff",
    "Home",
    "LayerDiff",
    "Sidecar",
    "Snapshot",
    "Staged",
    "Version",
    "app_version",
    "changes",
    "check_frame",
    "diff",
    "history",
    "open_current",
    "open_version",
    "publish",
    "rollback",
    "stage",
    "staged",
    "unstage",
]

_WRITERS: Final = {
    "canonical": ("check_frame",),
    "versions": ("Diff", "LayerDiff", "Version", "diff", "history", "rollback"),
    "publishing": ("Derivation", "Sidecar", "publish"),
    "staging": ("Staged", "stage", "staged", "unstage"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _WRITERS.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
