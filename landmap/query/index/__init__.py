"""Indexes over the records of one policy class: packed bitmaps, made once and then only read.

Ordinals are rows, so bit i of every bitmap is the record with ordinal i. NumPy alone does the work.
"""

from landmap.query.index import bits
from landmap.query.index.areas import covered
from landmap.query.index.bits import Bits, Mask, Rows
from landmap.query.index.codes import Codes
from landmap.query.index.lists import Lists
from landmap.query.index.ordered import Ordered
from landmap.query.index.subset import Subset
from landmap.query.index.texts import Searched
from landmap.query.index.zones import Zones

__all__ = ["Bits", "Codes", "Lists", "Mask", "Ordered", "Rows", "Searched", "Subset", "Zones", "bits", "covered"]
