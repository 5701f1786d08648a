"""The home folder: where everything one bureau has on disk lies, and who may write to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from landmap.domain import District
from landmap.domain.errors import BusyError, ConfigError, NotFoundError, StoreError
from landmap.store.durable import replace_file, sync_folder, told
from landmap.store.seal import read_bytes, unseal

DISTRICT: Final = "district.toml"
FOLDERS: Final = ("snapshots", "staging", "assets", "attachments", "jobs", "profiles", "cache", "audit")


@dataclass(frozen=True)
class Home:
    """One home folder: ``snapshots/ CURRENT staging/ assets/ attachments/ jobs/ profiles/ landmap.db cache/ audit/``.

    `assets` holds the district's own files (such as its basemap); they and ``district.toml`` are copied into every
    version, so that an old version is drawn as it was.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, district_toml: Path, files: Mapping[str, Path] | None = None) -> Home:
        """Make a home for a district, or bring the district files of an existing one up to date.

        Parameters
        ----------
        path : Path
            Made when it does not exist.
        district_toml : Path
        files : mapping of str to Path, optional
            The district's files by the name ``district.toml`` calls them.

        Raises
        ------
        ConfigError
            When the district cannot be used, names a file that is not given, or a name is no plain file name.
        """
        district = District.from_toml(district_toml)
        given = dict(files or {})
        for name in given:
            if Path(name).name != name or name.startswith(".") or name == DISTRICT:
                raise ConfigError(f"{name!r} is no plain file name")
        missing = [one.file for one in district.basemap if one.file and one.file not in given]
        if missing:
            raise ConfigError(f"{district_toml.name} names {missing[0]!r}, which is not given", hint="put it beside")
        home = cls(path)
        with told(path):
            # What is not public lies here too: other users of the machine have no business in it.
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in FOLDERS:
                (path / folder).mkdir(parents=True, exist_ok=True)
            sync_folder(path)
        with home.lock():
            for name, source in given.items():
                replace_file(path / "assets" / name, read_bytes(source))
            replace_file(path / DISTRICT, read_bytes(district_toml))
        return home

    @property
    def snapshots(self) -> Path:
        """The folder that holds one folder per version."""
        return self.path / "snapshots"

    @property
    def staging(self) -> Path:
        """The folder of layers that were imported and not yet published."""
        return self.path / "staging"

    @property
    def pointer(self) -> Path:
        """The file that names the current version."""
        return self.path / "CURRENT"

    @property
    def journal(self) -> Path:
        """The file that remembers every change of the current version, one sealed line each."""
        return self.path / "audit" / "versions.jsonl"

    def folder(self, name: str) -> Path:
        """Return one of the home's folders; NotFoundError for a name that is none of them."""
        if name not in FOLDERS:
            raise NotFoundError(f"a home has no folder {name!r}", hint=", ".join(FOLDERS))
        return self.path / name

    def district(self) -> District:
        """Return the district as ``district.toml`` describes it now."""
        self.check()
        try:
            return District.from_toml(self.path / DISTRICT)
        except OSError as error:
            raise StoreError(
                f"{self.path / DISTRICT} cannot be read: {error.strerror or error}", hint="check the disk"
            ) from error

    def current_id(self) -> str | None:
        """Return the id that CURRENT names, by reading that one small file.

        None before the first publish; an empty text when the pointer is damaged or lost (`open_current` copes).
        """
        try:
            return str(unseal(read_bytes(self.pointer), str(self.pointer))["id"])
        except StoreError:
            return "" if self.pointer.exists() or self.journal.exists() else None

    def profiles(self) -> tuple[str, ...]:
        """Return the names of the sources that something is remembered of, sorted."""
        return tuple(sorted(path.stem for path in self.folder("profiles").glob("*.json") if path.stem[0] != "."))

    def profile(self, name: str) -> bytes:
        """Return what is remembered of the source called `name`; NotFoundError when it is nothing."""
        if name not in self.profiles():
            raise NotFoundError(f"no profile is called {name!r}", hint=", ".join(self.profiles()) or "there are none")
        return read_bytes(self.folder("profiles") / f"{name}.json")

    def save_profile(self, name: str, content: bytes) -> None:
        """Remember `content` of the source called `name`, whole or not at all; ConfigError for no plain file name."""
        if Path(name).name != name or name.startswith("."):
            raise ConfigError(f"{name!r} is no plain file name")
        with self.lock(), told(self.path):
            self.folder("profiles").mkdir(exist_ok=True)  # a home made before there were profiles
            replace_file(self.folder("profiles") / f"{name}.json", content)

    def check(self) -> None:
        """Raise StoreError unless this folder is a home."""
        if not self.snapshots.is_dir():
            raise StoreError(f"{self.path} is no home folder", hint="`landmap demo --home DIR` makes one")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home as its only writer; raise BusyError at once when another process or thread does."""
        self.check()
        handle = self._locked()
        try:
            yield
        finally:
            os.close(handle)

    @property
    def lock_file(self) -> Path:
        """The file that a writer locks; what it holds means nothing."""
        return self.path / ".lock"

    def _locked(self) -> int:
        """Return an open handle of the lock file, locked."""
        while True:
            with told(self.lock_file):
                handle = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A stale lock is taken away with its file: a handle of that one guards nothing.
                if os.fstat(handle).st_ino == self.lock_file.stat().st_ino:
                    return handle
            except BlockingIOError as error:
                os.close(handle)
                raise BusyError(f"another writer holds {self.path}", hint="try again when it is done") from error
            except FileNotFoundError:
                pass
            os.close(handle)
