"""The one-page brief of a parcel or building as PDF; the only place that knows of Typst."""

from __future__ import annotations

import datetime as dt

from landmap.domain import Audience, Words, deadline, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query import Catalog
from landmap.render.brief.content import content
from landmap.render.brief.typeset import pdf
from landmap.render.sheet import BRIEFED

__all__ = ["brief"]


def brief(
    layer: str,
    id: str,
    catalog: Catalog,
    audience: Audience,
    words: Words,
    *,
    today: dt.date,
    url: str | None = None,
) -> bytes:
    """Return the brief of one record: one A4 page, as the audience may have it.

    Parameters
    ----------
    layer : {"parcels", "buildings"}
    id : str
    catalog : Catalog
    audience : Audience
    words : Words
        Of the language of the page.
    today : date
        Printed, and decides what has expired.
    url : str, optional
        The page of the record, printed as QR code and text.

    Returns
    -------
    bytes
        A PDF whose text can be selected and searched. The same arguments give the same bytes.

    Raises
    ------
    InvalidValueError
        For a layer without briefs.
    NotFoundError
        When the record does not exist for the audience.
    ConfigError
        When the print fonts are missing from the installation.
    """
    if layer not in BRIEFED:
        raise InvalidValueError.of("layer", layer, "has no brief", f"one of {', '.join(sorted(BRIEFED))}")
    record = catalog.engine.record(layer, id, audience, today=today)
    said = content(record, layer_named(layer), catalog, audience, words, today=today, url=url)
    deadline.check()
    return pdf(said)
