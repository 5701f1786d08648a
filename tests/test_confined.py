"""The check in its confined process: it says what the check here says, and survives whatever a file does to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from landmap.domain.errors import NotFoundError, UnavailableError
from landmap.ingest import StagedLayer, check, check_here
from landmap.ingest.confined import checking, client
from landmap.ingest.confined.limits import Limits
from tests.confined_tools import parcels
from tests.making_files import feature, parcels_frame, square, town, write_csv, write_geojson, write_zip

pytestmark = pytest.mark.usefixtures("confined")

#: Enough to be seen at work.
MANY: Final = 2000


def heavy(path: Path) -> Path:
    """One parcel, forty thousand times."""
    text = json.dumps(feature())
    path.write_text(f'{{"type":"FeatureCollection","features":[{",".join([text] * 40_000)}]}}')
    return path


def same(one: tuple[StagedLayer | None, Any], other: tuple[StagedLayer | None, Any]) -> None:
    """Assert that two checks found the same."""
    assert one[1] == other[1]
    assert one[1].told("en") == other[1].told("en")
    if one[0] is None or other[0] is None:
        assert one[0] is other[0]
        return
    pd.testing.assert_frame_equal(one[0].frame, other[0].frame)
    assert type(one[0].frame) is type(other[0].frame)
    left, right = ({**vars(staged), "frame": None} for staged in (one[0], other[0]))
    assert left == right


def bound(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let every check run within other limits."""
    own = Limits.of
    monkeypatch.setattr(Limits, "of", lambda size: replace(own(size), **changes))


class TestSaysTheSame:
    @pytest.mark.parametrize(
        "make",
        [
            parcels,
            lambda path: write_geojson(path, feature(0), feature(0), feature(1, None), feature(2, land_use_code="?")),
            lambda path: write_csv(path, [("parcel_no", "净用地面积(亩)", "wkt"), ("1", "30", square().wkt)]),
            lambda path: write_zip(path, {"地块/甲.csv": f'parcel_no,wkt\n1,"{square().wkt}"\n', "readme": "no data"}),
            lambda path: write_zip(path, {"../a.csv": "parcel_no\n1\n"}),
            lambda path: path,
            lambda path: (path.write_bytes(b"") and path) or path,
            lambda path: path.mkdir() or (parcels(path / "甲.geojson"), path)[1],
        ],
        ids=["parcels", "faults", "table", "archive", "slip", "missing", "empty", "folder"],
    )
    def test_as_the_check_in_this_process(self, tmp_path: Path, make: Callable[[Path], Path]) -> None:
        path = tmp_path / "数据 1.dat"
        make(path)
        same(check([path], "parcels", town()), check_here([path], "parcels", town()))

    def test_of_several_inputs_whose_records_meet(self, tmp_path: Path) -> None:
        paths = [parcels(tmp_path / "a.geojson"), parcels(tmp_path / "b.geojson", 4), tmp_path / "no.csv"]
        found = check(paths, "parcels", town(), lang="en")
        same(found, check_here(paths, "parcels", town(), lang="en"))
        assert [one.rows_accepted for one in found[1].inputs] == [3, 1, 0]

    def test_of_every_part_of_a_shapefile(self, tmp_path: Path) -> None:
        parcels_frame(4549).rename(columns={"parcel_name": "DKMC"}).to_file(tmp_path / "地块.shp", encoding="utf-8")
        (tmp_path / "地块.txt").write_text("not a part of it")
        path = tmp_path / "地块.shp"
        same(check([path], "parcels", town()), check_here([path], "parcels", town()))

    def test_of_a_layer_without_shapes(self, tmp_path: Path) -> None:
        path = write_csv(
            tmp_path / "a.csv", [("unit_id", "building_id", "floor"), ("U1", "B1", "3"), ("U2", "B1", "x")]
        )
        same(check([path], "building_units", town()), check_here([path], "building_units", town()))

    def test_of_a_file_behind_a_link(self, tmp_path: Path) -> None:
        parcels(tmp_path / "real.geojson")
        link = tmp_path / "link.geojson"
        link.symlink_to("real.geojson")
        same(check([link], "parcels", town()), check_here([link], "parcels", town()))

    def test_and_passes_progress_on(self, tmp_path: Path) -> None:
        said: list[tuple[str, int, int]] = []
        check([parcels(tmp_path / "甲.geojson")], "parcels", town(), progress=lambda *now: said.append(now))
        assert said == [("甲.geojson", 0, 1), ("parcels", 1, 1)]

    def test_on_the_command_line(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "甲.geojson")
        program = [sys.executable, "-m", "landmap", "check", str(path), "--layer", "parcels", "--json"]
        env = {name: text for name, text in os.environ.items() if name != "LANDMAP_CHECK_HERE"}
        said = [
            subprocess.run(program, env=env | here, capture_output=True, check=True, timeout=100)
            for here in ({}, {"LANDMAP_CHECK_HERE": "1"})
        ]
        assert [one.stderr for one in said] == [b"", b""]
        confined, here = (json.loads(one.stdout) for one in said)
        assert confined == here

    def test_for_a_layer_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError):
            check([tmp_path], "castles", town())


