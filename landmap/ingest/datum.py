"""Which datum longitudes and latitudes are in: true, or shifted as web maps have them (GCJ-02, BD-09).

Numbers alone cannot tell, for the shift is some 450 m. What can is a boundary at hand: under the right reading the data
overlap it better than under the others. Readings are compared with each other, never with a fixed mark, as no two
surveys of a line are the same: of a district's outline, 0.93 against 0.85 and 0.69 was measured for the right one.
Where the overlaps are too much alike, the datum is unknown, and nothing is offered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import Layer
from landmap.domain.crs import SHIFT_ACCURACY_M, Datum, unshifted
from landmap.ingest.faults import Change, Fault, Proposal

Shapes = NDArray[np.object_]
Measure = Literal["coincidence", "iou", "share"]
#: Whether the steward agreed to what a fault proposes.
Agreed = Callable[[Fault], bool]

#: How many shapes of a file are laid over the boundary.
SAMPLE: Final = 400
#: Two outlines of one parcel overlap by this much, whoever drew them; by chance they hardly ever do.
_SAME: Final = 0.8
#: How many shapes must be found again, and how many times more than under another reading.
_FOUND: Final = 3
_TIMES: Final = 3.0
#: By how much the best reading must lead where whole areas are laid over each other.
_LEAD: Final = 0.03
#: Where the data fill only a part of the boundary: what share of them must lie inside, and by how much it must lead.
_INSIDE: Final = ((0.9, 0.1), (0.99, 0.05))
#: Areas are alike, so that their overlap as a whole tells, when the smaller has this share of the larger.
_ALIKE: Final = 0.5


@dataclass(frozen=True)
class Boundary:
    """What is known to lie where it should: a published layer, or the outline of the district.

    Parameters
    ----------
    name : str
        The layer it is of; a file meant for that layer is looked through for the same shapes, any other is laid over it
        as a whole.
    shapes : object array, shape (n,), polygons, EPSG:4490 longitude first
    """

    name: str
    shapes: Shapes

    def to_text(self) -> str:
        """Return the boundary as one line of text, for another process."""
        return f"{self.name} {shapely.to_wkb(shapely.GeometryCollection(list(self.shapes)), hex=True)}"

    @classmethod
    def from_text(cls, text: str) -> Boundary:
        """Return the boundary that was written down."""
        name, _, shapes = text.partition(" ")
        return cls(name, shapely.get_parts(shapely.from_wkb(shapes)))


@dataclass(frozen=True)
class Verdict:
    """What the overlap says: the datum (None: it cannot tell), and how well each reading overlaps, 0 to 1."""

    datum: Datum | None
    boundary: str
    measure: Measure
    scores: Mapping[Datum, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as the check report has it."""
        return {
            "verdict": self.datum.value if self.datum is not None else "unknown",
            "boundary": self.boundary,
            "measure": self.measure,
            "scores": {datum.value: round(score, 4) for datum, score in self.scores.items()},
        }


def judge(shapes: Shapes, layer: Layer, boundaries: Sequence[Boundary]) -> Verdict | None:
    """Return what the first boundary that can tell says of the datum of some shapes.

    Parameters
    ----------
    shapes : object array, shape (n,), degrees, longitude first
        Read as CGCS2000; None is left out.
    layer : Layer
        What they are meant for.
    boundaries : sequence of Boundary
        The best first.

    Returns
    -------
    Verdict or None
        That of the last boundary when none can tell; None when there is nothing to compare.
    """
    sample = _sampled(shapes) if boundaries else shapes[:0]
    verdict = None
    for boundary in boundaries:
        against = boundary.shapes[shapely.get_dimensions(boundary.shapes) == 2]
        if not len(sample) or not len(against):
            continue
        same = boundary.name == layer.name
        verdict = _found_again(sample, against, boundary.name) if same else _laid_over(sample, against, boundary.name)
        if verdict.datum is not None:
            return verdict
    return verdict


@dataclass(frozen=True)
class Settled:
    """What is done about the datum: converted from `datum` (None: left as it is), `cured` by which accepted offer."""

    datum: Datum | None = None
    faults: tuple[Fault, ...] = ()
    cured: tuple[Fault, ...] = ()

    @property
    def operation(self) -> str:
        """The conversion in words, with how good it is."""
        label = self.datum.label if self.datum is not None else ""
        return f"{label} → CGCS2000: public approximation (within {SHIFT_ACCURACY_M:g} m)"


def settle(verdict: Verdict | None, claimed: Datum | None, agreed: Agreed) -> Settled:
    """Return what to do about the datum of some coordinates.

    Parameters
    ----------
    verdict : Verdict or None
        What the overlap says.
    claimed : Datum or None
        What the source says, or is known, to be in. It is followed unless the overlap speaks for another.
    agreed : callable
        Asked with the offer that is made where nothing is claimed.
    """
    found = verdict.datum if verdict is not None else None
    if claimed is not None and found not in (None, claimed) and verdict is not None and found is not None:
        words = {"boundary": verdict.boundary, "found": found.label}
        return Settled(faults=(Fault("datum_contradicted", None, "geometry", claimed.label, words),))
    datum = claimed or found
    if datum is None or datum is Datum.CGCS2000:
        return Settled()
    done = Fault("datum_corrected", None, "geometry", datum.label, {"metres": f"{SHIFT_ACCURACY_M:g}"})
    if claimed is not None or verdict is None:
        return Settled(datum, (done,))
    offer = _offer(verdict, datum)
    return Settled(datum, (done,), (offer,)) if agreed(offer) else Settled(faults=(offer,))


