"""What a person does in the page, against any gateway that keeps the contract."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

OUT = ".msg.out:not(#typing)"
QUESTION = "投诉几天要答复"
MARKUP = "<img src=x onerror=\"document.title='x'\">"


def ask(page: Page, text: str) -> None:
    answered = page.locator(OUT).count()
    page.fill("#input", text)
    page.press("#input", "Enter")
    expect(page.locator(OUT).nth(answered)).to_be_visible(timeout=20_000)


def begin(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="知道了").click()
    expect(page.locator("#privacy")).to_be_hidden()


def test_a_question_is_answered_with_its_clause_and_is_there_after_a_reload(page: Page, page_server: str) -> None:
    begin(page, page_server)
    ask(page, QUESTION)
    page.locator("summary", has_text="6.4").first.click()
    expect(page.locator("blockquote").first).to_contain_text("15个工作日")
    before = page.locator("#log .bubble").all_inner_texts()
    page.reload()
    expect(page.locator("#log .bubble")).to_have_count(len(before))
    assert page.locator(".msg.in").all_inner_texts()[0].endswith(QUESTION)


def test_markup_typed_by_a_person_stays_text(page: Page, page_server: str) -> None:
    begin(page, page_server)
    ask(page, MARKUP)
    page.reload()
    expect(page.locator(".msg.in")).to_contain_text(MARKUP)
    assert page.locator("#log img").count() == 0
    assert page.title() == "安责险服务助手"


def test_a_message_whose_answer_was_lost_is_sent_again_and_counts_once(page: Page, page_server: str) -> None:
    sent: list[Any] = []

    def lose_first_answer(route: Route) -> None:
        sent.append(route.request.post_data_json)
        if len(sent) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route("**/api/events", lambda route: route.abort())
    page.route("**/api/messages", lose_first_answer)
    begin(page, page_server)
    page.fill("#input", QUESTION)
    page.press("#input", "Enter")
    page.get_by_role("button", name="重发").click()
    expect(page.locator(OUT).first).to_be_visible(timeout=20_000)
    assert [body["message_id"] for body in sent] == [sent[0]["message_id"]] * 2
    page.reload()
    expect(page.locator(".msg.in")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width", "height"), [("phone", 390, 844), ("desktop", 1280, 800)])
def test_pictures(
    browser: Browser, page_server: str, scheme: Any, name: str, width: int, height: int, tmp_path: Path
) -> None:
    """Keeps one picture per size and scheme, in ANZE_PICTURES when that is set."""
    size: Any = {"width": width, "height": height}
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="zh-CN")
    page = context.new_page()
    begin(page, page_server)
    ask(page, QUESTION)
    page.locator("summary", has_text="6.4").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    folder = Path(os.environ.get("ANZE_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"chat-{name}-{scheme}.png")
    assert (folder / f"chat-{name}-{scheme}.png").stat().st_size > 10_000
    context.close()
