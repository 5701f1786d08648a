"""References follow a record to its new number, whichever delivery they stand in."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from landmap.domain import Kind, layer_named
from landmap.store.fates import Fate


def followed(frames: Mapping[str, pd.DataFrame], fates: Mapping[str, Mapping[str, Fate]]) -> dict[str, pd.DataFrame]:
    """Return the layers in which a reference names an old number, with the number of today in its place.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Canonical frames by layer name.
    fates : mapping of str to mapping of str to Fate
        What became of ids, by layer.
    """
    successors = {
        layer_named(name).id_field: {id: fate.to for id, fate in held.items() if fate.to is not None}
        for name, held in fates.items()
    }
    changed: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        for field in layer_named(name).fields.values():
            known = successors.get(field.name, {})
            if field.kind is not Kind.REFERENCE or not known or not frame[field.name].isin(known).any():
                continue
            told = changed.get(name, frame)[field.name].map(lambda id, known=known: known.get(id, id))
            changed[name] = changed.get(name, frame).assign(**{field.name: told.astype(object)})
    return changed
