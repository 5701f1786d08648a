"""Classification schemes: which one a layer is written in, and what its codes are called in 2023."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from landmap.domain.errors import InvalidValueError
from landmap.domain.land_use.classes import classes
from landmap.domain.land_use.new_industry import NONE, new_industry_tag
from landmap.domain.land_use.tables import plain, rows

#: Share of code and name pairs (or of codes of one style) that must agree.
AGREEMENT: Final = 0.9


class LandUseScheme(StrEnum):
    """A classification in which land-use codes are written."""

    YDYH2023 = "ydyh2023"
    YDYH2020 = "ydyh2020"
    GB50137 = "gb50137"
    GBT21010 = "gbt21010"
    SANDIAO = "sandiao"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A 2023 class that a code of another scheme may be.

    `relation` is ``=`` same scope, ``<`` the 2023 class is narrower, ``≈`` overlap to be checked by hand. A `doubtful`
    one is never chosen without a person.
    """

    code: str
    relation: str
    doubtful: bool
    note: str


@dataclass(frozen=True, slots=True)
class Collision:
    """Digits that mean one thing in 2023 (None: nothing) and another in older schemes."""

    code: str
    name_2023: str | None
    other_name: str
    schemes: tuple[LandUseScheme, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """The scheme a layer is written in; `scheme` None means the layer must be set aside until someone says.

    `agreement` is the share of code and name pairs that agree with the scheme, None when no names were given.
    """

    scheme: LandUseScheme | None
    reason: str
    agreement: float | None


@cache
def collisions() -> tuple[Collision, ...]:
    """Return the digits that collide between the 2023 scheme and another."""
    return tuple(
        Collision(
            row["code"],
            row["ydyh2023"] or None,
            row["other"],
            tuple(LandUseScheme(scheme) for scheme in row["schemes"].split()),
        )
        for row in rows("collisions.csv")
    )


_SPELLINGS: Final[Mapping[LandUseScheme, tuple[str, ...]]] = MappingProxyType(
    {
        LandUseScheme.YDYH2023: ("用地用海", "用地用海2023", "用地用海分类指南", "国土空间用地用海分类2023", "2023"),
        LandUseScheme.YDYH2020: ("用地用海2020", "用地用海试行", "用地用海分类指南(试行)", "2020"),
        LandUseScheme.GB50137: ("gb50137-2011", "gb 50137-2011", "城市用地分类"),
        LandUseScheme.GBT21010: ("gb/t21010", "gb/t21010-2017", "gbt21010-2017", "土地利用现状分类"),
        LandUseScheme.SANDIAO: ("三调", "国土三调", "第三次全国国土调查"),
        LandUseScheme.LOCAL: ("地方", "本地"),
    }
)


def scheme_named(text: str) -> LandUseScheme:
    """Return the scheme that a column or metadata calls `text`; raise InvalidValueError when nobody calls it so.

    Examples
    --------
    >>> scheme_named("GB/T 21010-2017")
    <LandUseScheme.GBT21010: 'gbt21010'>
    """
    wanted = plain(text).casefold()
    for scheme, spellings in _SPELLINGS.items():
        if wanted == scheme or wanted in map(plain, spellings):
            return scheme
    raise InvalidValueError.of("land_use_scheme", text, "unknown scheme", f"one of {', '.join(LandUseScheme)}")


@cache
def _names(scheme: LandUseScheme) -> Mapping[str, str]:
    """Return the class names of a scheme by code."""
    own = {row["code"]: plain(row["name_zh"]) for row in rows("land_use_names.csv") if row["scheme"] == scheme}
    if scheme not in (LandUseScheme.YDYH2023, LandUseScheme.YDYH2020):
        return own
    return {code: plain(known.name_zh) for code, known in classes().items()} | own


@cache
def counterparts(code: str, scheme: LandUseScheme, local: tuple[tuple[str, str], ...] = ()) -> tuple[Counterpart, ...]:
    """Return the 2023 classes that `code` of `scheme` may be, in table order; empty when none is known.

    Examples
    --------
    >>> [(found.code, found.relation) for found in counterparts("M", LandUseScheme.GB50137)]
    [('1001', '=')]
    """
    own = tuple(Counterpart(to, "=", doubtful=False, note="district crosswalk") for given, to in local if given == code)
    if own and scheme is LandUseScheme.LOCAL:
        return own
    if scheme is LandUseScheme.YDYH2023 and code in classes():
        return (Counterpart(code, "=", doubtful=False, note=""),)
    found = tuple(
        Counterpart(row["ydyh2023"], row["relation"], bool(row["doubtful"]), row["note"])
        for row in rows("crosswalk.csv")
        if row["scheme"] == scheme and row["code"] == code
    )
    if found or own:
        return found or own
    if scheme is LandUseScheme.YDYH2020 and code in classes():
        return (Counterpart(code, "=", doubtful=False, note="unchanged since 2020"),)
    tagged = new_industry_tag(code) != NONE and scheme not in (LandUseScheme.GBT21010, LandUseScheme.SANDIAO)
    return (Counterpart("1001", "≈", doubtful=False, note="new industry: 1001 with a tag"),) if tagged else ()


def to_2023(code: str, scheme: LandUseScheme, local: Mapping[str, str] | None = None) -> tuple[str | None, str]:
    """Return the 2023 code of `code` and how the two relate.

    Parameters
    ----------
    code : str
        As written in `scheme`.
    scheme : LandUseScheme
    local : mapping of str to str, optional
        A district's own codes and their 2023 codes. It decides in the local scheme; elsewhere it adds codes the
        scheme lacks.

    Returns
    -------
    (str or None, {"=", "<", "≈", "none"})
        ``(None, "≈")`` when several classes fit equally well (see `counterparts`); ``(None, "none")`` when none is
        known.

    Examples
    --------
    >>> to_2023("0601", LandUseScheme.SANDIAO), to_2023("05H1", LandUseScheme.SANDIAO)
    (('1001', '='), (None, '≈'))
    """
    found = counterparts(code, scheme, tuple((local or {}).items()))
    for relation in ("=", "≈", "<"):
        sure = [one for one in found if one.relation == relation and not one.doubtful]
        if sure:
            return (sure[0].code, relation) if len(sure) == 1 else (None, "≈")
    return None, "≈" if found else "none"


_SANDIAO_STYLE: Final = re.compile(r"0[58]H[12]A?|0810A|1107A|20[1-5]A?|[0-9]{4}K")
_GB50137_STYLE: Final = re.compile(r"[RABMWSUGHE][0-9]{0,2}")
_NATIONAL_STYLE: Final = re.compile(r"[0-9]{6}|(?:1[3-9]|2[0-4])(?:[0-9]{2})?")
#: Codes that exist in the 2020 trial only, and one that then meant something else.
_TRIAL_CODES: Final = frozenset({"1313", "060102", "0604", "090301", "090302"})
_Pairs = Mapping[tuple[str, str], int]


def detect_scheme(
    codes: Iterable[str | None],
    names: Sequence[str | None] | None = None,
    declared: LandUseScheme | str | None = None,
) -> Detection:
    """Return the scheme a layer's codes are written in, or say that it cannot be known.

    Parameters
    ----------
    codes : iterable of str or None, length n
        One per row, as written.
    names : sequence of str or None, length n, optional
        The class names beside them.
    declared : LandUseScheme or str, optional
        What a scheme column or the metadata says. It wins; `agreement` tells when the names speak against it.

    Returns
    -------
    Detection
        Tried in this order: declared; letters; 三调 marks; six digits or a first level above 12; names that agree on
        at least 90 % of the rows; otherwise unknown. Digits alone decide nothing.

    Examples
    --------
    >>> detect_scheme(["0601", "0701"]).scheme is None
    True
    >>> detect_scheme(["0601", "0701"], ["工业用地", "城镇住宅用地"], "三调").scheme
    <LandUseScheme.SANDIAO: 'sandiao'>
    """
    written_codes = list(codes)
    beside = [None] * len(written_codes) if names is None else names
    pairs = Counter((plain(code), plain(name or "")) for code, name in zip(written_codes, beside, strict=True) if code)
    if declared:
        return _declared(declared, pairs)
    written = Counter[str]()
    for (code, _), count in pairs.items():
        written[code] += count
    if not written:
        return Detection(None, "no codes", None)
    scheme, reason = _by_style(written, pairs)
    if scheme is not None:
        return Detection(scheme, reason, _agreement(scheme, pairs))
    return _by_names(pairs, reason)


def _declared(declared: LandUseScheme | str, pairs: _Pairs) -> Detection:
    try:
        scheme = scheme_named(declared)
    except InvalidValueError as error:
        return Detection(None, error.message, None)
    agreement = _agreement(scheme, pairs)
    against = agreement is not None and agreement < AGREEMENT
    return Detection(
        scheme, f"declared, but only {agreement:.0%} of the names agree" if against else "declared", agreement
    )


def _by_style(written: Counter[str], pairs: _Pairs) -> tuple[LandUseScheme | None, str]:
    """Decide by how the codes are written; the reason tells why not."""
    tags = {code for code in written if code[:1].isalpha() and new_industry_tag(code) != NONE}
    digits = {code for code in written if code[:1].isdigit()}
    letters = written.keys() - digits - tags
    if letters or (tags and not digits):
        return _by_letters(written, letters, digits)
    if any(_SANDIAO_STYLE.fullmatch(code) for code in digits):
        return LandUseScheme.SANDIAO, "codes only the third survey writes"
    if not any(_NATIONAL_STYLE.fullmatch(code) for code in digits):
        return None, "the digits are shared by several schemes"
    if _trial(pairs):
        return LandUseScheme.YDYH2020, "codes only the 2020 trial writes"
    ahead = (_agreement(LandUseScheme.YDYH2020, pairs) or 0) > (_agreement(LandUseScheme.YDYH2023, pairs) or 0)
    scheme = LandUseScheme.YDYH2020 if ahead else LandUseScheme.YDYH2023
    return scheme, "six digits or a first level above 12" + (", names of 2020" if ahead else "")


def _by_letters(written: Counter[str], letters: set[str], digits: set[str]) -> tuple[LandUseScheme | None, str]:
    if sum(written[code] for code in digits) > (1 - AGREEMENT) * written.total():
        return None, "letters and digits are mixed"
    known = sum(written[code] for code in letters if _GB50137_STYLE.fullmatch(code))
    if known >= AGREEMENT * sum(written[code] for code in letters):
        return LandUseScheme.GB50137, "letters"
    return LandUseScheme.LOCAL, "letters that GB 50137 does not use"


def _trial(pairs: _Pairs) -> bool:
    """Whether a code, with its name where there is one, exists in the 2020 trial only."""
    now = _names(LandUseScheme.YDYH2023)
    return any(
        (code in _TRIAL_CODES and (not name or now.get(code) != name)) or (code == "2303" and name == "田间道")
        for code, name in pairs
    )


def _by_names(pairs: _Pairs, reason: str) -> Detection:
    """Choose the one scheme in which nearly all code and name pairs agree."""
    schemes = [scheme for scheme in LandUseScheme if scheme is not LandUseScheme.LOCAL]
    found = {scheme: share for scheme in schemes if (share := _agreement(scheme, pairs)) is not None}
    if not found:
        return Detection(None, f"scheme unknown: {reason}, and no names stand beside them", None)
    best = max(found.values())
    winners = [scheme for scheme, share in found.items() if share == best]
    if best < AGREEMENT:
        return Detection(None, f"scheme unknown: the names agree with no scheme (at most {best:.0%})", best)
    national = {LandUseScheme.YDYH2023, LandUseScheme.YDYH2020}
    if len(winners) > 1 and not set(winners) <= national:
        return Detection(None, f"scheme unknown: the names agree with {' and '.join(winners)} alike", best)
    return Detection(winners[0], f"{best:.0%} of code and name pairs agree", best)


def _agreement(scheme: LandUseScheme, pairs: _Pairs) -> float | None:
    """Return the share of named rows whose name is the scheme's own; None when no row has a name."""
    own = _names(scheme)
    named = {pair: count for pair, count in pairs.items() if pair[1]}
    if not named:
        return None
    return sum(count for (code, name), count in named.items() if own.get(code) == name) / sum(named.values())
