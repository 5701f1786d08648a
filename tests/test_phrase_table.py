"""What people type becomes what they mean: a table written by somebody who did not look at the grammar."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from landmap.domain import Audience, Level
from tests.query_data import demo_catalog

TABLE = Path(__file__).with_name("phrases.csv")
OFFICER = Audience(Level.OFFICER)


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_the_table_is_long_enough_in_both_languages() -> None:
    assert len(rows()) >= 150
    assert sum(row["phrase"].isascii() for row in rows()) >= 50


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['layer']} {row['phrase']}")
def test_a_phrase_becomes_what_it_means(row: dict[str, str]) -> None:
    reading = demo_catalog().phrases.read(row["phrase"], row["layer"], OFFICER)
    wanted = [sorted(parse_qsl(one.strip())) for one in row["criteria"].split("||")]
    assert sorted(reading.criteria.to_query()) in wanted
    assert "".join("".join(part.text.split()) for part in reading.not_understood) == "".join(
        row["not_understood"].split()
    )
    against = {name.removesuffix("_min").removesuffix("_max") for one in reading.contradictions for name in one.names}
    assert against == {row["contradiction"]} - {""}
