"""The wheel carries what the product serves, so that an installed landmap needs neither a checkout nor a network."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from tools.hatch_build import PackedAssets

SOURCES = {
    "README.md": "",
    "LICENSE": "",
    "landmap/__init__.py": "",
    "landmap/domain/data/codes.csv": "list,code\n",
    "web/templates/page.html": "<!doctype html>",
    "web/i18n/zh.json": "{}",
    "web/package.json": "{}",
    "web/node_modules/leaflet/leaflet-src.js": "var L;",
    "web/dist/manifest.json": "{}",
    "web/dist/vendor/leaflet/leaflet.js": "var L;",
    "geodata/licang/district.toml": "",
    "geodata/licang/layers/parcels.geojson": "{}",
    "geodata/build.py": "",
}


@pytest.fixture
def checkout(repo: Path, tmp_path: Path) -> Path:
    """Return a small checkout with the build settings of the real one."""
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("pyproject.toml", ".gitignore", "tools/hatch_build.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(repo / name, tmp_path / name)
    return tmp_path


def packed(checkout: Path) -> set[str]:
    """Return the names inside the wheel, its metadata left out."""
    (wheel,) = WheelBuilder(str(checkout)).build(directory=str(checkout / "out"), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_a_wheel_carries_code_assets_and_demo_but_no_build_inputs(checkout: Path) -> None:
    assert packed(checkout) == {
        "landmap/__init__.py",
        "landmap/domain/data/codes.csv",
        "landmap/_web/templates/page.html",
        "landmap/_web/i18n/zh.json",
        "landmap/_web/dist/manifest.json",
        "landmap/_web/dist/vendor/leaflet/leaflet.js",
        "landmap/_geodata/licang/district.toml",
        "landmap/_geodata/licang/layers/parcels.geojson",
    }


def test_an_editable_install_reads_the_checkout_itself(checkout: Path) -> None:
    (checkout / "web/dist/manifest.json").unlink()
    builder = WheelBuilder(str(checkout))
    hook = PackedAssets(str(checkout), {}, builder.config, builder.metadata, str(checkout / "out"), "wheel")
    packed_too: dict[str, Any] = {"force_include": {}}
    hook.initialize("editable", packed_too)
    assert packed_too == {"force_include": {}}


def test_a_wheel_without_the_web_build_is_refused(checkout: Path) -> None:
    (checkout / "web/dist/manifest.json").unlink()
    with pytest.raises(FileNotFoundError, match="run `make setup` first"):
        packed(checkout)
