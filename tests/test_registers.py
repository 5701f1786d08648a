"""Tables and texts as offices publish them, against what others made of the same files or what their makers say."""

import csv
import math
from collections import Counter
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from landmap.domain import District
from landmap.ingest import Finding, Profile, Report, Rule, StagedLayer
from landmap.ingest import check_here as check
from tests.making_files import town

pytestmark = pytest.mark.data

GRS80: Final = Geod(ellps="GRS80")
#: The columns of the registers, as a steward would settle them once; sites are points with an area.
REGISTER: Final = Profile(
    "brownfield",
    "buildings",
    {
        "SiteReference": Rule("building_name"),
        "SiteNameAddress": Rule("address"),
        "Hectares": Rule("gross_floor_area_m2", "ha"),
    },
)
#: Of the 430 sites these are not as the reference has them: by register, site reference and why.
EXPLAINED: Final = {
    ("192bac87", "BR-025c"): "coordinates 0, 0: no place, so not accepted; the reference leaves its place empty too",
    ("192bac87", "BR-049"): "coordinates 0, 0",
    ("192bac87", "BR-050"): "coordinates 0, 0",
    ("192bac87", "BR-051"): "coordinates 0, 0",
    ("192bac87", "BR-052"): "coordinates 0, 0",
    ("192bac87", "BR-037b"): "an area of 0 is out of range, so unknown here; the reference keeps 0",
    (
        "fc0f9927",
        "BLR192",
    ): "degrees (6 decimals) and grid (whole metres) of the register are 15 m apart; the finer counts",
}


def district(name: str) -> District:
    return District.from_toml(Path(__file__).parent / "districts" / f"{name}.toml")


def geodesic_m2(shape: shapely.Polygon) -> float:
    return abs(float(GRS80.geometry_area_perimeter(shape)[0]))


def taken(path: Path, layer: str, place: District, **options: Any) -> tuple[StagedLayer, Report]:
    staged, report = check([path], layer, place, **options)
    assert staged is not None, [one.refused for one in report.inputs]
    return staged, report


def codes(report: Report) -> Counter[str]:
    return Counter(finding.code for finding in report.findings)


def one(report: Report, code: str, field: str | None = None) -> Finding:
    (found,) = (one for one in report.findings if one.code == code and field in (None, one.field))
    return found


@pytest.fixture
def registers(test_data: Path) -> Path:
    return test_data / "uk_brownfield"


@pytest.fixture
def projects(test_data: Path) -> Path:
    return test_data / "nyc_edc_wkb"


@pytest.fixture
def notices(test_data: Path) -> Path:
    return test_data / "landchina" / "supply_qingdao_29rows.csv"


@pytest.fixture
def cells(notices: Path) -> pd.DataFrame:
    frame = pd.read_csv(notices)
    return frame.set_index(frame.index + 2)


class TestBrownfieldRegisters:
    """Thirteen files of British councils as published: CSV of three encodings, XLS, XLSX, PDF, an empty one."""

    def site(self, found: Any, reference: Any) -> bool:
        """Return whether one of our sites is that of the reference: area within 1 %, place within 2 m."""
        hectares = None if pd.isna(reference.Hectares) else float(reference.Hectares)
        area = None if pd.isna(found.gross_floor_area_m2) else float(found.gross_floor_area_m2) / 1e4
        if (area is None) != (hectares is None) or not math.isclose(area or 0, hectares or 0, rel_tol=0.01):
            return False
        if pd.isna(reference.GeoX):
            return found.geometry is None
        x, y = float(reference.GeoX), float(reference.GeoY)
        return float(GRS80.inv(found.geometry.x, found.geometry.y, x, y)[2]) <= 2

    def test_agree_with_the_reference_pipeline(self, registers: Path) -> None:
        sites, different = 0, set()
        for path in sorted((registers / "raw").iterdir()):
            reference = pd.read_csv(registers / "harmonised" / f"{path.name}.csv", dtype=str)
            sites += len(reference)
            staged, _ = check([path], "buildings", district("england"), profile=REGISTER)
            ours: dict[Any, list[Any]] = {}
            for found in [] if staged is None else staged.frame.itertuples():
                ours.setdefault(found.building_name, []).append(found)
            wanted: Any
            for wanted in reference.itertuples():
                name = None if pd.isna(wanted.SiteReference) else wanted.SiteReference
                same = ours.get(name, [])
                if not same or not self.site(same.pop(0), wanted):
                    different.add((path.name[:8], name))
            assert not any(ours.values()), "nothing is invented"
        assert sites == 430
        assert different == EXPLAINED.keys()
        assert len(different) <= 0.02 * sites

    def test_are_read_in_their_own_form(self, registers: Path) -> None:
        read = {}
        for path in sorted((registers / "raw").iterdir()):
            _, report = check([path], "buildings", district("england"), profile=REGISTER)
            (told,) = report.inputs
            read[path.name[:8]] = (told.format, told.crs, told.rows_read)
        assert read == {
            "192bac87": ("csv", "EPSG:27700", 44),
            "46ebf7ab": ("xls", "EPSG:27700", 18),
            "77b41cd1": ("csv", "EPSG:4258", 46),
            "79cdc3e1": ("csv", "EPSG:27700", 48),
            "86bb3868": ("csv", "EPSG:4258", 43),
            "896ad2df": ("csv", "EPSG:27700", 34),
            "a11c3482": ("xlsx", "EPSG:4258", 8),
            "b06d184a": ("csv", "EPSG:27700", 50),
            "e4e2e37b": ("csv", None, 0),
            "ed63897e": (None, None, 0),
            "f246d752": ("csv", "EPSG:4326", 58),
            "f548f09d": ("csv", "EPSG:27700", 34),
            "fc0f9927": ("csv", "EPSG:4258", 47),
        }

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("192bac87", "coordinates_zero"),
            ("192bac87", "coordinates_unused"),
            ("46ebf7ab", "crs_declared_wrong"),
            ("86bb3868", "axes_swapped"),
            ("86bb3868", "cell_quoted_twice"),
            ("79cdc3e1", "encoding_guessed"),
            ("e4e2e37b", "layer_empty"),
            ("ed63897e", "format_unsupported"),
        ],
    )
    def test_have_what_is_odd_about_them_told(self, registers: Path, name: str, code: str) -> None:
        (path,) = (registers / "raw").glob(f"{name}*")
        _, report = check([path], "buildings", district("england"), profile=REGISTER)
        assert code in codes(report)


