"""What a publish would make of one layer, and of the ids in it: nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landmap.domain import Layer, PolicyClass, visible_records
from landmap.domain.errors import InvalidValueError, SchemaError, shown
from landmap.store.canonical import key_texts
from landmap.store.fates import Fate
from landmap.store.modes import Delivery, merged, named
from landmap.store.same_land import same_land


@dataclass(frozen=True)
class Decisions:
    """What the steward says about ids that go: the new number of a record, the reason why one is withdrawn.

    `accept_renumbered` takes every proposed new number.
    """

    renumber: Mapping[str, str] = field(default_factory=dict)
    withdraw: Mapping[str, str] = field(default_factory=dict)
    accept_renumbered: bool = False

    def __post_init__(self) -> None:
        for old, new in self.renumber.items():
            if old == new or new in self.renumber or old in self.withdraw:
                raise InvalidValueError(
                    f"{shown(old)} cannot become {shown(new)}",
                    hint="an id gets one new number, which stays, or a reason",
                )

    def about(self, ids: Collection[Any]) -> Decisions:
        """Return the decisions about records of one layer, which has `ids`."""
        return Decisions(
            {old: new for old, new in self.renumber.items() if old in ids},
            {id: reason for id, reason in self.withdraw.items() if id in ids},
            self.accept_renumbered,
        )

    def names(self) -> frozenset[str]:
        """Return every id that something is said about."""
        return frozenset({*self.renumber, *self.withdraw})


@dataclass(frozen=True)
class Renumbering:
    """The same land under another number: `share` is the common area, intersection over union."""

    old: str
    new: str
    share: float


@dataclass(frozen=True)
class LayerPlan:
    """A layer as it would be imported, and what becomes of the ids that go.

    Attributes
    ----------
    before : DataFrame or None
        The layer as it is now; None when there is none.
    frame : DataFrame
        The layer as it would be, canonical.
    delivery : Delivery or None
        None when only ids were decided about.
    renumbered : mapping of str to str
        Old id to new.
    proposed : tuple of Renumbering
        Seen on the map, and not decided: without a decision the old id is withdrawn, or stays beside the new one.
    withdrawn : mapping of str to str or None
        The reason, None where nobody gave one.
    """

    layer: Layer
    before: pd.DataFrame | None
    frame: pd.DataFrame
    delivery: Delivery | None
    renumbered: Mapping[str, str] = field(default_factory=dict)
    proposed: tuple[Renumbering, ...] = ()
    withdrawn: Mapping[str, str | None] = field(default_factory=dict)

    def unexplained(self) -> tuple[str, ...]:
        """Return the ids that go without a reason, sorted."""
        return tuple(sorted(id for id, reason in self.withdrawn.items() if reason is None))

    def gone(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Yield every id that goes, with its new number or its reason."""
        yield from ((old, new, None) for old, new in self.renumbered.items())
        yield from ((id, None, reason) for id, reason in self.withdrawn.items())


def permanent(layer: Layer) -> bool:
    """Return whether the ids of a layer are addresses that last; rows nested in a record come and go with it."""
    return layer.parent is None


def plan_layer(
    layer: Layer, before: pd.DataFrame | None, delivery: Delivery | None, decisions: Decisions | None = None
) -> LayerPlan:
    """Return what a delivery and the steward's decisions make of a layer.

    Raises
    ------
    SchemaError
        When the delivery does not fit its mode, still holds a record that is to be withdrawn, or does not hold one that
        another is to be renumbered to.
    """
    there = _ids(before, layer)
    if not permanent(layer):
        assert delivery is not None
        return LayerPlan(layer, before, merged(before, delivery, layer), delivery)
    wanted = (decisions or Decisions()).about(set(there))
    delivered = _ids(delivery.frame, layer) if delivery else there[:0]
    still = sorted(wanted.names() & set(delivered))
    if still:
        raise SchemaError(f"{named(still)}: to be given up, and yet delivered", hint="withdraw it, or deliver it")
    renumbered = dict(wanted.renumber)
    proposed: list[Renumbering] = []
    if delivery is not None and before is not None:
        seen = _seen_again(before, delivery.frame, layer)
        proposed += [one for one in seen if one.old not in wanted.names() and one.new not in renumbered.values()]
    if wanted.accept_renumbered:
        renumbered |= {one.old: one.new for one in proposed}
        proposed = []
    base = _without(_renamed(before, renumbered, delivery, layer), {*wanted.withdraw}, layer)
    if delivery is not None:
        frame = merged(base, delivery, layer)
    else:
        assert base is not None
        frame = base
    after = _ids(frame, layer)
    lost = sorted(set(renumbered.values()) - set(after))
    if lost:
        raise SchemaError(
            f"{named(lost)}: another record is to get this number, and no {layer.name} has it", hint="see the delivery"
        )
    gone = sorted(set(there) - set(after) - set(renumbered))
    return LayerPlan(
        layer,
        before,
        frame,
        delivery,
        renumbered=dict(sorted(renumbered.items())),
        proposed=tuple(sorted(proposed, key=lambda one: one.old)),
        withdrawn={id: wanted.withdraw.get(id) for id in gone},
    )


