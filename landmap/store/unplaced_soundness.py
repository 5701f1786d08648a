"""What is wrong with what waits in a home, and its repair: the file before the last change is put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from landmap.domain import layers
from landmap.domain.errors import StoreError
from landmap.store import current, durable
from landmap.store.home import Home
from landmap.store.seal import read_bytes, unseal
from landmap.store.unplaced import EARLIER, FILE, FOLDER, read_unplaced

#: What a damaged file is kept as.
_ASIDE: Final = "waiting-damaged-"
_FOREIGN: Final = "landmap did not put it there and does not read it"


@dataclass(frozen=True)
class Flaw:
    """One file that is not as it should be; `layer` is None for one that is not ours, and is left alone."""

    path: Path
    what: str
    layer: str | None = None
    repairable: bool = False


def unplaced_folders(home: Home) -> tuple[Path, ...]:
    """Return the folders in which a killed writer may leave something unfinished."""
    root = home.path / FOLDER
    if not root.is_dir():
        return ()
    return (root, *(path for path in durable.listed(root) if path.name in _layers() and path.is_dir()))


def unplaced_flaws(home: Home) -> Iterator[Flaw]:
    """Yield every file under ``unplaced/`` that is damaged, torn, lost, or not ours."""
    root, *folders = unplaced_folders(home) or (None,)
    if root is None:
        return
    for path in durable.listed(root):
        if path not in folders and not path.name.startswith(durable.TEMPORARY):
            yield Flaw(path, _FOREIGN)
    for folder in folders:
        yield from _flaws(folder)


def mend_unplaced(home: Home) -> Iterator[str]:
    """Put right what can be put right, and yield each step; a damaged file is kept beside."""
    for flaw in list(unplaced_flaws(home)):
        if not flaw.repairable or flaw.layer is None:
            continue
        folder = flaw.path.parent
        if flaw.path.name == EARLIER:
            durable.replace_file(flaw.path, read_bytes(folder / FILE))
            yield f"made {flaw.path} again: {flaw.what}"
            continue
        kept = _set_aside(flaw.path)
        earlier = _whole(folder / EARLIER)
        if earlier is not None:
            durable.replace_file(flaw.path, earlier)
            yield f"put back what waited of {flaw.layer} before the last change: {flaw.what}{kept}"
        else:
            with durable.told(flaw.path):
                flaw.path.unlink(missing_ok=True)
                (folder / EARLIER).unlink(missing_ok=True)
                durable.sync_folder(folder)
            yield f"nothing waits of {flaw.layer} any more: {flaw.what}{kept}; join the ledger again"


def _flaws(folder: Path) -> Iterator[Flaw]:
    names = {path.name for path in durable.listed(folder)}
    strange = {one for one in names if not one.startswith((durable.TEMPORARY, _ASIDE))} - {FILE, EARLIER}
    yield from (Flaw(folder / name, _FOREIGN) for name in sorted(strange))
    if FILE not in names and EARLIER in names:
        yield Flaw(folder / FILE, f"{folder / FILE} is missing", folder.name, repairable=True)
        return
    for name in (FILE, EARLIER):
        if name not in names:
            continue
        try:
            read_unplaced(folder / name, folder.name)
        except StoreError as error:
            yield Flaw(folder / name, error.message, folder.name, repairable=_whole(folder / name) is None)
            return


def _set_aside(path: Path) -> str:
    """Keep what can still be read of a damaged file, and tell where."""
    try:
        data = read_bytes(path)
    except StoreError:
        return ""
    kept = path.with_name(f"{_ASIDE}{current.now()[:10]}.json")
    durable.replace_file(kept, data)
    return f"; {kept.name} keeps the damaged file"


def _whole(path: Path) -> bytes | None:
    """Return the bytes of a file whose seal holds; None of any other."""
    try:
        data = read_bytes(path)
        unseal(data, str(path))
    except StoreError:
        return None
    return data


def _layers() -> frozenset[str]:
    return frozenset(name for name, one in layers.layers().items() if one.spatial)
