"""Write the documentation pages that follow from the code, so that they cannot disagree with it.

A page is one entry of `PAGES`: the file and the function that returns its text. `--check` writes nothing and fails when
a page on disk is not what the code says.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.field_tables import field_tables_page

REPO: Final = Path(__file__).resolve().parent.parent

#: Page, relative to the repository → what writes it.
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/steward/fields.md": field_tables_page,
}


def stale(root: Path, pages: Mapping[str, Callable[[], str]]) -> dict[Path, str]:
    """Return the pages under `root` whose text is not what their function returns, with the text they should have."""
    texts = {root / name: write() for name, write in pages.items()}
    return {
        path: text for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }


def main() -> int:
    """Write the stale pages, or only name them with `--check`; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    check: bool = parser.parse_args().check
    pages = stale(REPO, PAGES)
    for path, text in pages.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(f"{'stale' if check else 'wrote'} {path.relative_to(REPO)}")
    return 1 if check and pages else 0


if __name__ == "__main__":
    sys.exit(main())
