"""Snapshots on disk: immutable versions, published whole, verified before they are served.

What writes is loaded at its first use: a server that only reads starts without pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from landmap.store.current import Change, CurrentWatcher, changes, open_current, open_version
from landmap.store.fates import Fate, fate_of
from landmap.store.home import Home
from landmap.store.manifest import app_version
from landmap.store.snapshot import Snapshot

if TYPE_CHECKING:
    from landmap.store.blobs import put_blob, read_blob
    from landmap.store.canonical import check_frame
    from landmap.store.compare import LayerDiff
    from landmap.store.entries import Sidecar
    from landmap.store.geodiff import diff_features
    from landmap.store.mending import mend
    from landmap.store.modes import MODES, Delivery, Mode
    from landmap.store.plan import Decisions, LayerPlan, Renumbering
    from landmap.store.plans import planned
    from landmap.store.publishing import Derivation, current_base, publish
    from landmap.store.soundness import Trouble, troubles
    from landmap.store.staging import Staged, stage, staged, unstage
    from landmap.store.unplaced import (
        Unplaced,
        WaitingRow,
        WaitingShape,
        forget_unplaced,
        keep_unplaced,
        unplaced_stamp,
        waiting,
    )
    from landmap.store.versions import Diff, Version, diff, diff_staged, history, rollback

__all__ = [
    "MODES",
    "Change",
    "CurrentWatcher",
    "Decisions",
    "Delivery",
    "Derivation",
    "Diff",
    "Fate",
    "Home",
    "LayerDiff",
    "LayerPlan",
    "Mode",
    "Renumbering",
    "Sidecar",
    "Snapshot",
    "Staged",
    "Trouble",
    "Unplaced",
    "Version",
    "WaitingRow",
    "WaitingShape",
    "app_version",
    "changes",
    "check_frame",
    "current_base",
    "diff",
    "diff_features",
    "diff_staged",
    "fate_of",
    "forget_unplaced",
    "history",
    "keep_unplaced",
    "mend",
    "open_current",
    "open_version",
    "planned",
    "publish",
    "put_blob",
    "read_blob",
    "rollback",
    "stage",
    "staged",
    "troubles",
    "unplaced_stamp",
    "unstage",
    "waiting",
]

_WRITERS: Final = {
    "blobs": ("put_blob", "read_blob"),
    "canonical": ("check_frame",),
    "compare": ("LayerDiff",),
    "entries": ("Sidecar",),
    "geodiff": ("diff_features",),
    "versions": ("Diff", "Version", "diff", "diff_staged", "history", "rollback"),
    "mending": ("mend",),
    "modes": ("MODES", "Delivery", "Mode"),
    "plan": ("Decisions", "LayerPlan", "Renumbering"),
    "plans": ("planned",),
    "publishing": ("Derivation", "current_base", "publish"),
    "soundness": ("Trouble", "troubles"),
    "staging": ("Staged", "stage", "staged", "unstage"),
    "unplaced": (
        "Unplaced",
        "WaitingRow",
        "WaitingShape",
        "forget_unplaced",
        "keep_unplaced",
        "unplaced_stamp",
        "waiting",
    ),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _WRITERS.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{home}"), name)
    # A module that is called like one of its names would stand in its place from now on.
    globals()[name] = found
    return found