class TestCapitalProjectsOfNewYork:
    def test_arrive_from_wkt(self, projects: Path) -> None:
        staged, report = taken(projects / "dcp_manual_geoms_2020.csv", "facilities", district("world"))
        assert (len(staged.frame), report.counts()["error"]) == (65, 0)

    def test_arrive_from_ewkb_where_it_is_whole(self, projects: Path) -> None:
        """In 40 rows the hexadecimal was counted up by a spreadsheet: closed by force, they reach 1e250 degrees."""
        csv.field_size_limit(10**8)
        with (projects / "dcp_manual_geoms_2020.csv").open(encoding="utf-8") as stream:
            by_wkt = {row["maprojid"]: shapely.from_wkt(row["geometry"]) for row in csv.DictReader(stream)}
        staged, report = taken(
            projects / "edcgeoms_2020-12-28.csv",
            "facilities",
            district("world"),
            profile=Profile("edc", "facilities", {"maprojid": Rule("capacity_text")}),
        )
        assert report.inputs[0].crs == "EPSG:4326"
        told = one(report, "shape_text_malformed")
        assert (len(staged.frame), told.count, len(told.rows)) == (60, 40, 40)
        assert isinstance(staged.frame, gpd.GeoDataFrame)
        wanted = [by_wkt[name] for name in staged.frame.capacity_text]
        assert (shapely.hausdorff_distance(staged.frame.geometry.to_numpy(), wanted) < 1e-8).all()


class TestLandSupplyResults:
    """Notices of the national land market as crawled: swapped columns of limits, terms in prose, no outline."""

    def test_are_events_with_their_areas_days_and_prices(self, notices: Path, cells: pd.DataFrame) -> None:
        staged, report = taken(notices, "supply_events", town())
        assert staged.frame.area_m2.tolist() == pytest.approx((cells["面积(公顷)"] * 1e4).tolist())
        assert staged.frame["on"].dt.date.tolist() == pd.to_datetime(cells["签订日期"]).dt.date.tolist()
        assert report.counts()["error"] == 0

    def test_swapped_limits_are_one_finding_with_their_rows(self, notices: Path, cells: pd.DataFrame) -> None:
        _, report = check([notices], "parcels", town())
        told = one(report, "interval_reversed")
        swapped = cells.index[cells["约定容积率(上限)"] < cells["约定容积率(下限)"]].tolist()
        assert list(told.rows) == swapped
        assert (told.count, told.row) == (12, swapped[0])
        assert told.proposal is not None
        assert told.proposal["kind"] == "swap"

    def test_rows_without_an_outline_are_counted_once(self, notices: Path) -> None:
        _, report = check([notices], "parcels", town())
        assert report.inputs[0].rows_read == 29
        assert one(report, "geometry_missing").count == 29

    def test_days_that_stand_for_no_day_are_one_finding_with_their_rows(self, notices: Path, tmp_path: Path) -> None:
        frame = pd.read_csv(notices, dtype=str)
        planted = [0, 3, 4, 8, 15, 16, 20, 28]
        frame.loc[planted, "签订日期"] = "1901年01月02日"
        frame = frame.drop(columns="合同签订日期")
        copy = tmp_path / notices.name
        frame.to_csv(copy, index=False)
        staged, report = check([copy], "supply_events", town())
        assert list(one(report, "date_sentinel").rows) == [row + 2 for row in planted]
        assert staged is not None
        assert staged.frame["on"].isna().sum() == len(planted)

    def test_terms_past_the_statutory_most_are_one_finding(self, test_data: Path) -> None:
        _, report = check([test_data / "landchina" / "supply_beijing_2019_189rows.csv"], "parcels", town())
        told = one(report, "term_exceeds_statutory")
        assert (told.count, told.row) == (15, 8)
        assert report.inputs[0].rows_read == 189


@pytest.mark.parametrize("name", ["pengbu_R14_utf8.txt", "pengbu_R14_gb18030_crlf.txt"])
def test_a_parcel_of_hangzhou_measures_what_its_text_declares(test_data: Path, name: str) -> None:
    hangzhou = town(extent=(120.1, 30.2, 120.4, 30.4))
    staged, report = taken(test_data / "guotu_txt" / name, "parcels", hangzhou)
    (told,) = report.inputs
    assert (told.format, told.crs, told.rows_accepted) == ("guotu_txt", "EPSG:4528", 1)
    assert isinstance(staged.frame, gpd.GeoDataFrame)
    parcel: Any = next(staged.frame.itertuples())
    assert parcel.parcel_name == "彭埠单元B/R-14地块"
    assert parcel.net_area_m2 == pytest.approx(57_089)
    assert geodesic_m2(parcel.geometry) == pytest.approx(57_089, rel=1e-4)
    odd = ("guotu_", "area_", "geometry_", "crs_", "axes_")
    assert not [one for one in report.findings if one.code.startswith(odd)]