class TestAFileThatEndsItsProcess:
    def test_is_refused_by_name_when_it_works_too_long(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bound(monkeypatch, cpu_s=0, cpu_s_per_mib=0)
        paths = [parcels(tmp_path / "a.geojson"), heavy(tmp_path / "慢.geojson")]
        staged, report = check(paths, "parcels", town())
        assert staged is not None
        assert [(one.file, one.rows_accepted) for one in report.inputs] == [("a.geojson", 3), ("慢.geojson", 0)]
        (finding,) = (one for one in report.findings if one.severity == "error")
        assert (finding.code, finding.file) == ("check_too_long", "慢.geojson")
        assert "拆分" in finding.fix

    def test_is_refused_by_name_when_it_waits_too_long(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bound(monkeypatch, wall_s=0.5)
        _, report = check([heavy(tmp_path / "慢.geojson")], "parcels", town())
        assert [one.code for one in report.findings] == ["check_too_long"]

    def test_is_refused_by_name_when_it_takes_too_much_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bound(monkeypatch, memory=60 * 2**20)
        big = tmp_path / "大.geojson"
        big.write_text('{"type":"FeatureCollection","features":[' + "1," * 20_000_000 + "1]}")
        staged, report = check([big, parcels(tmp_path / "a.geojson")], "parcels", town())
        assert staged is not None
        assert [one.rows_accepted for one in report.inputs] == [0, 3]
        assert report.findings[0].code in {"file_needs_memory", "check_memory"}
        assert report.inputs[0].refused == report.findings[0].message

    def test_in_an_archive_leaves_the_others_in_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bound(monkeypatch, cpu_s=0, cpu_s_per_mib=0)
        slow = heavy(tmp_path / "slow.geojson").read_bytes()
        path = write_zip(tmp_path / "a.zip", {"slow.geojson": slow, "甲.csv": f'parcel_no,wkt\n1,"{square().wkt}"\n'})
        _, report = check([path], "parcels", town())
        assert {one.file: one.rows_accepted for one in report.inputs} == {"a.zip/slow.geojson": 0, "a.zip/甲.csv": 1}

    def test_is_told_by_the_signal_that_ended_it(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "a.geojson", MANY)
        _, report = check([path], "parcels", town(), progress=lambda *_: end_children(signal.SIGSEGV))
        assert [one.code for one in report.findings] == ["check_died"]
        assert "SIGSEGV" in report.findings[0].message

    def test_refuses_all_when_no_file_is_to_blame(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client.ForkServer, "exchange", lambda *_: client.Ended(-signal.SIGKILL))
        staged, report = check([tmp_path / "a.csv", tmp_path / "b.csv"], "parcels", town())
        assert staged is None
        assert [one.refused is not None for one in report.inputs] == [True, True]
        assert [one.code for one in report.findings] == ["check_died", "check_died"]

    def test_is_not_tried_for_ever(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[int] = []

        def died(*_: object) -> client.Ended:
            tried.append(1)
            return client.Ended(-signal.SIGKILL, at=(len(tried) - 1, ""))

        monkeypatch.setattr(client.ForkServer, "exchange", died)
        _, report = check([tmp_path / f"{number}.csv" for number in range(50)], "parcels", town())
        assert len(tried) == checking.DEADLY_MAX
        assert len(report.inputs) == 50

    def test_of_ours_that_fails_is_logged_with_its_trace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broke(_: object, job: bytes, words: Any, *__: object) -> client.Ended:
            words.write(b"Traceback ...\nKeyError: 'x'")
            return client.Ended(72, at=(0, ""))

        monkeypatch.setattr(client.ForkServer, "exchange", broke)
        _, report = check([tmp_path / "a.csv"], "parcels", town())
        assert [one.code for one in report.findings] == ["check_failed"]
        assert "KeyError: 'x'" in report.findings[0].message
        assert "Traceback" not in report.findings[0].message
        assert "Traceback" in caplog.text


def end_children(number: signal.Signals) -> None:
    """Send a signal to every check that runs."""
    for child in children(client.running().process.pid):
        os.kill(child, number)


def children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split(") ")[1][:1]:
            return True
        time.sleep(0.05)
    return False


class TestTheServer:
    def test_is_started_again_after_it_was_ended(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "a.geojson")
        before = client.running().process
        before.kill()
        before.wait()
        assert check([path], "parcels", town())[0] is not None
        assert client.running().process.pid != before.pid

    def test_that_ends_during_a_check_is_started_again(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "a.geojson")
        server = client.running().process
        assert check([path], "parcels", town(), progress=lambda *_: server.kill())[0] is not None

    def test_has_one_thread_so_that_it_can_fork(self, tmp_path: Path) -> None:
        check([parcels(tmp_path / "a.geojson")], "parcels", town())
        assert len(list(Path(f"/proc/{client.running().process.pid}/task").iterdir())) == 1

    def test_holds_nothing_back_after_many_checks(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "a.geojson")
        check([path], "parcels", town())
        handles = Path(f"/proc/{client.running().process.pid}/fd")
        before = len(list(handles.iterdir()))
        for _ in range(5):
            check([path], "parcels", town())
        assert len(list(handles.iterdir())) == before
        assert children(client.running().process.pid) == []

    def test_serves_several_at_once(self, tmp_path: Path) -> None:
        paths = [parcels(tmp_path / f"{number}.geojson", number + 1) for number in range(8)]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda path: check([path], "parcels", town())[1].rows_accepted, paths))
        assert found == list(range(1, 9))

    def test_ends_a_check_that_nobody_waits_for(self, tmp_path: Path) -> None:
        path = parcels(tmp_path / "a.geojson", MANY)

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            check([path], "parcels", town(), progress=stop)
        server = client.running().process.pid
        assert all(gone(child) for child in children(server))

    def test_ends_with_its_parent(self) -> None:
        program = "from landmap.ingest.confined import client; print(client.running().process.pid, flush=True); input()"
        with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1) as parent:
            assert parent.stdout is not None
            server = int(parent.stdout.readline())
            assert not gone_now(server)
            parent.kill()
        assert gone(server)

    def test_that_does_not_start_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        client.stop()
        monkeypatch.setattr(client, "_SERVER", "landmap.no_such_module")
        with pytest.raises(UnavailableError, match="gone"):
            check([tmp_path], "parcels", town())
        client.stop()


def gone_now(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()
