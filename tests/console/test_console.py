"""The console as colleagues use it, in a real browser over the demo data."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from anze.complaints.handling_models import Interest
from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus
from anze.console import queue_page
from anze.conversations.models import Conversation, Message
from anze.conversations.turns import real_now
from anze.identity import sessions
from anze.identity.models import Branch, DeniedRead, Role, Staff
from tests.browser.provider_site import Site
from tests.browser.test_page import CONTRAST
from tests.console.insured import STORY, Insured
from tests.helpers.staffing import PASSWORD, hire

type Windows = Callable[..., Page]
POLICY, PHONE = "AZ2026000001", "13800000001"
FACTS = {
    "核实情况": "服务机构承认上周二没有到场，也没有提前告知。",
    "依据": "参照 AQ 9010.1（征求意见稿）6.2，服务前要确认时间。",
    "理由": "约好的时间双方都确认过，没有到场是服务机构的责任。",
    "处理决定": "本周五前补做隐患排查，并书面道歉。",
}


def dialog(page: Page) -> Locator:
    return page.locator(".q-dialog .dialog")


def step(page: Page, name: str) -> Locator:
    page.locator(".head").get_by_role("button", name=name, exact=True).click()
    expect(dialog(page).get_by_role("heading", name=name)).to_be_visible()
    return dialog(page)


def confirm(page: Page) -> None:
    dialog(page).get_by_role("button", name="确定").click()


def read_by_complainant(page: Page, about: str) -> None:
    """Wait until the complainant's page has said that this notice was read there."""
    read = page.locator("tr", has_text=about).filter(has_text="网页").filter(has_text="起算数")
    for _ in range(40):
        page.reload()
        expect(page.locator("tr", has_text=about).first).to_be_visible()
        if read.count():
            return
    pytest.fail("the complainant's page did not say that it was read")


def case_of(site: Site, number: str) -> Complaint:
    with site.db.read() as session:
        case = session.scalars(select(Complaint).where(Complaint.number == number)).one()
        assert case.handler is None or case.handler.name
        return case


def foreign_number(site: Site) -> str:
    """A case that the officers of Jiangsu may not see."""
    with site.db.read() as session:
        jiangsu = session.scalars(select(Branch.path).where(Branch.name == "江苏省分公司")).one()
        other = select(Branch.id).where(Branch.path.not_like(f"{jiangsu}%"))
        query = select(Complaint.number).where(Complaint.branch_id.in_(other), Complaint.number.is_not(None))
        return str(session.scalars(query.order_by(Complaint.id)).first())


def open_number(site: Site, status: ComplaintStatus) -> str:
    with site.db.read() as session:
        jiangsu = session.scalars(select(Branch.path).where(Branch.name == "江苏省分公司")).one()
        own = select(Branch.id).where(Branch.path.like(f"{jiangsu}%"))
        query = select(Complaint.number).where(Complaint.branch_id.in_(own), Complaint.status == status)
        aside = select(Interest.complaint_id)
        query = query.where(~Complaint.classification.has(), ~Complaint.pauses.any(), Complaint.id.not_in(aside))
        query = query.where(Complaint.form == ComplaintForm.COMPLAINT)
        return str(session.scalars(query.order_by(Complaint.id.desc())).first())


