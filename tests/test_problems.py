"""Every error of ours has one status, one exit code and one shape."""

from collections.abc import Iterator

import orjson
import pytest

from landmap.api import problems
from landmap.cli.console import EXIT, Exit, exit_code
from landmap.domain import errors
from landmap.domain.errors import InvalidValueError, LandmapError, Place, StoreError


def kinds(of: type[LandmapError] = LandmapError) -> Iterator[type[LandmapError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_title(kind: type[LandmapError]) -> None:
    status = problems.status_of(kind("what went wrong"))
    assert 400 <= status < 600
    assert status != 422
    if status < 500:
        assert kind.code in problems.TITLES or kind.code in {"source", "schema", "store", "config"}


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code(kind: type[LandmapError]) -> None:
    assert exit_code(kind("what went wrong")) in set(Exit) - {Exit.OK}


def test_the_tables_name_real_errors() -> None:
    everything = set(kinds())
    assert set(problems.STATUS) <= everything
    assert set(EXIT) <= everything


def test_a_problem_names_place_value_and_remedy() -> None:
    error = InvalidValueError.of("area_min", "many", "is no number", "such as 30")
    answer = problems.of_error(error, "/api/collections/parcels/items")
    body = orjson.loads(answer.body)
    assert (answer.status_code, answer.media_type) == (400, "application/problem+json")
    assert body["type"] == "urn:landmap:problem:invalid_value"
    assert body["errors"] == [{"in": "query", "param": "area_min", "found": "'many'", "hint": "such as 30"}]
    assert "many" in body["detail"]


def test_what_concerns_the_operator_is_not_told() -> None:
    body = orjson.loads(problems.of_error(StoreError("/srv/home/CURRENT is damaged"), "/").body)
    assert body["code"] == "unavailable"
    assert "srv" not in body["detail"]


def test_a_value_is_quoted_short_and_printable() -> None:
    assert errors.shown("x" * 500).count("x") < 130
    assert "\x1b" not in errors.shown("\x1b[31mred")


def test_a_place_leaves_out_what_is_unknown() -> None:
    assert errors.as_dict(Place(file="a.csv", row=3)) == {"file": "a.csv", "row": 3}
