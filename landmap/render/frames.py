"""What the flat formats share: which columns a selection has, their headings, and its notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from landmap.domain import Field, Words
from landmap.query import Selection
from landmap.render import numbers

#: Columns of the representative point in tables, which have no shapes.
LONGITUDE: Final = "longitude"
LATITUDE: Final = "latitude"


def heading(field: Field, words: Words) -> str:
    """Return the heading of a column: the field's label, and its unit.

    Examples
    --------
    >>> from landmap.domain import layer_named
    >>> heading(layer_named("parcels").fields["net_area_m2"], Words("zh", {}))
    '净用地（出让）面积（㎡）'
    """
    label = field.label(words.lang)
    if not field.unit:
        return label
    unit = numbers.unit_label(field.unit, words.lang)
    return f"{label}（{unit}）" if words.lang == "zh" else f"{label} ({unit})"


def headings(fields: Mapping[str, Field], words: Words) -> dict[str, str]:
    """Return a heading for every field; where two would read the same, the field's name is added."""
    named = {name: heading(field, words) for name, field in fields.items()}
    texts = list(named.values())
    return {name: text if texts.count(text) == 1 else f"{text} [{name}]" for name, text in named.items()}


def notes(selection: Selection, words: Words) -> Sequence[tuple[str, str]]:
    """Return what a file says of itself: notice, layer, criteria, count, day and version."""
    district, lang = selection.district, words.lang
    sentence = selection.criteria.describe(lang, district)
    found = (
        (words("table.notice"), district.notice(lang)),
        (words("table.district"), f"{district.name(lang)} {district.code}"),
        (words("table.layer"), selection.layer.label(lang)),
        (words("table.criteria"), sentence or words("table.all")),
        (words("table.count"), str(selection.total)),
        (words("table.date"), numbers.day(selection.today, lang)),
        (words("table.version"), selection.snapshot_id),
        (words("table.crs"), words("table.crs_text")),
        (words("table.disclaimer"), words("brief.disclaimer")),
    )
    return [(label, text) for label, text in found if text]