def test_from_the_telephone_call_to_the_decision_that_the_insured_reads(window: Windows, site: Site) -> None:
    insured = Insured.at(site, window(390, 844), POLICY, PHONE)
    told_in_chat = insured.complains()

    page = window()
    page.goto(site.url + "/staff/register")
    page.get_by_label("用户名").fill("intake")
    page.get_by_label("密码").fill("demo-anze")
    page.keyboard.press("Enter")
    page.get_by_label("事情经过").fill(STORY + "，现在打电话来问。")
    page.get_by_label("投诉人电话").fill(PHONE)
    page.get_by_label("保单号", exact=True).fill(POLICY.lower())
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("已登记，编号 TS20261123"))).to_be_visible()
    by_hand = re.search(r"TS\d+", page.get_by_role("heading", name="已登记").inner_text())
    assert by_hand is not None
    page.get_by_role("button", name=f"并入 {told_in_chat}").click()
    page.wait_for_url(f"**/staff/complaints/{told_in_chat}")
    assert case_of(site, by_hand.group()).status == ComplaintStatus.MERGED

    step(page, "受理")
    confirm(page)
    expect(page.locator(".head")).to_contain_text("处理中")
    expect(page.locator(".facts")).to_contain_text(case_of(site, told_in_chat).handler.name)  # type: ignore[union-attr]
    expect(page.get_by_text("第15天 12月14日", exact=False).first).to_be_visible()

    # Reading is a change of the case: an action that was begun before it would be stale.
    expect(insured.page.locator("#log")).to_contain_text("已受理")
    read_by_complainant(page, "受理")
    step(page, "认定复杂").get_by_label("原因").fill("要到两个厂区核实，还要问服务机构的三个人。")
    confirm(page)
    expect(page.locator("main")).to_contain_text("认定情况复杂")
    expect(insured.page.locator("#log")).to_contain_text("要到两个厂区核实")
    read_by_complainant(page, "情况复杂")
    expect(page.locator(".clock").first).to_contain_text("30 个工作日")

    form = step(page, "作出决定")
    form.get_by_label("核实情况").fill(FACTS["核实情况"])
    confirm(page)
    expect(form.get_by_role("alert")).to_contain_text("还缺：依据、理由、处理决定")
    for name, words in FACTS.items():
        form.get_by_label(name, exact=True).fill(words)
    confirm(page)
    # The insured's page is open: it reads the decision at once, and what is read is told.
    expect(page.locator(".head")).to_contain_text(re.compile("已决定|已告知决定"))
    expect(insured.page.locator("#log")).to_contain_text(FACTS["处理决定"])
    page.reload()
    expect(page.locator(".head")).to_contain_text("已告知决定")
    assert case_of(site, told_in_chat).status == ComplaintStatus.TOLD
    form = step(page, "归因")
    form.get_by_label("原因").click()
    page.get_by_role("option", name="约好的服务没来或晚到").click()
    confirm(page)
    expect(page.locator(".facts").last).to_contain_text("约好的服务没来或晚到")


def test_a_stale_action_says_so_and_loses_nothing_typed(colleague: Windows, site: Site) -> None:
    number = open_number(site, ComplaintStatus.HANDLING)
    one, other = (colleague("intake", f"/staff/complaints/{number}") for _ in range(2))
    words = "材料多，要请两家机构说明，先写在这里，不能丢"
    step(one, "认定复杂").get_by_label("原因").fill(words)
    step(other, "声明回避").get_by_label("原因").fill("投诉里的小组长是我同学，材料里写得很细")
    other.keyboard.press("Escape")
    expect(dialog(other)).to_be_hidden()
    step(other, "暂停计时").get_by_role("button", name="取消").click()
    expect(step(other, "声明回避").get_by_label("原因")).to_have_value("投诉里的小组长是我同学，材料里写得很细")
    dialog(other).get_by_role("button", name="取消").click()
    step(other, "认定复杂").get_by_label("原因").fill("另一位同事先办了")
    confirm(other)
    expect(other.locator("main")).to_contain_text("另一位同事先办了")

    confirm(one)
    expect(dialog(one).get_by_role("alert")).to_contain_text("有人刚改过这件投诉")
    expect(dialog(one).get_by_label("原因")).to_have_value(words)
    dialog(one).get_by_role("button", name="看最新情况").click()
    expect(dialog(one).get_by_role("alert")).to_contain_text("已经是最新情况")
    expect(one.locator("main").first).to_contain_text("另一位同事先办了")
    confirm(one)
    expect(dialog(one).get_by_role("alert")).to_contain_text("已经认定过情况复杂")
    expect(dialog(one).get_by_label("原因")).to_have_value(words)


