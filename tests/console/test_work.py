"""What waits for the service manager and the supervisor: seen, opened, and its one main step taken in the browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from anze.bookings.models import Service
from anze.bookings.views import WISH_ONLY
from anze.console.words import say
from anze.hazards.models import DateState, Hazard, Side
from anze.identity.models import DeniedRead, Role
from anze.reports.models import Candidate, CandidateState
from anze.surveys.models import Survey, SurveyStatus
from tests.browser.provider_site import Site
from tests.browser.test_page import CONTRAST

type Windows = Callable[..., Page]


def part(page: Page, name: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=re.compile(rf"^{name}（\d+）$")))


def opened(page: Page, name: str) -> str:
    """Open the first line of a part; the number that it leads to."""
    link = part(page, name).get_by_role("link").first
    where = str(link.get_attribute("href"))
    link.click()
    page.wait_for_url(f"**{where}")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    return where.rsplit("/", 1)[1]


def done(page: Page) -> None:
    """The press was taken: the page has come anew."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".trouble:not(:empty)")).to_have_count(0)


def test_every_reason_of_a_wish_and_every_stage_has_its_words() -> None:
    assert all(say(f"work.why.{why}") for why in {*WISH_ONLY, "asked", "declined", "provider_declined", "entered"})
    assert all(say(f"work.stage.{state}") for state in ("done", "now", "next"))
    assert all(say(f"work.side.{side}") for side in Side)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_service_is_arranged_in_three_presses(colleague: Windows, site: Site, width: int) -> None:
    page = colleague("supervisor", "/staff/work", width=width, height=844)
    number = opened(page, "等安排的服务")
    assert page.evaluate(CONTRAST) == []
    page.get_by_label("想要的时间（如").fill("下周")
    page.get_by_role("button", name="找空档").click()
    page.get_by_role("button", name="按选的时间提议").click()
    expect(page.get_by_role("heading", name="服务机构确认")).to_be_visible()
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == number)).one()
        assert service.starts_at is not None
    page.get_by_role("button", name="已经确认").click()
    expect(page.get_by_role("heading", name="服务机构确认")).to_have_count(0)
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == number)).one()
        assert service.provider_confirmed_at is not None


def test_dates_of_hazards_are_answered_and_proposed(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/work")
    number = opened(page, "被保险人提了整改日期，等我们答复")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_role("heading", name="同意这个日期")).to_have_count(0)
    with site.db.read() as session:
        hazard = session.scalars(select(Hazard).where(Hazard.number == number)).one()
        assert hazard.dates[-1].state in {DateState.AGREED, DateState.SUPERVISOR}

    page.goto(site.url + "/staff/work")
    number = opened(page, "还没有约定日期的重大隐患")
    page.get_by_role("button", name="提议").click()
    expect(page.get_by_role("alert").first).to_contain_text("日期")
    page.get_by_label("日期", exact=True).fill("2026-11-01")
    page.get_by_role("button", name="提议").click()
    expect(page.get_by_role("alert").filter(has_text="不能早于今天")).to_be_visible()
    expect(page.get_by_label("日期", exact=True)).to_have_value("2026-11-01")
    page.get_by_label("日期", exact=True).fill("2026-12-20")
    page.get_by_role("button", name="提议").click()
    expect(page.locator("#main")).to_contain_text("2026-12-20")
    with site.db.read() as session:
        hazard = session.scalars(select(Hazard).where(Hazard.number == number)).one()
        assert (hazard.dates[-1].proposed_side, hazard.dates[-1].due_on.isoformat()) == (Side.INSURER, "2026-12-20")


def test_a_follow_up_by_telephone_is_written_down(colleague: Windows, site: Site) -> None:
    page = colleague("service", "/staff/work", width=390, height=844)
    number = opened(page, "没有完成的回访")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("具体意见")
    page.get_by_label("满意度").click()
    page.get_by_role("option", name="2 不满意").click()
    page.get_by_label("具体意见（原话）").fill("来得晚，讲得还可以")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("button", name="登记", exact=True)).to_have_count(0)
    expect(page.locator("#main")).to_contain_text("来得晚，讲得还可以")
    with site.db.read() as session:
        row = session.scalars(select(Survey).join(Service).where(Service.number == number)).one()
        assert (row.status, row.mark, row.channel) == (SurveyStatus.DONE, 2, "phone")


def test_a_candidate_is_approved_by_a_supervisor_and_nobody_else(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor", "/staff/work")
    id_ = opened(page, "已确认、等高管批准的 9.2 情形")
    expect(page.locator("#main")).to_contain_text("系统不向任何单位报送")
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("原因")
    page.get_by_label("原因").first.fill("材料齐全")
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.get_by_role("button", name="批准", exact=True)).to_have_count(0)
    with site.db.read() as session:
        assert session.get_one(Candidate, int(id_)).state == CandidateState.APPROVED


def test_an_extension_leads_the_supervisor_to_the_case(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/work")
    opened(page, "延期申请等审批")
    expect(page.locator(".head").get_by_role("button", name="审批延期")).to_be_visible()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INTAKE])
def test_who_does_not_arrange_services_sees_them_and_takes_no_step(colleague: Windows, site: Site, role: Role) -> None:
    page = colleague("supervisor", "/staff/work")
    number = opened(page, "等安排的服务")
    other = colleague(role.value, "/staff/work")
    expect(part(other, "等安排的服务")).to_have_count(0)
    answer = other.goto(f"{site.url}/staff/bookings/{number}")
    assert answer is not None
    if answer.status == 200:
        expect(other.locator("#main button")).to_have_count(0)
    else:
        assert answer.status == 404
        with site.db.read() as session:
            assert f"service:{number}" in session.scalars(select(DeniedRead.subject)).all()
