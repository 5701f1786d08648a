"""Every reader reads what damage makes of a sound file: it is refused or read, and never ends or hangs the process.

A hundred files a format on every run, two thousand with `make deep`; each is read in the confined process, in batches.
A seed and a number name a file again.
"""

import random
import shutil
from pathlib import Path
from typing import Final

import pytest

from landmap.ingest import check
from landmap.ingest.readers import READERS, Reader
from tests.contracts.test_reader_contract import WRITERS, contents
from tests.faults.mutation import damage, damage_files
from tests.making_files import town
from tests.sizes import sized

pytestmark = pytest.mark.usefixtures("confined")

SEED: Final = 20261122
#: Files in one check; what ends a process is told by its name.
BATCH: Final = 25
#: Findings that say that the program broke, or that a small file took what only a large one may.
BROKEN: Final = frozenset({"check_died", "check_failed", "check_too_long", "check_memory", "file_needs_memory"})


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.key)
def test_a_damaged_file_is_refused_or_read(reader: Reader, tmp_path: Path) -> None:
    sound = tmp_path / "sound" / f"sample{reader.suffixes[0]}"
    sound.parent.mkdir()
    WRITERS[reader.key](sound)
    parts = {path.relative_to(sound.parent): data for path, data in contents(sound).items()}
    for first in range(0, sized(100, 2000), BATCH):
        paths = []
        for number in range(first, first + BATCH):
            folder = tmp_path / str(number)
            rng = random.Random(f"{SEED} {reader.key} {number}")
            for name, data in damage_files(parts, rng).items():
                path = folder / name.as_posix().replace("sample", str(number), 1)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            paths.append(folder / f"{number}{sound.suffix}")
        _, report = check(paths, "parcels", town())
        broken = [f"{finding.file}: {finding.message}" for finding in report.findings if finding.code in BROKEN]
        assert broken == [], f"seed {SEED}, {reader.key}"
        told = {finding.file.split("/")[0] for finding in report.findings} | {
            one.file.split("/")[0] for one in report.inputs
        }
        assert told >= {path.name for path in paths}
        for number in range(first, first + BATCH):
            shutil.rmtree(tmp_path / str(number))


def test_damage_follows_from_its_seed_alone() -> None:
    data = b'{"type":"Point","coordinates":[120.4,36.2]}' * 5
    mutants = [damage(data, random.Random(number)) for number in range(300)]
    assert mutants == [damage(data, random.Random(number)) for number in range(300)]
    assert len(set(mutants)) > 290


def test_damage_changes_at_least_one_part() -> None:
    parts = {Path("a.shp"): b"1234" * 50, Path("a.dbf"): b"5678" * 50}
    changed = [damage_files(parts, random.Random(number)) != parts for number in range(100)]
    assert sum(changed) > 95