def fates_in(
    plan: LayerPlan, earlier: Mapping[str, Fate], published: pd.DataFrame | None, version: str, on: str
) -> dict[str, Fate]:
    """Return what became of every id of a layer that is not in use after `plan`.

    Parameters
    ----------
    plan : LayerPlan
    earlier : mapping of str to Fate
        What was so before; an id that is in use again is left out, and a successor that got a new number hands it on.
    published : DataFrame or None
        The layer as it is served now, edits included: it says who could see what goes. None when nothing goes.
    version : str
        The version that still held what goes now.
    on : str
        Today, ISO 8601.
    """
    live = set(_ids(plan.frame, plan.layer))
    kept = {
        id: Fate(id, plan.renumbered.get(fate.to or "", fate.to), fate.reason, fate.on, fate.seen_by, fate.version)
        for id, fate in earlier.items()
        if id not in live
    }
    if published is None:
        return kept
    going = {id: (new, reason) for id, new, reason in plan.gone()}
    rows = published.loc[published[plan.layer.id_field].isin(going).to_numpy()].reset_index(drop=True)
    public, partner = (visible_records(rows, plan.layer, one) for one in (PolicyClass.PUBLIC, PolicyClass.PARTNER))
    seen = np.select([public, partner], [PolicyClass.PUBLIC.value, PolicyClass.PARTNER.value], "internal")
    for id, one in zip(rows[plan.layer.id_field], seen, strict=True):
        new, reason = going[id]
        kept[id] = Fate(id, new, reason, on, PolicyClass(one), version)
    return kept


def _ids(frame: pd.DataFrame | None, layer: Layer) -> pd.Index[Any]:
    return pd.Index([] if frame is None else key_texts(frame, layer), dtype=object)


def _seen_again(before: pd.DataFrame, given: pd.DataFrame, layer: Layer) -> Iterator[Renumbering]:
    """Yield the records that were not delivered and whose land was, under a number that is new."""
    if not layer.spatial:
        return
    there, here = _ids(before, layer), _ids(given, layer)
    lost, fresh = np.flatnonzero(~there.isin(here)), np.flatnonzero(~here.isin(there))
    old, new = (np.asarray(frame["geometry"], dtype=object) for frame in (before, given))
    with_shape = fresh[~shapely.is_missing(new[fresh])]
    for row, column, share in same_land(old[lost], new[with_shape]):
        yield Renumbering(str(there[lost[row]]), str(here[with_shape[column]]), round(share, 4))


def _renamed(
    before: pd.DataFrame | None, renumbered: Mapping[str, str], delivery: Delivery | None, layer: Layer
) -> pd.DataFrame | None:
    """Return the layer with new numbers in place of old ones.

    Where a record of the new number is there already, or an append brings it, that one stands and the old one goes.
    """
    if before is None or not renumbered:
        return before
    held = set(_ids(before, layer))
    brought = set(_ids(delivery.frame, layer)) if delivery and delivery.mode == "append" else set()
    settled = {old for old, new in renumbered.items() if new in held or new in brought}
    frame = _without(before, settled, layer)
    assert frame is not None
    ids = frame[layer.id_field].map(lambda id: renumbered.get(id, id)).astype(object)
    frame = frame.assign(**{layer.id_field: ids})
    twice = frame.duplicated([layer.id_field]).to_numpy()
    return frame.loc[~twice].reset_index(drop=True) if twice.any() else frame


def _without(frame: pd.DataFrame | None, ids: Collection[str], layer: Layer) -> pd.DataFrame | None:
    if frame is None or not ids:
        return frame
    return frame.loc[~frame[layer.id_field].isin(ids).to_numpy()].reset_index(drop=True)
