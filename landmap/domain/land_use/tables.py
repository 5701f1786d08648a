"""The land-use tables as they lie on disk, each read once."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from landmap.domain.fields import data_text


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of one CSV file of ``landmap/domain/data``."""
    return tuple(MappingProxyType(row) for row in csv.DictReader(data_text(name).splitlines()))


def plain(text: str) -> str:
    """Return `text` with half-width signs and without blanks, as names are compared.

    Examples
    --------
    >>> plain(" 工业用地（新型产业用地） ")
    '工业用地(新型产业用地)'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())
