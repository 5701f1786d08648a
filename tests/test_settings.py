from pathlib import Path

import pytest
from pydantic import ValidationError

from landmap.domain import Level
from landmap.domain.errors import ConfigError
from landmap.settings import Settings


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("LANDMAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_without_a_word_it_serves_the_public_on_this_machine(tmp_path: Path) -> None:
    settings = Settings.from_environ()
    assert (settings.host, settings.port, settings.audience) == ("127.0.0.1", 8000, Level.PUBLIC)
    assert settings.home == tmp_path / "landmap"
    assert settings.base_url is None


def test_argument_beats_environment_beats_file_beats_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "landmap.toml"
    file.write_text('port = 1001\npage_size = 11\nshare_days = 7\naudience = "officer"\n', "utf-8")
    monkeypatch.setenv("LANDMAP_CONFIG", str(file))
    monkeypatch.setenv("LANDMAP_PORT", "1002")
    monkeypatch.setenv("LANDMAP_PAGE_SIZE", "12")
    settings = Settings.from_environ(port=1003)
    assert (settings.port, settings.page_size, settings.share_days) == (1003, 12, 7)
    assert settings.max_limit == 10_000
    assert settings.audience is Level.OFFICER


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("LANDMAP_PROT", "LANDMAP_PROT is no setting (did you mean LANDMAP_PORT?)"),
        ("LANDMAP_HOMES", "did you mean LANDMAP_HOME?"),
        ("LANDMAP_SNAPSHOT_FOLDER_42", "SNAPSHOT_FOLDER_42 is no setting (known: "),
    ],
)
def test_a_misspelt_variable_is_an_error_and_not_a_silent_default(
    monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigError) as caught:
        Settings.from_environ()
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["LANDMAP_TEST_DATA", "LANDMAP_DEEP", "LANDMAP_BENCH", "LANDMAP_CHROMIUM"])
def test_what_belongs_to_tests_is_no_concern_of_the_server(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert Settings.from_environ() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "-1", "port: Input should be greater than or equal to 0; found '-1'"),
        ("PORT", "eighty", "port: "),
        ("PORT", "70000", "found '70000'"),
        ("AUDIENCE", "everybody", "'everybody' is no audience; use one of public, partner"),
        ("PAGE_SIZE", "0", "page_size: "),
        ("SHARE_DAYS", "400", "share_days: "),
        ("BASE_URL", "landmap.example", "base_url: "),
        ("BASE_URL", "https://x.example/?a=1", "base_url: "),
        ("REQUEST_TIMEOUT_S", "nan", "request_timeout_s: "),
        ("HOST", "", "host: "),
    ],
)
def test_a_value_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(f"LANDMAP_{name}", value)
    with pytest.raises(ConfigError) as caught:
        Settings.from_environ()
    assert told in str(caught.value)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDMAP_PORT", "x")
    monkeypatch.setenv("LANDMAP_PAGE_SIZE", "y")
    with pytest.raises(ConfigError, match=r"port: .*page_size: "):
        Settings.from_environ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "prot is no setting; did you mean port?"),
        ("xyzzy = 1", "xyzzy is no setting"),
        ("port =", "is no TOML file"),
    ],
)
def test_a_faulty_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str) -> None:
    file = tmp_path / "landmap.toml"
    file.write_text(text, "utf-8")
    monkeypatch.setenv("LANDMAP_CONFIG", str(file))
    with pytest.raises(ConfigError) as caught:
        Settings.from_environ()
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDMAP_CONFIG", "/nowhere/landmap.toml")
    with pytest.raises(ConfigError, match=r"LANDMAP_CONFIG names '/nowhere/landmap\.toml', which is no file"):
        Settings.from_environ()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
@pytest.mark.parametrize("level", Level)
def test_every_level_is_served_on_this_machine(host: str, level: Level) -> None:
    assert Settings.from_environ(host=host, audience=level.key).audience is level


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "map.licang.gov.cn", "localhost.example.com"])
def test_only_the_public_is_served_to_other_machines(host: str) -> None:
    assert Settings.from_environ(host=host).host == host
    with pytest.raises(ConfigError, match="audience partner is served on this machine only"):
        Settings.from_environ(host=host, audience="partner")


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_the_base_address_has_no_slash_at_its_end() -> None:
    assert Settings(base_url="https://map.example/licang/").base_url == "https://map.example/licang"
