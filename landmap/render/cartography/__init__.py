"""The one SVG cartographer: maps for sheets, briefs and pages, outlines for thumbnails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from landmap.domain import Audience, Words
from landmap.query import Catalog, Record
from landmap.render.cartography.draw import draw
from landmap.render.cartography.outline import outline_path
from landmap.render.cartography.palette import Tone
from landmap.render.cartography.scene import Scene, index_scene, selection_scene, site_scene

__all__ = ["Scene", "draw", "index_scene", "outline_path", "selection_map", "selection_scene", "site_scene"]


def selection_map(
    records: Iterable[Record],
    catalog: Catalog,
    audience: Audience,
    words: Words,
    size: tuple[float, float] = (640, 420),
    *,
    today: dt.date | None = None,
    tone: Tone = "print",
) -> str:
    """Return the map of some records as SVG, numbered in the order given.

    Parameters
    ----------
    records : iterable of Record
        Parcels and buildings as the audience sees them; those without a shape are left off.
    size : width, height
        Units of the drawing (CSS pixels when shown as they are).
    today : date, optional
        The district's own day by default.
    """
    day = today if today is not None else catalog.district.today()
    return draw(selection_scene(records, catalog, audience, words, today=day, size=size, tone=tone))
