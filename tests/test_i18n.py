"""Chinese and English say the same things, and only what some page says."""

import json
import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
FOLDERS = ("landmap", "web/templates", "web/static", "web/print", "tools")
SUFFIXES = {".py", ".html", ".js", ".typ", ".toml", ".csv"}
#: A text is asked for by its whole key, or by the front of it with the rest put in.
KEY = re.compile(r"""["'`]([a-z_]+(?:\.[a-z0-9_]+)+)["'`]""")
FRONT = re.compile(r"""["'`]([a-z_]+\.[a-z0-9_.]*)(?:\{|\$\{)""")
#: Stands in explanations only.
EXAMPLE = "page.area.key"
ASKED = re.compile(r"""\b(?:words|t)\(\s*f?["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")


def dictionary(lang: str) -> dict[str, str]:
    return json.loads((REPO / f"web/i18n/{lang}.json").read_text(encoding="utf-8"))


ZH, EN = dictionary("zh"), dictionary("en")


def stem(key: str) -> str:
    """Return the key that is asked for; plurals are known by their ``.one``."""
    front = re.sub(r"\.(one|other)$", "", key)
    return front if f"{front}.one" in ZH or f"{front}.one" in EN else key


SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in FOLDERS
    for path in sorted((REPO / folder).rglob("*"))
    if path.suffix in SUFFIXES and "node_modules" not in path.parts
)
USED = set(KEY.findall(SOURCE))
FRONTS = tuple(set(FRONT.findall(SOURCE)))


def test_both_languages_have_the_same_keys() -> None:
    assert {stem(key) for key in ZH} == {stem(key) for key in EN}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_plural_has_both_its_forms(lang: str) -> None:
    keys = dictionary(lang)
    assert [key for key in keys if key.endswith(".one") and f"{stem(key)}.other" not in keys] == []


def test_every_text_is_said_somewhere() -> None:
    assert [key for key in ZH if stem(key) not in USED and not key.startswith(FRONTS)] == []


def test_every_text_that_is_asked_for_is_there() -> None:
    known = {stem(key) for key in ZH}
    asked = {*ASKED.findall(SOURCE), *(key for key in USED if key.startswith("page."))}
    assert sorted(asked - known - {EXAMPLE}) == []


@pytest.mark.parametrize("key", sorted(ZH.keys() & EN.keys()))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    names = [sorted(set(re.findall(r"\{(\w+)\}", words[key]))) for words in (ZH, EN)]
    assert names[0] == names[1]


def test_no_text_is_empty_or_untranslated() -> None:
    assert [key for words in (ZH, EN) for key, text in words.items() if not text.strip()] == []
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, text in EN.items() if chinese.search(text)] == ["page.top.other_language"]
