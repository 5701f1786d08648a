"""What a steward says of a check, as one value: its layer and district, and all that may be said beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, TypedDict, Unpack

from landmap.domain import District, Lang, Layer, layer_named
from landmap.domain.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from landmap.ingest.datum import Boundary
    from landmap.ingest.profiles import Profile

Mode = Literal["replace", "append", "update"]


class Options(TypedDict, total=False):
    """What may be said of a check beside its files, layer and district: as the fields of `Terms`."""

    visibility: str | None
    declared_crs: int | None
    lang: Lang
    today: dt.date | None
    profile: Profile | None
    boundaries: Sequence[Boundary]
    accept: Collection[str]
    beside: Mapping[str, pd.DataFrame] | None
    published: pd.DataFrame | None
    mode: Mode


@dataclass(frozen=True)
class Terms:
    """The layer and district that files are meant for, and what is said of them.

    Parameters
    ----------
    layer : Layer
    district : District
    visibility : {"public", "partner", "internal"}, optional
        The class of records that name none; given, they also count as published. Otherwise they are internal drafts.
    declared_crs : int, optional
        EPSG code that outranks what the files declare.
    today : date, optional
        What counts as today for conditions that lapse; the district's date unless told.
    profile : Profile, optional
        What is remembered of the source; it must be of this layer.
    boundaries : tuple of Boundary
        What is known to lie where it should, the best first; it tells a shifted datum.
    accept : frozenset of str
        Codes, or keys, of the findings whose proposals are to be applied.
    beside : Mapping of str to canonical frame
        The layers of the version that the records will join; without them, what records refer to is not compared.
    lang : {"zh", "en"}
        Language of the messages; ``Report.told`` changes it later.
    published : canonical frame, optional
        The layer as it is: a row with the number of one of its records, and no id, means that record.
    mode : {"replace", "append", "update"}
        How the records will meet those of `published`. An update only changes them: what its files leave open stays,
        shapes too, and an id that is not there is an error.
    """

    layer: Layer
    district: District
    visibility: str | None = None
    declared_crs: int | None = None
    today: dt.date | None = None
    profile: Profile | None = None
    boundaries: tuple[Boundary, ...] = ()
    accept: frozenset[str] = frozenset()
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lang: Lang = "zh"
    published: pd.DataFrame | None = None
    mode: Mode = "replace"

    @classmethod
    def of(cls, layer: str, district: District, **options: Unpack[Options]) -> Self:
        """Return what is said of a check of the layer called `layer`.

        Raises
        ------
        NotFoundError
            For a layer that does not exist.
        ConfigError
            For a profile of another layer, and for an update of nobody knows what.
        """
        profile = options.get("profile")
        if profile is not None and profile.layer != layer:
            raise ConfigError(f"profile {profile.name!r} is of layer {profile.layer!r}", hint=f"not of {layer!r}")
        if options.get("mode") == "update" and options.get("published") is None:
            raise ConfigError(f"an update of {layer!r} needs the layer as it is", hint="check it against a home")
        return cls(
            layer_named(layer),
            district,
            visibility=options.get("visibility"),
            declared_crs=options.get("declared_crs"),
            today=options.get("today"),
            profile=profile,
            boundaries=tuple(options.get("boundaries", ())),
            accept=frozenset(options.get("accept", ())),
            beside=options.get("beside") or {},
            lang=options.get("lang", "zh"),
            published=options.get("published"),
            mode=options.get("mode", "replace"),
        )

    @property
    def update(self) -> bool:
        """Whether records that are there are changed, and nothing else."""
        return self.mode == "update"

    @property
    def record_class(self) -> str | None:
        """The class of records that name none: as the steward says now, else as the source's profile remembers it."""
        return self.visibility or (self.profile.visibility if self.profile is not None else None)
