"""Nothing that axe calls serious or critical stands on any page, at a desk or on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.journeys import Workspace

pytestmark = pytest.mark.browser
#: The colours are the same at every size.
in_every_dress = pytest.mark.parametrize(
    ("size", "dark"), [(DESK, False), (PHONE, False), (DESK, True)], ids=["desk", "phone", "dark"]
)
at_both_sizes = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def grave(page: Page, axe: str) -> list[str]:
    """Return what axe finds serious or critical: rule, and the first places."""
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    return [
        f"{one['id']}: {one['help']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@in_every_dress
def test_the_workspace(visitor: Visitor, axe_script: str, size: tuple[int, int], dark: bool) -> None:
    work = Workspace(visitor.opens("/?layer=parcels&height_max=30", size, dark=dark)).settled()
    work.on_map()
    assert grave(work.page, axe_script) == []
    work.opens(work.cards[0])
    assert grave(work.page, axe_script) == []


@at_both_sizes
def test_the_open_filters(visitor: Visitor, axe_script: str, size: tuple[int, int]) -> None:
    work = Workspace(visitor.opens("/?lang=en&layer=buildings", size)).settled()
    with work.filters():
        work.page.locator("#filter-form .more > summary").click()
        assert grave(work.page, axe_script) == []


@in_every_dress
def test_a_parcel_page(visitor: Visitor, axe_script: str, size: tuple[int, int], dark: bool) -> None:
    page = visitor.opens("/parcels/370213-LC-0601-017", size, dark=dark)
    assert grave(page, axe_script) == []
    page.locator("#open-map").click()
    expect(page.locator("#living-map")).to_be_visible()
    assert grave(page, axe_script) == []


@at_both_sizes
def test_a_link_page(visitor: Visitor, link: str, axe_script: str, size: tuple[int, int]) -> None:
    assert grave(visitor.opens(link, size), axe_script) == []


@pytest.mark.parametrize("path", ["/s/lm_s_unknown", "/parcels/unknown"])
def test_the_page_of_something_that_is_not_there(visitor: Visitor, axe_script: str, path: str) -> None:
    assert grave(visitor.opens(path, PHONE, expected={404, 410}), axe_script) == []
