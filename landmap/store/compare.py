"""What differs between two states of a layer: record by record, field by field, and how much land moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from landmap.domain import Field, Kind, Layer, crs
from landmap.store.canonical import key_texts
from landmap.store.modes import Mode
from landmap.store.plan import LayerPlan, Renumbering

#: Outlines are compared as they are stored, in degrees: 1e-9° is a tenth of a millimetre.
_SAME_DEG = 5e-10
Values = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class LayerDiff:
    """What changed, or would change, in one layer, by record; composite keys are joined by ``/``.

    Attributes
    ----------
    added, removed : tuple of str
        Ids that are only in the new state, or only in the old one; renumbered records are in neither.
    changed : mapping
        Record (by its new id) to field to the values before and after, None for unknown; a shape is told as WKT.
    moved_m2 : mapping of str to float
        By record, the geodesic area of the land that only one of its two outlines covers, square metres.
    renumbered : mapping of str to str
        Old id to new, decided.
    proposed : tuple of Renumbering
        The same land under another number, not decided.
    withdrawn : mapping of str to str or None
        The reason of each removed record; None where nobody gave one.
    shapes : mapping of str to (geometry or None, geometry or None)
        Before and after, EPSG:4490, of every record above.
    """

    layer: str = ""
    mode: Mode | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, Values] = field(default_factory=dict)
    moved_m2: Mapping[str, float] = field(default_factory=dict)
    renumbered: Mapping[str, str] = field(default_factory=dict)
    proposed: tuple[Renumbering, ...] = ()
    withdrawn: Mapping[str, str | None] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.renumbered)

    def unexplained(self) -> tuple[str, ...]:
        """Return the removed ids for which nobody gave a reason."""
        return tuple(id for id in self.removed if id in self.withdrawn and self.withdrawn[id] is None)

    def as_dict(self) -> dict[str, Any]:
        """Return the diff as JSON-ready values, without the shapes."""
        return {
            "layer": self.layer,
            "mode": self.mode,
            "added": list(self.added),
            "removed": [{"id": id, "reason": self.withdrawn.get(id)} for id in self.removed],
            "changed": [
                {
                    "id": id,
                    "fields": {name: {"before": old, "after": new} for name, (old, new) in fields.items()},
                    "moved_m2": self.moved_m2.get(id),
                }
                for id, fields in self.changed.items()
            ],
            "renumbered": [{"old": old, "new": new} for old, new in self.renumbered.items()],
            "proposed": [{"old": one.old, "new": one.new, "share": one.share} for one in self.proposed],
        }


def plan_diff(plan: LayerPlan) -> LayerDiff:
    """Return what a plan would change."""
    mode = plan.delivery.mode if plan.delivery is not None else None
    return layer_diff(
        plan.layer,
        plan.before,
        plan.frame,
        mode=mode,
        renumbered=plan.renumbered,
        proposed=plan.proposed,
        withdrawn=plan.withdrawn,
    )


def layer_diff(
    layer: Layer,
    before: pd.DataFrame | None,
    after: pd.DataFrame | None,
    *,
    mode: Mode | None = None,
    renumbered: Mapping[str, str] | None = None,
    proposed: tuple[Renumbering, ...] = (),
    withdrawn: Mapping[str, str | None] | None = None,
) -> LayerDiff:
    """Return what differs between two canonical frames of a layer; None stands for no layer."""
    named = dict(renumbered or {})
    old, new = _by_key(before, layer), _by_key(after, layer)
    gone = [id for id in named if id in old.index and id not in new.index]
    past = old
    # A record that is merged into another is not compared with it: that one has a past of its own.
    heirs = {named[id]: id for id in reversed(gone) if named[id] not in old.index and named[id] in new.index}
    followed = {id: later for later, id in heirs.items()}
    old = old.rename(index=followed)
    both = old.index.intersection(new.index).sort_values()
    added = new.index.difference(old.index).sort_values()
    removed = old.index.difference(new.index).difference(gone).sort_values()
    fields = [one for one in layer.fields.values() if one.name != layer.id_field or not followed]
    changed = _changes(fields, old.loc[both], new.loc[both])
    shapes = _shapes(layer, old, new, {id: id for id in [*added, *removed, *changed]})
    shapes |= _shapes(layer, past, new, {id: named[id] for id in gone})
    moved = [id for id, values in changed.items() if "geometry" in values]
    return LayerDiff(
        layer=layer.name,
        mode=mode,
        added=tuple(map(str, added)),
        removed=tuple(map(str, removed)),
        changed=changed,
        moved_m2=_moved({id: shapes[id] for id in sorted(moved)}),
        renumbered={id: named[id] for id in gone},
        proposed=proposed,
        withdrawn=dict(withdrawn or {}),
        shapes=shapes,
    )


def _changes(fields: Iterable[Field], old: pd.DataFrame, new: pd.DataFrame) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return by record and field the values that differ between two frames of the same records."""
    changed: dict[str, dict[str, tuple[Any, Any]]] = {}
    for one in fields:
        columns = (old[one.name], new[one.name])
        differing = np.flatnonzero(_differ(*columns, one.kind))
        sides = [[_told(value, one.kind) for value in column.iloc[differing].tolist()] for column in columns]
        for id, before, after in zip(old.index[differing], *sides, strict=True):
            changed.setdefault(str(id), {})[one.name] = (before, after)
    return dict(sorted(changed.items()))


