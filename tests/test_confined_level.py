"""How well the check is confined, its limits, and answers that are none."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from landmap.cli.doctor import examine
from landmap.domain import layer_named
from landmap.domain.errors import SourceError, UnavailableError
from landmap.ingest import check, check_here, confinement, require_confinement
from landmap.ingest.confined import checking, client, landlock, network
from landmap.ingest.confined.frames import read_frame, write_frame
from landmap.ingest.confined.limits import Limits
from tests.confined_tools import parcels
from tests.making_files import town

pytestmark = pytest.mark.usefixtures("confined")


class TestTheLevel:
    def test_is_full_where_landlock_and_a_closed_network_meet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(landlock, "abi", lambda: 1)
        monkeypatch.setattr(network, "can_filter", lambda: True)
        assert confinement() == "full"

    def test_is_files_without_a_way_to_close_the_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(landlock, "abi", lambda: 3)
        monkeypatch.setattr(network, "can_filter", lambda: False)
        monkeypatch.setattr(network, "can_separate", lambda: False)
        assert confinement() == "files"

    def test_is_none_without_landlock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(landlock, "abi", lambda: 0)
        assert confinement() == "none"

    def test_is_none_when_files_are_checked_in_this_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANDMAP_CHECK_HERE", "1")
        assert confinement() == "none"

    def test_that_cannot_be_kept_stops_the_check(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checking, "confinement", lambda: "better than full")
        with pytest.raises(UnavailableError, match="confined"):
            check([parcels(tmp_path / "a.geojson")], "parcels", town())

    def test_of_none_takes_uploads_only_when_told_expressly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(landlock, "abi", lambda: 0)
        with pytest.raises(UnavailableError, match="LANDMAP_ALLOW_UNCONFINED"):
            require_confinement()
        monkeypatch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")
        require_confinement()

    def test_is_kept_in_fact(self) -> None:
        require_confinement()
        assert confinement() == ("full" if landlock.abi() else "none")


def test_the_level_is_told_by_the_server_and_the_doctor(client: TestClient, demo_home: Path) -> None:
    assert client.get("/readyz").json()["confinement"] == confinement()
    (look,) = (one for one in examine(demo_home) if one.name == "confinement")
    assert look.ok
    assert look.detail.startswith(f"{confinement()}: ")


def test_the_level_is_told_without_loading_a_reader() -> None:
    program = "import sys; from landmap.ingest import confinement; confinement(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()
    assert not {"pandas", "geopandas", "pyogrio", "pyarrow", "openpyxl"} & set(loaded)


class TestLimits:
    def test_of_a_small_file_stay_under_what_a_hostile_one_may_take(self) -> None:
        assert Limits.of(1_000_000).memory + 350 * 2**20 < 1.5e9
        assert Limits.of(1_000_000).cpu_for(1_000_000) < 30

    def test_grow_with_a_large_file_but_not_past_the_machine(self) -> None:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        assert Limits.of(300_000_000).memory > Limits.of(30_000_000).memory > Limits.of(3).memory
        assert Limits.of(10**12).memory <= physical
        assert Limits.of(300_000_000).cpu_for(300_000_000) > 600


def test_a_message_of_another_form_is_passed_over() -> None:
    heard: list[object] = []
    line = client._Line(lambda *now: heard.append(now))
    line.take(b'{"at":["x",1]}\n[[[\n\xff\n{"progress":["a",1,2]}\n{"at":[1,"b"]}\nnull\n{"at":')
    assert (line.at, heard) == ((1, "b"), [("a", 1, 2)])
    line.take(b"[" * (2 << 20))
    assert len(line.rest) <= 1 << 20


class TestAnAnswerThatIsNone:
    """What a process says that a hostile file has taken over."""

    @pytest.mark.parametrize(
        "words",
        [
            b"",
            b"null",
            b"[" * 100_000,
            b"\xff\xfe",
            b'{"report":{},"staged":null}',
            b'{"report":{"inputs":[],"findings":[]},"staged":{"layer":"parcels","sources":[],"corrections":[]}}',
            b'{"report":{"inputs":[],"findings":[]},"staged":{"layer":"../x","sources":[],"corrections":[],"rows":[]}}',
            b'{"report":{"inputs":[{"file":1,"rows_read":"many"}],"findings":[]},"staged":null}',
        ],
    )
    def test_refuses_the_inputs(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: bytes) -> None:
        def answered(_: object, job: bytes, told: Any, records: Any, *__: object) -> client.Ended:
            told.write(words)
            records.write(b"ARROW1 is not what this is")
            return client.Ended(0)

        monkeypatch.setattr(client.ForkServer, "exchange", answered)
        staged, report = check([tmp_path / "a.csv"], "parcels", town())
        assert staged is None
        assert [one.code for one in report.findings] == ["check_failed"]

    def test_of_other_columns_is_refused(self, tmp_path: Path) -> None:
        frame = check_here([parcels(tmp_path / "a.geojson")], "parcels", town())[0]
        assert frame is not None
        with (tmp_path / "frame").open("w+b") as stream:
            write_frame(frame.frame, layer_named("parcels"), stream)
            stream.seek(0)
            with pytest.raises(SourceError, match="something else"):
                read_frame(stream, layer_named("buildings"))
