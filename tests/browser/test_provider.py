"""The provider's phone page in a real browser: a visit on a bad line, from the order to the insured's talk."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import select

from anze.bookings.models import Service, ServiceStep
from anze.conversations.models import File, Message, SharedFile
from anze.hazards.models import Hazard, HazardFile
from anze.identity.models import SignIn
from anze.policies.models import Insured, Policy
from tests.browser.photo import PHOTO
from tests.browser.provider_site import Site, demo_data, running
from tests.browser.test_page import CONTRAST

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PAGE = Path(__file__).parents[2] / "anze" / "channels" / "provider" / "page"
WORDS = {
    "部位": "二号车间配料区",
    "隐患情况": "可燃气体报警器断电停用，反应釜旁边没有检测",
    "判定依据": "不符合 GB/T 50493 关于报警器不间断供电的要求，涉及重点监管的危险化工工艺",
    "整改建议": "立即恢复供电并标定，恢复以前停止投料，专人值守",
}


@pytest.fixture(scope="module")
def template(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_data(demo_file, tmp_path_factory.mktemp("provider") / "data")


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    with running(template, tmp_path / "data", NOW) as started:
        yield started


@pytest.fixture
def order(site: Site) -> str:
    """An order that waits for the provider, moved to this afternoon."""
    with site.db.write() as session:
        service = session.scalars(
            select(Service)
            .where(Service.provider_id == 1, Service.status == "requested", Service.insured_confirmed_at.is_not(None))
            .order_by(Service.starts_at)
            .limit(1)
        ).one()
        service.starts_at, service.ends_at = NOW + timedelta(hours=3.5), NOW + timedelta(hours=6.5)
        service.note = "进厂请在门卫登记，关掉手机，穿防静电服。"
        service.contact_name, service.contact_phone = "周建国", "13912345678"
        service.attendees = 6
        return service.number


def talk_of(site: Site, number: str) -> str:
    """The insured's main contact opens a talk in the chat; gives its id."""
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == number)).one()
        policy, phone = (
            session.get_one(Policy, service.policy_id).number,
            session.get_one(Insured, service.insured_id).contact_phone,
        )
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30) as client:
        opened = client.post("/api/sessions", json={}).json()
        client.headers["Authorization"] = f"Bearer {opened['token']}"
        code = client.post("/api/sessions/bind", json={"policy_no": policy, "phone": phone}).json()["demo_code"]
        assert client.post("/api/sessions/bind/confirm", json={"code": code}).status_code == 200
    return str(opened["conversation_id"])


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/provider/")
    page.get_by_label("用户名").fill("provider")
    page.get_by_label("密码").fill("demo-anze")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今天")).to_be_visible()


def open_order(page: Page, site: Site, number: str) -> None:
    page.goto(f"{site.url}/provider/#/o/{number}")
    expect(page.get_by_role("definition").get_by_text(number)).to_be_visible()


def write_hazard(page: Page, level: str = "重大隐患") -> None:
    page.get_by_role("button", name="记录隐患").click()
    page.get_by_label(level).check()
    for label, words in WORDS.items():
        page.get_by_label(re.compile(f"^{label}")).fill(words)


def add_photo(page: Page) -> None:
    page.get_by_label("从相册选").set_input_files(PHOTO)
    expect(page.locator(".photo img")).to_have_count(1)


def sent(page: Page) -> None:
    """Until nothing waits on the phone any more."""
    until_queued(page, 0)
    expect(page.locator("#waiting")).to_be_hidden()


def until_queued(page: Page, count: int) -> None:
    """Until exactly so many items are in the phone's queue."""
    for _ in range(300):
        if page.evaluate(QUEUED) == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{page.evaluate(QUEUED)} items wait on the phone, not {count}")


