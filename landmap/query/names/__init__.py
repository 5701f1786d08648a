"""Names: a parcel's number in any spelling, a road, a place in pinyin or initials, the words of a criterion."""

from landmap.query.names.book import NameBook, Suggestion, Suggestions

__all__ = ["NameBook", "Suggestion", "Suggestions"]
