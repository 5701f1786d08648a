"""The repository's habits: two commands, nothing vendored, decisions one screen each."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import landmap

TARGETS = ["setup", "serve", "test", "deep", "lint", "fmt", "bench", "docs", "data", "clean"]
HEADINGS = ["Context", "Decision", "Consequences", "Revisit when"]
DECISIONS = sorted((Path(__file__).parent.parent / "docs/decisions").glob("[0-9]*.md"))


def tracked(repo: Path) -> list[str]:
    """Return the files that a clone would have."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repo,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (repo / name).is_file()]


def plain_make(repo: Path, *targets: str) -> str:
    """Return what make prints, away from the make that may run these tests."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", *targets], cwd=repo, env=environ, capture_output=True, text=True, check=True)
    return done.stdout


def test_bare_make_lists_its_targets_each_with_a_line_of_help(repo: Path) -> None:
    lines = [line.split(maxsplit=2) for line in plain_make(repo).splitlines()]
    assert [target for _, target, _ in lines] == TARGETS
    assert all(words for _, _, words in lines)


def test_setup_does_nothing_twice(repo: Path) -> None:
    left = subprocess.run(
        ["make", "--question", ".venv/.stamp", "web/dist/manifest.json"], cwd=repo, check=False
    ).returncode
    assert left == 0, "make setup has something left to do"


def test_nothing_that_the_build_fetches_is_committed(repo: Path) -> None:
    theirs = re.compile(r"(\.min\.(js|css)$|(^|/)(vendor|node_modules|dist)/|\.(woff2?|ttf|otf|ttc)$)")
    assert [name for name in tracked(repo) if theirs.search(name)] == []


def test_no_file_is_too_big_to_review(repo: Path) -> None:
    assert [name for name in tracked(repo) if (repo / name).stat().st_size > 2_000_000] == []


def test_browser_packages_are_pinned_by_hash_and_name_no_host(repo: Path) -> None:
    wanted = json.loads((repo / "web/package.json").read_text())
    lock = json.loads((repo / "web/package-lock.json").read_text())
    exact = re.compile(r"\d+\.\d+\.\d+")
    asked = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert all(exact.fullmatch(version) for version in asked.values())
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert {f"node_modules/{name}" for name in asked} <= set(packages)
    for path, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), path
        assert "resolved" not in entry, path
    assert "://" not in json.dumps(packages)


def test_uv_is_pinned_by_hash_for_both_machines(repo: Path) -> None:
    pins = (repo / "tools/uv.txt").read_text()
    assert re.match(r"uv==\d+\.\d+\.\d+ ", pins)
    assert pins.count("--hash=sha256:") >= 2
    assert (repo / "tools/uv.in").read_text().splitlines()[-1] == pins.split()[0]


def test_the_python_lock_comes_from_the_public_index(repo: Path) -> None:
    packages = tomllib.loads((repo / "uv.lock").read_text())["package"]
    registries = {entry["source"].get("registry") for entry in packages}
    assert registries == {None, "https://pypi.org/simple"}
    assert [entry["name"] for entry in packages if "registry" not in entry["source"]] == ["landmap"]


def test_the_licence_is_there_in_full(repo: Path) -> None:
    text = (repo / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert tomllib.loads((repo / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


def test_the_package_tells_its_version(repo: Path) -> None:
    assert tomllib.loads((repo / "pyproject.toml").read_text())["project"]["version"] == landmap.__version__


def test_the_changelog_starts_with_what_is_to_come(repo: Path) -> None:
    headings = re.findall(r"^## (.+)$", (repo / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert headings[0] == "[Unreleased]"


@pytest.mark.parametrize("growth", ["filter", "format", "layer", "rule", "district"])
def test_contributing_tells_how_to_add(repo: Path, growth: str) -> None:
    text = (repo / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.search(rf"^### Add an? .*{growth}$", text, re.M)


@pytest.mark.parametrize("note", DECISIONS, ids=lambda note: note.stem)
def test_a_decision_is_one_screen_under_four_headings(note: Path) -> None:
    text = note.read_text(encoding="utf-8")
    assert re.match(rf"# {note.name[:4]} · \S", text)
    assert re.findall(r"^## (.+)$", text, re.M) == HEADINGS
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(note.name[:4]) for note in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_dependency_has_a_reason(repo: Path) -> None:
    project = tomllib.loads((repo / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(entry for group in groups for entry in group)]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in wanted}
    text = "".join(note.read_text(encoding="utf-8") for note in DECISIONS)
    assert sorted(name for name in names if f"`{name}`" not in text) == []


def test_the_product_speaks_of_no_machine(repo: Path) -> None:
    paths = re.compile(r"(?<![\w.])/(?:work|home|root)/[a-z]")
    spoken = [
        name for name in tracked(repo) if name.split("/")[0] in {"landmap", "web", "geodata", "docs", "README.md"}
    ]
    suffixes = {".py", ".md", ".html", ".js", ".css", ".toml", ".json", ".typ", ".yaml"}
    texts = {name: (repo / name).read_text(encoding="utf-8") for name in spoken if Path(name).suffix in suffixes}
    assert [name for name, text in texts.items() if paths.search(text)] == []
