"""Put what the product serves beside its code in the wheel: `landmap/_web` and `landmap/_geodata`.

An editable install takes neither: it reads `web/` and `geodata/` of the checkout, so an edit shows at once.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilderConfig

WEB_FOLDERS = ("templates", "static", "print", "i18n", "dist")


class PackedAssets(BuildHookInterface[WheelBuilderConfig]):
    """Adds the web assets and the demo district to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name every file to pack; refuse when the web build has not run."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "web/dist/manifest.json").is_file():
            raise FileNotFoundError(
                "web/dist is not built, and a wheel without it serves no map: run `make setup` first"
            )
        packed = build_data["force_include"]
        for folder in WEB_FOLDERS:
            if (root / "web" / folder).is_dir():
                packed[str(root / "web" / folder)] = f"landmap/_web/{folder}"
        for path in sorted((root / "geodata").rglob("*")):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                packed[str(path)] = f"landmap/_geodata/{path.relative_to(root / 'geodata').as_posix()}"
