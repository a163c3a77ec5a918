"""The page of the standard's editions, in a real Chromium, with a second edition in the data folder."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from anze.clock import Clock
from anze.obligations.proving import prove
from anze.standard.editions import read_editions, use
from anze.standard.load import KNOWLEDGE
from tests.browser.provider_site import Site, demo_data
from tests.browser.test_page import CONTRAST
from tests.console.site import serving
from tests.console.test_duties import fits, picture
from tests.helpers.second_edition import CITE, DRAFT, FINAL, second_edition

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FROM = date(2026, 11, 30)
type Windows = Callable[..., Page]


@pytest.fixture(scope="module")
def site(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = demo_data(demo_file, tmp_path_factory.mktemp("console") / "data")
    second_edition(data, FROM)
    with serving(data, Clock(NOW)) as started:
        yield started


@pytest.fixture(autouse=True)
def _two(site: Site) -> None:
    """The site's editions again, after another test put them back."""
    use(read_editions(KNOWLEDGE, site.services.settings.data, site.services.clock.today, prove))


def clause(page: Page, name: str) -> str:
    return page.locator(f"[data-clause='{name}']").inner_text()


def test_the_board_leads_to_the_differences(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties")
    expect(page.get_by_text("条款：参照 AQ 9010.1（征求意见稿，2025年7月）。")).to_be_visible()
    page.get_by_role("link", name="标准版本和不同之处").click()
    expect(page.get_by_role("heading", name="标准版本", exact=True)).to_be_visible()
    rows = page.get_by_role("table", name="标准版本").locator("tbody tr").all_inner_texts()
    assert len(rows) == 2
    assert "正式文本施行以前参照这一版" in rows[0]
    assert f"{FROM} 起施行" in rows[1]
    clauses = page.locator("[data-clause]").evaluate_all("all => all.map(one => one.dataset.clause)")
    assert clauses == ["6.3", "6.4 a)", "6.5", "9.2 d)"]
    assert "15个工作日 → 10个工作日" in clause(page, "6.4 a)")
    assert "改动" in clause(page, "6.4 a)")
    assert "新增检查：服务报告送达" in clause(page, "6.5")
    assert "不再检查：虚假服务" in clause(page, "9.2 d)")


def test_changed_characters_are_told_apart_without_colour(colleague: Windows) -> None:
    page = colleague("auditor", "/staff/editions")
    part = page.locator("[data-clause='6.4 a)']")
    gone, new = part.locator("del"), part.locator("ins")
    assert (gone.text_content(), new.text_content()) == ("删去的15", "新增的10")
    for mark, line in ((gone, "line-through"), (new, "underline")):
        assert line in mark.evaluate("one => getComputedStyle(one).textDecorationLine")
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_page_fits_the_screen(colleague: Windows, tmp_path: Path, width: int, height: int) -> None:
    page = colleague("supervisor", "/staff/editions", width=width, height=height)
    expect(page.locator("[data-clause]")).to_have_count(4)
    assert fits(page)
    assert page.evaluate(CONTRAST) == []
    picture(page, tmp_path, f"editions-{width}")


def test_two_editions_are_chosen_and_named_in_the_address(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/editions")
    page.get_by_label("旧的版本", exact=True).click()
    page.get_by_role("option", name=CITE, exact=True).click()
    expect(page).to_have_url(re.compile(r"/staff/editions\?old="))
    expect(page.get_by_text("逐条比较，没有不同。")).to_be_visible()


@pytest.mark.parametrize("query", ["?old=AQ9010.1/1999&new=AQ9010.1/2000", f"?old={DRAFT}"])
def test_an_edition_that_is_not_there_is_refused_in_words(window: Windows, colleague: Windows, query: str) -> None:
    page = colleague("supervisor", "/staff/editions")
    page.goto(page.url + query)
    expect(page.get_by_text("没有载入这个标准版本")).to_be_visible()


def test_the_board_of_a_later_day_is_that_of_the_later_edition(colleague: Windows) -> None:
    page = colleague("supervisor", f"/staff/duties?as_of={FROM}")
    expect(page.get_by_text(f"条款：{CITE}。")).to_be_visible()
    page.get_by_role("link", name="服务报告送达").click()
    expect(page.locator(".sums")).to_be_visible()
    assert json.dumps(CITE, ensure_ascii=False).strip('"') in page.locator(".lines").inner_text()
    named = colleague("supervisor", f"/staff/duties?as_of={FROM}&edition={DRAFT}")
    expect(named.get_by_role("link", name="服务后10个工作日内回访")).to_be_visible()
    assert FINAL not in named.url
