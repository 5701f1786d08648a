"""Asking does not tell either: what is hidden decides no order, count, message or tag, and has no name.

The first test is the strongest: a bureau that never had the secrets gives the very same answers.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from starlette.testclient import TestClient

from landmap.api.state import State
from landmap.domain import Level, collections
from landmap.domain.errors import UnknownFieldError
from landmap.query import Criteria, Selection, criteria_class, declarations
from tests import crawl
from tests.canaries import NOTICED, declared, flock, hidden_fields, publish_flock
from tests.crawl import told
from tests.served import serving
from tests.sizes import sized

LEVELS = {"public": Level.PUBLIC, "partner": Level.PARTNER}
NESTED = {
    "parcels": ("standard_land_indices", "site_assessments", "supply_events", "redevelopments"),
    "buildings": ("building_units",),
}
audiences = pytest.mark.parametrize("audience", LEVELS)
layered = pytest.mark.parametrize("layer", collections())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("oracles") / "home")[0].path


@pytest.fixture(scope="module")
def clients(home: Path) -> Iterator[dict[str, TestClient]]:
    with serving(home, audience=Level.PUBLIC) as public, serving(home, audience=Level.PARTNER) as partner:
        yield {"public": public, "partner": partner}


@pytest.mark.parametrize("audience", sized(("public",), tuple(LEVELS)))
@time_machine.travel("2026-11-22T04:00:00Z")
def test_a_bureau_without_secrets_answers_the_same(
    clients: dict[str, TestClient], audience: str, tmp_path: Path
) -> None:
    bare, _ = publish_flock(tmp_path / "bare", audience=audience)
    full = _answers(clients[audience])
    with serving(bare.path, audience=LEVELS[audience]) as client:
        assert _answers(client) == full
    assert len(full) > 500


def _answers(client: TestClient) -> dict[str, tuple[int, str]]:
    """Return every answer, with the version and what is drawn from it taken out."""
    answers = crawl.crawl(client, flock(), "lm_s_none")
    for layer in collections():
        for field in declared(layer):
            answers.append(told(client, "GET", f"/api/collections/{layer}/items?sort=-{field}"))
        for query in _every_filter(layer):
            answers.append(told(client, "GET", f"/api/collections/{layer}/search?limit=1&{query}"))
    return {one.where: (one.status, _TIED_TO_THE_VERSION.sub("", one.readable)) for one in answers}


#: A version, its beginning as briefs print it, and the tags and keys that are drawn from it.
_TIED_TO_THE_VERSION = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{12})(?![0-9a-f])|(?<=_layer_)[0-9a-f]{16}"
    r"|(?<=InstanceID>)[^<]+|(?<=DocumentID>)[^<]+"
)


def _every_filter(layer: str) -> Iterator[str]:
    """Yield a query for every criterion there is, hidden ones as well, of every kind of value."""
    for one in declarations(layer):
        name, kind = one.name, one.kind
        if kind in ("number", "area"):
            yield from (f"{name}={number}" for number in (0, 1, 9_000_500, 9_001_200))
        elif kind == "flag":
            yield from (f"{name}=true", f"{name}=false")
        elif kind == "date":
            yield from (f"{name}=2026-01-01", f"{name}=2073-01-01")
        elif kind in ("codes", "choice"):
            yield from (f"{name}={code.code}" for code in one.options[:3])
        elif kind == "near":
            yield from (f"{name}=metro_station:{metres}" for metres in (1, 900, 2500, 100_000))
        elif kind == "bbox":
            yield from (f"{name}=120.40,36.18,{east},36.25" for east in (120.404, 120.43, 120.5))
        elif kind == "within":
            yield f"{name}=POLYGON((120.4 36.1,120.42 36.1,120.42 36.3,120.4 36.3,120.4 36.1))"
        elif kind == "land_use":
            yield f"{name}=1001"
        else:
            texts = [one.text for one in flock().canaries.values() if one.layer == layer]
            yield from (f"{name}={text}" for text in texts[::40])


def twin(name: str) -> str:
    """Return a name of the same length that nothing is called."""
    return "z" + name[:0:-1].replace("_", "q")


def _told_of(client: TestClient, address: str, name: str) -> tuple[int, str]:
    """Return status and body, with the name taken out, and what it may have meant."""
    answer = client.get(address)
    hinted = re.findall(r"did you mean ([a-z0-9_, ]+)\?", answer.text)
    body = re.sub(r" ?\(?(?:did you mean [a-z0-9_, ]+\?|see /api/docs)\)?", "", answer.text)
    body = re.sub(rf"'{name}'|(?<=:)\"{name}\"", "NAME", body)
    assert all(name not in hint.split(", ") for hint in hinted), hinted
    return answer.status_code, re.sub(r',"hint":""', "", body)


@audiences
@layered
def test_a_hidden_field_is_no_field(clients: dict[str, TestClient], audience: str, layer: str) -> None:
    client = clients[audience]
    paths = {own: hidden_fields(own, audience) for own in (layer, *NESTED.get(layer, ()))}
    names = [name if own == layer else f"{own}.{name}" for own, found in paths.items() for name in found]
    visible = {name for name in declared(layer) if name not in paths[layer]}
    for name in names:
        for form in ("items?sort={}", "items?sortby=-{}", "search?sort=-{}", "items?{}=1", "search?{}=x", "facets?{}="):
            address = f"/api/collections/{layer}/{form}"
            found, absent = (_told_of(client, address.format(one), one) for one in (name, twin(name)))
            assert found == absent, name
            assert found[0] == 400, name
        for hint in re.findall(r"did you mean ([a-z0-9_, ]+)\?", client.get(f"{layer}/items?sort={name}").text):
            assert set(hint.split(", ")) <= visible


@audiences
@layered
def test_a_hidden_field_is_no_facet_and_no_histogram(clients: dict[str, TestClient], audience: str, layer: str) -> None:
    selection = _selected(clients[audience], layer, criteria_class(layer)())
    names = [*hidden_fields(layer, audience)]
    names += [f"{own}.{name}" for own in NESTED.get(layer, ()) for name in hidden_fields(own, audience)]
    for name in names:
        for ask in (lambda one: selection.facets([one]), selection.histogram):
            messages = []
            for one in (name, twin(name)):
                with pytest.raises(UnknownFieldError) as caught:
                    ask(one)
                messages.append(caught.value.message.replace(one, "NAME"))
            assert messages[0] == messages[1]
    assert set(selection.facets()).isdisjoint(names)


def _selected(client: TestClient, layer: str, criteria: Criteria) -> Selection:
    state: State = client.app.state.landmap  # type: ignore[attr-defined]
    catalog = state.holder.current()
    return catalog.engine.select(layer, criteria, state.audience, today=catalog.district.today())


@audiences
@layered
def test_a_criterion_that_reads_a_hidden_field_is_no_parameter(
    clients: dict[str, TestClient], audience: str, layer: str
) -> None:
    offered = {one["name"] for one in clients[audience].get(f"/api/collections/{layer}/criteria").json()}
    hidden = {one.name for one in declarations(layer)} - offered
    for name in hidden:
        for value in ("1", "true", "idle", "nonsense", ""):
            address = f"/api/collections/{layer}/items?{{}}={value}"
            found, absent = (_told_of(clients[audience], address.format(one), one) for one in (name, twin(name)))
            assert found == absent
            assert found[0] == 400
    spoken = clients[audience].get("/api/openapi.json").json()
    taken = {one["name"] for one in spoken["paths"][f"/api/collections/{layer}/items"]["get"]["parameters"]}
    assert taken.isdisjoint(hidden)


def test_some_criteria_are_hidden_from_the_public(clients: dict[str, TestClient]) -> None:
    """Without one, the test above would say nothing."""
    offered = {one["name"] for one in clients["public"].get("/api/collections/parcels/criteria").json()}
    assert {one.name for one in declarations("parcels")} - offered


@audiences
@pytest.mark.parametrize("down", [False, True])
def test_a_value_that_waits_sorts_as_unknown(clients: dict[str, TestClient], audience: str, down: bool) -> None:
    waiting = [name for name, row in declared("parcels").items() if row["visibility"] == "public_after_notice"]
    rows = [row for row in flock().of("parcels") if audience in row.readers]
    noticed = [row.id for row in rows if row.stage in NOTICED]
    others = sorted(row.id for row in rows if row.stage not in NOTICED)
    for name in waiting:
        query = f"sort={'-' if down else ''}{name}&limit=500"
        found = clients[audience].get(f"/api/collections/parcels/items?{query}").json()
        ids = [feature["id"] for feature in found["features"]]
        # Canaries grow with the records, so the order of values is that of the ids.
        assert ids == sorted(noticed, reverse=down) + others


@audiences
def test_a_text_that_waits_is_not_found(clients: dict[str, TestClient], audience: str) -> None:
    codes = [one for one in flock().canaries.values() if one.field == "cadastral_parcel_code"]
    for code in codes:
        found = clients[audience].get(f"/api/collections/parcels/search?q={code.text}").json()
        assert found["total"] == int(audience in code.readers), str(code)
        assert found["pending"] == 0


@audiences
@layered
def test_no_search_finds_a_hidden_text(clients: dict[str, TestClient], audience: str, layer: str) -> None:
    made = criteria_class(layer)
    if "q" not in made.model_fields:
        pytest.skip("this collection is not searched")
    own = (layer, *NESTED.get(layer, ()))
    for canary in flock().canaries.values():
        if canary.layer in own and audience not in canary.readers:
            found = _selected(clients[audience], layer, made(q=canary.text))  # type: ignore[call-arg]
            assert (found.total, found.pending) == (0, 0), str(canary)
