"""The generated pages say what the code says."""

from pathlib import Path

import pytest

from landmap.domain import code_lists, layers
from tools.build_docs import PAGES, REPO, stale
from tools.field_tables import KINDS, VISIBILITIES, field_tables_page, table


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (REPO / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_a_page_is_stale_when_it_is_missing_or_says_something_else(tmp_path: Path) -> None:
    pages = {"same.md": lambda: "new", "other.md": lambda: "new", "missing.md": lambda: "new"}
    (tmp_path / "same.md").write_text("new")
    (tmp_path / "other.md").write_text("old")
    assert stale(tmp_path, pages) == {tmp_path / "other.md": "new", tmp_path / "missing.md": "new"}


def test_every_field_and_code_list_has_its_line() -> None:
    lines = field_tables_page().splitlines()
    for layer in layers.layers().values():
        for field in layer.fields.values():
            cells = f"| `{field.name}` | {field.label_zh} | {field.label_en} | {KINDS[field.kind]}"
            assert any(line.startswith(cells) and f"| {VISIBILITIES[field.visibility]} |" in line for line in lines)
    assert {f"### `{name}`" for name in code_lists()} <= set(lines)


def test_a_bar_in_a_cell_does_not_end_the_cell() -> None:
    assert list(table(("a", "b"), iter([("x|y", "z")]))) == ["| a | b |", "|---|---|", r"| x\|y | z |", ""]
