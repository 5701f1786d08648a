"""A tool that is not there: skipped at a desk, failed in CI."""

import pytest

from tests.conftest import absent


def test_at_a_desk_a_missing_tool_skips_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium: install it"):
        absent("no Chromium", "install it")


def test_in_ci_a_missing_tool_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium: install it"):
        absent("no Chromium", "install it")
