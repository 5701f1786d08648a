"""Intervals with inclusiveness: what a planning condition permits, and whether a wish fits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Interval:
    """What is permitted; None (or NaN, which becomes None) leaves a side unbounded.

    An interval with neither side is *unspecified* (see `specified`). As a set it is the whole line, so it is feasible
    for every wish; whether a record without the condition belongs in an answer is for the caller to decide.

    Examples
    --------
    >>> Interval(1.0, 1.5, min_inclusive=False).text()
    '>1.0且≤1.5'
    """

    min: float | None = None
    max: float | None = None
    min_inclusive: bool = True
    max_inclusive: bool = True

    def __post_init__(self) -> None:
        for side in ("min", "max"):
            value = getattr(self, side)
            if value is not None and math.isnan(value):
                object.__setattr__(self, side, None)

    @property
    def specified(self) -> bool:
        """Whether the interval has any side at all."""
        return self.min is not None or self.max is not None

    @property
    def possible(self) -> bool:
        """Whether any value lies inside; False when the sides are reversed."""
        if self.min is None or self.max is None:
            return True
        return self.min < self.max or (self.min == self.max and self.min_inclusive and self.max_inclusive)

    def feasible(self, lo: float | None, hi: float | None) -> bool:
        """Whether some permitted value lies in the closed wish [lo, hi]; None leaves a side of the wish open.

        Examples
        --------
        >>> Interval(1.0, 2.0, max_inclusive=False).feasible(2.0, None)
        False
        """
        wished = lo is None or hi is None or lo <= hi
        low = lo is None or self.max is None or self.max > lo or (self.max == lo and self.max_inclusive)
        high = hi is None or self.min is None or self.min < hi or (self.min == hi and self.min_inclusive)
        return self.possible and wished and low and high

    def guaranteed(self, lo: float | None, hi: float | None) -> bool:
        """Whether every permitted value lies in the closed wish [lo, hi].

        Examples
        --------
        >>> Interval(1.5, None).guaranteed(1.0, None), Interval(1.5, None).guaranteed(1.0, 3.0)
        (True, False)
        """
        low = lo is None or (self.min is not None and self.min >= lo)
        high = hi is None or (self.max is not None and self.max <= hi)
        return self.possible and low and high

    def text(self, unit: str = "") -> str:
        """Return the bound as a notice prints it; ``/`` when unspecified.

        A number without a unit is a ratio and keeps one decimal (``≥1.0``); with a unit it is as short as it can be.

        Examples
        --------
        >>> Interval(1.5, 2.5).text(), Interval(35.0).text("%"), Interval().text()
        ('1.5–2.5', '≥35%', '/')
        """
        low = "" if self.min is None else _number(self.min, ratio=not unit)
        high = "" if self.max is None else _number(self.max, ratio=not unit)
        if low and high and self.min_inclusive and self.max_inclusive:
            return f"={low}{unit}" if self.min == self.max else f"{low}–{high}{unit}"
        lower = f"{'≥' if self.min_inclusive else '>'}{low}{unit}" if low else ""
        upper = f"{'≤' if self.max_inclusive else '<'}{high}{unit}" if high else ""
        return "且".join(filter(None, (lower, upper))) or "/"


def feasible_mask(
    minimum: ArrayLike,
    maximum: ArrayLike,
    min_inclusive: ArrayLike,
    max_inclusive: ArrayLike,
    lo: float | None,
    hi: float | None,
) -> Mask:
    """Return `Interval.feasible` for columns of bounds.

    Parameters
    ----------
    minimum, maximum : array of float, shape (n,)
        NaN leaves the side unbounded.
    min_inclusive, max_inclusive : array of bool, shape (n,)
    lo, hi : float, optional
        The closed wish.

    Returns
    -------
    array of bool, shape (n,)
        True also where both sides are NaN: the caller sets unspecified rows apart.

    Examples
    --------
    >>> feasible_mask([1.0, 2.0], [2.0, np.nan], [True, True], [False, True], 2.0, None).tolist()
    [False, True]
    """
    fits = _met((minimum, maximum, min_inclusive, max_inclusive), lo, hi, guaranteed=False)
    return np.zeros_like(fits) if lo is not None and hi is not None and lo > hi else fits


def guaranteed_mask(
    minimum: ArrayLike,
    maximum: ArrayLike,
    min_inclusive: ArrayLike,
    max_inclusive: ArrayLike,
    lo: float | None,
    hi: float | None,
) -> Mask:
    """Return `Interval.guaranteed` for columns of bounds; parameters as in `feasible_mask`.

    Examples
    --------
    >>> guaranteed_mask([1.0, 2.0], [2.0, np.nan], True, True, 2.0, None).tolist()
    [False, True]
    """
    return _met((minimum, maximum, min_inclusive, max_inclusive), lo, hi, guaranteed=True)


def reach(
    minimum: ArrayLike, maximum: ArrayLike, min_inclusive: ArrayLike, max_inclusive: ArrayLike, *, guaranteed: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far intervals reach, as two columns of plain numbers that a wish is compared with.

    An interval meets ``≥ lo`` when its first number is at least lo, and ``≤ hi`` when its second is at most hi; so an
    index of numbers serves intervals too. An open end counts as the next float inwards; what is empty meets nothing.

    Parameters
    ----------
    minimum, maximum, min_inclusive, max_inclusive : array, shape (n,)
        As in `feasible_mask`.
    guaranteed : bool
        Whether every value of the interval has to meet the wish, or some value.

    Examples
    --------
    >>> most, least = reach([1.0, 2.0], [2.0, np.nan], True, [False, True], guaranteed=False)
    >>> (most >= 2.0).tolist(), (least <= 1.0).tolist()
    ([False, True], [True, False])
    """
    low, high, low_in, high_in = _columns(minimum, maximum, min_inclusive, max_inclusive)
    if guaranteed:
        up, down = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    else:
        inner_high = np.where(high_in, high, np.nextafter(high, -np.inf))
        inner_low = np.where(low_in, low, np.nextafter(low, np.inf))
        up, down = np.where(np.isnan(high), np.inf, inner_high), np.where(np.isnan(low), -np.inf, inner_low)
    possible = _possible(low, high, low_in, high_in)
    return np.where(possible, up, -np.inf), np.where(possible, down, np.inf)


def _met(
    bounds: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], lo: float | None, hi: float | None, *, guaranteed: bool
) -> Mask:
    up, down = reach(*bounds, guaranteed=guaranteed)
    fits = _possible(*_columns(*bounds))
    if lo is not None:
        fits &= up >= lo
    if hi is not None:
        fits &= down <= hi
    return fits


def _columns(
    minimum: ArrayLike, maximum: ArrayLike, min_inclusive: ArrayLike, max_inclusive: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], Mask, Mask]:
    low, high = np.asarray(minimum, dtype=np.float64), np.asarray(maximum, dtype=np.float64)
    return low, high, np.asarray(min_inclusive, dtype=np.bool_), np.asarray(max_inclusive, dtype=np.bool_)


def _possible(low: NDArray[np.float64], high: NDArray[np.float64], low_in: Mask, high_in: Mask) -> Mask:
    return np.asarray(~((low > high) | ((low == high) & ~(low_in & high_in))), dtype=np.bool_)


def _number(value: float, *, ratio: bool) -> str:
    """Return `value` in plain decimals that read back to the same float."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    text = format(Decimal(repr(float(value))), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}.0" if ratio and "." not in text else text
