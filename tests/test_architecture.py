"""The house keeps its shape: imports point down, rooms have one door, libraries come in through one."""

import ast
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

REPO: Final = Path(__file__).resolve().parent.parent

#: Imports point to smaller numbers or stay in their room.
LEVELS: Final[Mapping[str, int]] = {
    "domain": 0,
    "resources": 1,
    "ingest": 1,
    "store": 1,
    "settings": 2,
    "query": 2,
    "analysis": 3,
    "access": 3,
    "render": 4,
    "api": 5,
    "pipeline": 5,
    "mcp": 5,
    "__init__": 5,
    "cli": 6,
    "__main__": 7,
}

#: The modules (and what is below them) that may import a library.
DOORS: Final[Mapping[str, tuple[str, ...]]] = {
    "pyogrio": ("ingest.readers", "render.gis_files"),
    "openpyxl": ("ingest.readers",),
    "python_calamine": ("ingest.readers",),
    "ezdxf": ("ingest.readers",),
    "PIL": ("ingest.attached",),
    "xlsxwriter": (
        "render.operator_form",
        "render.tables",
    ),
    "pyproj": ("domain",),
    "pypinyin": ("query.names.pinyin",),
    "pyarrow": ("store", "ingest.confined", "ingest.readers.geoparquet", "api.coding"),
    "sqlalchemy": ("access", "query.postgis"),
    "folium": ("render.map",),
    "branca": ("render.map",),
    "typst": ("render.brief",),
    "fastapi": ("api",),
    "python_multipart": ("api.admin.multipart",),
    "starlette": ("api",),
    "uvicorn": ("api", "cli"),
    "typer": ("cli",),
}

#: The modules that may name a library's types under `TYPE_CHECKING`: `landmap.map` returns a `folium.Map`.
TYPE_DOORS: Final[Mapping[str, tuple[str, ...]]] = {"folium": ("__init__",)}

#: The one name of the Python door that every room may take: a value that brings nothing with it.
VERSION: Final = ("landmap", "__version__")

#: Folium compiles what these render a second time, and their text is raw HTML: data would run as code.
UNSAFE_FOLIUM: Final = frozenset({"GeoJson", "Popup", "Tooltip", "GeoJsonTooltip", "GeoJsonPopup"})

#: Modules over 400 lines, each with the reason why it still tells one story.
LONG_MODULES: Final[Mapping[str, str]] = {}


class Import(NamedTuple):
    """One imported name: `from module import name`, or `import module` with an empty name."""

    line: int
    module: str
    name: str


def python_files(folder: str) -> dict[str, Path]:
    """Return the files under a folder of the checkout by dotted name relative to it."""
    root = REPO / folder
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in sorted(root.rglob("*.py"))}


def imports(tree: ast.Module, name: str) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions; `name` resolves the relative ones."""
    package = ["landmap", *name.split(".")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *((node.module or "").split(".") if node.module else [])])
            yield from (Import(node.lineno, module, alias.name) for alias in node.names)


def type_only_lines(tree: ast.Module) -> frozenset[int]:
    """Return the lines inside `if TYPE_CHECKING:`."""
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return frozenset(line.lineno for block in blocks for line in block.body)


def door(room: str) -> frozenset[str] | None:
    """Return what a room's `__init__` offers in `__all__`; None for a room that is a single module."""
    path = REPO / "landmap" / room / "__init__.py"
    if not path.is_file():
        return None
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return frozenset(ast.literal_eval(node.value))  # type: ignore[attr-defined]
    return frozenset()


def house_faults(name: str, source: str) -> Iterator[str]:
    """Yield what is wrong with a module's imports of our own rooms."""
    room = name.split(".")[0]
    for line, module, imported in imports(ast.parse(source), name):
        if module.split(".")[0] != "landmap" or (module, imported) == VERSION:
            continue
        inner = module.split(".")[1:] or ([imported] if imported in LEVELS else ["__init__"])
        other = inner[0]
        names = [*module.split(".")[2:], imported] if module.count(".") else []
        if other == room:
            continue
        if other not in LEVELS:
            yield f"{name}:{line} imports {other!r}, a room without a number"
        elif LEVELS[other] >= LEVELS[room]:
            yield f"{name}:{line} ({LEVELS[room]}) imports {other} ({LEVELS[other]}): imports point down"
        elif names and names[0] and (offered := door(other)) is not None and names[0] not in offered:
            yield f"{name}:{line} takes {names[0]!r} past the door of {other}: its __all__ does not offer it"


