"""`make deep` is one setting."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("setting", "size"), [(None, "10"), ("", "10"), ("0", "10"), ("1", "1000")])
def test_one_setting_chooses_between_few_and_many(repo: Path, setting: str | None, size: str) -> None:
    environ = {} if setting is None else {"LANDMAP_DEEP": setting}
    program = "from tests.sizes import sized; print(sized(10, 1000))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=repo, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == size