def corrected(shapes: Shapes, datum: Datum) -> Shapes:
    """Return shapes given in `datum` where they truly are, within ``crs.SHIFT_ACCURACY_M``; None stays None."""
    found: Shapes = shapely.transform(shapes, lambda points: unshifted(points, datum))
    return found


def _offer(verdict: Verdict, datum: Datum) -> Fault:
    """Return the fault of shifted coordinates with the offer to take them back."""
    words = {
        "boundary": verdict.boundary,
        "best": f"{verdict.scores[datum]:.2f}",
        "raw": f"{verdict.scores[Datum.CGCS2000]:.2f}",
        "metres": f"{SHIFT_ACCURACY_M:g}",
    }
    change = Proposal("datum", (Change("geometry", datum.label, Datum.CGCS2000.label),))
    return Fault(f"datum_{datum.value}", None, "geometry", datum.label, words, change)


def _sampled(shapes: Shapes) -> Shapes:
    """Return up to `SAMPLE` shapes of the highest dimension there is, spread over the file, made valid."""
    dimensions = shapely.get_dimensions(shapes)
    kept = shapes[(dimensions == dimensions.max(initial=0)) & ~shapely.is_empty(shapes)]
    valid: Shapes = shapely.make_valid(kept[:: math.ceil(len(kept) / SAMPLE)]) if len(kept) else kept
    return valid


def _found_again(sample: Shapes, against: Shapes, name: str) -> Verdict:
    """Look the shapes up one by one in a layer of the same kind: how many are there again."""
    tree = shapely.STRtree(against)
    scores = {datum: _coincident(corrected(sample, datum), against, tree) for datum in Datum}
    best, next_best = _leaders(scores)
    found = scores[best] * len(sample)
    enough = found >= min(_FOUND, math.ceil(len(sample) / 2)) and found >= _TIMES * scores[next_best] * len(sample)
    return Verdict(best if enough else None, name, "coincidence", MappingProxyType(scores))


def _coincident(shapes: Shapes, against: Shapes, tree: shapely.STRtree) -> float:
    """Return the share of shapes that are outlines of something there."""
    mine, theirs = tree.query(shapes, predicate="intersects")
    if not len(mine):
        return 0.0
    first, second = shapes[mine], shapely.make_valid(against[theirs])
    common = shapely.area(shapely.intersection(first, second))
    with np.errstate(invalid="ignore", divide="ignore"):
        overlap = common / (shapely.area(first) + shapely.area(second) - common)
    return len(np.unique(mine[overlap >= _SAME])) / len(shapes)


def _laid_over(sample: Shapes, against: Shapes, name: str) -> Verdict:
    """Lay the shapes over an area: the overlap of both as wholes, or the share inside where they fill only a part."""
    area = shapely.union_all(shapely.make_valid(against))
    shapely.prepare(area)
    size, whole = _size(sample), float(shapely.area(area))
    polygonal = shapely.get_dimensions(sample[0]) == 2
    alike = polygonal and len(sample) < SAMPLE and min(size, whole) >= _ALIKE * max(size, whole)
    scores = {}
    for datum in Datum:
        moved = corrected(sample, datum)
        own, inside = _size(moved), _size(_within(moved, area))
        scores[datum] = inside / (own + whole - inside) if alike else inside / own if own else 0.0
    best, next_best = _leaders(scores)
    lead = scores[best] - scores[next_best]
    sure = lead >= _LEAD if alike else any(scores[best] >= inside and lead >= least for inside, least in _INSIDE)
    return Verdict(best if sure else None, name, "iou" if alike else "share", MappingProxyType(scores))


def _within(shapes: Shapes, area: shapely.Geometry) -> Shapes:
    """Return the parts of shapes inside an area; those that lie inside whole are not cut."""
    cut = shapes.copy()
    crossing = ~shapely.contains_properly(area, shapes)
    cut[crossing] = shapely.intersection(shapes[crossing], area)
    return cut


def _size(shapes: Shapes) -> float:
    """Return the extent of shapes of one dimension: area, length, or number."""
    dimension = int(shapely.get_dimensions(shapes).max(initial=0))
    measure = (shapely.get_num_geometries, shapely.length, shapely.area)[max(dimension, 0)]
    filled = shapes[~shapely.is_empty(shapes)]
    return float(measure(filled).sum()) if len(filled) else 0.0


def _leaders(scores: Mapping[Datum, float]) -> tuple[Datum, Datum]:
    """Return the best and the next best; of equals the one that asks for no correction."""
    first, second, *_ = sorted(scores, key=lambda datum: -scores[datum])
    return first, second
