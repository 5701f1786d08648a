"""What is remembered of a source: written and read back whole, wrong ones named, and used at the next delivery."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from landmap.cli import command_line
from landmap.domain import layer_named
from landmap.domain.crs import Datum
from landmap.domain.errors import ConfigError, NotFoundError
from landmap.ingest import Profile, Rule, check, check_here
from landmap.ingest.profiles import profile_name, profile_of
from landmap.pipeline import load_profile, remember_profile
from landmap.store import Home, open_current
from tests.making_files import feature, town, write_csv, write_geojson

PARCELS = layer_named("parcels")
headers = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
fields = st.sampled_from(sorted(name for name in PARCELS.fields if name != "geometry"))
rules = st.one_of(
    st.builds(Rule, st.none()),
    st.builds(
        Rule, st.sampled_from(["net_area_m2", "gross_area_m2"]), st.sampled_from(["", "mu", "ha"]), st.booleans()
    ),
    st.builds(Rule, fields, st.just(""), st.booleans()),
)


def _each_field_once(columns: dict[str, Rule]) -> bool:
    named = [rule.field for rule in columns.values() if rule.field is not None]
    return len(named) == len(set(named))


profiles = st.builds(
    Profile,
    st.from_regex(r"[\w-]{1,20}", fullmatch=True),
    st.just("parcels"),
    st.dictionaries(headers, rules, max_size=6).filter(_each_field_once),
    st.sampled_from([None, 4528, 4549, 4490]),
    st.sampled_from([None, *Datum]),
    st.sampled_from([None, "public", "partner", "internal"]),
)


@given(profiles)
def test_a_profile_means_after_reading_what_it_meant_before(profile: Profile) -> None:
    assert Profile.from_json(profile.to_json()) == profile


def members(**changes: Any) -> str:
    whole: dict[str, Any] = {"schema": 1, "name": "区台账", "layer": "parcels", "columns": {}}
    return json.dumps(whole | changes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "schema 1"),
        (members(schema=2), "schema 1"),
        (members(name="../x"), "no name for a profile"),
        (members(name=""), "no name"),
        (members(layer="地块"), "no layer is called"),
        (members(colums={}), "unknown member 'colums'"),
        (members(columns=[]), "columns is no object"),
        (members(columns={"甲": "parcel_no"}), "names no field"),
        (members(columns={"甲": {"unit": "mu"}}), "names no field"),
        (members(columns={"甲": {"field": "parcel"}}), "column '甲': layer 'parcels' has no field 'parcel'"),
        (members(columns={"甲": {"field": "net_area_m2", "unit": "10k_cny"}}), "'10k_cny' is no unit of 'net_area_m2'"),
        (members(columns={"甲": {"field": "net_area_m2", "unit": "ft2"}}), "no unit"),
        (members(columns={"甲": {"field": "net_area_m2", "unit": ["mu"]}}), "no unit"),
        (members(columns={"甲": {"field": ["net_area_m2"]}}), "has no field"),
        (members(columns={"甲": {"field": None, "unit": "mu"}}), "no unit"),
        (members(columns={"甲": {"field": "highlights", "open": 1}}), "open is true or false"),
        (members(columns={"甲": {"field": "parcel_no", "was": 1}}), "unknown member 'was'"),
        (members(columns={"甲": {"field": "parcel_no"}, "乙": {"field": "parcel_no"}}), "two columns are 'parcel_no'"),
        (members(crs="4549"), "crs is an EPSG code"),
        (members(crs=2364), "not converted here"),
        (members(crs=99), "no known coordinate system"),
        (members(datum="wgs72"), "no datum 'wgs72'"),
        (members(visibility="secret"), "visibility is 'secret'"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Profile.from_json(text)
    assert says in str(raised.value)


def test_planning_figures_and_rents_have_units_of_their_own() -> None:
    columns = {"密度": {"field": "building_coverage_ratio", "unit": "ratio"}}
    assert Profile.from_json(members(columns=columns)).columns["密度"].unit == "ratio"
    columns = {"租金": {"field": "rent_raw", "unit": "cny_m2_month"}}
    assert Profile.from_json(members(layer="buildings", columns=columns)).columns["租金"].unit == "cny_m2_month"


@pytest.mark.parametrize("name", ["区台账-2025", "a b", "x.y", "A"])
def test_plain_names_are_names(name: str) -> None:
    assert profile_name(name) == name


@pytest.mark.parametrize("name", ["", ".x", "a/b", "a\\b", "x" * 61, " a", "a ", "a.", None, 5, "a\n"])
def test_what_no_file_can_be_called_is_no_name(name: Any) -> None:
    with pytest.raises(ConfigError):
        profile_name(name)


def delivery(folder: Path) -> Path:
    shape = "POLYGON ((120.40 36.18, 120.402 36.18, 120.402 36.182, 120.40 36.182, 120.40 36.18))"
    rows = [["宗号", "面积", "备 注", "租金底价", "wkt"], ["A-1", 60, "好", 5, shape]]
    return write_csv(Path(folder) / "台账.csv", rows)


PROFILE = Profile(
    "区台账",
    "parcels",
    {"宗号": Rule("parcel_no"), "面积": Rule("registered_area_m2", "mu"), "备注": Rule(None)},
    visibility="public",
)


@pytest.mark.parametrize("look", [check, check_here])
def test_a_profile_settles_columns_units_and_class(tmp_path: Path, look: Any) -> None:
    staged, report = look([delivery(tmp_path)], "parcels", town(), profile=PROFILE)
    assert staged is not None
    (record,) = staged.frame.to_dict("records")
    assert (record["parcel_no"], record["visibility"]) == ("A-1", "public")
    assert record["registered_area_m2"] == pytest.approx(40_000)
    told = report.as_dict()["inputs"][0]
    assert told["profile"] == "区台账"
    assert {row["header"]: row["treatment"] for row in told["columns"] if row["header"] != "wkt"} == {
        "宗号": "stored", "面积": "stored", "备 注": "left", "租金底价": "private",
    }  # fmt: skip
    assert next(row for row in told["columns"] if row["header"] == "面积")["conversion"] == "亩 → ㎡：× 2000/3"


def test_what_is_said_now_outranks_the_profile(tmp_path: Path) -> None:
    staged, _ = check_here([delivery(tmp_path)], "parcels", town(), profile=PROFILE, visibility="internal")
    assert staged is not None
    assert list(staged.frame.visibility) == ["internal"]


def test_a_profile_of_another_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="of layer 'parcels'"):
        check_here([delivery(tmp_path)], "buildings", town(), profile=PROFILE)


def test_what_a_check_found_is_remembered_and_found_again(tmp_path: Path) -> None:
    rows = [feature(n, 净用地面积亩=60 + n, 坐落="甲路", 心情="好", 联系人="王工") for n in range(3)]
    path = write_geojson(tmp_path / "a.geojson", *rows)
    first, report = check_here([path], "parcels", town())
    found = profile_of("测绘院", "parcels", report.inputs[0])
    assert found.crs == 4326
    assert found.columns["坐落"] == Rule("location_text")
    assert found.columns["联系人"] == Rule("contact_person")
    assert "心情" not in found.columns
    second, again = check_here([path], "parcels", town(), profile=Profile.from_json(found.to_json()))
    assert first is not None
    assert second is not None
    assert first.frame.equals(second.frame)
    known = {row.header: row.how for row in again.inputs[0].columns}
    assert known["坐落"] == "profile"


@pytest.fixture
def home(tmp_path: Path, repo: Path) -> Home:
    files = {"basemap.geojson": repo / "geodata/licang/basemap.geojson"}
    return Home.create(tmp_path / "home", repo / "geodata/licang/district.toml", files)


def test_a_home_remembers_sources_by_name(home: Home, tmp_path: Path) -> None:
    _, report = check_here([delivery(tmp_path)], "parcels", town(), profile=PROFILE)
    assert home.profiles() == ()
    remember_profile(home, "区台账", "parcels", report.inputs[0])
    assert home.profiles() == ("区台账",)
    kept = load_profile(home, "区台账")
    assert kept.columns["面积"] == Rule("registered_area_m2", "mu")
    home.save_profile("区台账", PROFILE.to_json().encode())
    again = remember_profile(home, "区台账", "parcels", report.inputs[0])
    assert (again.visibility, again.columns["备注"]) == ("public", Rule(None)), "what a person wrote stays"


def test_a_home_names_the_profiles_it_has_when_one_is_missing(home: Home) -> None:
    home.save_profile("甲", PROFILE.to_json().encode())
    with pytest.raises(NotFoundError, match="乙") as raised:
        load_profile(home, "乙")
    assert raised.value.hint == "甲"


def test_a_damaged_profile_is_told_and_not_used(home: Home) -> None:
    home.save_profile("甲", b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_profile(home, "甲")
    with pytest.raises(ConfigError, match="plain file name"):
        home.save_profile("../甲", b"{}")


def test_a_profile_is_not_turned_to_another_layer(home: Home, tmp_path: Path) -> None:
    home.save_profile("甲", PROFILE.to_json().encode())
    _, report = check_here([delivery(tmp_path)], "parcels", town())
    with pytest.raises(ConfigError, match="of layer 'parcels'"):
        remember_profile(home, "甲", "buildings", report.inputs[0])


def run(*words: object) -> Result:
    return CliRunner().invoke(command_line(), [str(word) for word in words])


def test_the_command_line_remembers_a_source_and_reads_by_it(home: Home, tmp_path: Path) -> None:
    path = delivery(tmp_path)
    asked = ("check", path, "--layer", "parcels", "--home", home.path)
    assert run(*asked, "--save-profile", "区台账").exit_code == 0
    kept = json.loads(home.profile("区台账"))
    kept["columns"]["面积"] = {"field": "gross_area_m2", "unit": "mu"}
    home.save_profile("区台账", json.dumps(kept).encode())
    told = json.loads(run(*asked, "--profile", "区台账", "--json").stdout)
    areas = [row for row in told["inputs"][0]["columns"] if row["header"] == "面积"]
    assert [(row["field"], row["how"], row["conversion"]) for row in areas] == [
        ("gross_area_m2", "profile", "亩 → ㎡：× 2000/3")
    ]
    imported = run(
        "import", path, "--layer", "parcels", "--home", home.path, "--profile", "区台账", "--publish", "--json"
    )
    assert imported.exit_code == 0
    assert open_current(home).manifest["layers"]["parcels"]["sources"][0]["profile"] == "区台账"


def test_the_table_of_columns_is_printed_when_it_is_asked_for(home: Home, tmp_path: Path) -> None:
    asked = ("check", delivery(tmp_path), "--layer", "parcels", "--home", home.path)
    lines = [line.split() for line in run(*asked, "--columns").stdout.splitlines()]
    (area,) = [words for words in lines if words[0] == "面积"]
    assert area == ["面积", "net_area_m2", "0.66", "alias", "stored", "60"]
    (secret,) = [words for words in lines if words[0] == "租金底价"]
    assert secret == ["租金底价", "1.0", "private"]


@pytest.mark.parametrize("option", ["--profile", "--save-profile"])
def test_a_profile_needs_a_home(tmp_path: Path, option: str) -> None:
    done = run("check", delivery(tmp_path), "--layer", "parcels", option, "区台账")
    assert done.exit_code == 2
    assert "--home" in done.output
