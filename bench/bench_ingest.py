"""A GeoPackage of parcels to a published version, beside plain GeoPandas that reads, mends, projects and writes it.

Each side runs in a process of its own, in turns; loading libraries is not counted on either side. Ours is the whole
road: the door, the confined process, coordinates, columns, every check, the report, staging, derivations, publish.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Final

import geopandas as gpd

from bench.measured import Taken, done, measured, ready
from bench.register import CODE, EPSG, write_parcels

#: What ours may take of the plain way.
LIMIT: Final = 1.5
_LARGE: Final = 500_000
_OURS, _PLAIN, _ARROW, _WRITE = "landmap", "plain GeoPandas", "plain, use_arrow", "write"
_SELF: Final = (sys.executable, "-m", "bench.bench_ingest")


def plain(file: Path, target: Path, *, use_arrow: bool) -> None:
    """Do what one does without us."""
    ready()
    frame = gpd.read_file(file, use_arrow=use_arrow)
    frame["geometry"] = frame.make_valid()
    frame.to_crs(4490).to_parquet(target)
    done()


def ours(file: Path, home: Path, extent: list[float]) -> None:
    """Check, stage and publish the file in a new home."""
    from landmap.ingest import check
    from landmap.pipeline import placeable, publish_staged, stage_layer
    from landmap.pipeline.at_hand import boundaries_of
    from landmap.pipeline.beside import beside_of
    from landmap.store import Home

    settings = home.with_suffix(".toml")
    lines = [f'code = "{CODE}"', 'name_zh = "-"', 'name_en = "-"', f"planar_epsg = {EPSG}", f"extent = {extent}"]
    settings.write_text("\n".join(lines), encoding="utf-8")
    store = Home.create(home, settings)
    nothing = home.with_suffix(".geojson")
    nothing.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    check([nothing], "parcels", store.district())
    ready()
    boundaries, beside = boundaries_of(store, "parcels"), beside_of(store, "parcels")
    staged, report = check([file], "parcels", store.district(), boundaries=boundaries, beside=beside)
    assert report.ok, "the file is clean"
    assert staged is not None
    placeable(store, staged)
    fresh = stage_layer(store, staged, by="bench")
    del staged
    snapshot = publish_staged(store, by="bench", note="", fresh=[fresh])
    done()
    assert snapshot.manifest["layers"]["parcels"]["rows"] == report.inputs[0].rows_read


def compare(rows: int, rounds: int, folder: Path) -> dict[str, Taken]:
    """Return the medians of each side at one size; rounds are interleaved, so that noise falls on all alike."""
    file, extent = folder / f"{rows}.gpkg", folder / f"{rows}.json"
    subprocess.run([*_SELF, "--side", _WRITE, str(file), str(rows), str(extent)], check=True)
    taken: dict[str, list[Taken]] = {_PLAIN: [], _ARROW: [], _OURS: []}
    for _ in range(rounds):
        for name, runs in taken.items():
            with tempfile.TemporaryDirectory(dir=folder) as place:
                target = str(Path(place) / "result")
                runs.append(measured([*_SELF, "--side", name, str(file), target, str(extent)]))
    file.unlink()
    return {
        name: Taken(*map(statistics.median, zip(*map(_figures, runs), strict=True))) for name, runs in taken.items()
    }


def _figures(taken: Taken) -> tuple[float, float, float]:
    return taken.wall_s, taken.cpu_s, taken.peak_mib


def table(rows: int, taken: dict[str, Taken]) -> str:
    """Return the medians of one size as a text table, each with its ratio to plain GeoPandas."""
    lines = [
        f"{rows} parcels to a published version",
        f"{'':20} {'s':>8} {'×':>6} {'CPU s':>8} {'×':>6} {'MiB':>8} {'×':>6}",
    ]
    base = _figures(taken[_PLAIN])
    for name, one in taken.items():
        cells = [f"{own:8.1f} {own / other:6.2f}" for own, other in zip(_figures(one), base, strict=True)]
        lines.append(f"{name:20} {' '.join(cells)}")
    return "\n".join(lines)


def growth(small: tuple[int, Taken], large: tuple[int, Taken]) -> str:
    """Return by which power of the number of parcels each figure grows from one size to the next."""
    steps = math.log(large[0] / small[0])
    powers = [math.log(b / a) / steps for a, b in zip(_figures(small[1]), _figures(large[1]), strict=True)]
    told = ", ".join(f"{what} {power:.2f}" for what, power in zip(("s", "CPU s", "MiB"), powers, strict=True))
    return f"landmap grows from {small[0]} to {large[0]} parcels by the power of: {told}"


def main() -> None:
    """Compare at every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument(
        "--rounds", type=int, help="how often each side runs; 3 times unless told, once from 500 000 on"
    )
    parser.add_argument("--side", nargs=4, metavar=("SIDE", "FILE", "TARGET", "EXTENT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        side, file, target, extent = asked.side
        if side == _WRITE:
            Path(extent).write_text(json.dumps(write_parcels(Path(file), int(target))), encoding="utf-8")
        elif side == _OURS:
            ours(Path(file), Path(target), json.loads(Path(extent).read_text(encoding="utf-8")))
        else:
            plain(Path(file), Path(target), use_arrow=side == _ARROW)
        return
    with tempfile.TemporaryDirectory(prefix="landmap-bench-") as folder:
        results = [
            (rows, compare(rows, asked.rounds or (3 if rows < _LARGE else 1), Path(folder)))
            for rows in sorted(asked.rows)
        ]
    for rows, taken in results:
        print(table(rows, taken))
    for (rows, taken), (more, larger) in pairwise(results):
        print(growth((rows, taken[_OURS]), (more, larger[_OURS])))
    over = [rows for rows, taken in results if any(own > LIMIT * other for own, other in _gated(taken))]
    if over:
        print(f"more than {LIMIT} times what plain GeoPandas takes, in time or memory, at: {', '.join(map(str, over))}")


def _gated(taken: dict[str, Taken]) -> list[tuple[float, float]]:
    ours, plain = taken[_OURS], taken[_PLAIN]
    return [(ours.wall_s, plain.wall_s), (ours.peak_mib, plain.peak_mib)]


if __name__ == "__main__":
    main()
