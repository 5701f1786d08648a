"""Snapshots on disk: immutable versions, published whole, verified before they are served."""

from landmap.store.canonical import check_frame
from landmap.store.current import Change, CurrentWatcher, changes, open_current, open_version
from landmap.store.history import Diff, LayerDiff, Version, diff, history, rollback
from landmap.store.home import Home
from landmap.store.manifest import app_version
from landmap.store.publish import Derivation, Sidecar, publish
from landmap.store.snapshot import Snapshot
from landmap.store.staging import Staged, stage, staged, unstage

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
