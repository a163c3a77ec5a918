"""The board of duties and the page of one duty, in a real Chromium: the numbers of the HTTP call, and no others."""

import csv
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from anze.console import duties_page
from anze.console.duty_asked import address_of
from anze.obligations import reminding
from anze.obligations.compiling import Status
from anze.obligations.query import Group, Query
from anze.obligations.relations import RELATIONS
from tests.browser.provider_site import Site
from tests.browser.test_page import CONTRAST
from tests.console.test_parts import speaker

type Windows = Callable[..., Page]
ROOT = "/api/staff/obligations"


def called(page: Page, path: str = "", /, **params: Any) -> dict[str, Any]:
    """The HTTP call with the cookies of the window."""
    host = re.match(r"https?://[^/]+", page.url)
    assert host is not None
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}  # type: ignore[typeddict-item]
    answer = httpx.get(f"{host[0]}{ROOT}{path}", params=params, cookies=cookies, timeout=30)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def shown_board(page: Page) -> dict[str, Any]:
    """What the table says: rule → its cells."""
    rows = page.locator("table.duties tbody tr").evaluate_all(
        "rows => rows.map(row => [row.dataset.rule, [...row.cells].map(cell => cell.innerText.trim())])"
    )
    return dict(rows)


def cells_of(row: dict[str, Any]) -> list[str]:
    if not row["connected"]:
        return [row["clause"], row["name"], "数据未接入"]
    counts = [row["total"], *(row["statuses"][one] for one in duties_page.STATUSES), row["reference"]]
    return [row["clause"], row["name"], *map(str, counts)]


def sums(page: Page) -> dict[str, int]:
    """Part → count, as the page has them; `of` is all."""
    found = page.locator(".sums > div").evaluate_all(
        "all => all.map(one => [one.dataset.part, Number(one.querySelector('dd').innerText)])"
    )
    return dict(found)


def expected_sums(answer: dict[str, Any]) -> dict[str, int]:
    return {one["part"]: one["count"] for one in answer["parts"]} | {"of": answer["of"]}


def table_rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.locator("table.subjects tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return found


def choose(page: Page, label: str, *options: str) -> None:
    page.get_by_label(label, exact=True).click()
    for option in options:
        page.get_by_role("option", name=option, exact=True).click()
    if page.get_by_role("option").count():  # several can be chosen, so that the list stays open
        page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)


def fits(page: Page) -> bool:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width <= 0


def apart_of(page: Page, words: str) -> Locator:
    return page.locator("details", has=page.locator("summary", has_text=words))


