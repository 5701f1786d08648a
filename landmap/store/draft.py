"""A snapshot being written: beside the others, under a temporary name, until it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from landmap.store import durable
from landmap.store.manifest import files_of
from landmap.store.seal import sha256
from landmap.store.snapshot import Snapshot


@dataclass(frozen=True)
class Draft:
    """The folder a version is written into; `shared` names the files of the version before by their hash."""

    path: Path
    shared: Mapping[str, Path]

    def put(self, name: str, data: bytes) -> str:
        """Write `data` as file `name`, or link the same bytes of the version before; return their SHA-256."""
        digest = sha256(data)
        if digest in self.shared:
            self.share(name, digest)
        else:
            durable.write_file(self._place(name), data)
        return digest

    def share(self, name: str, digest: str) -> None:
        """Link the file of the version before whose hash is `digest` as file `name`."""
        durable.link_file(self.shared[digest], self._place(name))

    def adopt(self, name: str, path: Path, digest: str) -> None:
        """Link a durable file, whose SHA-256 is `digest`, as file `name`; one of the version before stands for it."""
        durable.link_file(self.shared.get(digest, path), self._place(name))

    def _place(self, name: str) -> Path:
        target = self.path / name
        with durable.told(target):
            target.parent.mkdir(exist_ok=True)
        return target


@contextmanager
def drafted(snapshots: Path, base: Snapshot | None) -> Iterator[Draft]:
    """Make an empty draft on top of `base`, whose files were verified; nothing unfinished is left afterwards."""
    path = snapshots / f"{durable.TEMPORARY}{os.getpid()}"
    held = [] if base is None else [(digest, base.path / name) for name, digest in files_of(base.manifest)]
    with durable.told(path):
        path.mkdir()
    try:
        yield Draft(path, dict(held))
    finally:
        durable.sweep(snapshots)