def door_faults(name: str, source: str) -> Iterator[str]:
    """Yield the libraries a module imports although they have another door."""
    tree = ast.parse(source)
    typed = type_only_lines(tree)
    for line, module, _ in imports(tree, name):
        library = module.split(".")[0]
        allowed = DOORS.get(library)
        if line in typed and name in TYPE_DOORS.get(library, ()):
            continue
        if allowed is not None and not any(name == door or name.startswith(f"{door}.") for door in allowed):
            yield f"{name}:{line} imports {module}, whose door is {' or '.join(allowed)}"


def unsafe_faults(name: str, source: str) -> Iterator[str]:
    """Yield the uses of Folium that would take data as code."""
    tree = ast.parse(source)
    for line, module, imported in imports(tree, name):
        if module.split(".")[0] == "folium" and imported in UNSAFE_FOLIUM:
            yield f"{name}:{line} imports folium's {imported}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).split(".")[0]
            if node.attr in UNSAFE_FOLIUM and owner in {"folium", "features", "map"}:
                yield f"{name}:{node.lineno} uses folium's {node.attr}"
            if node.attr == "explore":
                yield f"{name}:{node.lineno} uses .explore"


MODULES: Final = python_files("landmap")


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_down_and_pass_through_doors(name: str) -> None:
    assert name.split(".")[0] in LEVELS, f"{name}: a new room needs a number in LEVELS"
    source = MODULES[name].read_text(encoding="utf-8")
    assert [*house_faults(name, source), *door_faults(name, source)] == []


@pytest.mark.parametrize("folder", ["landmap", "geodata", "tools", "bench"])
def test_no_data_passes_through_folium(folder: str) -> None:
    files = python_files(folder).items()
    assert [fault for name, path in files for fault in unsafe_faults(name, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("domain.units", "from landmap.query import Criteria", "imports point down"),
        ("store.home", "import landmap.ingest", "imports point down"),
        ("query.memory", "def f():\n    from ..render import geojson", "imports point down"),
        ("api.app", "from landmap.attic import x", "without a number"),
        ("api.app", "from landmap.domain.hidden_module import x", "past the door of domain"),
        ("api.app", "from landmap.domain import hidden_name", "past the door of domain"),
        ("access.shares", "from landmap import open", "imports point down"),
    ],
)
def test_a_wrong_import_is_seen(name: str, source: str, fault: str) -> None:
    (found,) = house_faults(name, source)
    assert fault in found


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("api.routers.features", "from landmap.api.deps import SettingsDep"),
        ("api.routers.features", "from ..deps import SettingsDep"),
        ("domain.crs", "from .errors import CrsError"),
        ("api.app", "import landmap.domain"),
        ("api.app", "from landmap import domain"),
        ("cli", "from landmap.settings import Settings"),
        ("api.answers", "from landmap import __version__"),
    ],
)
def test_a_right_import_passes(name: str, source: str) -> None:
    assert list(house_faults(name, source)) == []


@pytest.mark.parametrize(
    ("name", "source", "passes"),
    [
        ("query.memory", "import pyarrow.parquet as pq", False),
        ("store.snapshot", "import pyarrow.parquet as pq", True),
        ("render.mapping", "from folium import Map", False),
        ("render.map", "from folium import Map", True),
        ("render.map.layers", "from folium import Map", True),
        ("ingest.readers.excel", "from openpyxl import load_workbook", True),
        ("ingest.checks", "from openpyxl import load_workbook", False),
        ("__init__", "if TYPE_CHECKING:\n    import folium", True),
        ("__init__", "import folium", False),
        ("query.memory", "if TYPE_CHECKING:\n    import folium", False),
    ],
)
def test_a_library_has_one_door(name: str, source: str, passes: bool) -> None:
    assert (list(door_faults(name, source)) == []) is passes


@pytest.mark.parametrize(
    "source",
    [
        "from folium import GeoJson",
        "from folium.features import GeoJsonPopup",
        "import folium\nfolium.Popup('x')",
        "import folium\nfolium.features.GeoJsonTooltip(['x'])",
        "frame.explore()",
    ],
)
def test_folium_that_takes_data_as_code_is_seen(source: str) -> None:
    assert len(list(unsafe_faults("render.map.page", source))) == 1


def test_modules_are_short_and_tell_one_story() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name for name, lines in lengths.items() if lines > 400} == set(LONG_MODULES)
    assert statistics.median(lengths.values()) <= 130