def picture(page: Page, tmp_path: Path, name: str) -> None:
    page.screenshot(path=Path(os.environ.get("ANZE_PICTURES") or tmp_path) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("username", ["supervisor", "service", "intake", "auditor", "admin"])
def test_the_board_is_what_the_call_says_to_each_role(colleague: Windows, username: str) -> None:
    page = colleague(username)
    page.get_by_role("navigation").get_by_role("link", name="义务").click()
    expect(page.get_by_role("heading", name="义务", exact=True)).to_be_visible()
    rows = called(page)["items"]
    assert shown_board(page) == {row["rule"]: cells_of(row) for row in rows}
    assert list(shown_board(page)) == [row["rule"] for row in rows], "in the order of the clauses"
    assert all(row["connected"] for row in rows)
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_board_and_duty_fit_the_screen(colleague: Windows, tmp_path: Path, width: int, height: int) -> None:
    page = colleague("supervisor", "/staff/duties", width=width, height=height)
    expect(page.locator("table.duties")).to_be_visible()
    assert fits(page)
    picture(page, tmp_path, f"duties-{width}")
    for rule in ("follow_up", "yearly_check", "plan_made", "candidates"):
        page.goto(page.url.split("/staff/")[0] + f"/staff/duties/{rule}?group=branch")
        expect(page.get_by_role("link", name="全部义务")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert fits(page), rule
        assert page.evaluate(CONTRAST) == [], rule
        picture(page, tmp_path, f"duty-{rule}-{width}")


def test_the_board_of_a_branch_as_of_a_day(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties")
    choose(page, "分公司", "南京分公司")
    expect(page).to_have_url(re.compile(r"branch=\d+"))
    page.get_by_label("截至哪一天").fill("2026-06-30")
    expect(page).to_have_url(re.compile(r"branch=\d+&as_of=2026-06-30"))
    branch = re.findall(r"branch=(\d+)", page.url)[0]
    expected = {row["rule"]: cells_of(row) for row in called(page, branch=branch, as_of="2026-06-30")["items"]}
    assert shown_board(page) == expected
    assert expected != {row["rule"]: cells_of(row) for row in called(page, branch=branch)["items"]}
    page.get_by_role("link", name="服务后10个工作日内回访").click()
    expect(page.locator(".sums")).to_be_visible()
    assert sums(page) == expected_sums(called(page, "/follow_up", branch=branch, as_of="2026-06-30"))
    overdue = page.locator("[data-part=overdue]")
    reference = re.findall(r"其中参照执行 (\d+)", overdue.inner_text())
    late = duties_page.STATUSES.index(Status.OVERDUE) + 3
    assert sums(page)["overdue"] - int(reference[0] if reference else 0) == int(expected["follow_up"][late])
    page.go_back()
    expect(page.locator("table.duties")).to_be_visible()
    assert shown_board(page) == expected


def test_a_service_manager_of_nanjing_sees_nanjing_only(colleague: Windows) -> None:
    all_, mine = colleague("supervisor", "/staff/duties"), colleague("service", "/staff/duties")
    choose(all_, "分公司", "南京分公司")
    expect(all_).to_have_url(re.compile(r"branch=\d+"))
    assert shown_board(mine) == shown_board(all_)
    mine.get_by_label("分公司", exact=True).click()
    assert mine.get_by_role("option").all_inner_texts() == ["能看的全部", "南京分公司"]
    host = mine.url.split("/staff/")[0]
    mine.goto(f"{host}/staff/duties/archived?everything=true&group=branch")
    expect(mine.locator(".sums")).to_be_visible()
    assert {row[-2] for row in table_rows(mine)} == {"南京"}
    assert mine.get_by_role("table", name="汇总").locator("tbody tr").count() == 1
    suzhou = next(one for one in called(all_, "/archived", group="branch")["groups"] if one["name"] == "苏州")
    mine.goto(f"{host}/staff/duties/archived?branch={suzhou['value']}&everything=true")
    expect(mine.locator(".sums")).to_be_visible()
    assert sums(mine) == expected_sums(called(mine, "/archived", everything=True)), "a foreign branch is no choice"
    assert {row[-2] for row in table_rows(mine)} == {"南京"}


def test_filters_change_list_and_sums_as_the_call_does(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties/archived")
    whole = called(page, "/archived")
    assert sums(page) == expected_sums(whole)
    assert sum(count for part, count in sums(page).items() if part != "of") == sums(page)["of"]
    assert table_rows(page) == [[cell or "—" for cell in row] for row in whole["rows"]]
    expect(page.locator(".understood")).to_have_text(whole["understood"])

    asked: dict[str, Any] = {}
    for label, option, changed in (
        ("行业", "矿山", {"sector": "mine"}),
        ("服务项目", "d) 隐患排查", {"item": "d"}),
        ("结果", "全部，做了没做都要", {"everything": "true"}),
        ("时间", "自然年", {"window": "calendar_year", "first": "2026-01-01", "last": "2026-12-31"}),
        ("汇总", "服务机构", {"group": "provider"}),
    ):
        choose(page, label, option)
        asked |= changed
        for name, value in changed.items():
            expect(page).to_have_url(re.compile(f"[?&]{name}={value}"))
        answer = called(page, "/archived", **asked)
        expect(page.locator(".understood")).to_have_text(answer["understood"])
        assert sums(page) == expected_sums(answer), option
        assert table_rows(page) == [[cell or "—" for cell in row] for row in answer["rows"]], option
    groups = page.get_by_role("table", name="汇总").locator("tbody tr")
    assert groups.count() == len(answer["groups"])
    assert sum(int(row.locator("td").nth(2).inner_text()) for row in groups.all()) == answer["of"]
    expect(page.locator(".chart canvas")).to_be_visible()

    choose(page, "时间", "这段时间里发生的")
    page.get_by_label("从", exact=True).fill("2026-03-01")
    page.get_by_label("到", exact=True).fill("2026-09-30")
    expect(page).to_have_url(re.compile("window=between&first=2026-03-01&last=2026-09-30"))
    asked |= {"window": "between", "first": "2026-03-01", "last": "2026-09-30"}
    answer = called(page, "/archived", **asked)
    expect(page.locator(".understood")).to_have_text(answer["understood"])
    assert sums(page) == expected_sums(answer)
    kept = page.url
    page.reload()
    expect(page.locator(".understood")).to_have_text(answer["understood"])
    assert page.url == kept


def test_several_values_and_what_is_left_out(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties/archived")
    asked: dict[str, Any] = {}
    for label, options, changed in (
        ("行业", ("矿山", "烟花爆竹"), {"sector": ["mine", "fireworks"]}),
        ("结果", ("逾期", "缺证据"), {"part": ["overdue", "unproven"]}),
        ("去掉的规模", ("小型", "微型"), {"not_size_class": ["small", "micro"]}),
        ("省", ("江苏省",), {"province": ["江苏省"]}),
    ):
        choose(page, label, *options)
        asked |= changed
        for name, values in changed.items():
            expect(page).to_have_url(re.compile(f"[?&]{name}={quote(values[-1])}"))
        answer = called(page, "/archived", **asked)
        expect(page.locator(".understood")).to_have_text(answer["understood"])
        assert sums(page) == expected_sums(answer), label
    page.reload()
    expect(page.locator(".understood")).to_have_text(answer["understood"])


def test_what_a_question_of_the_chat_holds_beside_stays(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor")
    query = Query("archived", group=Group.SECTOR, order="count", descending=True, limit=2)
    page.goto(site.url + address_of(query))
    answer = called(page, "/archived", group="sector", order="count", descending=True, limit=2)
    expect(page.locator(".understood")).to_have_text(answer["understood"])
    choose(page, "行业", "矿山")
    expect(page).to_have_url(re.compile("sector=mine.*order=count&descending=true&limit=2"))


def test_the_trend_is_the_question_asked_as_of_each_month_end(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties/archived?sector=mine")
    page.get_by_role("button", name="看一年来的走势").click()
    lines = page.get_by_role("table", name="一年来的走势").locator("tbody tr")
    expect(lines).to_have_count(12)
    expect(page.locator(".chart canvas")).to_be_visible()
    shown = [[cell.inner_text() for cell in row.locator("td").all()] for row in lines.all()]
    points = called(page, "/archived/trend", sector="mine")["items"]
    assert [[row[1], row[2], row[3]] for row in shown] == [
        [str(one["found"]), str(one["total"]), one["rate"] or "—"] for one in points
    ]
    for one in (points[3], points[-1]):
        answer = called(page, "/archived", sector="mine", as_of=one["day"])
        assert (one["found"], one["total"]) == (answer["total"], answer["of"])
    assert [one["day"] for one in points][-2:] == ["2026-10-31", "2026-11-23"]
    assert fits(page)


def test_a_list_is_paged_by_fifty_and_its_file_has_all_of_it(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties/archived?everything=true&as_of=2026-10-31")
    answer = called(page, "/archived", everything=True, as_of="2026-10-31")
    assert answer["total"] > 100
    assert len(table_rows(page)) == 50
    page.get_by_role("button", name="下一页").click()
    expect(page).to_have_url(re.compile("page=2"))
    second = called(page, "/archived", everything=True, as_of="2026-10-31", page=2)
    assert table_rows(page) == [[cell or "—" for cell in row] for row in second["rows"]]
    with page.expect_download() as csv_file:
        page.get_by_role("link", name="CSV").click()
    content = Path(csv_file.value.path()).read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert lines[0] == answer["columns"]
    assert len(lines) == answer["total"] + 1
    assert lines[51:101] == second["rows"]
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Excel").click()
    assert workbook.value.suggested_filename.endswith("2026-10-31.xlsx")
    page.goto(page.url.replace("page=2", "page=9999"))
    expect(page.get_by_role("button", name="上一页")).to_be_visible()
    assert 0 < len(table_rows(page)) <= 50, "a page behind the last is the last"


@pytest.mark.parametrize(
    ("rule", "place"),
    [("archived", "bookings"), ("hazard_rectified", "hazards"), ("complaint_answer", "complaints"),
     ("candidates", "reports")],
)  # fmt: skip
def test_a_row_opens_the_page_of_its_matter(colleague: Windows, rule: str, place: str) -> None:
    page = colleague("supervisor", f"/staff/duties/{rule}?everything=true")
    link = page.locator("table.subjects tbody a").first
    where = str(link.get_attribute("href"))
    assert where.startswith(f"/staff/{place}/")
    link.click()
    page.wait_for_url(f"**{where}")
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_what_stands_apart_and_the_clause_are_there(colleague: Windows) -> None:
    page = colleague("supervisor", "/staff/duties/yearly_check")
    answer = called(page, "/yearly_check")
    assert sums(page) == expected_sums(answer)
    some = {"ended": "今年结束", "ended_early": "提前终止", "coming": "一个月内"}
    for name, one in answer["apart"].items():
        opened = apart_of(page, some[name])
        assert opened.count() == (1 if one["count"] else 0)
        if one["count"]:
            opened.locator("summary").click()
            expect(opened.locator("tbody tr")).to_have_count(len(one["items"]))
    clause = apart_of(page, "标准原文")
    clause.locator("summary").click()
    expect(clause).to_contain_text("每个保单年度")


def test_what_has_no_data_says_so_and_nonsense_is_no_error(
    colleague: Windows, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RELATIONS, "plan")
    page = colleague("auditor", "/staff/duties/plan_made")
    expect(page.locator(".unconnected")).to_contain_text("还没有接入")
    expect(page.get_by_role("button", name="在助手里接着问")).to_be_visible()
    page.goto(
        f"{site.url}/staff/duties/archived?window=x&first=y&branch=zz&sector=space&page=-4&part=%27&group=_&item=q"
    )
    expect(page.locator(".understood")).to_have_text(called(page, "/archived")["understood"])
    gone = page.goto(f"{site.url}/staff/duties/no_such_duty")
    assert gone is not None
    assert gone.status == 404


def test_a_reminded_branch_finds_the_duty_among_its_tasks(colleague: Windows, site: Site) -> None:
    supervisor, calendar = speaker(site.db, "supervisor"), site.services.calendar
    now, query = site.services.clock.now(), Query("archived")
    with site.db.write() as session:
        ids = reminding.preview(session, supervisor, query, now, calendar)["ids"]
        assert reminding.remind(session, supervisor, query, ids, now, calendar)["count"] == len(ids)
    page = colleague("service", "/staff/work")
    link = page.get_by_role("link", name=re.compile(r"还没归档：\d+ 件"))
    said = re.findall(r"\d+", link.inner_text())[0]
    expect(page.get_by_role("row", name=re.compile("义务提醒"))).to_have_count(1)
    link.click()
    expect(page.locator(".understood")).to_be_visible()
    assert page.url.endswith("/staff/duties/archived")
    assert called(page, "/archived")["total"] == int(said)
