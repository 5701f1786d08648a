"""Addresses last: 301 to the new number, 410 with the reason, and nothing at all about what the audience never saw."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from starlette.testclient import TestClient

from landmap.domain import Level
from landmap.store import Decisions, Delivery, Home, open_current, publish
from tests.hamlet import layer_frame, make_home, square
from tests.served import serving

#: Every address of one record, after what is told apart by the number.
PAGES = ("/parcels/{id}", "/parcels/{id}/brief.pdf")
ITEMS = ("/api/collections/parcels/items/{id}", "/api/collections/parcels/items/{id}/sheet")
ADDRESSES = (*PAGES, *ITEMS)


def parcel(id: str, column: float, visibility: str = "public") -> dict[str, Any]:
    return {
        "parcel_id": id,
        "parcel_name": f"{id}地块",
        "land_use_code": "100101",
        "geometry": shapely.MultiPolygon([square(column, 0)]),
        "visibility": visibility,
        "plan_publicity": "approved_public",
        "review_status": "published",
    }


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return layer_frame("parcels", rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which A is now N, B was withdrawn, and S and T went the same ways unseen by the public."""
    made = make_home(tmp_path_factory.mktemp("moved") / "home")
    before = [parcel("A", 0), parcel("B", 2), parcel("C", 4), parcel("H", 10)]
    publish(made, {"parcels": frame(*before, parcel("S", 6, "internal"), parcel("T", 8, "internal"))}, by="", note="")
    after = frame(parcel("N", 0), parcel("C", 4), parcel("U", 8, "internal"), parcel("V", 10, "internal"))
    decided = Decisions(renumber={"A": "N", "T": "U", "H": "V"}, withdraw={"B": "已收储", "S": "机密"})
    publish(made, {"parcels": after}, by="", note="", decisions=decided)
    return made.path


@pytest.fixture(scope="module")
def public(home: Path) -> Iterator[TestClient]:
    with serving(home) as client:
        yield client


@pytest.fixture(scope="module")
def officer(home: Path) -> Iterator[TestClient]:
    with serving(home, audience=Level.OFFICER) as client:
        yield client


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_old_number_leads_to_the_new_one(public: TestClient, address: str) -> None:
    answer = public.get(address.format(id="A"))
    assert (answer.status_code, answer.headers["location"]) == (301, address.format(id="N"))
    assert "max-age" not in answer.headers["cache-control"]
    assert public.get(answer.headers["location"]).status_code == 200


def test_the_query_goes_along(public: TestClient) -> None:
    answer = public.get("/parcels/A?lang=en&from=%E6%9D%8E%20x&lang=zh")
    assert answer.headers["location"] == "/parcels/N?lang=en&from=%E6%9D%8E%20x&lang=zh"
    sheet = public.get("/api/collections/parcels/items/A/sheet?lang=en")
    assert sheet.headers["location"] == "/api/collections/parcels/items/N/sheet?lang=en"


def test_a_wrong_parameter_is_told_before_any_redirect(public: TestClient) -> None:
    assert public.get("/api/collections/parcels/items/A?f=pdf").status_code == 400


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_withdrawn_record_is_gone_with_its_reason(public: TestClient, address: str) -> None:
    answer = public.get(address.format(id="B"))
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["status"]) == ("gone", 410)
    assert "已收储" in told["detail"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "已于"), ("en", "was withdrawn on")])
def test_a_person_reads_the_reason_on_a_page(public: TestClient, lang: str, words: str) -> None:
    answer = public.get(f"/parcels/B?lang={lang}", headers={"Accept": "text/html"})
    assert answer.status_code == 410
    assert "已收储" in answer.text
    assert words in answer.text


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("id", ["S", "T", "H", "U"])
def test_what_the_public_may_not_see_is_as_unknown_as_what_never_was(public: TestClient, address: str, id: str) -> None:
    hidden, unknown = (public.get(address.format(id=one)) for one in (id, "Q"))
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.text.replace(f"/{id}", "/Q").replace(f"'{id}'", "'Q'") == unknown.text
    drop = {"date", "x-request-id"}
    heads = [{name: value for name, value in one.headers.items() if name not in drop} for one in (hidden, unknown)]
    assert heads[0] == heads[1]


