"""The name book of a snapshot: what a few typed letters may mean, grouped in records, places and criteria."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from landmap.domain import Audience, Lang, Layer, PolicyClass, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query.declaration import Declaration
from landmap.query.engine import Engine, Record
from landmap.query.names.pinyin import Sound, letters_of, sound
from landmap.query.phrase.book import SPOKEN, Page, PhraseBook, Source
from landmap.query.phrase.lexicon import Lexicon
from landmap.query.phrase.text import fold
from landmap.query.registry import criteria_class

#: The longest text that is looked up, and the most that is shown of each group.
TEXT_MAX: Final = 100
SHOWN_MAX: Final = 20
#: How many names of one layer are looked up by their sound.
SOUNDS_MAX: Final = 20_000
#: What people call a record aloud.
_NAMES: Final[Mapping[str, str]] = {"parcels": "parcel_name", "buildings": "building_name"}
#: What a place is, by the criterion that asks for it.
_PLACES: Final[Mapping[str, str]] = {"subdistrict": "subdistrict", "park": "park", "within": "area", "q": "road"}
#: Names that are heard come after names that are read.
_HEARD: Final = 3


class Shelf(Source, Protocol):
    """What a name book is written from: a catalog."""

    @property
    def engine(self) -> Engine:
        """The engine that finds records."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant: a record by its `id`, or what can be asked by its `query`.

    `kind` says what it is: the layer of a record, ``subdistrict``, ``park``, ``area`` or ``road`` for a place, the name
    of a criterion.
    """

    layer: str
    kind: str
    text: str
    id: str = ""
    query: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the suggestion JSON-ready."""
        return {name: getattr(self, name) for name in ("layer", "kind", "text", "id", "query")}


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a text may mean, the likeliest of each group first."""

    records: tuple[Suggestion, ...] = ()
    places: tuple[Suggestion, ...] = ()
    criteria: tuple[Suggestion, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the groups JSON-ready."""
        groups = ("records", "places", "criteria")
        return {group: [one.as_dict() for one in getattr(self, group)] for group in groups}


class NameBook:
    """Looks names up in one snapshot; what is hidden from an audience has no name for it.

    Parameters
    ----------
    source : Shelf
        The catalog.
    phrases : PhraseBook
        Whose places and words are offered too.
    """

    def __init__(self, source: Shelf, phrases: PhraseBook) -> None:
        self._source = source
        self._phrases = phrases
        self._sounds: dict[str, Sound] = {}
        self._aloud: dict[tuple[str, PolicyClass], tuple[tuple[str, str], ...]] = {}
        self._lock = threading.Lock()

    def suggest(
        self, text: str, audience: Audience, lang: Lang, *, layer: str = "parcels", limit: int = 5
    ) -> Suggestions:
        """Return what `text` may mean: records by number, name, road or sound; places; criteria by their words.

        Parameters
        ----------
        text : str
            At most 100 characters: a number in any spelling, some characters, pinyin, initials, or English words.
        audience : Audience
        lang : {"zh", "en"}
            Language of the words of criteria.
        layer : str
            ``parcels`` or ``buildings``: whose places and criteria are offered, and whose records come first.
        limit : int
            How many of each group, at most 20.

        Raises
        ------
        InvalidValueError
            For a longer text, and for a layer that is not asked in phrases.
        """
        if len(text) > TEXT_MAX:
            raise InvalidValueError.of("text", text, f"has {len(text)} characters", f"at most {TEXT_MAX}")
        page = self._phrases.page(layer, audience)
        wanted, shown = " ".join(fold(text).split()), max(1, min(limit, SHOWN_MAX))
        if not wanted.isprintable() or not 0 < len(wanted) <= TEXT_MAX:
            return Suggestions()
        records: list[Suggestion] = []
        for one in sorted(SPOKEN, key=lambda name: name != layer):
            records += self._records(wanted, one, audience, shown - len(records))
        places = self._places(wanted, layer, page)
        return Suggestions(tuple(records), _best(places, shown), _best(_criteria(wanted, layer, page, lang), shown))

    def _records(self, wanted: str, layer: str, audience: Audience, limit: int) -> Iterator[Suggestion]:
        """Yield at most `limit` records: the one of this number, those that carry the words, those that sound so."""
        known = layer_named(layer)
        seen: set[str] = set()
        number = self._phrases.page(layer, audience).places.numbered(wanted)
        queries: list[list[tuple[str, str]]] = [[("q", number)]] if number is not None else []
        queries.append([("q", wanted)])
        queries.append([("ids", id) for id in self._heard(wanted, known, audience, limit)])
        for query in queries:
            for record in self._found(query, layer, audience, limit) if query else ():
                if record.id not in seen and len(seen) < limit:
                    seen.add(record.id)
                    yield Suggestion(layer, layer, _title(record, known), id=record.id)

    def _found(self, query: list[tuple[str, str]], layer: str, audience: Audience, limit: int) -> tuple[Record, ...]:
        if limit < 1:
            return ()
        criteria = criteria_class(layer).from_query(query, self._source.district)
        # Names do not depend on the day.
        selection = self._source.engine.select(layer, criteria, audience, today=dt.date.min)
        return selection.page(None, limit).records

    def _heard(self, wanted: str, layer: Layer, audience: Audience, limit: int) -> list[str]:
        """Return the ids of records whose name sounds like `wanted`, the closest first."""
        letters = letters_of(wanted)
        if not letters or limit < 1:
            return []
        ranked = ((self._sound(name).rank(letters), len(name), id) for id, name in self._spoken(layer, audience))
        return [id for _, _, id in sorted(one for one in ranked if one[0] is not None)][:limit]

    def _spoken(self, layer: Layer, audience: Audience) -> tuple[tuple[str, str], ...]:
        """Return id and name of the records of a class; nothing where there are too many to say aloud."""
        asking = audience.policy_class
        key = (layer.name, asking)
        if key not in self._aloud:
            with self._lock:
                table = self._source.held(layer.name, asking).only((layer.id_field, _NAMES[layer.name]))
                names = zip(table[layer.id_field], table[_NAMES[layer.name]], strict=True)
                few = len(table) <= SOUNDS_MAX
                self._aloud[key] = tuple((id, name) for id, name in names if name is not None) if few else ()
        return self._aloud[key]

    def _places(self, wanted: str, layer: str, page: Page) -> Iterator[tuple[int, Suggestion]]:
        letters, seen = letters_of(wanted), set()
        for name, sense in page.places.named:
            if sense.role != "value" or name in seen:
                continue
            rank = _rank(wanted, fold(name))
            if rank is None and letters and not name.isascii():
                heard = self._sound(name).rank(letters)
                rank = None if heard is None else heard + _HEARD
            if rank is not None:
                seen.add(name)
                yield rank, Suggestion(layer, _PLACES[sense.key], name, query=urlencode([(sense.key, sense.value)]))

    def _sound(self, name: str) -> Sound:
        if name not in self._sounds:
            self._sounds[name] = sound(name)
        return self._sounds[name]