def test_another_branchs_case_is_not_there_and_the_try_is_kept(colleague: Windows, site: Site) -> None:
    number = foreign_number(site)
    page = colleague("intake")
    answer = page.goto(f"{site.url}/staff/complaints/{number}")
    assert answer is not None
    assert answer.status == 404
    assert number not in page.content()
    with site.db.read() as session:
        assert f"complaint:{number}" in session.scalars(select(DeniedRead.subject)).all()
    page.goto(site.url + "/staff/")
    page.get_by_label("查编号或单位").fill(number)
    expect(page.locator("main")).to_contain_text("没有符合条件的投诉")
    unknown = page.goto(f"{site.url}/staff/nothing/here")
    assert unknown is not None
    assert unknown.status == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SERVICE])
def test_who_does_not_handle_complaints_reads_only(colleague: Windows, site: Site, role: Role) -> None:
    page = colleague(role.value)
    expect(page.get_by_role("link", name="登记投诉")).to_have_count(0)
    page.locator("table.queue a").first.click()
    expect(page.locator(".head")).to_contain_text("现在没有您可以做的步骤")
    expect(page.locator(".head button")).to_have_count(0)
    refused = page.goto(f"{site.url}/staff/register")
    assert refused is not None
    assert refused.status == 403
    expect(page.locator("body")).to_contain_text("您没有权限")


def test_a_session_that_ended_shows_the_sign_in_page_and_no_data(colleague: Windows, site: Site) -> None:
    page = colleague("supervisor")
    first = page.locator("table.queue a").first.inner_text()
    with site.db.write() as session:
        me = session.scalars(select(Staff.id).where(Staff.username == "supervisor")).one()
        sessions.end_all(session, me, real_now())
    page.get_by_label("查编号或单位").fill("TS")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert first not in page.content()


def test_signing_out_ends_the_session_for_every_window(colleague: Windows, site: Site) -> None:
    page = colleague("intake")
    other = page.context.new_page()
    other.goto(site.url + "/staff/figures")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="登录")).to_be_visible()


def test_nobody_without_a_session_reaches_a_socket_or_makes_the_server_keep_anything(
    colleague: Windows, site: Site
) -> None:
    from nicegui import Client

    page = colleague("intake")
    (client_id,) = set(re.findall(r"client_id['\"]?: ['\"]([0-9a-f-]{36})", page.content()))
    before = set(Client.instances)
    for path in ("/staff/", "/staff/figures", "/staff/complaints/TS1", "/staff/nothing"):
        assert httpx.get(site.url + path, timeout=30).status_code == 401
    assert set(Client.instances) <= before, "pages that were closed before may end meanwhile"
    address = f"{site.url.replace('http', 'ws', 1)}/staff/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    for origin, brought in ((site.url, {}), ("https://evil.example", {"Cookie": cookie})):
        with pytest.raises(InvalidStatus):
            connect(f"{address}&client_id={client_id}", origin=origin, additional_headers=brought)  # type: ignore[arg-type]
    with connect(address, origin=site.url, additional_headers={"Cookie": cookie}) as own:  # type: ignore[arg-type]
        assert own.recv(timeout=5)
    polling = httpx.post(address.replace("ws", "http", 1).replace("websocket", "polling"), content=b"", timeout=30)
    assert polling.status_code == 403


def test_what_one_does_reaches_no_other(colleague: Windows, site: Site) -> None:
    one, other = colleague("intake"), colleague("supervisor")
    shown = other.locator("table.queue").inner_text()
    one.get_by_label("查编号或单位").fill("没有这家单位")
    expect(one.locator("main")).to_contain_text("没有符合条件的投诉")
    assert other.locator("table.queue").inner_text() == shown
    expect(one.locator(".who")).to_contain_text("江苏省分公司")
    expect(other.locator(".who")).to_contain_text("总公司")
    other.reload()
    expect(other.get_by_label("查编号或单位")).to_have_value("")


