"""Calendar arithmetic that the checks share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Where NumPy begins to count days.
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_NO_DAY: Final = int(np.datetime64("NaT", "D").astype(np.int64))


def days_of(values: Sequence[dt.date | None]) -> NDArray[np.datetime64]:
    """Return dates as an array of days, shape (n,), NaT where unknown.

    Examples
    --------
    >>> days_of([dt.date(2026, 11, 22), None])
    array(['2026-11-22',        'NaT'], dtype='datetime64[D]')
    """
    days = {day: _NO_DAY if day is None else day.toordinal() - _EPOCH for day in set(values)}
    numbers = np.fromiter(map(days.__getitem__, values), np.int64, len(values))
    return numbers.view("datetime64[D]")


def years_after(day: dt.date, years: int) -> dt.date:
    """Return the same day `years` later; 29 February becomes the 28th.

    Examples
    --------
    >>> years_after(dt.date(2024, 2, 29), 1)
    datetime.date(2025, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
