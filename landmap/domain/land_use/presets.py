"""Groups of land use that a click selects; a district may override them or add its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Protocol

from landmap.domain.errors import InvalidValueError
from landmap.domain.fields import data_text
from landmap.domain.land_use.classes import expand


class PresetLike(Protocol):
    """What a district file hands over for one preset."""

    @property
    def label_zh(self) -> str:
        """Chinese label."""
        ...

    @property
    def label_en(self) -> str:
        """English label."""
        ...

    @property
    def codes(self) -> tuple[str, ...]:
        """Land-use codes, each with everything below it."""
        ...

    @property
    def new_industry(self) -> bool:
        """Whether features with a new-industry tag belong."""
        ...


@dataclass(frozen=True, slots=True)
class Preset:
    """A named group: every class below `codes`, and tagged new-industry land when `new_industry`."""

    key: str
    label_zh: str
    label_en: str
    codes: tuple[str, ...]
    new_industry: bool

    def expanded(self) -> frozenset[str]:
        """Return every class of the group."""
        return frozenset[str]().union(*(expand(code) for code in self.codes))


def presets(overrides: Mapping[str, PresetLike] | None = None) -> Mapping[str, Preset]:
    """Return the presets by key: the built-in ones, replaced or followed by a district's own.

    Raises
    ------
    InvalidValueError
        When an override names an unknown land-use code.

    Examples
    --------
    >>> presets()["office"].codes
    ('0902',)
    """
    local = {key: _preset(key, preset) for key, preset in (overrides or {}).items()}
    for preset in local.values():
        preset.expanded()
    return MappingProxyType({**_built_in(), **local})


def preset_named(name: str, overrides: Mapping[str, PresetLike] | None = None) -> Preset:
    """Return the preset with this key or Chinese label; raise InvalidValueError with the list of keys.

    Examples
    --------
    >>> preset_named("产业用地").key
    'industrial_land'
    """
    known = presets(overrides)
    for preset in known.values():
        if name in (preset.key, preset.label_zh):
            return preset
    raise InvalidValueError.of("preset", name, "no such group of land use", f"one of {', '.join(known)}")


@cache
def _built_in() -> Mapping[str, Preset]:
    table = tomllib.loads(data_text("land_use_presets.toml"))
    return {
        key: Preset(key, row["label_zh"], row["label_en"], tuple(row["codes"]), row["new_industry"])
        for key, row in table.items()
    }


def _preset(key: str, given: PresetLike) -> Preset:
    return Preset(key, given.label_zh, given.label_en, tuple(given.codes), given.new_industry)
