"""No hostile file reaches another file or anybody outside, lasts, or fills the memory; each is told what is wrong.

They are read as files of strangers are: by ``check``, in the confined process.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from landmap.ingest import Report, check, check_here, confinement
from landmap.ingest.confined import client
from tests.conftest import absent
from tests.hostile.archives import ARCHIVES, Maker
from tests.hostile.bait import SECRET, Bait, laid_out
from tests.hostile.bombs import BOMBS
from tests.hostile.references import REFERENCES
from tests.making_files import town
from tests.sizes import sized

pytestmark = pytest.mark.usefixtures("confined")

CASES: Final[Mapping[str, tuple[Maker, str]]] = {**ARCHIVES, **REFERENCES, **BOMBS}
#: These take seconds each, and wait for `make deep`.
HEAVY: Final = frozenset(
    {
        "a member that lies about its size",
        "a ring of a million points",
        "ten thousand crossing lines",
        "a million features of nothing",
        "one cell of ten megabytes",
        "an outline of ten megabytes",
        "a quote that never ends",
        "a cell of ten megabytes in a workbook",
        "strings that unpack a thousandfold",
        "KML with a ring of a million points",
        "KMZ that unpacks a thousandfold",
        "an outline of two hundred thousand points",
    }
)
#: What one hostile file may take: memory as resident in KiB, and seconds of the processor (of the clock, where that is
#: not shared with other work).
RSS_KIB, CPU_S = 1.5e9 / 1024, 30
#: What stands for a program that broke; a file that is merely wrong never leads there.
BROKEN: Final = frozenset({"check_died", "check_failed"})


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bait]:
    with laid_out(tmp_path_factory.mktemp("outside")) as bait:
        yield bait


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[client.Ended]:
    """Return how every process that read something ended."""
    seen: list[client.Ended] = []
    exchange = client.ForkServer.exchange

    def watched(server: client.ForkServer, *arguments: object) -> client.Ended:
        seen.append(exchange(server, *arguments))  # type: ignore[arg-type]
        return seen[-1]

    monkeypatch.setattr(client.ForkServer, "exchange", watched)
    return seen


def told(report: Report) -> str:
    return json.dumps(report.as_dict(), ensure_ascii=False, default=str)


def test_there_are_as_many_cases_as_we_say() -> None:
    assert len(CASES) == len(ARCHIVES) + len(REFERENCES) + len(BOMBS) >= 160
    assert CASES.keys() > HEAVY
    assert confinement() == "full", "the proof is worth less on a machine that cannot confine"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [name for name in CASES if name not in sized(HEAVY, frozenset())])
def test_a_hostile_file_does_no_harm_and_is_told(
    name: str, bait: Bait, ended: list[client.Ended], tmp_path: Path
) -> None:
    make, code = CASES[name]
    path = make(tmp_path, bait)
    outside = sorted(bait.canary.parent.iterdir())
    before = sorted(tmp_path.rglob("*"))

    started = time.monotonic()
    staged, report = check([path], "parcels", town())
    lasted = time.monotonic() - started

    assert bait.callers == []
    assert sorted(bait.canary.parent.iterdir()) == outside
    assert sorted(tmp_path.rglob("*")) == before
    assert SECRET not in told(report)
    assert staged is None or SECRET not in staged.frame.to_string()

    assert max(one.rss_kib for one in ended) < RSS_KIB
    assert sum(one.cpu_s for one in ended) < CPU_S
    assert lasted < 4 * CPU_S

    codes = {finding.code for finding in report.findings}
    assert not codes & BROKEN
    if code:
        assert code in codes
        finding = next(one for one in report.findings if one.code == code)
        assert finding.message
        assert "Traceback" not in told(report)
        assert str(tmp_path) not in told(report)
    else:
        assert report.refused == ()
        assert staged is not None


def corpus(root: Path) -> list[Path]:
    """Return the broken files of the conformance suites."""
    folder = root / "conformance"
    files = [*folder.glob("geojson_invalid/**/*.geojson"), *folder.glob("check_geojson/**/bad/*.geojson")]
    return sorted(path for path in files if "/valid" not in path.as_posix())


@pytest.mark.data
def test_every_broken_file_of_the_conformance_suites_is_told(test_data: Path) -> None:
    paths = corpus(test_data)
    if len(paths) < 50:
        absent("no conformance suites", "they lie in the test data, under conformance/")
    _, report = check(paths, "parcels", town())
    codes = {finding.code for finding in report.findings}
    assert not codes & (BROKEN | {"check_too_long", "check_memory", "file_needs_memory"})
    assert {one.file for one in report.inputs} >= {path.name for path in paths}
    assert "Traceback" not in told(report)


@pytest.mark.data
def test_the_conformance_suites_read_alike_confined_and_here(test_data: Path) -> None:
    paths = corpus(test_data)
    assert check(paths, "parcels", town())[1] == check_here(paths, "parcels", town())[1]
