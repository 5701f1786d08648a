"""The one-page brief of a parcel or building as PDF; the only place that knows of Typst."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from landmap.domain import Audience, Words, deadline, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query import Catalog
from landmap.render.brief.content import content
from landmap.render.brief.pictures import Read, pictures
from landmap.render.brief.typeset import pdf
from landmap.render.sheet import BRIEFED, title

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
    read: Read | None = None,
) -> bytes:
    """Return the brief of one record: one A4 page, and one of pictures where there are any, for this audience.

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
    read : callable, optional
        Returns the bytes of a kept file, such as ``partial(read_blob, home)``; without it there are no pictures.

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
    StoreError
        When a picture is damaged.
    """
    if layer not in BRIEFED:
        raise InvalidValueError.of("layer", layer, "has no brief", f"one of {', '.join(sorted(BRIEFED))}")
    record = catalog.engine.record(layer, id, audience, today=today)
    about = layer_named(layer)
    said = content(record, about, catalog, audience, words, today=today, url=url)
    said["pictures"] = None
    files: Mapping[str, bytes] = {}
    if read is not None:
        shown = catalog.attached(layer, record, audience.policy_class)
        said["pictures"], files = pictures(shown, title(record, about, words), words, read)
    deadline.check()
    return pdf(said, files)
