"""The page in another site's frame, and opened inside WeChat: the real application, without Rasa."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from anze.channels.wechat import arriving, entering
from anze.channels.wechat.models import WeChatUser
from anze.conversations import inbound
from anze.conversations.turns import real_now
from tests.browser.provider_site import demo_data, running

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_data(demo_file, tmp_path_factory.mktemp("elsewhere") / "data")


class _Pages(BaseHTTPRequestHandler):
    """Any path is a page of another site with our script tag; the server knows our address."""

    def do_GET(self) -> None:
        base = getattr(self.server, "base", "")
        head = "<!doctype html><meta charset=utf-8><title>园区</title><h1>某化工园区</h1>"
        page = f"{head}<script src={base}/embed.js></script>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def other_site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _origin(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_one_script_tag_puts_the_assistant_into_a_site_that_is_named(
    page: Page, other_site: ThreadingHTTPServer, template: Path, tmp_path: Path
) -> None:
    with running(template, tmp_path / "data", NOW, embed_sites=_origin(other_site)) as site:
        other_site.base = site.url  # type: ignore[attr-defined]
        page.goto(_origin(other_site))
        page.get_by_role("button", name="安责险助手").click()
        frame = page.frame_locator("iframe")
        box = frame.get_by_label("输入消息")
        box.fill("我要投诉")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="收起").click()
        expect(page.locator("iframe")).to_be_hidden()
        page.get_by_role("button", name="安责险助手").click()
        expect(box).to_have_value("我要投诉")
        page.goto("about:blank")  # the line of events ends with the page


def test_a_site_that_is_not_named_shows_nothing_of_ours(
    page: Page, other_site: ThreadingHTTPServer, template: Path, tmp_path: Path
) -> None:
    with running(template, tmp_path / "data", NOW) as site:
        answer = page.request.get(f"{site.url}/")
        assert "frame-ancestors 'self';" in answer.headers["content-security-policy"]
    with running(template, tmp_path / "more", NOW, embed_sites="https://a.example https://b.example") as site:
        policy = page.request.get(f"{site.url}/").headers["content-security-policy"]
        assert "frame-ancestors 'self' https://a.example https://b.example;" in policy
        for path in ("/provider/", "/staff/"):
            assert "a.example" not in page.request.get(f"{site.url}{path}").headers["content-security-policy"], path


def test_a_ticket_opens_the_talk_of_wechat_and_leaves_the_address(page: Page, template: Path, tmp_path: Path) -> None:
    with running(template, tmp_path / "data", NOW) as site:
        with site.db.write() as session:
            talk = arriving.user_of(session, "oBrowser", NOW).conversation_id
            inbound.receive(session, talk, "在微信里说的", "wx:1", [], NOW)
            ticket = entering.ticket(session, talk, real_now())
        page.goto(f"{site.url}/enter/#{ticket}")
        expect(page.get_by_role("log")).to_contain_text("在微信里说的")
        expect(page).to_have_url(re.compile(r"/$"))
        page.reload()
        expect(page.get_by_role("log")).to_contain_text("在微信里说的")
        page.goto(f"{site.url}/enter/?again#{ticket}")
        expect(page.get_by_role("status")).to_contain_text("用过或过期")
        page.get_by_role("link", name="打开网页").click()
        expect(page.get_by_role("log")).to_contain_text("在微信里说的")
        with site.db.read() as session:
            assert session.get_one(WeChatUser, "oBrowser").following
        page.goto("about:blank")