def test_whoever_saw_them_is_told(officer: TestClient) -> None:
    assert officer.get("/parcels/T").headers["location"] == "/parcels/U"
    assert officer.get("/parcels/H").headers["location"] == "/parcels/V"
    assert "机密" in officer.get("/parcels/S").json()["detail"]


def test_a_saved_search_that_names_a_record_finds_it(public: TestClient) -> None:
    found = public.get("/api/collections/parcels/items?ids=A&ids=C").json()
    assert {one["id"] for one in found["features"]} == {"C", "N"}


def test_a_link_to_an_old_number_is_a_link_to_the_record(officer: TestClient) -> None:
    made = officer.post("/api/shares", json={"parcels": ["A"]}).json()
    assert made["parcels"] == ["N"]
    page = officer.get(made["url"], headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "N地块" in page.text
    for id in ("B", "T", "Q"):
        assert officer.post("/api/shares", json={"parcels": [id]}).status_code == 404


def test_a_link_made_before_a_renumbering_still_opens(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    publish(home, {"parcels": frame(parcel("A", 0), parcel("B", 2))}, by="", note="")
    with serving(home.path, audience=Level.OFFICER) as client:
        url = client.post("/api/shares", json={"parcels": ["A", "B"]}).json()["url"]
        before = client.get(url)
        publish(home, {"parcels": frame(parcel("N", 0))}, by="", note="", decisions=Decisions(renumber={"A": "N"}))
    with serving(home.path) as client:
        assert client.get("/parcels/A").status_code == 301
        assert client.get("/parcels/B").status_code == 410
        after = client.get(url)
        assert (after.status_code, after.text) == (200, before.text)


def test_a_number_cannot_lead_out_of_the_site(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    odd = "//evil.example/\r\nX: y"
    publish(home, {"parcels": frame(parcel("A", 0), parcel("E", 2))}, by="", note="")
    decided = Decisions(renumber={"A": odd, "E": "李 沧?#1"})
    publish(home, {"parcels": frame(parcel(odd, 0), parcel("李 沧?#1", 2))}, by="", note="", decisions=decided)
    with serving(home.path) as client:
        answer = client.get("/parcels/A")
        assert answer.headers["location"] == "/parcels/%2F%2Fevil.example%2F%0D%0AX%3A%20y"
        assert "x" not in answer.headers
        assert client.get(client.get("/parcels/E").headers["location"]).status_code == 200


def test_a_rollback_takes_the_new_number_back(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    publish(home, {"parcels": frame(parcel("A", 0))}, by="", note="")
    publish(home, {}, by="", note="", decisions=Decisions(renumber={"A": "N"}))
    publish(home, {}, by="", note="", decisions=Decisions(renumber={"N": "A"}))
    with serving(home.path) as client:
        assert client.get("/parcels/A").status_code == 200
        assert client.get("/parcels/N").headers["location"] == "/parcels/A"


def test_an_old_version_is_served_read_only(home: Path, tmp_path: Path) -> None:
    versions = [one.name for one in (home / "snapshots").iterdir()]
    (old,) = [id for id in versions if id != open_current(Home(home)).id]
    with serving(home, version=old[:10], audience=Level.OFFICER) as client:
        ready = client.get("/readyz").json()
        assert (ready["version"], ready["status"]) == (old, "read_only")
        page = client.get("/parcels/A", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert f"旧版本 {old[:12]}" in page.text
        assert f"旧版本 {old[:12]}" in client.get("/", headers={"Accept": "text/html"}).text
        assert client.get("/parcels/N").status_code == 404
        refused = client.post("/api/shares", json={"parcels": ["A"]})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    with serving(home, version="ffff" if not old.startswith("ffff") else "eeee") as client:
        assert client.get("/parcels/A").status_code == 503


def test_an_old_version_stays_although_another_is_published(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    first = publish(home, {"parcels": frame(parcel("A", 0))}, by="", note="")
    with serving(home.path, version=first.id) as client:
        assert client.get("/readyz").json()["version"] == first.id
        publish(home, {"parcels": Delivery(frame(parcel("B", 2)), "append")}, by="", note="")
        client.app.state.landmap.holder._looked = 0.0  # type: ignore[attr-defined]
        assert client.get("/parcels/B").status_code == 404
