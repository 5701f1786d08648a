"""What the server holds: one frozen catalog at a time, swapped whole when a new version is published."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import orjson
import structlog

from landmap import access
from landmap.api.prepared import Preparations
from landmap.api.waiting import WaitingRows
from landmap.domain import Audience, Lang, Words, layers, read_all_words
from landmap.domain.errors import LandmapError, NotFoundError, UnavailableError
from landmap.query import Catalog
from landmap.resources import web_root
from landmap.settings import Settings
from landmap.store import CurrentWatcher, Home, Snapshot, open_current, open_version

#: How often, at the most, the pointer to the current version is looked at, in seconds.
LOOK_EVERY: Final = 0.5
#: How many older versions are kept in memory for links that froze them.
FROZEN_MAX: Final = 3


@dataclass
class Holder:
    """Holds the catalog of the current version and those that links froze; thread-safe.

    A request asks once (`current`) and works on what it got from start to end, so a publish in between cannot tear it.
    With `pinned`, one old version stands for the current one, whatever is published.
    """

    home: Home
    watcher: CurrentWatcher
    pinned: str | None = None
    _catalog: Catalog | None = None
    warnings: tuple[str, ...] = ()
    _frozen: dict[str, Catalog] = field(default_factory=dict)
    _looked: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> Catalog:
        """Return the catalog of the current version, noticing a new one without a restart.

        Raises
        ------
        UnavailableError
            When nothing was published yet.
        """
        now = time.monotonic()
        if self._catalog is None or now - self._looked >= LOOK_EVERY:
            self._look(now)
        assert self._catalog is not None
        return self._catalog

    def expect(self) -> None:
        """Look for a new version at the next request, however recently that was done: somebody here made one."""
        self._looked = 0.0

    def held(self) -> Catalog | None:
        """Return what is held at this moment, without reading, waiting or noticing anything; None before the first."""
        return self._catalog

    def recent(self) -> Catalog | None:
        """Return the current catalog if it was looked for a moment ago; None when looking may take time."""
        return self._catalog if time.monotonic() - self._looked < LOOK_EVERY else None

    def version(self, snapshot_id: str) -> Catalog:
        """Return the catalog of any version on disk; the last few asked for are kept."""
        catalog = self.current()
        if catalog.snapshot_id == snapshot_id:
            return catalog
        with self._lock:
            held = self._frozen.pop(snapshot_id, None) or Catalog.load(open_version(self.home, snapshot_id))
            self._frozen[snapshot_id] = held
            while len(self._frozen) > FROZEN_MAX:
                del self._frozen[next(iter(self._frozen))]
            return held

    def _look(self, now: float) -> None:
        # One thread loads; the others go on with what is held, or wait when there is nothing yet.
        if not self._lock.acquire(blocking=self._catalog is None):
            return
        try:
            if self._catalog is None or (self.pinned is None and self.watcher.changed()):
                self._load()
        except LandmapError as error:
            if self._catalog is None:
                raise
            structlog.get_logger("landmap").error("reload_failed", code=error.code, message=error.message)
        finally:
            self._looked = now
            self._lock.release()

    def _load(self) -> None:
        try:
            snapshot: Snapshot = open_current(self.home) if self.pinned is None else self._pinned(self.pinned)
        except NotFoundError as error:
            raise UnavailableError("nothing has been published yet", hint=error.hint) from error
        if self._catalog is None or self._catalog.snapshot_id != snapshot.id:
            self._catalog = Catalog.load(snapshot)
        self.warnings = snapshot.warnings

    def _pinned(self, id: str) -> Snapshot:
        try:
            return open_version(self.home, id)
        except NotFoundError as error:
            raise UnavailableError(error.message, hint=error.hint) from error


@dataclass(frozen=True)
class State:
    """Everything a route may ask for; made once by ``create_app``."""

    settings: Settings
    holder: Holder
    words: Mapping[Lang, Words]
    dictionaries: Mapping[Lang, bytes]
    audience: Audience
    prepared: Preparations = field(default_factory=Preparations)

    @cached_property
    def database(self) -> access.Database:
        """The database of this home, opened at its first use: a home that is not there yet is served too."""
        return access.Database.open(self.holder.home.path / "landmap.db")

    @property
    def shares(self) -> access.Shares:
        """The links of this home."""
        return access.Shares(self.database)

    @property
    def jobs(self) -> access.Jobs:
        """The jobs of this home."""
        return access.Jobs(self.database, self.holder.home.folder("jobs"))

    @cached_property
    def waiting(self) -> WaitingRows:
        """What waits for its place on the map."""
        return WaitingRows(self.holder.home)

    def old_version(self, catalog: Catalog) -> str:
        """Return what names the old version that is shown, with its day; empty for the version of today."""
        if self.settings.version is None or not isinstance(catalog.snapshot, Snapshot):
            return ""
        return f"{catalog.snapshot_id[:12]} ({catalog.snapshot.manifest['created_at'][:10]})"

    def close(self) -> None:
        """Close what was opened."""
        if "database" in self.__dict__:
            self.database.close()

    @classmethod
    def made(cls, settings: Settings) -> State:
        """Open the home folder and read the dictionaries."""
        home = Home(settings.home)
        words = read_all_words(web_root() / "i18n")
        audience = Audience(settings.audience)
        return cls(
            settings=settings,
            holder=Holder(home, CurrentWatcher(home), settings.version),
            words=words,
            dictionaries={lang: orjson.dumps(_told(one, audience)) for lang, one in words.items()},
            audience=audience,
        )


def _told(words: Words, audience: Audience) -> dict[str, str]:
    """Return the dictionary without the labels of fields, and of their codes, that do not exist for `audience`."""
    declared = [(layer, name) for layer in layers.layers().values() for name in layer.fields]
    seen = {(layer.name, name) for layer, name in declared if name in layer.fields_for(audience.policy_class)}
    codes = {layer.fields[name].codes for layer, name in declared if (layer.name, name) in seen}
    hidden = [f"field.{layer.name}.{name}" for layer, name in declared if (layer.name, name) not in seen]
    coded = {layer.fields[name].codes for layer, name in declared} - codes
    return {
        key: text
        for key, text in words.entries.items()
        if key not in hidden
        and not key.startswith("admin.")  # the steward's pages are written by the server alone
        and not (key.startswith("code.") and key.split(".")[1] in coded)
    }


def today(catalog: Catalog) -> dt.date:
    """Return the district's local date."""
    return catalog.district.today()
