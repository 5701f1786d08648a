"""The phrase book of a snapshot: words and places per layer and policy class, each made at its first use."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from landmap.domain import Audience, District, Layer, PolicyClass, Table, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query.declaration import Declaration
from landmap.query.phrase.alternatives import unified
from landmap.query.phrase.guesses import Spelling
from landmap.query.phrase.lexicon import Lexicon
from landmap.query.phrase.merging import Piece
from landmap.query.phrase.places import COLUMNS, Places
from landmap.query.phrase.reading import Reading
from landmap.query.phrase.rules import pieces
from landmap.query.phrase.settle import impossible, settled
from landmap.query.phrase.tape import Tape
from landmap.query.phrase.telling import Telling
from landmap.query.phrase.text import folded
from landmap.query.phrase.tokens import tokens
from landmap.query.phrase.vocabulary import vocabulary
from landmap.query.registry import criteria_class, declarations
from landmap.query.scene import visible_fields

#: The longest phrase that is read, in characters.
PHRASE_MAX: Final = 500
#: The layers that are asked in phrases; the first is asked when nothing tells.
SPOKEN: Final = ("parcels", "buildings")


class Source(Protocol):
    """What a book is written from: a catalog."""

    @property
    def district(self) -> District:
        """The district."""
        ...

    @property
    def tables(self) -> Mapping[str, Table]:
        """The layers by name."""
        ...

    def held(self, layer: str, asking: PolicyClass) -> Table:
        """Return what a class sees of a collection, to be read."""
        ...

    def basemap(self) -> dict[str, Any] | None:
        """Return the basemap as GeoJSON."""
        ...


@dataclass(frozen=True)
class Page:
    """The words of one layer for one audience."""

    declared: Mapping[str, Declaration]
    words: Lexicon
    places: Places
    spelling: Spelling

    @property
    def lexicons(self) -> tuple[Lexicon, ...]:
        """Words first, then names."""
        return (self.words, self.places.lexicon)


class PhraseBook:
    """Reads phrases about the layers of one snapshot.

    Parameters
    ----------
    source : Source
        The catalog.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pages: dict[tuple[str, str], Page] = {}
        self._lock = threading.Lock()

    def read(self, text: str, layer: str, audience: Audience) -> Reading:
        """Return what `text` asks of `layer`.

        Parameters
        ----------
        text : str
            At most 500 characters, Chinese or English or both.
        layer : str
            ``parcels`` or ``buildings``.
        audience : Audience
            What it may not ask for is as strange as a word that nobody knows.

        Raises
        ------
        InvalidValueError
            For a longer text, and for a layer that is not asked in phrases.
        """
        if len(text) > PHRASE_MAX:
            raise InvalidValueError.of("text", text, f"has {len(text)} characters", f"at most {PHRASE_MAX}")
        page = self.page(layer, audience)
        phrase = folded(text)
        tape = Tape(phrase, tuple(tokens(phrase, page.lexicons, page.places)), page.declared)
        district = self._source.district
        found = [_possible(piece, page.declared, district) for piece in pieces(tape)]
        done = settled(unified([find for piece in found for find in piece.finds]), page.declared)
        criteria = criteria_class(layer).from_query(done.pairs, district)
        told = Telling(tape, found, done, page.spelling)
        return Reading(
            text,
            criteria,
            tuple(told.understood()),
            tuple(told.not_understood()),
            tuple(told.contradictions()),
            tuple(told.notes()),
            tape.steps,
        )

    def page(self, layer: str, audience: Audience) -> Page:
        """Return the words of a layer for an audience; InvalidValueError for a layer without any."""
        if layer not in SPOKEN:
            raise InvalidValueError.of("layer", layer, "is not asked in phrases", f"one of {', '.join(SPOKEN)}")
        key = (layer, audience.key)
        if audience.scope is not None:
            return self._written(layer, audience)
        if key not in self._pages:
            with self._lock:
                if key not in self._pages:
                    self._pages[key] = self._written(layer, audience)
        return self._pages[key]

    def _written(self, layer: str, audience: Audience) -> Page:
        source, asking = self._source, audience.policy_class
        declared = {
            one.name: one
            for one in declarations(layer, asking, source.district)
            if all(_sees(audience, layer_named(layer), path) for path in one.ask.needs)
        }
        # A link shows chosen records: what else has a name is not told.
        named = () if audience.scope is not None else (layer, "districts", "facilities")
        tables = {name: _names(source.held(name, asking)) for name in named if name in source.tables}
        basemap = None if audience.scope is not None else source.basemap()
        places = Places(layer, tables, basemap, source.district, declared)
        words = vocabulary(tuple(declared.values()))
        return Page(declared, words, places, Spelling((words, places.lexicon)))


def _possible(piece: Piece, declared: Mapping[str, Declaration], district: District) -> Piece:
    """Return a piece, not understood when it asks for what no record can be."""
    hint = impossible(piece.finds, declared, district)
    return Piece(piece.start, piece.end, fault="impossible", hint=hint) if hint else piece


def _names(table: Table) -> Table:
    return table.only(name for name in COLUMNS[table.layer.name] if name in table.columns)


def _sees(audience: Audience, layer: Layer, path: str) -> bool:
    nested, dot, name = path.rpartition(".")
    return name in visible_fields(layer_named(nested) if dot else layer, audience)
