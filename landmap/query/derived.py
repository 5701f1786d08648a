"""What several criteria read out of the fields: the parts of a mixed use, admitted industries, readings, the checklist.

Records with the same content share one entry, so that a criterion is decided once per entry and spread by `codes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from landmap.domain import code_list, intervals, land_use
from landmap.query.columns import fold
from landmap.query.index import Bits, Codes, Lists, Mask, Ordered, bits
from landmap.query.scene import Scene
from landmap.query.truth import Truth, everywhere_unknown

E = TypeVar("E", bound=Hashable)

_LEADING_DIGITS: Final = re.compile(r"[a-z]?([0-9]{2,4})(?![0-9])")


@dataclass(frozen=True)
class Distinct(Generic[E]):
    """A column of few distinct contents: `entries`, and the entry of every record; shape (n,)."""

    entries: tuple[E, ...]
    codes: npt.NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[E]) -> Distinct[E]:
        """Return the column that holds `rows`."""
        seen: dict[E, int] = {}
        codes = [seen.setdefault(row, len(seen)) for row in rows]
        return cls(tuple(seen), np.array(codes, dtype=np.int64))

    @cached_property
    def index(self) -> Codes:
        """The index of `codes`."""
        return Codes(self.codes, len(self.entries))

    def spread(self, answer: Callable[[E], bool]) -> Bits:
        """Return the records of whose entry `answer` holds."""
        return self.index.among([code for code, entry in enumerate(self.entries) if answer(entry)])


@dataclass(frozen=True)
class Uses:
    """The land uses of every record.

    Attributes
    ----------
    labels : tuple of str
        The codes that occur.
    parts : Lists
        Every use of a record, unknown where none is known.
    main : Codes
        Its main use.
    """

    labels: tuple[str, ...]
    parts: Lists
    main: Codes

    def among(self, wanted: Callable[[str], bool], *, primary_only: bool) -> Truth:
        """Return which records have a use of which `wanted` holds; with `primary_only`, as their main one."""
        codes = [code for code, label in enumerate(self.labels) if wanted(label)]
        if primary_only:
            return Truth(self.main.among(codes), self.parts.unknown)
        return Truth(bits.union(map(self.parts.holding, codes), self.main.size), self.parts.unknown)


def uses(scene: Scene) -> Uses:
    """Return the land uses of every record.

    The main use is the part with the largest share, the first of several; without parts, `land_use_code`. The code and
    every part count.
    """
    mixed_seen = scene.sees("mixed_uses")

    def make() -> Uses:
        columns = scene.view.columns
        mixed = columns.parsed("mixed_uses") if mixed_seen else [None] * scene.size
        parts = list(map(_parts, columns.coded("land_use_code").texts(), mixed))
        labels = tuple(sorted(frozenset[str]().union(*parts)))
        code_of = {label: code for code, label in enumerate(labels)}
        rows = np.repeat(np.arange(scene.size), list(map(len, parts)))
        codes = np.array([code_of[label] for own in parts for label in own], dtype=np.int64)
        main = np.array([code_of[own[0]] if own else -1 for own in parts], dtype=np.int64)
        return Uses(labels, Lists(rows, codes, len(labels), main >= 0), Codes(main, len(labels)))

    return scene.view.keep(("uses", mixed_seen), make)


def tagged(scene: Scene) -> Truth:
    """Return whether a record is tagged new industry."""
    index, labels = scene.index("new_industry_tag"), scene.coded("new_industry_tag").labels
    return Truth(
        index.among([code for code, tag in enumerate(labels) if tag != land_use.new_industry.NONE]), index.unknown
    )


def _parts(own: str | None, mixed: Sequence[dict[str, Any]] | None) -> tuple[str, ...]:
    parts = [part for part in mixed or () if part.get("code")]
    ordered = sorted(parts, key=lambda part: -(part.get("share_pct") or 0.0))
    return tuple(dict.fromkeys([*(str(part["code"]) for part in ordered), *([own] if own else [])]))


def drawn(scene: Scene) -> tuple[tuple[str, ...], Codes]:
    """Return the classes of the legend, and which one each record is drawn in, by its own use and its tag."""
    labels = tuple(shown.key for shown in land_use.display_classes())

    def make() -> Codes:
        code = scene.coded("land_use_code")
        plain, new = (
            np.array([*(labels.index(land_use.display_class(one, how).key) for one in code.labels), -1])[code.codes]
            for how in (False, True)
        )
        return Codes(np.where(bits.mask_of(tagged(scene).true, scene.size), new, plain), len(labels))

    seen = (scene.sees("land_use_code"), scene.sees("new_industry_tag"))
    return labels, scene.view.keep(("drawn", *seen), make)


@dataclass(frozen=True, slots=True)
class Admits:
    """What a record says on industries.

    `admitted` are the codes of its standard-land indices, or None without any; `encouraged` and `restricted` the codes
    its texts name, or None without any text; `unread` tells that some encouraging text names no code.
    """

    admitted: frozenset[str] | None
    encouraged: frozenset[str] | None
    restricted: frozenset[str]
    unread: bool


def admits(scene: Scene) -> Distinct[Admits]:
    """Return what every record says on industries."""
    paths = ("standard_land_indices.industry_code", "encouraged_industries", "restricted_industries")
    seen = tuple(scene.sees(path) for path in paths)

    def make() -> Distinct[Admits]:
        listed: list[set[str]] = [set() for _ in range(scene.size)]
        nested = scene.nested("standard_land_indices")
        if nested is not None and seen[0]:
            for parent, code in zip(nested.parents, nested.columns.ready("industry_code"), strict=True):
                listed[parent].add(code)
        texts = [
            scene.view.columns.ready(name) if shown else np.full(scene.size, None)
            for name, shown in zip(paths[1:], seen[1:], strict=True)
        ]
        return Distinct.of(_admits(*row) for row in zip(listed, *texts, strict=True))

    return scene.view.keep(("admits", seen), make)


def _admits(listed: set[str], encouraged: list[str] | None, restricted: list[str] | None) -> Admits:
    named = [industries_named(text) for text in encouraged or ()]
    return Admits(
        admitted=frozenset(listed) if listed else None,
        encouraged=frozenset().union(*named) if named else None,
        restricted=frozenset[str]().union(*(industries_named(text) for text in restricted or ())),
        unread=any(not codes for codes in named),
    )


@cache
def industries_named(text: str) -> frozenset[str]:
    """Return the industries that a text names: by leading digits of GB/T 4754, else by the name of a division.

    Examples
    --------
    >>> sorted(industries_named("C35 专用设备制造业")), sorted(industries_named("化工"))
    (['35'], [])
    """
    plain = fold(text).strip()
    digits = _LEADING_DIGITS.match(plain)
    if digits:
        return frozenset({digits[1]})
    return frozenset(
        code.code
        for code in code_list("industry").values()
        if fold(code.label_zh) in plain or fold(code.label_en) in plain
    )


#: Readings that a filter may rely on; any other but `unspecified` is ambiguous.
_RELIABLE: Final = frozenset({"ok", "ok_with_exception"})
#: Reading of a condition that says nothing.
_SILENT: Final = "unspecified"


@dataclass(frozen=True)
class Permitted:
    """What a planning condition permits: how far up and down the intervals reach, where they could be read.

    Attributes
    ----------
    up, down : Ordered
        An interval meets a wish for at least x when it reaches up to x, for at most x when it reaches down to x.
    unknown : Bits
        Where neither side is on file, or the reading says so.
    ambiguous : Bits
        Where the reading is neither sure nor silent.
    """

    up: Ordered
    down: Ordered
    unknown: Bits
    ambiguous: Bits


def permitted(scene: Scene, low: str, high: str, names: tuple[str, ...], *, guaranteed: bool) -> Permitted:
    """Return what the condition between `low` and `high`, whose reading is called one of `names`, permits."""
    inclusive = (f"{low}_inclusive", f"{high}_inclusive")

    def make() -> Permitted:
        least, most = scene.numbers(low), scene.numbers(high)
        least_in, most_in = (scene.flags(side) != 0 for side in inclusive)
        up, down = intervals.reach(least, most, least_in, most_in, guaranteed=guaranteed)
        silent, doubtful = _readings(scene, names)
        unknown = ((np.isnan(least) & np.isnan(most)) | silent) & ~doubtful
        sure = ~unknown & ~doubtful
        return Permitted(Ordered(up, sure), Ordered(down, sure), bits.packed(unknown), bits.packed(doubtful))

    return scene.view.keep(("permitted", low, high, *map(scene.sees, inclusive), guaranteed), make)


def _readings(scene: Scene, names: tuple[str, ...]) -> tuple[Mask, Mask]:
    """Return where a condition was read as saying nothing, and where doubtfully; nothing on file counts as read."""
    columns = scene.view.columns
    parsed = columns.derived("planning_parse_status", lambda: columns.parsed("planning_parse_status"))
    status = [_status(entry, names) for entry in parsed]
    silent = np.array([one == _SILENT for one in status], dtype=np.bool_)
    doubtful = np.array([one not in (None, _SILENT) and one not in _RELIABLE for one in status], dtype=np.bool_)
    return silent, doubtful


def _status(entry: dict[str, str] | None, names: tuple[str, ...]) -> str | None:
    return next((entry[name] for name in names if name in entry), None) if entry else None


_SETTLED: Final = frozenset({"covered_by_regional", "exempt"})
_OPEN: Final = frozenset({"not_started", "in_progress"})
_FAULTY: Final = frozenset({"fail", "conditional"})
_PASSED: Final = frozenset({"pass", "na"})


def checklist(scene: Scene) -> Truth:
    """Return whether every site assessment of a record is green today.

    An item is green when it is not required, covered by a regional assessment, exempt, or done with no condition left.
    It is unknown when its need or status is, when it has expired, or when it is done and its conclusion is hidden or
    not on file; otherwise it is not green. One item that is not green decides; a record without any item is unknown.

    Source: domain reference §4.6 and §10.3 (past ``valid_until`` the status falls back to unknown).
    """
    today = int(np.datetime64(scene.today, "D").astype(np.int64))
    judged = scene.sees("site_assessments.conclusion")
    dated = scene.sees("site_assessments.valid_until")
    nested = scene.nested("site_assessments")

    def make() -> Truth:
        nothing = np.zeros(scene.size, dtype=np.bool_)
        if nested is None:
            return everywhere_unknown(scene.size)
        columns = nested.columns
        need, status = columns.coded("required"), columns.coded("status")
        until = columns.days("valid_until")
        expired = (until != np.iinfo(np.int64).min) & (until < today) & dated
        needless = need.among(frozenset({"no"}))
        done = status.among(frozenset({"done"}))
        conclusion = columns.coded("conclusion")
        passed, failed = (conclusion.among(codes) & judged & done for codes in (_PASSED, _FAULTY))
        decided = passed | failed | status.among(_SETTLED | _OPEN)
        unsure = ~needless & (~need.among(frozenset({"yes"})) | expired | ~decided)
        red = ~needless & ~unsure & (status.among(_OPEN) | failed)
        return _gathered(nested.parents, red, unsure, nothing)

    return scene.view.recent(("checklist", today, judged, dated), make)


def _gathered(parents: npt.NDArray[np.int64], red: Mask, unsure: Mask, nothing: Mask) -> Truth:
    on_file, any_red, any_unsure = nothing.copy(), nothing.copy(), nothing.copy()
    on_file[parents] = True
    any_red[parents[red]] = True
    any_unsure[parents[unsure]] = True
    unknown = any_unsure | ~on_file
    return Truth(bits.packed(~any_red & ~unknown), bits.packed(~any_red & unknown))
