"""The web build copies what we serve, states its hashes, and does nothing twice."""

import hashlib
import json
from pathlib import Path

import pytest

from tools.build_web import SERVED, BuildError, build

SERVED_HERE = {"leaflet/dist/leaflet.js": "vendor/leaflet", "leaflet/dist/images/*": "vendor/leaflet/images"}


class Installer:
    """Stands in for npm: unpacks two small files and counts how often it is asked."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, web: Path) -> None:
        self.runs += 1
        images = web / "node_modules/leaflet/dist/images"
        images.mkdir(parents=True, exist_ok=True)
        (images / "layers.png").write_bytes(b"png")
        (images.parent / "leaflet.js").write_bytes(b"var L;")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def test_the_manifest_states_the_hash_of_every_file_we_serve(web: Path) -> None:
    assert build(web, Installer(), SERVED_HERE)
    manifest = json.loads((web / "dist/manifest.json").read_text())
    assert manifest == {
        "vendor/leaflet/images/layers.png": hashlib.sha256(b"png").hexdigest(),
        "vendor/leaflet/leaflet.js": hashlib.sha256(b"var L;").hexdigest(),
    }
    assert (web / "dist/vendor/leaflet/leaflet.js").read_bytes() == b"var L;"


def test_a_second_build_does_nothing(web: Path) -> None:
    npm = Installer()
    build(web, npm, SERVED_HERE)
    assert not build(web, npm, SERVED_HERE)
    assert npm.runs == 1


@pytest.mark.parametrize("lost", ["vendor/leaflet/leaflet.js", "manifest.json", "stamp"])
def test_a_lost_file_is_built_again(web: Path, lost: str) -> None:
    build(web, Installer(), SERVED_HERE)
    (web / "dist" / lost).unlink()
    assert build(web, Installer(), SERVED_HERE)
    assert (web / "dist" / lost).is_file()


def test_a_new_lock_is_built_and_leaves_nothing_of_the_old(web: Path) -> None:
    build(web, Installer(), SERVED_HERE)
    (web / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert build(web, Installer(), {"leaflet/dist/leaflet.js": "vendor/map"})
    assert sorted(json.loads((web / "dist/manifest.json").read_text())) == ["vendor/map/leaflet.js"]
    assert not (web / "dist/vendor/leaflet").exists()


def test_a_package_that_lacks_a_file_stops_the_build_and_keeps_the_last_one(web: Path) -> None:
    build(web, Installer(), SERVED_HERE)
    (web / "package-lock.json").write_text('{"lockfileVersion": 3}')
    with pytest.raises(BuildError, match=r"leaflet/dist/leaflet\.mjs"):
        build(web, Installer(), {"leaflet/dist/leaflet.mjs": "vendor/leaflet"})
    assert (web / "dist/vendor/leaflet/leaflet.js").is_file()


def test_what_the_product_serves_and_prints_with_is_built(repo: Path) -> None:
    manifest = json.loads((repo / "web/dist/manifest.json").read_text())
    for folder in set(SERVED.values()):
        assert any(Path(name).parent.as_posix() == folder for name in manifest), folder
    for name, sha256 in manifest.items():
        assert hashlib.sha256((repo / "web/dist" / name).read_bytes()).hexdigest() == sha256, name
    assert [name for name in sorted(manifest) if name.endswith(".ttf")] == [
        "fonts/NotoSansSC_400Regular.ttf",
        "fonts/NotoSansSC_500Medium.ttf",
        "fonts/NotoSansSC_700Bold.ttf",
    ]
