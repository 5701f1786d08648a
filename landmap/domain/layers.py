"""Layers: which there are, what identifies a record, what nests in what."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from landmap.domain.audience import PolicyClass, Visibility, sees_field
from landmap.domain.errors import NotFoundError
from landmap.domain.fields import Field, Kind, Lang, data_text, fields_of

#: The field that says what day a record is as of.
AS_OF: Final = "data_as_of"


@dataclass(frozen=True)
class Layer:
    """One layer of a snapshot.

    `key` names the fields that identify a record; `title` the field shown as its name; `geometry` the accepted geometry
    types (empty: no geometry); `parent` the layer whose records these are nested in. `kind_field` tells kinds of
    records apart where they are confirmed after different times; `confirmable` are the fields an owner may answer for,
    `edited_first` those that change most often between two deliveries.
    """

    name: str
    label_zh: str
    label_en: str
    key: tuple[str, ...]
    title: str | None
    collection: bool
    geometry: tuple[str, ...]
    parent: str | None
    parent_field: str | None
    kind_field: str | None
    confirmable: tuple[str, ...]
    edited_first: tuple[str, ...]
    fields: Mapping[str, Field]

    @property
    def id_field(self) -> str:
        """The field that holds the record's id (the first of `key`)."""
        return self.key[0]

    @property
    def spatial(self) -> bool:
        """Whether records have a geometry."""
        return bool(self.geometry)

    @property
    def staged(self) -> bool:
        """Whether records pass supply stages, so that some fields wait for a notice."""
        return "supply_stage" in self.fields

    @property
    def classified(self) -> bool:
        """Whether each record carries its own visibility."""
        return "visibility" in self.fields

    def label(self, lang: Lang) -> str:
        """Return the label in `lang`."""
        return self.label_zh if lang == "zh" else self.label_en

    def fields_for(self, asking: PolicyClass) -> Mapping[str, Field]:
        """Return the fields that exist for a policy class, geometry left out.

        A field that waits for a notice exists for everybody; its value is masked record by record.
        """
        return {
            name: field
            for name, field in self.fields.items()
            if field.kind is not Kind.GEOMETRY
            and (field.visibility is Visibility.PUBLIC_AFTER_NOTICE or sees_field(asking, field.visibility))
        }


@cache
def layers() -> Mapping[str, Layer]:
    """Return every layer by name."""
    found = {}
    for name, row in tomllib.loads(data_text("layers.toml")).items():
        found[name] = Layer(
            name=name,
            label_zh=row["label_zh"],
            label_en=row["label_en"],
            key=tuple(row["key"]),
            title=row.get("title"),
            collection=row.get("collection", False),
            geometry=tuple(row.get("geometry", ())),
            parent=row.get("parent"),
            parent_field=row.get("parent_field"),
            kind_field=row.get("kind_field"),
            confirmable=tuple(row.get("confirmable", ())),
            edited_first=tuple(row.get("edited_first", row.get("confirmable", ()))),
            fields=fields_of(name),
        )
    return MappingProxyType(found)


def layer_named(name: str) -> Layer:
    """Return the layer called `name`; raise NotFoundError with the names on offer."""
    try:
        return layers()[name]
    except KeyError:
        raise NotFoundError(f"no layer is called {name!r}", hint=f"layers: {', '.join(layers())}") from None


def collections() -> tuple[str, ...]:
    """Return the names of the layers that are served as collections."""
    return tuple(name for name, layer in layers().items() if layer.collection)


def children_of(name: str) -> tuple[Layer, ...]:
    """Return the layers nested in the records of layer `name`."""
    return tuple(layer for layer in layers().values() if layer.parent == name)
