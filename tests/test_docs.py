"""What the documents show works: python runs, commands parse, addresses answer, links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.main import get_command
from typer.testing import CliRunner

from landmap.cli import command_line
from tests.steward import steward_at

app = command_line()

REPO = Path(__file__).resolve().parent.parent
PAGES = sorted([REPO / "README.md", REPO / "CONTRIBUTING.md", *(REPO / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(landmap [^`]+)`")
ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(/[^\s'\"`)，。]*)")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield page and text of every block in a language."""
    for page in PAGES:
        for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
            if found[1] in language.split():
                yield str(page.relative_to(REPO)), found[2]


def commands() -> Iterator[tuple[str, str]]:
    """Yield page and text of every landmap command, in blocks and within sentences."""
    for page, text in blocks("bash sh shell console"):
        lines = text.replace("\\\n", " ").splitlines()
        yield from ((page, line) for line in lines if line.lstrip("$ ").startswith("landmap "))
    for path in PAGES:
        page = BLOCK.sub("", path.read_text(encoding="utf-8"))
        yield from ((str(path.relative_to(REPO)), found[1]) for found in INLINE.finditer(page))


PYTHON = [pytest.param(text, id=f"{page}-{number}") for number, (page, text) in enumerate(blocks("python"))]


@pytest.mark.parametrize("text", [param for param in PYTHON if "landmap.open(" in str(param.values[0])])
def test_the_python_that_is_shown_runs(
    text: str, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo").symlink_to(demo_home)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(text, "snippet", "exec"), names)
    totals = [value.total for value in names.values() if hasattr(value, "total")]
    assert totals
    assert all(totals), "a snippet should show something"
    for page in tmp_path.glob("*.html"):
        assert page.stat().st_size > 10_000


@pytest.mark.parametrize(("page", "line"), list(commands()))
def test_the_commands_that_are_shown_exist(page: str, line: str) -> None:
    words = shlex.split(line.lstrip("$ "), comments=True)[1:]
    known = get_command(app).commands  # type: ignore[attr-defined]
    if not words or words[0].startswith("-"):
        return
    name, rest = words[0], words[1:]
    assert name in known, f"{page}: landmap {name}"
    if hasattr(known[name], "commands"):
        assert rest[0] in known[name].commands, f"{page}: landmap {name} {rest[0]}"
        known, name, rest = known[name].commands, rest[0], rest[1:]
    options = {option for param in known[name].params for option in (*param.opts, *param.secondary_opts)}
    shown = {word.partition("=")[0] for word in rest if re.fullmatch(r"--?[a-z].*", word)}
    assert shown <= options | {"--help"}, f"{page}: {line}"
    assert CliRunner().invoke(app, [words[0], "--help"]).exit_code == 0


def test_the_addresses_that_are_shown_answer(client: TestClient, demo_home: Path) -> None:
    found = {address for page in PAGES for address in ADDRESS.findall(page.read_text(encoding="utf-8"))}
    assert found
    with steward_at(demo_home) as steward:
        for address in found:
            asked = steward.client if address.startswith("/admin") else client
            assert asked.get(address).status_code == 200, address


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_the_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target
