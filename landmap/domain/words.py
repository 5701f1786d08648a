"""Words in Chinese and English: the page dictionaries merged with the labels of the domain tables.

One flat dictionary per language, read by the server and by the browser alike. Keys are ``page.area.key`` from
``web/i18n/{zh,en}.json``, and ``field.LAYER.NAME``, ``code.LIST.CODE``, ``layer.NAME`` and ``land_use.CODE`` from the
domain tables.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from landmap.domain.errors import ConfigError
from landmap.domain.fields import LANGS, Lang, code_lists, data_text
from landmap.domain.layers import layers


@dataclass(frozen=True)
class Words:
    """The merged dictionary of one language."""

    lang: Lang
    entries: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text for `key` with ``{name}`` filled in; KeyError names a missing key.

        With ``count`` given, ``key.one`` or ``key.other`` is used where those exist.
        """
        if "count" in values:
            plural = f"{key}.{'one' if values['count'] == 1 else 'other'}"
            key = plural if plural in self.entries else key
        text = self.entries[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def get(self, key: str, default: str = "") -> str:
        """Return the text for `key`, or `default`."""
        return self.entries.get(key, default)


def domain_entries(lang: Lang) -> dict[str, str]:
    """Return the labels that the domain tables declare, by key."""
    found: dict[str, str] = {}
    for layer in layers().values():
        found[f"layer.{layer.name}"] = layer.label(lang)
        for field in layer.fields.values():
            found[f"field.{layer.name}.{field.name}"] = field.label(lang)
    for name, codes in code_lists().items():
        for code in codes.values():
            found[f"code.{name}.{code.code}"] = code.label(lang)
    for row in csv.DictReader(data_text("land_use.csv").splitlines()):
        found[f"land_use.{row['code']}"] = row[f"name_{lang}"]
    return found


def read_words(lang: Lang, folder: Path) -> Words:
    """Return the merged dictionary of `lang`; `folder` holds ``zh.json`` and ``en.json``.

    Raises
    ------
    ConfigError
        When the file is missing, no flat JSON object of texts, or redefines a label of the domain tables.
    """
    path = folder / f"{lang}.json"
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the dictionary {path.name} cannot be read: {error}") from error
    if not isinstance(page, dict) or not all(isinstance(text, str) for text in page.values()):
        raise ConfigError(f"the dictionary {path.name} must be one flat object of texts")
    entries = domain_entries(lang)
    twice = sorted(entries.keys() & page.keys())
    if twice:
        raise ConfigError(f"the dictionary {path.name} redefines {twice[0]!r}", hint="labels live in the domain tables")
    return Words(lang, MappingProxyType(entries | page))


def read_all_words(folder: Path) -> Mapping[Lang, Words]:
    """Return the dictionaries of every language."""
    return MappingProxyType({lang: read_words(lang, folder) for lang in LANGS})
