"""New-industry land (新型产业用地): a local tag on class 1001, never a national code."""

from __future__ import annotations

from functools import cache

from landmap.domain.land_use.tables import plain, rows

NONE = "none"


@cache
def new_industry_tags() -> tuple[str, ...]:
    """Return the tags in use, without ``none``.

    Examples
    --------
    >>> new_industry_tags()
    ('M0', 'M1A', 'M4', '1004', '100104', 'other_local')
    """
    return tuple(dict.fromkeys(row["tag"] for row in rows("new_industry_tags.csv")))


@cache
def _tags_by_text() -> dict[str, str]:
    return {plain(row["text"]).casefold(): row["tag"] for row in rows("new_industry_tags.csv")}


def new_industry_tag(text: str) -> str:
    """Return the tag that a raw code or use text carries; ``none`` when it carries none.

    The digits 1004 are a tag only where the scheme is local or of 2020/2023: in GB/T 21010 they are a street.

    Examples
    --------
    >>> new_industry_tag("M1（A）"), new_industry_tag("工业用地（新型产业用地）"), new_industry_tag("M1")
    ('M1A', 'M0', 'none')
    """
    return _tags_by_text().get(plain(text).casefold(), NONE)
