"""Who goes with whom: rows and shapes by number; what is claimed twice is asked, what merely looks alike too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from landmap.ingest.ledger.numbers import Key, alike, exact, same

Pair = tuple[int, int]


@dataclass(frozen=True)
class Pairing:
    """What became of every row and every shape, each by its index: it stands in exactly one place.

    Parameters
    ----------
    placed : Mapping of row to shape
    asked : Mapping of row to shapes
        Rows that somebody must settle, with the shapes they may have; a shape may stand under several rows.
    unplaced : tuple of int
        Rows without a shape.
    unclaimed : tuple of int
        Shapes without a row.
    also : Mapping of row to shapes
        What a placed row has beside its shape, where somebody said that several are one.
    published : Mapping of row to id
        Rows without a shape of their own whose record is published.
    redrawn : Mapping of shape to id
        Shapes without a row whose record is published.
    """

    placed: Mapping[int, int]
    asked: Mapping[int, tuple[int, ...]]
    unplaced: tuple[int, ...]
    unclaimed: tuple[int, ...]
    also: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    published: Mapping[int, str] = field(default_factory=dict)
    redrawn: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def alone(self) -> frozenset[int]:
        """The asked rows that may have shapes which no other row may have."""
        groups = {id(likely): likely for likely in self.asked.values()}
        claims = Counter(id(likely) for likely in self.asked.values())
        wanted = Counter(shape for likely in groups.values() for shape in likely)
        own = {name for name, likely in groups.items() if claims[name] == 1 and all(wanted[one] == 1 for one in likely)}
        return frozenset(row for row, likely in self.asked.items() if id(likely) in own)

    def shapes_of(self, row: int) -> tuple[int, ...]:
        """Return the shapes of a placed row."""
        return (self.placed[row], *self.also.get(row, ()))

    @property
    def asked_shapes(self) -> tuple[int, ...]:
        """The shapes that some row may have, sorted."""
        groups = {id(likely): likely for likely in self.asked.values()}
        return tuple(sorted({shape for likely in groups.values() for shape in likely}))


def join(
    rows: Sequence[str | None],
    shapes: Sequence[str | None],
    settled: Collection[Pair] = (),
    also: Mapping[int, tuple[int, ...]] = MappingProxyType({}),
) -> Pairing:
    """Return who goes with whom.

    Parameters
    ----------
    rows, shapes : sequence of str or None
        The numbers as written; None: it has none, and goes with nothing.
    settled : collection of (row, shape)
        What a person settled; no row and no shape twice. It outranks the numbers.
    also : Mapping of row to shapes, optional
        Which further shapes a settled row has.

    Notes
    -----
    A number that one row and one shape bear joins them. Of several, spellings that keep their zeros join only when they
    tell all of them apart, one row to one shape; otherwise all are asked, also those left when a person settled some of
    them. Rows and shapes that nothing joins are asked when their numbers differ by a dash left out or a single sign.

    Examples
    --------
    >>> found = join(["LC2025-001", "LC2025-2", "LC2025-3"], ["lc 2025—1", "LC2025-2", "LC2025-02"])
    >>> dict(found.placed), dict(found.asked), found.unplaced
    ({0: 0}, {1: (1, 2)}, (2,))
    """
    claims, offers = _grouped(rows), _grouped(shapes)
    placed: dict[int, int] = {}
    asked: dict[int, tuple[int, ...]] = {}
    for key, claimants in claims.items():
        offered = offers.get(key, [])
        if not offered:
            continue
        pairs = _told_apart(claimants, offered, rows, shapes)
        if pairs is not None:
            placed |= pairs
        else:
            asked |= dict.fromkeys(claimants, tuple(offered))
    asked |= _alike(
        [row for row in range(len(rows)) if row not in placed and row not in asked],
        sorted(set(range(len(shapes))) - set(placed.values()) - {one for key in claims for one in offers.get(key, ())}),
        rows,
        shapes,
    )
    return _with(settled, also, placed, asked, len(rows), len(shapes))


def _grouped(numbers: Sequence[str | None]) -> dict[Key, list[int]]:
    groups: dict[Key, list[int]] = {}
    for index, number in enumerate(numbers):
        if number is not None:
            groups.setdefault(same(number), []).append(index)
    return groups


def _told_apart(
    claimants: Sequence[int], offered: Sequence[int], rows: Sequence[str | None], shapes: Sequence[str | None]
) -> dict[int, int] | None:
    """Return the pairs of one number, where each row has one shape and each shape one row; None otherwise."""
    if len(claimants) == len(offered) == 1:
        return {claimants[0]: offered[0]}
    ours = {exact(rows[row] or ""): row for row in claimants}
    theirs = {exact(shapes[shape] or ""): shape for shape in offered}
    if len(ours) < len(claimants) or len(theirs) < len(offered) or ours.keys() != theirs.keys():
        return None
    return {row: theirs[key] for key, row in ours.items()}


def _alike(
    left: Iterable[int], free: Iterable[int], rows: Sequence[str | None], shapes: Sequence[str | None]
) -> dict[int, tuple[int, ...]]:
    """Return, of rows and shapes that nothing joins, which numbers look alike."""
    looks: dict[str, list[int]] = {}
    for shape in free:
        for look in alike(shapes[shape] or ""):
            looks.setdefault(look, []).append(shape)
    found = {}
    for row in left:
        likely = {shape for look in alike(rows[row] or "") for shape in looks.get(look, ())}
        if likely:
            found[row] = tuple(sorted(likely))
    return found


def _with(
    settled: Collection[Pair],
    also: Mapping[int, tuple[int, ...]],
    placed: Mapping[int, int],
    asked: Mapping[int, tuple[int, ...]],
    rows: int,
    shapes: int,
) -> Pairing:
    """Return the pairing once a person settled some of it: nobody else keeps or may have what they gave away."""
    given = dict(settled)
    taken = [*given.values(), *(shape for parts in also.values() for shape in parts)]
    if len(given) < len(settled) or max(Counter(taken).values(), default=1) > 1:
        raise ValueError("a row or a shape is settled twice")
    gone = set(taken)
    kept = given | {row: shape for row, shape in placed.items() if row not in given and shape not in gone}
    # Rows of one number share one tuple, however many they are: each tuple is looked at once.
    groups = {id(likely): likely for likely in asked.values()}
    still = {name: tuple(shape for shape in likely if shape not in gone) for name, likely in groups.items()}
    open_ = {row: still[id(likely)] for row, likely in asked.items() if row not in given and still[id(likely)]}
    used = gone | set(kept.values()) | {shape for name in {id(asked[row]) for row in open_} for shape in still[name]}
    return Pairing(
        dict(sorted(kept.items())),
        open_,
        tuple(row for row in range(rows) if row not in kept and row not in open_),
        tuple(shape for shape in range(shapes) if shape not in used),
        dict(also),
    )
