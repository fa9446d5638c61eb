"""Overview and KPI page in a browser: both themes, desk and phone; the chart by keyboard; a proposal accepted."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from kpis.judging import judge_outdated
from kpis.markers import add_marker
from kpis.models import Kpi, Target
from people.groups import ensure_groups
from tests.browser import enter
from tests.kpis.rows import fill, levels, month

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def groups(transactional_db: None) -> None:
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def shifted_kpi(groups, make_kpi, owner) -> Kpi:
    """Around 90 for two years, around 95 since new scanners; one gap, one point beyond a limit."""
    kpi = make_kpi(title="Orders shipped on time", unit="%", decimals=1)
    Target.objects.create(kpi=kpi, valid_from=month(0), target=Decimal(91))
    values = levels((24, 90), (10, 95))
    values[5], values[12] = None, Decimal(99)
    fill(kpi, values, owner)
    add_marker(kpi, month(24), "New scanners", by=owner)
    judge_outdated()
    return kpi


@pytest.mark.long
def test_overview_and_page_are_readable_by_everybody(
    page: Page,
    live_server,
    faults_in_every_look,
    shifted_kpi,
    owner,
) -> None:
    enter(page.context, live_server, owner)
    faults = {}
    for address in ("/kpis/overview/", "/kpis/overview/?view=cards", shifted_kpi.get_absolute_url()):
        page.goto(f"{live_server}{address}")
        for summary in page.locator("main details > summary").all():
            summary.click()
        if found := faults_in_every_look(page):
            faults[address] = found
    assert faults == {}


def test_arrow_keys_read_the_chart_point_by_point(page: Page, live_server, shifted_kpi, owner) -> None:
    enter(page.context, live_server, owner)
    page.goto(f"{live_server}{shifted_kpi.get_absolute_url()}")
    reader = page.get_by_role("slider", name="Values of the chart")
    reader.focus()
    reader.press("Home")
    expect(reader).to_have_attribute("aria-valuetext", "Jan 2024, 90.4\u00a0%")
    for _step in range(5):
        reader.press("ArrowRight")
    expect(reader).to_have_attribute("aria-valuetext", "Jun 2024, Missing")
    for _step in range(7):
        reader.press("ArrowRight")
    expect(reader).to_have_attribute("aria-valuetext", "Jan 2025, 99.0\u00a0%, Beyond a limit")
    expect(page.locator(".chart__value").first).to_be_visible()
    reader.press("Escape")
    expect(page.locator(".chart__value").first).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    narrow = page.get_by_role("slider", name="Values of the chart")
    expect(narrow).to_have_count(1)
    narrow.focus()
    narrow.press("Home")
    expect(narrow).to_have_attribute("aria-valuemin", "1")


def test_accepted_proposal_changes_assurance(page: Page, live_server, shifted_kpi, owner) -> None:
    enter(page.context, live_server, owner)
    page.goto(f"{live_server}/kpis/overview/?show=proposal")
    page.get_by_role("link", name="Orders shipped on time").first.click()
    expect(page.locator(".strip")).to_contain_text("Hit and miss")
    page.get_by_role("link", name="Decide on new limits").click()
    page.get_by_label("Reason").fill("The scanners are here to stay")
    page.get_by_role("button", name="Accept new limits").click()
    expect(page.locator(".strip")).to_contain_text("Will pass")
    expect(page.get_by_role("complementary")).to_contain_text("The scanners are here to stay")
    judge_outdated()
    page.goto(f"{live_server}/kpis/overview/")
    expect(page.locator("tbody")).to_contain_text("Will pass")