def _by_key(frame: pd.DataFrame | None, layer: Layer) -> pd.DataFrame:
    if frame is None:
        return pd.DataFrame(columns=list(layer.fields), index=pd.Index([], dtype=object))
    return pd.DataFrame(frame).set_index(pd.Index(key_texts(frame, layer), dtype=object))


def _differ(old: pd.Series[Any], new: pd.Series[Any], kind: Kind) -> npt.NDArray[np.bool_]:
    """Return where two columns differ; two unknown values do not."""
    if kind is Kind.GEOMETRY:
        return _shapes_differ(np.asarray(old, dtype=object), np.asarray(new, dtype=object))
    unknown = (old.isna().to_numpy(), new.isna().to_numpy())
    values = (old.to_numpy(dtype=object), new.to_numpy(dtype=object))
    known = ~unknown[0] & ~unknown[1]
    differ: npt.NDArray[np.bool_] = unknown[0] != unknown[1]
    differ[known] = (values[0][known] != values[1][known]).astype(np.bool_)
    return differ


def _shapes_differ(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return where outlines differ; the corner a ring begins at, and the way it turns, make no difference."""
    differ: npt.NDArray[np.bool_] = ~shapely.equals_exact(old, new, _SAME_DEG)
    differ &= ~(shapely.is_missing(old) & shapely.is_missing(new))
    rows = np.flatnonzero(differ)
    same = shapely.equals_exact(shapely.normalize(old[rows]), shapely.normalize(new[rows]), _SAME_DEG)
    differ[rows[same]] = False
    return differ


def _told(value: Any, kind: Kind) -> Any:
    """Return a value as it reads: plain Python, None for unknown, WKT for a shape."""
    if kind is Kind.GEOMETRY:
        return None if value is None else shapely.to_wkt(value, rounding_precision=9)
    if kind.listed:
        return None if value is None else list(value)
    if pd.isna(value):
        return None
    if kind is Kind.DATE:
        return value.date().isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _shapes(layer: Layer, old: pd.DataFrame, new: pd.DataFrame, ids: Mapping[str, str]) -> dict[str, tuple[Any, Any]]:
    """Return the shapes before and after by id; `ids` tells what each record is called afterwards."""
    if not layer.spatial:
        return {}
    before, after = (_by_id(old, ids.keys()), _by_id(new, ids.values()))
    return {id: (before.get(id), after.get(later)) for id, later in ids.items()}


def _by_id(frame: pd.DataFrame, ids: Iterable[str]) -> dict[str, Any]:
    shapes = frame["geometry"].loc[frame.index.intersection(list(ids))]
    return {str(id): shape for id, shape in shapes.items() if shape is not None}


def _moved(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, float]:
    """Return the land that only one of two outlines covers, by record; points and lines have none."""
    areal = {id: pair for id, pair in pairs.items() if all(one is not None and shapely.area(one) > 0 for one in pair)}
    if not areal:
        return {}
    old, new = (np.array([pair[side] for pair in areal.values()], dtype=object) for side in (0, 1))
    areas = crs.geodesic_area_m2(shapely.symmetric_difference(old, new))
    return {id: round(float(area), 2) for id, area in zip(areal, np.nan_to_num(areas), strict=True)}
