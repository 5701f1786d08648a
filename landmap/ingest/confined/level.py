"""How well files from outside are kept apart from this machine, in one word."""

from __future__ import annotations

import os
from typing import Final, Literal

from landmap.domain.errors import UnavailableError
from landmap.ingest.confined import landlock, network

Level = Literal["full", "files", "none"]
#: Set to 1, files are checked in the calling process itself.
HERE: Final = "LANDMAP_CHECK_HERE"
#: Set to 1, uploads are taken although nothing confines the process that reads them.
ALLOW: Final = "LANDMAP_ALLOW_UNCONFINED"


def checks_here() -> bool:
    """Return whether files are checked in the calling process: when told so, and where processes cannot fork."""
    return os.environ.get(HERE, "") not in {"", "0"} or not hasattr(os, "fork")


def confinement() -> Level:
    """Return what the process that reads files is kept from.

    Returns
    -------
    {"full", "files", "none"}
        ``full``: it sees no file but its input and no network. ``files``: no other file. ``none``: this kernel has no
        Landlock (Linux 5.13 or newer), or files are checked in the calling process. A checking process that falls
        short of this word gives up instead of reading.
    """
    if checks_here() or landlock.abi() < 1:
        return "none"
    closed = landlock.abi() >= landlock.NET_ABI or network.can_filter() or network.can_separate()
    return "full" if closed else "files"


def require_confinement() -> None:
    """Raise UnavailableError where uploads from others may not be read: unconfined, and not allowed expressly."""
    if confinement() == "none" and os.environ.get(ALLOW, "") not in {"1", "true", "yes"}:
        raise UnavailableError(
            "files cannot be uploaded here: nothing would confine the process that reads them",
            hint=f"use a Linux kernel with Landlock (5.13 or newer), or set {ALLOW}=1 and trust every uploader",
        )