def _criteria(wanted: str, layer: str, page: Page, lang: Lang) -> Iterator[tuple[int, Suggestion]]:
    """Yield the choices one of whose words begins with `wanted` or holds it, each once, in the words of the product."""
    best: dict[tuple[str, str], int] = {}
    for name, value, term in _choices(page.words):
        rank = _rank(wanted, term)
        if rank is not None:
            best[name, value] = min(rank, best.get((name, value), rank))
    for (name, value), rank in best.items():
        yield rank, Suggestion(layer, name, _said(page.declared[name], value, lang), query=urlencode([(name, value)]))


def _choices(words: Lexicon) -> Iterator[tuple[str, str, str]]:
    for term, senses in words.senses.items():
        yield from ((sense.key, sense.value, term) for sense in senses if sense.role == "value")


def _said(declared: Declaration, value: str, lang: Lang) -> str:
    """Return a choice in words: the flag itself, or the label of the value."""
    if declared.kind == "flag":
        return declared.label(lang)
    kind = declared.ask.value
    label = kind.say(kind.read(declared.name, value), lang, declared.district)
    return f"{declared.label(lang)}：{label}" if lang == "zh" else f"{declared.label(lang)}: {label}"


def _title(record: Record, layer: Layer) -> str:
    """Return number and name of a record as far as the audience sees them."""
    names = (record.properties.get(name) for name in ("parcel_no", layer.title) if name is not None)
    return " · ".join(str(name) for name in names if name) or record.id


def _rank(wanted: str, name: str) -> int | None:
    """Return 0 for the whole name, 1 for its beginning, 2 for a part of it, None for none."""
    if wanted not in name:
        return None
    return 0 if wanted == name else 1 if name.startswith(wanted) else 2


def _best(ranked: Iterable[tuple[int, Suggestion]], shown: int) -> tuple[Suggestion, ...]:
    """Return the likeliest, shorter names first among equals."""
    order = sorted(ranked, key=lambda one: (one[0], len(one[1].text), one[1].text))
    return tuple(suggestion for _, suggestion in order[:shown])
