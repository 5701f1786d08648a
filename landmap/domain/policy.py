"""The field policy applied to a frame: which records and values an audience class may draw from.

A value that is withheld is null, exactly as one that was never known, so nothing downstream (filter, sort, facet,
export) can tell the two apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from landmap.domain.audience import NOTICED_STAGES, PolicyClass, Visibility, record_class, sees_class
from landmap.domain.fields import Kind
from landmap.domain.layers import Layer, layers

#: A layer without a review of its own counts as reviewed and published.
PUBLISHED: Final = "published"
#: Facilities that can be seen by whoever passes; a plan is internal until it is published (domain reference §10.7).
_STANDING: Final = ("existing", "under_construction")


def visible_records(frame: pd.DataFrame, layer: Layer, asking: PolicyClass) -> npt.NDArray[np.bool_]:
    """Return which rows of a canonical frame exist for `asking`, shape (n,).

    Layers without a visibility of their own (districts, facilities, parks, child tables) are public, except that a
    facility is internal unless it stands or is being built.
    """
    if layer.classified:
        columns = (_texts(frame, layer, name) for name in ("visibility", "plan_publicity", "review_status"))
        classes = [record_class(*row) for row in zip(*columns, strict=True)]
        return np.fromiter((sees_class(asking, one) for one in classes), dtype=bool, count=len(frame))
    if layer.name == "facilities" and asking is not PolicyClass.INTERNAL:
        return frame["status"].isin(_STANDING).to_numpy(dtype=np.bool_)
    return np.ones(len(frame), dtype=bool)


def redact(frame: pd.DataFrame, layer: Layer, asking: PolicyClass) -> pd.DataFrame:
    """Return the rows and columns of a canonical frame that exist for `asking`, with waiting values masked.

    Returns
    -------
    DataFrame (GeoDataFrame for a spatial layer), shape (m, k)
        m visible rows in the given order, new RangeIndex; the columns of ``layer.fields_for(asking)``.
    """
    fields = layer.fields_for(asking)
    kept = [*fields, *(["geometry"] if layer.spatial else [])]
    shown = frame.loc[visible_records(frame, layer, asking), kept].reset_index(drop=True)
    waiting = [name for name, field in fields.items() if field.visibility is Visibility.PUBLIC_AFTER_NOTICE]
    if layer.staged and asking is not PolicyClass.INTERNAL and waiting:
        mask_columns(shown, ~shown["supply_stage"].isin(list(NOTICED_STAGES)).to_numpy(dtype=bool), waiting)
    return shown


def redact_among(frames: Mapping[str, pd.DataFrame], layer: Layer, asking: PolicyClass) -> pd.DataFrame:
    """Return what exists of a layer for `asking`, as `redact`, with nothing in it that names a hidden record.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Canonical frames by layer name: this layer and those it refers to.
    layer : Layer
    asking : PolicyClass

    Returns
    -------
    DataFrame
        A reference to a record that does not exist for `asking` is null; a nested row of such a record is left out. A
        record that is hidden and one that is not there are the same: whoever sees everything is told both.
    """
    shown = redact(frames[layer.name], layer, asking)
    if asking is PolicyClass.INTERNAL:
        return shown
    for name, field in layer.fields_for(asking).items():
        if field.kind is not Kind.REFERENCE:
            continue
        astray = shown[name].notna().to_numpy() & ~shown[name].isin(_ids_named(frames, name, asking)).to_numpy()
        if name == layer.parent_field:
            shown = shown.loc[~astray].reset_index(drop=True)
        else:
            mask_columns(shown, astray, [name])
    return shown


def _ids_named(frames: Mapping[str, pd.DataFrame], reference: str, asking: PolicyClass) -> Collection[str]:
    """Return the ids that `asking` may know of the layer that a reference field is named after."""
    target = next(one for one in layers().values() if one.id_field == reference and one.parent is None)
    if target.name not in frames:
        return ()
    frame = frames[target.name]
    return list(frame.loc[visible_records(frame, target, asking), reference])


def mask_columns(frame: pd.DataFrame, rows: npt.NDArray[np.bool_], names: Collection[str]) -> None:
    """Set the named columns to null on `rows`, in place, keeping each dtype."""
    for name in names:
        frame[name] = frame[name].mask(rows, None) if frame[name].dtype == object else frame[name].mask(rows)


def _texts(frame: pd.DataFrame, layer: Layer, name: str) -> list[str | None]:
    if name in layer.fields:
        return [value if isinstance(value, str) else None for value in frame[name]]
    return [PUBLISHED if name == "review_status" else None] * len(frame)
