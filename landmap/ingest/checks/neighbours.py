"""Outlines against each other: equal, overlapping, the same land under two numbers, in this file and in the version.

A million parcels have millions of neighbours that only touch. Those that share their edges point by point are settled
together (`blocks`). Each of the others is first drawn in by two millimetres, and only those that then still meet
another are cut with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import crs
from landmap.ingest.checks.batch import Batch, Check, Numbers, Shapes
from landmap.ingest.faults import Change, Fault, Proposal

#: Overlaps of less are drawing noise. Source: domain reference §10.1, "重叠>1㎡告警".
OVERLAP_M2: Final = 1.0
OVERLAPS_TOLD: Final = 10_000
#: From this share of common area (intersection over union) two outlines are the same land.
#: Source: domain reference §8.3.
SAME_LAND: Final = 0.9
DRAWN_IN_M: Final = 0.002
_BLOCK: Final = 2_000
#: A block is cut smaller while it holds more pairs than this, so that a pile of equal outlines needs no memory.
_PAIRS: Final = 200_000

Index = NDArray[np.intp]


class Meeting(NamedTuple):
    """Pairs of outlines that share area: where each stands, the shared area in ㎡, and intersection over union."""

    left: Index
    right: Index
    shared: Numbers
    likeness: Numbers


def equal_outlines(geometry: Shapes) -> list[tuple[int, int]]:
    """Return every outline that is the same as an earlier one, with that one: (first, again)."""
    bounds = shapely.bounds(geometry)
    known = np.flatnonzero(~np.isnan(bounds[:, 0]))
    boxes = np.ascontiguousarray(bounds[known] + 0.0)  # no minus zero: bytes are compared
    _, inverse, counts = np.unique(boxes.view("V32").ravel(), return_inverse=True, return_counts=True)
    suspects = known[counts[inverse] > 1]
    first: dict[bytes, int] = {}
    found = []
    for index, text in zip(suspects.tolist(), shapely.to_wkb(shapely.normalize(geometry[suspects])), strict=True):
        earlier = first.setdefault(text, index)
        if earlier != index:
            found.append((earlier, index))
    return found


def drawn_in(outlines: Shapes) -> Shapes:
    """Return outlines scaled down round their middle so that no corner moves more than two millimetres."""
    points, owner = shapely.get_coordinates(outlines, return_index=True)
    bounds = shapely.bounds(outlines)
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    half = np.hypot(*(bounds[:, 2:] - bounds[:, :2]).T) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.clip(1 - DRAWN_IN_M / half, 0, 1)[owner, None]
    moved: Shapes = shapely.set_coordinates(outlines.copy(), middle[owner] + (points - middle[owner]) * factor)
    return moved


def meetings(outlines: Shapes, others: Shapes | None = None, *, blocks: Index | None = None) -> Iterator[Meeting]:
    """Yield, some at a time, the pairs of outlines that share more than 1 ㎡; without `others`, each pair once.

    `blocks` says, for each outline, in which block it shares land with none; it may be given without `others` only.
    """
    here = np.flatnonzero(_areal(outlines))
    there = here if others is None else np.flatnonzero(_areal(others))
    targets = (outlines if others is None else others)[there]
    if not len(here) or not len(there):
        return
    tree = shapely.STRtree(targets)
    block = np.full(len(there), -1) if blocks is None else blocks[there]
    rows = np.arange(len(here)) if others is not None else _open(tree, targets, block)
    small = drawn_in(outlines[here[rows]])
    start, size = 0, _BLOCK
    while start < len(rows):
        mine, theirs = tree.query(small[start : start + size], predicate="intersects")
        if len(mine) > _PAIRS and size > 1:
            size = max(1, size // 10)
            continue
        mine = rows[mine + start]
        if others is None:
            once = (mine < theirs) & ~_same_block(block, mine, theirs)
            mine, theirs = mine[once], theirs[once]
        yield _meeting(outlines, outlines if others is None else others, here[mine], there[theirs])
        start += size
        size = _BLOCK


def _open(tree: shapely.STRtree, targets: Shapes, block: Index) -> Index:
    """Return the outlines that may overlap one that is not of their own block, or all where there is no block."""
    if (block < 0).all():
        return np.arange(len(targets))
    found = [np.empty(0, dtype=np.intp)]
    for start in range(0, len(targets), _BLOCK):
        near = targets[start : start + _BLOCK]
        mine, theirs = tree.query(near)
        found.append(np.unique(mine[~_same_block(block, mine + start, theirs)]) + start)
    return np.concatenate(found)


def _same_block(block: Index, mine: Index, theirs: Index) -> NDArray[np.bool_]:
    """Return which pairs are of one block, in which nothing overlaps; each outline is of its own."""
    same: NDArray[np.bool_] = (mine == theirs) | ((block[mine] >= 0) & (block[mine] == block[theirs]))
    return same


def _areal(outlines: Shapes) -> NDArray[np.bool_]:
    areal: NDArray[np.bool_] = shapely.get_dimensions(outlines) == 2
    return areal & ~shapely.is_empty(outlines)


def _meeting(outlines: Shapes, others: Shapes, left: Index, right: Index) -> Meeting:
    mine, theirs = outlines[left], others[right]
    shared = shapely.area(shapely.intersection(mine, theirs))
    likeness = shared / (shapely.area(mine) + shapely.area(theirs) - shared)
    told = shared > OVERLAP_M2
    return Meeting(left[told], right[told], shared[told], likeness[told])


def not_drawn_twice(batch: Batch) -> Iterator[Fault]:
    """Yield outlines that an earlier record has too; of records that agree in everything, the repetition can go."""
    if batch.geometry is None:
        return
    key = batch.layer.id_field
    names = [name for name in batch.columns if name not in (*batch.layer.key, "parcel_no")]
    for first, again in equal_outlines(batch.geometry):
        row, words = int(batch.rows[again]), {"first": int(batch.rows[first])}
        if any(batch.columns[name][first] != batch.columns[name][again] for name in names):
            yield Fault("geometry_duplicate", row, "geometry", None, words)
            continue
        id = (batch.columns.get(key) or [None] * len(batch))[again]
        yield Fault("record_repeated", row, "geometry", id, words, Proposal("drop", (Change(key, id, None),)))


def apart(batch: Batch) -> Iterator[Fault]:
    """Yield parcels that overlap an earlier one by more than 1 ㎡, or are the same land.

    Equal outlines are told elsewhere. Past ten thousand the rest is said to exist and not listed.
    """
    if batch.geometry is None:
        return
    outlines = batch.outlines.copy()
    outlines[[again for _, again in equal_outlines(batch.geometry)]] = None
    told = 0
    for found in meetings(outlines, blocks=batch.blocks):
        for a, b, shared, likeness in zip(*(part.tolist() for part in found), strict=True):
            first, row = int(batch.rows[a]), int(batch.rows[b])
            if likeness >= SAME_LAND:
                words: dict[str, object] = {"other": first, "share": f"{likeness:.1%}"}
                yield Fault("same_land", row, "geometry", round(shared, 1), words)
            else:
                yield Fault("geometry_overlap", row, "geometry", round(shared, 1), {"other": first})
        told += len(found.left)
        if told > OVERLAPS_TOLD:
            yield Fault("overlaps_unlisted", field="geometry", words={"limit": OVERLAPS_TOLD})
            return


def known_by_this_number(batch: Batch) -> Iterator[Fault]:
    """Yield parcels whose land the version knows under an id that is not in this file."""
    current, ids = batch.beside.get("parcels"), batch.values("parcel_id")
    if current is None or ids is None or batch.geometry is None or not len(current):
        return
    gone = current[~current["parcel_id"].isin(ids)]
    fresh = ~batch.among("parcel_id", current["parcel_id"])
    if not len(gone) or not fresh.any():
        return
    mine = batch.outlines.copy()
    mine[~fresh] = None
    for found in meetings(mine, crs.local_metres(np.asarray(gone["geometry"], dtype=object), batch.centre)):
        for a, b, likeness in zip(found.left.tolist(), found.right.tolist(), found.likeness.tolist(), strict=True):
            if likeness >= SAME_LAND:
                words: dict[str, object] = {"known": gone["parcel_id"].iloc[b], "share": f"{likeness:.1%}"}
                yield Fault("land_known_otherwise", int(batch.rows[a]), "parcel_id", ids[a], words)


CHECKS: Final = (
    Check(not_drawn_twice, ("geometry_duplicate", "record_repeated")),
    Check(apart, ("geometry_overlap", "same_land", "overlaps_unlisted"), ("parcels",)),
    Check(known_by_this_number, ("land_known_otherwise",), ("parcels",)),
)
