"""landmap: one map of a district's industrial land and office buildings.

The Python door: open a home folder, select, look at the map::

    import landmap

    town = landmap.open("var/demo")
    large = town.select("parcels", area_min=60, preset="industrial_land")
    large.total
    large.to_geodataframe()
    landmap.map(large).save("large.html")

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import folium

    from landmap.domain import Audience, District, Lang
    from landmap.query import Catalog, Reading, Selection, Suggestions

__version__ = "0.1.0"


@dataclass(frozen=True)
class OpenMap:
    """One published version, seen by one audience."""

    catalog: Catalog
    audience: Audience

    @property
    def version(self) -> str:
        """The id of the version."""
        return self.catalog.snapshot_id

    @property
    def district(self) -> District:
        """The district's own facts."""
        return self.catalog.district

    def select(
        self, layer: str = "parcels", *, sort: Sequence[str] = (), today: dt.date | None = None, **criteria: Any
    ) -> Selection:
        """Select records of a layer; criteria are those of a link (``area_min=30``, ``land_use=["1001", "11"]``).

        Raises
        ------
        InvalidValueError, UnknownParameterError, UnknownFieldError
            As the same criteria would in a link.
        """
        from landmap.query import criteria_class

        pairs = [(name, _text(one)) for name, value in criteria.items() for one in _each(value)]
        wanted = criteria_class(layer).from_query(pairs, self.district)
        day = today if today is not None else self.district.today()
        return self.catalog.engine.select(layer, wanted, self.audience, today=day, sort=tuple(sort))

    def read(self, text: str, layer: str = "parcels") -> Reading:
        """Read a phrase such as “50亩以上 距地铁1公里内” into criteria; see `landmap.query.Reading`.

        What of it was not understood stands in ``not_understood``; ``select(layer, **reading.asked)`` asks the rest.
        """
        return self.catalog.phrases.read(text, layer, self.audience)

    def suggest(self, text: str, layer: str = "parcels", *, lang: Lang = "zh", limit: int = 5) -> Suggestions:
        """Look a name up: a number in any spelling, some characters, pinyin, initials, English words."""
        return self.catalog.names.suggest(text, self.audience, lang, layer=layer, limit=limit)


def open(home: str | PathLike[str], *, audience: str = "public", version: str | None = None) -> OpenMap:
    """Open the published data of a home folder.

    Parameters
    ----------
    home : path
        Made by ``landmap demo`` or ``landmap import --publish``.
    audience : str
        ``public``, ``partner``, ``officer`` …: who will see what comes out.
    version : str, optional
        An earlier version; the current one otherwise.

    Raises
    ------
    StoreError
        When the folder holds no sound version.
    InvalidValueError
        For an audience that does not exist.
    """
    from landmap.domain import Audience, Level
    from landmap.domain.errors import InvalidValueError
    from landmap.query import Catalog
    from landmap.store import Home, open_current, open_version

    if audience not in [level.key for level in Level]:
        known = ", ".join(level.key for level in Level)
        raise InvalidValueError.of("audience", audience, "is no audience", f"one of {known}", where="python")
    store = Home(Path(home))
    snapshot = open_current(store) if version is None else open_version(store, version)
    return OpenMap(Catalog.load(snapshot), Audience(Level.named(audience)))


def map(selection: Selection, **options: Any) -> folium.Map:
    """Return a selection as a Folium map that carries all it needs; see `landmap.render.map.one_map`."""
    from landmap.render.map import one_map

    return one_map(selection, **options)


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = ["OpenMap", "__version__", "map", "open"]
