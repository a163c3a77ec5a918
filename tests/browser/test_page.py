"""The chat page's behaviour, on the days when all goes well and on the others."""

import os
import re
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.fake_gateway import Gateway

OUT = ".msg.out:not(#typing)"
CLAUSE = {"clause": "6.4 a）", "text": "一般投诉应在15个工作日内作出处理决定。", "version": "AQ 9010.1/2025-07-draft"}
BUTTONS = [{"title": "提交", "payload": "token-1"}, {"title": "改一项", "payload": "token-2"}]
MARKUP = "<img src=x onerror=\"document.title='x'\"><script>document.title='x'</script>"


def enter(page: Page, text: str) -> None:
    page.fill("#input", text)
    page.press("#input", "Enter")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def start(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("#starters")).to_be_visible()
    return page


def bubbles(page: Page) -> list[str]:
    return page.locator("#log .bubble .prose").all_inner_texts()


def png(size: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x10\x60\x70" * size for _ in range(size))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_first_contact_introduces_itself_and_keeps_the_consent(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    expect(page.get_by_text("我是智能助手")).to_be_visible()
    expect(page.get_by_role("button", name="转人工")).to_be_visible()
    expect(page.locator("#call")).to_have_attribute("href", "tel:02588880001")
    page.get_by_role("button", name="知道了").click()
    expect(page.locator("#privacy")).to_be_hidden()
    assert gateway.consents == ["2026-11"]
    page.reload()
    expect(page.locator("#starters")).to_be_visible()
    expect(page.locator("#privacy")).to_be_hidden()


def test_an_exchange_survives_a_reload(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    enter(page, "你好")
    expect(page.locator(OUT)).to_have_count(1)
    assert bubbles(page) == ["你好", "收到：你好"]
    page.reload()
    expect(page.locator(OUT)).to_have_count(1)
    assert bubbles(page) == ["你好", "收到：你好"]
    assert len(gateway.received) == 1
    assert len(gateway.sessions) == 1


def test_fast_messages_keep_their_order(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.delay = 0.15
    start(page, fake_server)
    for text in "一二三四":
        enter(page, text)
    expect(page.locator(OUT)).to_have_count(4)
    assert [body["text"] for body in gateway.received] == list("一二三四")
    assert bubbles(page) == [line for text in "一二三四" for line in (text, f"收到：{text}")]


def test_a_pressed_button_sends_its_payload_and_shows_its_title(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies["投诉"] = [{"text": "请核对", "buttons": BUTTONS}]
    start(page, fake_server)
    enter(page, "投诉")
    button = page.get_by_role("button", name="提交")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(page.locator(OUT)).to_have_count(2)
    assert gateway.received[-1]["text"] == "token-1"
    expect(page.locator(".msg.in").last).to_contain_text("提交")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    page.reload()
    expect(page.locator(".msg.in").last).to_contain_text("提交")
    assert len(gateway.received) == 2


def test_a_citation_unfolds_to_the_verbatim_text(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies["几天"] = [{"text": "15个工作日", "citations": [CLAUSE]}]
    start(page, fake_server)
    enter(page, "几天")
    verbatim = page.get_by_text(CLAUSE["text"])
    expect(verbatim).to_be_hidden()
    page.locator("summary", has_text="6.4 a）").press("Enter")
    expect(verbatim).to_be_visible()
    expect(page.get_by_text(CLAUSE["version"])).to_be_visible()


@pytest.mark.parametrize("lost", ["before POST /api/messages", "after POST /api/messages"])
def test_resending_uses_the_same_message_id(page: Page, fake_server: str, gateway: Gateway, lost: str) -> None:
    start(page, fake_server)
    page.route("**/api/events", lambda route: route.abort())
    page.reload()
    expect(page.locator("#starters")).to_be_visible()
    gateway.lose.append(lost)
    enter(page, "没有发出去的话")
    page.get_by_role("button", name="重发").click()
    expect(page.locator(OUT)).to_have_count(1)
    expect(page.locator(".delivery")).to_have_count(0)
    assert len({body["message_id"] for body in gateway.received}) == 1
    assert bubbles(page) == ["没有发出去的话", "收到：没有发出去的话"]


def test_what_could_not_be_sent_is_there_after_a_reload(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    page.route("**/api/messages", lambda route: route.abort())
    enter(page, "第一句")
    enter(page, "第二句")
    expect(page.get_by_role("button", name="重发")).to_have_count(2)
    page.unroute("**/api/messages")
    page.reload()
    page.get_by_role("button", name="重发").first.click()
    expect(page.locator(OUT)).to_have_count(2)
    assert [body["text"] for body in gateway.received] == ["第一句", "第二句"]


def test_a_refused_message_can_be_changed(page: Page, fake_server: str) -> None:
    start(page, fake_server)
    enter(page, "拒收")
    expect(page.get_by_text("这条消息不能处理")).to_be_visible()
    page.get_by_role("button", name="改一改").click()
    expect(page.locator("#input")).to_have_value("拒收")
    expect(page.locator(".msg.in")).to_have_count(0)


def test_enter_of_an_input_method_does_not_send(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    page.focus("#input")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": "tousu", "selectionStart": 5, "selectionEnd": 5})
    for how in ("isComposing: true", "keyCode: 229"):
        key = f"{{key: 'Enter', bubbles: true, cancelable: true, {how}}}"
        page.evaluate(f"document.querySelector('#input').dispatchEvent(new KeyboardEvent('keydown', {key}))")
    devtools.send("Input.insertText", {"text": "投诉"})
    expect(page.locator("#input")).to_have_value("投诉")
    page.press("#input", "Shift+Enter")
    page.keyboard.insert_text("第二行")
    expect(page.locator(".msg.in")).to_have_count(0)
    page.press("#input", "Enter")
    expect(page.locator(OUT)).to_have_count(1)
    assert [body["text"] for body in gateway.received] == ["投诉\n第二行"]


def test_markup_is_shown_as_text_everywhere(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies[MARKUP] = [
        {
            "text": MARKUP,
            "buttons": [{"title": MARKUP, "payload": "x"}],
            "citations": [{"clause": MARKUP, "text": MARKUP, "version": MARKUP}],
            "table": {"columns": [MARKUP], "rows": [[MARKUP]]},
            "files": [{"file_id": "../../x", "name": MARKUP, "mime": "text/html", "size": 1}],
        },
        {"text": "", "data": {"kind": "complaint_card", "rows": [{"label": MARKUP, "value": MARKUP}]}},
        {"text": "", "data": {"kind": "complaint", "number": MARKUP, "due_on": "2026-03-09", "explanation": [MARKUP]}},
        {"text": "收下", "data": {"kind": "constructor", "rows": 1}},
    ]
    start(page, fake_server)
    enter(page, MARKUP)
    expect(page.locator(OUT)).to_have_count(4)
    assert page.locator("#log img, #log script").count() == 0
    assert page.title() == "安责险服务助手"
    assert page.locator("#log").inner_text().count("<script>") >= 7


def test_telephone_numbers_and_nothing_else_become_links(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies["问"] = [
        {
            "text": "请拨打119（火警）或120，值班电话025-8888-0001、13800000001、400-888-0001。罚款120元，"
            "保单AZ2026000001，投诉TS20261120003，2026-02-10，110天，138****0001，www.example.com，"
            "AQ 9010.1—2025，共15个工作日"
        }
    ]
    start(page, fake_server)
    enter(page, "问")
    expect(page.locator(OUT)).to_have_count(1)
    links = page.locator("#log a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert links == [f"tel:{number}" for number in ("119", "120", "02588880001", "13800000001", "4008880001")]


def test_pushes_arrive_and_are_counted_when_scrolled_up(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies["长"] = [{"text": "很长的一段话。\n" * 60}]
    start(page, fake_server)
    enter(page, "长")
    expect(page.locator(OUT)).to_have_count(1)
    expect(page.locator("#pill")).to_be_hidden()
    page.locator("#scroll").evaluate("scroll => (scroll.scrollTop = 0)")
    expect(page.locator("#pill")).to_be_visible()
    gateway.push("明天上午有人上门排查")
    gateway.push("请准备好台账")
    page.get_by_role("button", name="2 条新消息").click()
    expect(page.get_by_text("请准备好台账")).to_be_in_viewport()
    expect(page.locator("#pill")).to_be_hidden()


def test_a_person_takes_over_and_types(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    page.get_by_role("button", name="转人工").click()
    expect(page.locator(OUT)).to_have_count(1)
    assert gateway.received[-1]["text"] == "转人工"
    gateway.state("person", typing=True)
    expect(page.locator("#mark")).to_have_text("人工服务中")
    expect(page.locator("#typing")).to_be_visible()
    gateway.state("person")
    gateway.push("我是王敏", sender="staff", sender_name="王敏")
    expect(page.locator(".who")).to_have_text("王敏")
    expect(page.locator("#typing")).to_be_hidden()


def test_a_click_counts_though_the_state_changes_under_the_finger(
    page: Page, fake_server: str, gateway: Gateway
) -> None:
    start(page, fake_server)
    page.get_by_role("button", name="知道了").hover()
    page.mouse.down()
    gateway.state("bot", typing=True)
    expect(page.locator("#typing")).to_be_visible()
    page.mouse.up()
    expect(page.locator("#privacy")).to_be_hidden()


def test_a_lost_session_is_replaced_and_no_text_is_lost(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    enter(page, "旧会话")
    expect(page.locator(OUT)).to_have_count(1)
    answer = max(message["id"] for own in gateway.sessions.values() for message in own.messages)
    until(lambda: answer in gateway.reads)  # telling that it was read would find the session lost before the click does
    gateway.sessions.clear()
    page.fill("#input", "还在写的话")
    gateway.received.clear()
    page.get_by_role("button", name="转人工").click()
    expect(page.get_by_text("这是新的会话")).to_be_visible()
    expect(page.locator(OUT)).to_have_count(1)
    assert bubbles(page) == ["转人工", "收到：转人工"]
    expect(page.locator("#input")).to_have_value("还在写的话")
    assert len(gateway.sessions) == 1


def test_a_draft_survives_a_reload_and_long_text_is_counted(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
    enter(page, "   ")
    page.fill("#input", "长" * 4100)
    expect(page.locator("#hint")).to_contain_text("4100")
    page.reload()
    expect(page.locator("#input")).to_have_value("长" * 4100)
    page.press("#input", "Enter")
    expect(page.locator(OUT)).to_have_count(1)
    assert [len(body["text"]) for body in gateway.received] == [4100]
    assert page.evaluate("sessionStorage.getItem('anze.draft')") == '""'


def test_files_are_checked_uploaded_retried_shown_and_sent(
    page: Page, fake_server: str, gateway: Gateway, tmp_path: Path
) -> None:
    start(page, fake_server)
    page.set_input_files("#picker", {"name": "木马.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    expect(page.locator("#hint")).to_contain_text("木马.exe")
    big = tmp_path / "大.pdf"
    with big.open("wb") as sparse:
        sparse.truncate(10 * 1024 * 1024 + 1)
    page.set_input_files("#picker", big)
    expect(page.locator("#hint")).to_contain_text("10 MB")
    assert gateway.uploads == {}

    gateway.lose.append("before POST /api/files")
    page.set_input_files("#picker", {"name": "现场.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_text("已上传")).to_be_visible()
    page.click("#send")
    expect(page.locator(OUT)).to_have_count(1)
    assert gateway.received[-1]["files"] == list(gateway.uploads)
    page.reload()
    loaded = "image => image.complete && image.naturalWidth > 0 && image.src.startsWith('blob:')"
    until(lambda: page.locator(".picture img").count() == 1 and bool(page.locator(".picture img").evaluate(loaded)))
    page.locator(".picture").click()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()


def test_binding_from_the_menu_and_by_a_message(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.replies["我要登录"] = [{"text": "请绑定", "data": {"kind": "bind"}}]
    start(page, fake_server)
    enter(page, "我要登录")
    expect(page.locator("#bind")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bind")).to_be_hidden()
    page.get_by_role("button", name="更多").click()
    page.locator("#open-bind").click()
    page.get_by_label("保单号").fill("AZ2026000001")
    page.get_by_label("保单上登记的手机号").fill("13800000001")
    page.keyboard.press("Enter")
    expect(page.get_by_text("246810")).to_be_visible()
    page.get_by_label("验证码").fill("111111")
    page.keyboard.press("Enter")
    expect(page.get_by_text("验证码不对")).to_be_visible()
    page.get_by_label("验证码").fill("246810")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已绑定：南京鼎安化工有限公司")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#firm")).to_have_text("南京鼎安化工有限公司")


def press(page: Page, name: str) -> None:
    page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()


def check_sheet(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(CONTRAST) == []
    inputs = page.locator("dialog[open] input, dialog[open] button")
    assert inputs.evaluate_all("all => all.every((one) => one.getBoundingClientRect().height >= 44)")
    assert inputs.evaluate_all("all => all.every((one) => one.labels?.length || one.ariaLabel || one.textContent)")
    if pictures := os.environ.get("ANZE_PICTURES"):
        page.screenshot(path=Path(pictures) / f"sheet-{page.locator('#bind-title').inner_text()}.png")


def test_an_invitation_in_the_address_lets_a_colleague_in(page: Page, fake_server: str, gateway: Gateway) -> None:
    page.goto(f"{fake_server}/#join=used")
    expect(page.get_by_role("dialog", name="加入单位")).to_be_visible()
    assert page.url == f"{fake_server}/"
    expect(page.get_by_label("姓名")).to_be_focused()
    check_sheet(page)
    press(page, "加入")
    expect(page.get_by_role("alert")).to_have_text("请填好“姓名”。")
    page.get_by_label("姓名").fill(" 李工 ")
    page.get_by_label("手机号").fill("138")
    press(page, "加入")
    expect(page.get_by_role("alert")).to_have_text("请填好“手机号”。")
    expect(page.get_by_label("手机号")).to_be_focused()
    assert gateway.joins == []
    page.get_by_label("手机号").fill("１３８ 0000-0009")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("这个邀请链接已用过或过期了")

    page.evaluate("location.hash = 'join=invitation-1_A'")
    until(lambda: page.evaluate("location.hash") == "")
    press(page, "加入")
    expect(page.get_by_text("已加入：南京鼎安化工有限公司")).to_be_visible()
    expect(page.locator("#firm")).to_have_text("南京鼎安化工有限公司")
    fields = {"name": "李工", "phone": "13800000009"}
    assert gateway.joins == [{"token": "used"} | fields, {"token": "invitation-1_A"} | fields]
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
    assert "invitation-1_A" not in kept
    page.reload()
    expect(page.locator("#firm")).to_be_visible()
    expect(page.locator("#bind")).to_be_hidden()


def test_asking_for_access_without_the_phone(page: Page, fake_server: str, gateway: Gateway) -> None:
    start(page, fake_server)
    page.get_by_role("button", name="更多").click()
    page.locator("#open-bind").click()
    press(page, "手机不在我这里")
    expect(page.get_by_role("dialog", name="手机不在我这里")).to_contain_text("不附照片的，由本单位主联系人同意。")
    check_sheet(page)
    page.get_by_label("保单号").fill("AZ2026000001")
    page.get_by_label("姓名").fill("李工")
    page.get_by_label("手机号").fill("13800000009")
    photo = page.get_by_label("营业执照或工作证照片")
    photo.set_input_files({"name": "证.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    press(page, "提交")
    expect(page.get_by_role("alert")).to_contain_text("证.exe")
    photo.set_input_files({"name": "证.png", "mimeType": "image/png", "buffer": png()})
    gateway.lose.append("before POST /api/files")
    press(page, "提交")
    expect(page.get_by_role("alert")).to_have_text("系统正忙，请稍后再试。")
    assert gateway.requests == []
    press(page, "提交")
    expect(page.get_by_text("已提交，由工作人员核实，结果会发到这里。")).to_be_visible()
    fields = {"policy_no": "AZ2026000001", "name": "李工", "phone": "13800000009", "reason": ""}
    (file_id,) = gateway.uploads
    assert gateway.requests == [fields | {"file_id": file_id}]
    press(page, "好的")

    page.get_by_role("button", name="更多").click()
    page.locator("#open-bind").click()
    press(page, "手机不在我这里")
    for label, value in {
        "保单号": "AZ2026000001",
        "姓名": "李工",
        "手机号": "13800000009",
        "说明（选填）": "换了手机",
    }.items():
        page.get_by_label(label).fill(value)
    press(page, "提交")
    expect(page.get_by_text("由本单位主联系人同意，结果会发到这里。")).to_be_visible()
    assert gateway.requests[1:] == [fields | {"reason": "换了手机"}]


def test_a_person_of_two_firms_chooses(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.insureds.append({"id": "2", "name": "苏州第二矿业有限公司"})
    start(page, fake_server)
    (own,) = gateway.sessions.values()
    own.bound = True
    page.reload()
    page.get_by_role("button", name="更多").click()
    page.get_by_label("苏州第二矿业有限公司").check()
    until(lambda: own.acting_for == gateway.insureds[1])
    expect(page.locator("#firm-name")).to_have_text("苏州第二矿业有限公司")


def test_a_filed_complaint_shows_number_dates_and_how(page: Page, fake_server: str, gateway: Gateway) -> None:
    data: dict[str, Any] = {"kind": "complaint", "number": "TS20260210001", "due_on": "2026-03-09", "provisional": True}
    data |= {"working_to": "2026-02-25", "explanation": ["2月10日收到，不计入", "第15天 3月9日"]}
    gateway.replies["报"] = [{"text": "已经登记", "data": data}]
    start(page, fake_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(page, "报")
    expect(page.get_by_text("2026年3月9日 周一")).to_be_visible()
    expect(page.get_by_text("暂定")).to_be_visible()
    expect(page.get_by_text("2026年2月25日 周三")).to_be_visible()
    expect(page.get_by_text("第15天 3月9日")).to_be_hidden()
    page.locator("summary", has_text="怎么算的").click()
    expect(page.get_by_text("第15天 3月9日")).to_be_visible()
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "TS20260210001"


def test_times_are_shanghai_times_and_days_are_separated(page: Page, fake_server: str, gateway: Gateway) -> None:
    gateway.demo = "2026-02-10T09:00:00+08:00"
    start(page, fake_server)
    expect(page.locator("#demo")).to_contain_text("2026年2月10日 周二 09:0")
    instants = ["2025-12-31T16:30:00Z", "2026-02-08T18:00:00Z", "2026-02-08T18:01:00Z", "2026-02-10T00:30:00Z"]
    gateway.add_history(*(gateway.message("out", at) | {"at": at} for at in instants))
    page.reload()
    expect(page.locator(OUT)).to_have_count(4)
    shown = [line for line in page.locator("#log .when").all_inner_texts() if line]
    assert shown == ["1月1日 周四 00:30", "昨天 02:00", "08:30"]


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = rgba(getComputedStyle(element).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [one, two] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) poor.push(`${element.textContent.trim()} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
def test_it_fits_and_is_readable(
    browser: Browser, fake_server: str, gateway: Gateway, scheme: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    rows = [{"label": "单位", "value": "南京鼎安化工有限公司"}, {"label": "经过", "value": "十分钟就走了"}]
    gateway.replies["卡"] = [
        {"text": "请核对", "data": {"kind": "complaint_card", "rows": rows}, "buttons": BUTTONS, "citations": [CLAUSE]},
        {"text": "表", "table": {"columns": ["很长的列名一二三四"] * 8, "rows": [["内容内容内容内容"] * 8] * 3}},
    ]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    page = start(context.new_page(), fake_server)
    gateway.lose.append("before POST /api/messages")
    enter(page, "没有发出去")
    # What is sent while the first is still on its way waits behind it and fails with it.
    expect(page.get_by_role("button", name="重发")).to_be_visible()
    enter(page, "卡")
    expect(page.locator(".table")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator(".table").evaluate("table => table.scrollWidth > table.clientWidth")
    assert page.locator("#input").evaluate("input => parseFloat(getComputedStyle(input).fontSize)") >= 16
    assert page.evaluate(CONTRAST) == []
    small = page.locator("button:visible, summary:visible, .call.round:visible").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent)"
    )
    assert small == []
    nameless = page.locator("button:visible, input:visible, textarea:visible").evaluate_all(
        "all => all.filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).length"
    )
    assert nameless == 0
    target = tmp_path / "page.png"
    page.screenshot(path=target)
    assert re.match(rb"\x89PNG", target.read_bytes())
    context.close()
