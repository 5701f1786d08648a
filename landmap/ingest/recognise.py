"""What the values of a column look like: codes of a list, codes of a known build, dates; which fields they suit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import District, Field, Kind, Layer, land_use
from landmap.domain.intervals import ParseStatus, parse_bound
from landmap.ingest.codes import code_of
from landmap.ingest.planning import BOUNDS
from landmap.ingest.readers.headers import plain_header
from landmap.ingest.rents import parse_rent
from landmap.ingest.values import NULLS, convert
from landmap.ingest.vocabulary import base_of, words_of

#: From this share of its values on, a column is what they look like.
AGREE: Final = 0.9
#: How many values of a column are looked at.
SAMPLE: Final = 200
#: Values so long that meet a pattern name their field by themselves (a cadastral code, a real-estate unit code).
_TELLING: Final = 15
#: Below this a guess is not worth showing; so many are shown.
_WORTH: Final = 0.15
_GUESSES: Final = 3
_DATE: Final = re.compile(
    r"^[12][0-9]{3}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?)?月?([T ].*)?$|^[12][0-9]{3}[01][0-9][0-3][0-9]$"
)
_INDUSTRY: Final = re.compile(r"^[A-T][0-9]{2,4}$")
_ADMINISTRATIVE: Final = re.compile(r"^[1-6][0-9]{5}([0-9]{3}){0,2}$")
_LINK: Final = re.compile(r"^https?://\S+$", re.IGNORECASE)
_YES_NO: Final = frozenset({"是", "否", "有", "无", "y", "n", "yes", "no", "true", "false", "√", "×"})


def texts_of(values: Sequence[Any]) -> list[str]:
    """Return up to `SAMPLE` of the values that say something, as plain text."""
    found: list[str] = []
    for value in values:
        if value is None or isinstance(value, dict | list):
            continue
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        text = unicodedata.normalize("NFKC", str(whole)).strip()
        if text.casefold() not in NULLS:
            found.append(text)
        if len(found) == SAMPLE:
            break
    return found


def field_of_pattern(values: Sequence[Any], layer: Layer) -> str | None:
    """Return the field whose pattern nearly all values have; only values too long to meet it by chance count."""
    texts = texts_of(values)
    if not texts or min(map(len, texts)) < _TELLING:
        return None
    for field in layer.fields.values():
        if (
            field.kind is Kind.TEXT
            and field.pattern
            and _share(texts, partial(_is_of, re.compile(field.pattern))) >= AGREE
        ):
            return field.name
    return None


def field_of_codes(values: Sequence[Any], layer: Layer, district: District, taken: Mapping[str, Any]) -> str | None:
    """Return the free code field that all values of a column belong to; None unless exactly one is meant."""
    if not _may_be_codes(texts_of(values), layer, district):
        return None
    texts = {value.strip() for value in values if isinstance(value, str) and value.strip()}
    if not texts or any(value is not None and not isinstance(value, str) for value in values):
        return None
    if "land_use_code" in layer.fields and "land_use_code" not in taken and texts <= district.land_use_crosswalk.keys():
        return "land_use_code"
    if len(texts) < 2:
        return None
    fields = [
        field.name
        for field in _code_fields(layer)
        if field.name not in taken and all(code_of(text, field) for text in texts)
    ]
    return fields[0] if len(fields) == 1 else None


def _may_be_codes(sample: Sequence[str], layer: Layer, district: District) -> bool:
    """Whether the first value is a code of any list: a quick look that spares a long column of prose."""
    return bool(sample) and (
        sample[0] in district.land_use_crosswalk or any(code_of(sample[0], field) for field in _code_fields(layer))
    )


def _code_fields(layer: Layer) -> list[Field]:
    return [field for field in layer.fields.values() if field.kind is Kind.CODE and not field.derived]


def readable(values: Sequence[Any], name: str, layer: Layer, unit: str) -> float:
    """Return the share of a column's values that can be read as a field; 1 for a column without values."""
    sample = list(islice((value for value in values if value is not None), SAMPLE))
    if not sample:
        return 1.0
    if name in BOUNDS:
        return _share(texts_of(sample), _reads_as_bound)
    if name == "rent_raw":
        return _share(texts_of(sample), lambda text: parse_rent(text, unit) is not None)
    field = layer.fields.get(name)
    if field is None or field.kind is Kind.GEOMETRY:
        return 1.0
    found, faults = convert(sample, range(len(sample)), field, unit)
    unread = {fault.row for fault in faults if found[fault.row or 0] is None}
    pattern = re.compile(field.pattern) if field.pattern else None
    unlike = pattern is not None and {
        row for row, value in enumerate(found) if isinstance(value, str) and not pattern.match(value)
    }
    return 1.0 - len(unread | (unlike or set())) / len(sample)


