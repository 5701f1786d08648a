"""The fixtures of the MVT specification: what is valid is read as it says, by two readers; what is not is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import mvt

#: Valid by the letter, and for a reader to refuse: an unknown kind of geometry, and a count that no tile can hold.
FOR_READERS_TO_REFUSE = {"016", "057"}
#: What the other reader does not take: the type of a geometry left at its default.
NOT_FOR_THE_OTHER = {"039"}


@pytest.fixture(scope="module")
def fixtures(test_data: Path) -> list[Path]:
    found = sorted((test_data / "conformance" / "mvt" / "fixtures").iterdir())
    assert len(found) == 74
    return found


def valid(fixture: Path) -> bool:
    return bool(json.loads((fixture / "info.json").read_text())["validity"]["v2"])


def told(fixture: Path) -> list[dict[str, Any]]:
    return list(json.loads((fixture / "tile.json").read_text()).get("layers", []))


def value_of(meant: dict[str, Any]) -> Any:
    """Return what a reader finds: a text as text, a short float as near as it is stored."""
    ((kind, value),) = meant.items()
    return str(value) if kind == "string_value" else pytest.approx(value) if kind == "float_value" else value


@pytest.mark.data
def test_valid_tiles_are_read_as_they_were_meant(fixtures: list[Path]) -> None:
    seen = 0
    for fixture in filter(valid, fixtures):
        if fixture.name in FOR_READERS_TO_REFUSE:
            continue
        seen += 1
        layers = mvt.read((fixture / "tile.mvt").read_bytes())
        for layer, meant in zip(layers, told(fixture), strict=True):
            assert (layer.name, layer.version) == (meant["name"], meant["version"])
            assert (layer.extent, layer.keys) == (meant.get("extent", 4096), meant.get("keys", []))
            assert layer.values == [value_of(one) for one in meant.get("values", [])]
            for feature, other in zip(layer.features, meant.get("features", []), strict=True):
                assert feature.id == other.get("id")
                assert (feature.tags, feature.type) == (other.get("tags", []), other.get("type", 0))
                assert [one & 0xFFFFFFFF for one in feature.commands] == [one & 0xFFFFFFFF for one in other["geometry"]]
    assert seen == 44


@pytest.mark.data
def test_the_other_reader_reads_the_same(fixtures: list[Path], other_reader: Callable[..., dict[str, Any]]) -> None:
    for fixture in filter(valid, fixtures):
        if fixture.name in FOR_READERS_TO_REFUSE | NOT_FOR_THE_OTHER:
            continue
        body = (fixture / "tile.mvt").read_bytes()
        ours = {layer.name: [one.properties for one in layer.features] for layer in mvt.read(body)}
        others = other_reader(body)
        assert {name: [one["properties"] for one in layer["features"]] for name, layer in others.items()} == ours


@pytest.mark.data
def test_what_the_specification_forbids_is_refused(fixtures: list[Path]) -> None:
    forbidden = [fixture for fixture in fixtures if not valid(fixture) or fixture.name in FOR_READERS_TO_REFUSE]
    assert len(forbidden) == 30
    for fixture in forbidden:
        with pytest.raises((mvt.MalformedError, UnicodeDecodeError)):
            mvt.read((fixture / "tile.mvt").read_bytes())