def test_filters_and_pages_stay_in_the_address(colleague: Windows, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_page, "SIZE", 5)
    page = colleague("supervisor", width=390, height=844)
    page.get_by_label("状态").click()
    page.get_by_role("option", name="已告知决定").click()
    expect(page).to_have_url(re.compile("status=told"))
    expect(page.locator("table.queue tbody tr").first).to_contain_text("已告知决定")
    first = page.locator("table.queue a").first.inner_text()
    page.get_by_role("button", name="下一页").click()
    expect(page).to_have_url(re.compile("status=told&page=2"))
    expect(page.locator("table.queue a").first).not_to_have_text(first)
    second = page.locator("table.queue a").first.inner_text()
    page.reload()
    expect(page.locator("table.queue a").first).to_have_text(second)
    page.goto(f"{site.url}/staff/?page=x")
    expect(page.locator("body")).not_to_contain_text("Traceback")


def test_a_talk_is_answered_live_and_given_back(window: Windows, colleague: Windows, site: Site) -> None:
    insured = Insured.at(site, window(390, 844), "AZ2026000002", "13800000002")
    insured.asks_for_a_person()
    page = colleague("intake", f"/staff/talks/{insured.conversation_id}")
    expect(page.locator("main")).to_contain_text("在等人回答")
    page.get_by_label("回复投诉人").fill("您好，我是江苏分公司的，马上帮您看。")
    page.get_by_role("button", name="发送").click()
    expect(insured.page.locator("#log")).to_contain_text("马上帮您看")
    expect(page.get_by_label("回复投诉人")).to_have_value("")
    insured.page.fill("#input", "我等了一周了")
    insured.page.press("#input", "Enter")
    expect(page.locator(".talk")).to_contain_text("我等了一周了")
    page.get_by_role("button", name="交还给机器人").click()
    expect(page.locator("main")).to_contain_text("现在由机器人回答")
    with site.db.read() as session:
        assert session.get_one(Conversation, insured.conversation_id).handoff == "bot"
        sent = session.scalars(select(Message).where(Message.conversation_id == insured.conversation_id)).all()
        assert [m.text for m in sent if m.sender == "staff"] == ["您好，我是江苏分公司的，马上帮您看。"]


def test_a_one_time_password_is_changed_first(window: Windows, site: Site) -> None:
    hire(site.db, "newcomer", must_change=True)
    page = window(390, 844)
    page.goto(site.url + "/staff/work")
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("密码").fill("not the one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="改密码")).to_be_visible()
    page.goto(site.url + "/staff/figures")
    expect(page.get_by_role("heading", name="改密码")).to_be_visible()
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("a much better one")
    page.get_by_label("再输一次新密码").fill("a much better two")
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("alert")).to_contain_text("两次输入的新密码不一样")
    page.get_by_label("再输一次新密码").fill("a much better one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()


KEPT_IN_DIALOG = """() => document.activeElement === document.body
  || document.querySelector('.q-dialog').contains(document.activeElement)"""
PAGES = (
    "/staff/", "case", "/staff/register", "/staff/work", "/staff/figures", "/staff/duties", "/staff/duties/follow_up",
)  # fmt: skip


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_is_readable_and_reached_by_keyboard(colleague: Windows, site: Site, width: int) -> None:
    page = colleague("intake", width=width, height=844)
    number = open_number(site, ComplaintStatus.FILED)
    for path in PAGES:
        page.goto(site.url + (f"/staff/complaints/{number}" if path == "case" else path))
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(CONTRAST) == [], path
        assert page.locator("h1").count() == 1
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('#main').contains(document.activeElement)"), path
    page.goto(f"{site.url}/staff/complaints/{number}")
    page.get_by_role("button", name="受理").focus()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_function("document.querySelector('.q-dialog').contains(document.activeElement)")
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(KEPT_IN_DIALOG), "the keyboard leaves the dialog"
