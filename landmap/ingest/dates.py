"""Calendar arithmetic that the checks share."""

from __future__ import annotations

import datetime as dt


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