QUEUED = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('anze.provider.provider');
  opening.onsuccess = () => {
    const reading = opening.result.transaction('queue').objectStore('queue').count();
    reading.onsuccess = () => { opening.result.close(); resolve(reading.result); };
  };
  opening.onerror = () => reject(opening.error);
})"""


def begun(site: Site, number: str) -> None:
    """The people are on the site already."""
    with site.db.write() as session:
        service = session.scalars(select(Service).where(Service.number == number)).one()
        service.provider_confirmed_at = service.rules_seen_at = service.started_at = NOW
        service.status, service.people = "ongoing", ["姜桂兰"]


def hazards_at(site: Site, place: str = WORDS["部位"]) -> list[tuple[Hazard, list[str]]]:
    with site.db.read() as session:
        return [
            (row, list(session.scalars(select(HazardFile.file_id).where(HazardFile.hazard_id == row.id))))
            for row in session.scalars(select(Hazard).where(Hazard.place == place))
        ]


def accept_and_read(page: Page) -> None:
    page.get_by_role("button", name="接单").click()
    page.locator(".option").first.click()
    page.get_by_role("button", name="确认接单").click()
    page.get_by_role("button", name="看现场要求").click()
    expect(page.locator("main")).to_contain_text("穿防静电服")
    page.get_by_role("button", name="我已看过").click()


def test_a_visit_whose_line_breaks_reaches_the_insured_once(page: Page, site: Site, order: str) -> None:
    talk = talk_of(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    accept_and_read(page)
    page.get_by_role("button", name="到场签到").click()
    expect(page.get_by_text("服务中").first).to_be_visible()
    sent(page)

    page.context.set_offline(True)
    expect(page.locator("#network")).to_contain_text("没有网络")
    write_hazard(page)
    add_photo(page)
    page.get_by_role("button", name="保存并告知企业").click()
    expect(page.locator("#waiting")).to_have_text("待发送 1")
    expect(page.locator(".entry").get_by_text("二号车间配料区")).to_be_visible()
    with site.db.read() as session:
        assert session.scalars(select(Hazard).where(Hazard.place == WORDS["部位"])).all() == []

    page.context.set_offline(False)
    expect(page.get_by_text("企业已收到")).to_be_visible()
    sent(page)
    expect(page.locator("#network")).to_be_hidden()
    with site.db.read() as session:
        (hazard,) = session.scalars(select(Hazard).where(Hazard.place == WORDS["部位"]))
        service = session.get_one(Service, hazard.service_id)
        pushed = session.scalars(
            select(Message).where(Message.conversation_id == talk, Message.text.contains(hazard.number))
        ).all()
        photos = session.scalars(select(HazardFile).where(HazardFile.hazard_id == hazard.id)).all()
        file = session.get_one(File, photos[0].file_id)
        steps = session.scalars(select(ServiceStep.stage).where(ServiceStep.service_id == service.id)).all()
    assert (service.number, service.status, hazard.level) == (order, "ongoing", "major")
    assert hazard.notified_at is not None
    assert len(pushed) == len(photos) == 1
    assert pushed[0].pushed
    assert WORDS["整改建议"] in pushed[0].text
    assert (file.size, file.mime) == (len(PHOTO["buffer"]), "image/png")
    for step in ("provider_confirmed", "dispatched", "rules_seen", "started"):
        assert steps.count(step) == 1, step


def test_nothing_written_is_lost_by_closing_the_page_without_a_line(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.context.set_offline(True)
    write_hazard(page)
    add_photo(page)
    page.get_by_label(re.compile("^整改建议")).press_sequentially("，复查")
    page.reload()
    expect(page.get_by_label(re.compile("^整改建议"))).to_have_value(WORDS["整改建议"] + "，复查")
    for label, words in list(WORDS.items())[:3]:
        expect(page.get_by_label(re.compile(f"^{label}"))).to_have_value(words)
    expect(page.get_by_label("重大隐患")).to_be_checked()
    expect(page.locator(".photo img")).to_have_count(1)
    page.get_by_role("link", name="返回").click()
    page.get_by_role("link", name=re.compile("没写完")).click()
    page.get_by_role("button", name="保存并告知企业").click()
    expect(page.locator("#waiting")).to_have_text("待发送 1")
    page.get_by_role("link", name="完成服务").click()
    page.get_by_label("服务过程").fill("查了配料区和罐区")
    page.reload()
    expect(page.get_by_label(re.compile("^服务过程"))).to_have_value("查了配料区和罐区")
    page.get_by_role("button", name="确认完成").click()
    expect(page.locator("#waiting")).to_have_text("待发送 2")
    page.reload()
    expect(page.locator("#waiting")).to_have_text("待发送 2")
    expect(page.locator(".state")).to_have_text("已完成")
    assert hazards_at(site) == []
    page.context.set_offline(False)
    sent(page)
    ((hazard, photos),) = hazards_at(site)
    assert (hazard.advice, len(photos)) == (WORDS["整改建议"] + "，复查", 1)
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == order)).one()
    assert (service.status, service.process) == ("completed", "查了配料区和罐区")


def lose_first_answer(page: Page, path: str) -> list[Any]:
    """The server does what it is asked, the phone never hears of it; then the line is good. Gives what was sent."""
    bodies: list[Any] = []

    def handle(route: Route) -> None:
        if route.request.method == "GET":
            return route.continue_()
        bodies.append(route.request.post_data_json)
        if len(bodies) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route(path, handle)
    return bodies


def test_what_was_sent_without_hearing_the_answer_counts_once(page: Page, site: Site, order: str) -> None:
    talk = talk_of(site, order)
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    hazards, finished = lose_first_answer(page, "**/orders/*/hazards"), lose_first_answer(page, "**/finish")
    write_hazard(page, "一般隐患")
    page.get_by_role("button", name="保存并告知企业").click()
    page.get_by_role("link", name="完成服务").click()
    page.get_by_label("服务过程").fill("查完了")
    page.get_by_role("button", name="确认完成").click()
    sent(page)
    assert [body["client_id"] for body in hazards] == [hazards[0]["client_id"]] * 2
    assert [body["client_id"] for body in finished] == [finished[0]["client_id"]] * 2
    ((hazard, _),) = hazards_at(site)
    with site.db.read() as session:
        told = select(Message).where(Message.conversation_id == talk, Message.text.contains(hazard.number))
        assert len(session.scalars(told).all()) == 1
        steps = session.scalars(select(ServiceStep.stage).join(Service).where(Service.number == order)).all()
    assert steps.count("completed") == 1


def test_a_report_goes_on_where_the_line_broke_also_after_a_reload(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    with site.db.write() as session:
        service = session.scalars(select(Service).where(Service.number == order)).one()
        service.status, service.completed_on = "completed", NOW.date()
    content = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n" + os.urandom(1_200_000)
    sign_in(page, site)
    open_order(page, site, order)
    offsets: list[int] = []

    def pieces(route: Route) -> None:
        offsets.append(int(route.request.headers["upload-offset"]))
        if len(offsets) == 3:
            return route.abort()
        return route.continue_()

    page.route("**/api/uploads/*", pieces)
    page.get_by_role("button", name="上传报告").click()
    report: FilePayload = {"name": "报告.pdf", "mimeType": "application/pdf", "buffer": content}
    page.get_by_label("选择文件").set_input_files(report)
    expect(page.get_by_text("报告.pdf")).to_be_visible()
    page.get_by_role("button", name="上传", exact=True).click()
    page.wait_for_function("() => document.querySelector('#network:not([hidden])')")
    page.reload()
    sent(page)
    piece = 256 * 1024
    assert offsets == [0, piece, 2 * piece, 2 * piece, 3 * piece, 4 * piece]
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == order)).one()
        (shared,) = session.scalars(select(SharedFile).where(SharedFile.subject == f"service:{service.id}"))
        file = session.get_one(File, shared.file_id)
    assert site.services.files.path(file.sha256).read_bytes() == content
    assert (file.name, service.report_no) == ("报告.pdf", f"BG{order.removeprefix('FW')}")


def test_the_words_of_a_hazard_do_not_wait_for_its_photos(page: Page, site: Site, order: str) -> None:
    talk = talk_of(site, order)
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    page.route("**/api/uploads/*", lambda route: route.abort())
    write_hazard(page)
    add_photo(page)
    page.get_by_role("button", name="保存并告知企业").click()
    expect(page.get_by_text("企业已收到")).to_be_visible()
    ((hazard, photos),) = hazards_at(site)
    assert photos == []
    expect(page.locator("#waiting")).to_have_text("待发送 1")
    page.unroute("**/api/uploads/*")
    page.reload()
    sent(page)
    ((hazard, photos),) = hazards_at(site)
    assert len(photos) == 1
    with site.db.read() as session:
        told = select(Message).where(Message.conversation_id == talk, Message.text.contains(hazard.number))
        assert len(session.scalars(told).all()) == 1


def test_a_hazard_passes_a_large_report_of_another_order(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    with site.db.read() as session:
        done = session.scalars(
            select(Service.number)
            .where(Service.provider_id == 1, Service.status == "completed", Service.report_no.is_(None))
            .order_by(Service.id.desc())
        ).first()
    sign_in(page, site)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(f"{request.method} {request.url.removeprefix(site.url)}"))
    held: list[Route] = []
    page.route("**/api/uploads/*", lambda route: route.continue_() if held else held.append(route))
    open_order(page, site, str(done))
    page.get_by_role("button", name="上传报告").click()
    content = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n" + os.urandom(900_000)
    page.get_by_label("选择文件").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": content})
    expect(page.get_by_text("a.pdf")).to_be_visible()
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_role("definition").get_by_text(str(done))).to_be_visible()
    open_order(page, site, order)
    write_hazard(page)
    page.get_by_role("button", name="保存并告知企业").click()
    sent(page)  # although the first piece of the report still hangs
    posted = [call for call in calls if call.startswith(("POST /api/provider", "PATCH"))]
    assert [call.rsplit("/", 1)[1] for call in posted if call.startswith("POST")] == ["hazards", "report"]
    assert [call.split()[0] for call in posted] == ["PATCH", "POST", *["PATCH"] * 4, "POST"]


def test_a_refused_step_stays_with_its_reason_until_it_is_put_right(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    page.get_by_role("link", name="完成服务").click()
    page.get_by_label("服务过程").fill("查完了")
    with site.db.write() as session:
        service = session.scalars(select(Service).where(Service.number == order)).one()
        service.started_at, service.status = None, "dispatched"
    page.get_by_role("button", name="确认完成").click()
    expect(page.locator("#waiting")).to_have_text("1 项没发成")
    page.locator("#waiting").click()
    expect(page.get_by_text("还没有签到，不能完成。")).to_be_visible()
    page.reload()
    expect(page.get_by_text("还没有签到，不能完成。")).to_be_visible()
    begun(site, order)
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_label(re.compile("^服务过程"))).to_have_value("查完了")
    page.get_by_label(re.compile("^服务过程")).fill("查完了，和老周一起")
    page.get_by_role("button", name="确认完成").click()
    sent(page)
    with site.db.read() as session:
        assert session.scalars(select(Service.process).where(Service.number == order)).one() == "查完了，和老周一起"


def test_a_refused_step_can_be_thrown_away_and_holds_up_nobody_else(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    page.route("**/finish", lambda route: refuse(route, 409, "booking_not_started", "还没有签到。"))
    page.get_by_role("link", name="完成服务").click()
    page.get_by_label("服务过程").fill("查完了")
    page.get_by_role("button", name="确认完成").click()
    expect(page.locator("#waiting")).to_have_text("1 项没发成")
    write_hazard(page)
    page.get_by_role("button", name="保存并告知企业").click()
    expect(page.locator(".entry").get_by_text("二号车间配料区")).to_be_visible()
    until_queued(page, 1)
    assert len(hazards_at(site)) == 1
    page.locator("#waiting").click()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="删除").click()
    until_queued(page, 1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_text("都发出去了。")).to_be_visible()
    assert asked == ["删了就不发了，确定删除？"]
    sent(page)


def refuse(route: Route, status: int, code: str, detail: str) -> None:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(body))


def test_a_session_that_ended_keeps_what_waits(page: Page, site: Site, order: str) -> None:
    begun(site, order)
    sign_in(page, site)
    open_order(page, site, order)
    page.get_by_role("link", name="完成服务").click()
    page.get_by_label("服务过程").fill("查完了")

    def end(route: Route) -> None:
        with site.db.write() as session:
            for row in session.scalars(select(SignIn)):
                row.revoked_at = row.revoked_at or datetime.now(UTC)
        route.continue_()

    page.route("**/finish", end, times=1)
    page.get_by_role("button", name="确认完成").click()
    expect(page.get_by_text("请重新登录")).to_be_visible()
    expect(page.get_by_label("用户名")).to_have_value("provider")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对，请重新输入。")
    page.get_by_label("密码").fill("demo-anze")
    page.get_by_role("button", name="登录").click()
    sent(page)
    with site.db.read() as session:
        assert session.scalars(select(Service.status).where(Service.number == order)).one() == "completed"


def test_who_signs_out_leaves_no_order_on_the_phone(page: Page, site: Site, order: str) -> None:
    sign_in(page, site)
    open_order(page, site, order)
    page.get_by_role("link", name="返回").click()
    page.get_by_role("link", name="账号").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("密码")).to_be_visible()
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("Object.values(localStorage)") == []
    page.get_by_label("用户名").fill("intake")
    page.get_by_label("密码").fill("demo-anze")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("请用服务机构的账号登录。")


def test_an_order_is_declined_and_gone(page: Page, site: Site, order: str) -> None:
    sign_in(page, site)
    open_order(page, site, order)
    page.get_by_role("link", name="接不了").click()
    page.get_by_role("button", name="确认回绝").click()
    expect(page.get_by_role("alert")).to_have_text("请填好“原因”。")
    page.get_by_label("原因").fill("当天人手不够")
    page.get_by_role("button", name="确认回绝").click()
    expect(page.get_by_role("heading", name="我的服务单")).to_be_visible()
    sent(page)
    expect(page.locator(f"main a[href='#/o/{order}']")).to_have_count(0)
    with site.db.read() as session:
        service = session.scalars(select(Service).where(Service.number == order)).one()
    assert service.provider_id is None or service.provider_confirmed_at is None


def test_an_order_of_another_provider_does_not_open(page: Page, site: Site) -> None:
    with site.db.read() as session:
        foreign = session.scalars(select(Service).where(Service.provider_id == 2)).first()
        assert foreign is not None
        firm = session.get_one(Insured, foreign.insured_id).name
    sign_in(page, site)
    page.goto(f"{site.url}/provider/#/o/{foreign.number}")
    expect(page.get_by_text("这张服务单不在您这里了")).to_be_visible()
    expect(page.get_by_role("heading", name="我的服务单")).to_be_visible()
    assert firm not in page.inner_text("body")


SCREENS: dict[str, Callable[[Page, Site, str], Any]] = {
    "list": lambda page, site, number: None,
    "order": open_order,
    "accept": lambda page, site, number: page.goto(f"{site.url}/provider/#/o/{number}/accept"),
    "hazard": lambda page, site, number: page.goto(f"{site.url}/provider/#/o/{number}/h/{'a' * 32}"),
    "finish": lambda page, site, number: page.goto(f"{site.url}/provider/#/o/{number}/finish"),
    "report": lambda page, site, number: page.goto(f"{site.url}/provider/#/o/{number}/report"),
    "queue": lambda page, site, number: page.goto(f"{site.url}/provider/#/queue"),
}
SMALL = """all => all
  .filter(one => one.type !== 'file' && !['radio', 'checkbox'].includes(one.type))
  .filter(one => { const box = one.getBoundingClientRect(); return box.height < 44 || box.width < 44; })
  .map(one => one.outerHTML)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_small_phone_and_can_be_read_and_touched(
    browser: Browser, site: Site, order: str, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, color_scheme=scheme, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    sign_in(page, site)
    page.route("**/accept", lambda route: refuse(route, 409, "booking_not_open", "这项服务已经开始了。"))
    open_order(page, site, order)
    page.get_by_role("button", name="接单").click()
    page.get_by_role("button", name="确认接单").click()
    expect(page.locator("#waiting")).to_have_text("1 项没发成")
    for name, go in SCREENS.items():
        page.goto(f"{site.url}/provider/#/")
        go(page, site, order)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert page.evaluate(CONTRAST) == [], name
        assert page.locator("button:visible, a:visible:not(.skip), input:visible").evaluate_all(SMALL) == [], name
        nameless = page.locator("button:visible, a:visible, input:visible, textarea:visible").evaluate_all(
            "all => all.filter(one => !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).length"
        )
        assert nameless == 0, name
        sizes = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize)).filter(size => size < 16)"
        assert page.locator("input:visible, textarea:visible").evaluate_all(sizes) == [], name
    context.close()


def test_picture(browser: Browser, site: Site, order: str, tmp_path: Path) -> None:
    """Keeps the picture of the README, in ANZE_PICTURES when that is set."""
    begun(site, order)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, site)
    open_order(page, site, order)
    context.set_offline(True)
    write_hazard(page)
    page.get_by_role("button", name="保存并告知企业").click()
    expect(page.locator("#waiting")).to_have_text("待发送 1")
    expect(page.locator("#said")).to_be_hidden()
    target = Path(os.environ.get("ANZE_PICTURES") or tmp_path) / "provider-phone.png"
    page.screenshot(path=target)
    assert target.stat().st_size > 10_000
    context.close()