def guesses(
    header: str, values: Sequence[Any], layer: Layer, taken: Mapping[str, Any]
) -> tuple[tuple[str, float], ...]:
    """Return what a column that nothing names may be, the likeliest first, with how likely each is (never above 0.6).

    The header counts by how much it is like a known one and how many values can be read so; a build of values that only
    one free field has counts by itself.
    """
    alike = _alike(header, layer)
    shaped = dict.fromkeys(_shaped(texts_of(values), layer), 1)
    free = [name for name in {**alike, **shaped} if name not in taken]
    by_shape = [name for name in shaped if name not in taken]
    found = []
    for name in free:
        likely = 0.6 * alike.get(name, 0.0) * readable(values, name, layer, "")
        if name in by_shape:
            likely = min(0.6, likely + 0.5 / len(by_shape))
        if likely >= _WORTH:
            found.append((name, round(likely, 2)))
    return tuple(sorted(found, key=lambda one: -one[1])[:_GUESSES])


def _alike(header: str, layer: Layer) -> dict[str, float]:
    """Return how much a header is like the best known one of each field, from a half on."""
    wanted = _pieces(plain_header(base_of(header)))
    found: dict[str, float] = {}
    for text, matches in words_of(layer.name).items():
        known = _pieces(text)
        score = 2 * len(wanted & known) / (len(wanted) + len(known)) if wanted and known else 0.0
        if score >= 0.5:
            for match in matches:
                found[match.field] = max(score, found.get(match.field, 0.0))
    return found


def _pieces(text: str) -> frozenset[str]:
    """Return the neighbouring pairs of characters of a text, and where it is Chinese its characters too."""
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    return frozenset(pairs | {char for char in text if not char.isascii()})


def _shaped(texts: Sequence[str], layer: Layer) -> Iterator[str]:
    """Yield the fields that the build of the values suits."""
    for told, suits in _SHAPES.values():
        if texts and _share(texts, told) >= AGREE:
            yield from (name for name, field in layer.fields.items() if suits(field) and not field.derived)


def _is_of(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.fullmatch(text) is not None


def _reads_as_bound(text: str) -> bool:
    return parse_bound(text).status not in (ParseStatus.UNPARSED, ParseStatus.REVERSED)


def _share(texts: Sequence[str], told: Callable[[str], bool]) -> float:
    return sum(told(text) for text in texts) / len(texts) if texts else 0.0


#: Builds of values that tell something, and the fields they suit.
_SHAPES: Final[Mapping[str, tuple[Callable[[str], bool], Callable[[Field], bool]]]] = MappingProxyType(
    {
        "date": (lambda text: _DATE.match(text) is not None, lambda field: field.kind is Kind.DATE),
        "link": (lambda text: _LINK.match(text) is not None, lambda field: field.kind is Kind.URL),
        "yes_no": (lambda text: text.casefold() in _YES_NO, lambda field: field.kind is Kind.BOOLEAN),
        "industry": (  # GB/T 4754: a letter, then two to four digits
            lambda text: _INDUSTRY.match(text) is not None,
            lambda field: field.name.endswith("industry_code"),
        ),
        "administrative": (  # GB/T 2260 and the street and village codes that lengthen it
            lambda text: _ADMINISTRATIVE.match(text) is not None,
            lambda field: field.name == "district_code",
        ),
        "land_use": (
            lambda text: len(text) >= 4 and text in land_use.classes(),
            lambda field: field.name in ("land_use_code", "current_use_code", "proposed_use_code"),
        ),
    }
)
