"""Phrases: “50亩以上 新型产业用地 距地铁1公里内” in, criteria out, and what was not understood is said.

A deterministic grammar in Chinese and English that reads from left to right in time that grows with the length of the
phrase. It takes nothing by guess: a number without a side, a word nobody knows, a wish that no criterion can express
are told with their place, and are not asked.
"""

from landmap.query.phrase.book import PHRASE_MAX, SPOKEN, PhraseBook
from landmap.query.phrase.reading import Part, Reading

__all__ = ["PHRASE_MAX", "SPOKEN", "Part", "PhraseBook", "Reading"]
