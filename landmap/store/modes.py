"""How a delivery meets the layer that is there: it is added, takes its place, or changes single values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from landmap.domain import STORE_EPSG, Kind, Layer, compact_json
from landmap.domain.errors import SchemaError, shown
from landmap.store.canonical import key_texts

Mode = Literal["append", "replace", "update"]

#: The words of the command line and of the steward's pages.
MODES: Final[Mapping[Mode, str]] = MappingProxyType(
    {
        "replace": "the files are the whole layer: what they do not hold is withdrawn",
        "append": "the files hold new records only: an id that is there already is refused",
        "update": "only the given records change, and of them only what the files know; nothing is added or removed",
    }
)
_NAMED: Final = 5


@dataclass(frozen=True)
class Stored:
    """A layer as a version stores it, in a file whose bytes never change, and their SHA-256."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Delivery:
    """Records on their way into the next version.

    Attributes
    ----------
    frame : DataFrame
        Canonical; for an update, shapes may be missing.
    mode : {"replace", "append", "update"}
    defaults : mapping of str to tuple
        By field, the values that were filled in where the files said nothing; they change nothing in an update.
    bounds : mapping of str to tuple of str
        By key of ``planning_parse_status``, the fields that one text tells together: they change together or not.
    stored : Stored, optional
        The file that holds the frame already, as a version stores it.
    """

    frame: pd.DataFrame
    mode: Mode = "replace"
    defaults: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    bounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stored: Stored | None = field(default=None, repr=False, compare=False)


def merged(before: pd.DataFrame | None, delivery: Delivery, layer: Layer) -> pd.DataFrame:
    """Return the layer as it is after a delivery.

    Parameters
    ----------
    before : DataFrame or None
        The layer as it was imported; None when there was none.
    delivery : Delivery
    layer : Layer

    Raises
    ------
    SchemaError
        When an append names a record that is there already, or an update one that is not.
    """
    if delivery.mode == "replace":
        return delivery.frame
    there = pd.Index([] if before is None else key_texts(before, layer), dtype=object)
    check_mode(delivery.mode, there, key_texts(delivery.frame, layer), layer)
    if before is None or before.empty:
        return delivery.frame
    if delivery.mode == "append":
        return _framed(pd.concat([before, delivery.frame], ignore_index=True), layer)
    return _updated(before, delivery, layer, there)


def check_mode(mode: Mode, there: pd.Index[Any], given: pd.Series[Any], layer: Layer) -> None:
    """Raise SchemaError when a delivery with the keys `given` does not fit a layer that has the keys `there`."""
    known = given.isin(there).to_numpy()
    if mode == "append" and known.any():
        raise SchemaError(
            f"{known.sum()} of the {layer.name} to append are there already: {named(given[known])}",
            hint="--mode update changes them, --mode replace takes the files for the whole layer",
        )
    if mode == "update" and not known.all():
        raise SchemaError(
            f"{(~known).sum()} of the {layer.name} to update are not there: {named(given[~known])}",
            hint="--mode append adds them; a record that was renumbered goes by its new id",
        )


def named(ids: Iterable[Any]) -> str:
    """Return the first ids of several as they are quoted in a message."""
    all_ = [str(id) for id in ids]
    more = f" and {len(all_) - _NAMED} more" if len(all_) > _NAMED else ""
    return ", ".join(shown(id) for id in all_[:_NAMED]) + more


def _updated(before: pd.DataFrame, delivery: Delivery, layer: Layer, there: pd.Index[Any]) -> pd.DataFrame:
    rows = there.get_indexer(pd.Index(key_texts(delivery.frame, layer), dtype=object))
    known = {name: _known(delivery, name, one.kind) for name, one in layer.fields.items()}
    for key, names in delivery.bounds.items():
        told = _told(delivery.frame, key)
        known |= dict.fromkeys((name for name in names if name in known), told)
    frame = before.copy()
    for name, one in layer.fields.items():
        taken = known[name]
        if name in layer.key or not taken.any():
            continue
        values = delivery.frame[name]
        if one.kind is Kind.JSON:
            values = _joined(before[name].iloc[rows], values)
        column = frame[name].array.copy()
        column[rows[taken]] = values.array[taken]
        frame[name] = pd.Series(column, index=frame.index, dtype=frame[name].dtype)
    return _framed(frame, layer)


def _known(delivery: Delivery, name: str, kind: Kind) -> npt.NDArray[np.bool_]:
    """Return which rows of a delivery say something of a field."""
    column = delivery.frame[name]
    known = column.notna().to_numpy(dtype=np.bool_)
    if name in delivery.defaults:
        known = known & ~column.astype(object).isin(list(delivery.defaults[name])).to_numpy(dtype=np.bool_)
    if kind is Kind.JSON:
        known = known & (column != "{}").to_numpy(dtype=np.bool_)
    return known


def _told(frame: pd.DataFrame, key: str) -> npt.NDArray[np.bool_]:
    read = (json.loads(text) if isinstance(text, str) else {} for text in frame["planning_parse_status"])
    return np.array([isinstance(status, dict) and key in status for status in read], dtype=np.bool_)


def _joined(before: pd.Series[Any], given: pd.Series[Any]) -> pd.Series[Any]:
    """Return objects with the given entries put over those that were there; anything else is taken as given."""
    made = np.empty(len(given), dtype=object)
    for place, (old, new) in enumerate(zip(before, given, strict=True)):
        there: Any
        here: Any
        there, here = (json.loads(text) if isinstance(text, str) else None for text in (old, new))
        objects = isinstance(there, dict) and isinstance(here, dict)
        made[place] = compact_json({**there, **here}) if objects else new
    return pd.Series(made, index=given.index, dtype=object)


def _framed(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=STORE_EPSG) if layer.spatial else frame
