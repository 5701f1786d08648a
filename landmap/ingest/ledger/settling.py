"""What a person settles: a candidate by its key, or any row and shape by name. What is not clear is only told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.ledger.numbers import same
from landmap.ingest.ledger.outcomes import Candidate
from landmap.ingest.ledger.pairing import Pair, Pairing
from landmap.ingest.ledger.sides import Row, Shape
from landmap.ingest.report import key_of

#: The file and layer that a fault is told of.
Place = tuple[str, str | None]

#: So many candidates of a row are listed; further ones can be named.
CANDIDATES_LISTED: Final = 20


def candidates(row: Row, shapes: Sequence[Shape]) -> tuple[Candidate, ...]:
    """Return the shapes that a row may have, each with the key that accepts it."""
    return tuple(
        Candidate(shape.ref, shape.number, key_of(fault, row.file, row.layer) or "")
        for shape, fault in zip(shapes[:CANDIDATES_LISTED], questions(row, shapes), strict=True)
    )


def together(row: Row, shapes: Sequence[Shape]) -> Fault | None:
    """Return a fault whose proposal is to take several shapes as the parts of one; None unless all bear the number."""
    if row.number is None or len(shapes) < 2 or any(one.number is None for one in shapes):
        return None
    if len({same(number) for number in (row.number, *(one.number or "" for one in shapes))}) > 1:
        return None
    words = {"count": len(shapes)}
    parts = " + ".join(shape.ref for shape in shapes)
    return Fault(
        "shapes_together", row.row, row.field, row.number, words, Proposal("join", (Change("geometry", None, parts),))
    )


def key_together(found: Pairing, place: int, rows: Sequence[Row], shapes: Sequence[Shape]) -> str:
    """Return the key that gives a row all the shapes it is asked about; empty where that is not offered."""
    row = rows[place]
    fault = together(row, [shapes[shape] for shape in found.asked[place]])
    return "" if fault is None or place not in found.alone else key_of(fault, row.file, row.layer) or ""


def questions(row: Row, shapes: Sequence[Shape]) -> list[Fault]:
    """Return a fault for each shape that a row may have; its proposal is to take that one."""
    return [
        Fault(
            "shape_asked",
            row.row,
            row.field,
            row.number,
            {"shape": shape.named, "number": shape.number, "count": len(shapes)},
            Proposal("place", (Change("geometry", row.number, shape.ref),)),
        )
        for shape in shapes[:CANDIDATES_LISTED]
    ]


def settled(
    found: Pairing,
    rows: Sequence[Row],
    shapes: Sequence[Shape],
    accept: Collection[str],
    matches: Sequence[tuple[str, str]],
) -> tuple[list[Pair], dict[int, tuple[int, ...]], list[tuple[Place, Fault]]]:
    """Return what a person settled, as pairs of indices, the further shapes of rows, and what could not be followed.

    Parameters
    ----------
    found : Pairing
        As the numbers alone join.
    rows, shapes : sequence of Row, of Shape
    accept : collection of str
        Keys of candidates; a code or the key of a group settles nothing here, for it names several shapes at once.
    matches : sequence of (row, shape)
        Each by its `ref`, or by an ending of it that no other has: ``台账.xlsx#Sheet1:7``, ``Sheet1:7``, ``7``.
    """
    faults: list[tuple[Place, Fault]] = []
    pairs: list[Pair] = []
    whole: dict[int, tuple[int, ...]] = {}
    if accept:
        for row, likely in found.asked.items():
            if key_together(found, row, rows, shapes) in accept:
                whole[row] = likely
                pairs.append((row, likely[0]))
            offered = candidates(rows[row], [shapes[shape] for shape in likely])
            pairs += [(row, shape) for shape, one in zip(likely, offered, strict=False) if one.key in accept]
    for ours, theirs in matches:
        place, shape_place = _named(ours, rows), _named(theirs, shapes)
        if place is None or shape_place is None:
            file = next((one.file for side in (rows, shapes) for one in side), "")
            faults.append(((file, None), Fault("match_unclear", None, "geometry", f"{ours}={theirs}")))
        else:
            pairs.append((place, shape_place))
    pairs = list(dict.fromkeys(pairs))
    times = Counter(row for row, _ in pairs), Counter(shape for _, shape in pairs)
    clear = [pair for pair in pairs if times[0][pair[0]] == times[1][pair[1]] == 1]
    for row, shape in pairs:
        if (row, shape) not in clear:
            words = {"shape": shapes[shape].named}
            faults.append(
                (
                    (rows[row].file, rows[row].layer),
                    Fault("match_twice", rows[row].row, "geometry", rows[row].number, words),
                )
            )
    also = {row: likely[1:] for row, likely in whole.items() if (row, likely[0]) in clear}
    return clear, also, faults


def _named(text: str, side: Sequence[Row | Shape]) -> int | None:
    """Return which one `text` names, those of today before what waits; None for none or several."""
    found = [index for index, one in enumerate(side) if one.ref == text]
    ends = [index for index, one in enumerate(side) if one.ref.endswith((f"#{text}", f":{text}"))]
    found = found or [index for index in ends if not side[index].kept] or ends
    return found[0] if len(found) == 1 else None
