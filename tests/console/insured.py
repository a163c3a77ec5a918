"""An insured in the chat page: bound, with a complaint told in its own conversation."""

from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page

from anze.complaints import usecases as complaints
from anze.conversations import inbound, usecases
from anze.conversations.models import TurnStatus
from anze.conversations.turn import Turn, load_turn
from tests.browser.provider_site import Site
from tests.browser.test_page_exchange import begin

STORY = "说好上周二来查隐患，等了一天没人来，打电话也没人接"


@dataclass
class Insured:
    """`page` is the chat page in a browser."""

    site: Site
    page: Page
    conversation_id: str

    @classmethod
    def at(cls, site: Site, page: Page, policy_no: str, phone: str) -> "Insured":
        """Open the page and bind its conversation to the policy."""
        begin(page, site.url)
        token = page.evaluate("JSON.parse(localStorage.getItem('anze.session')).token")
        with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
            started = http.post("/api/sessions/bind", json={"policy_no": policy_no, "phone": phone})
            code = started.json()["demo_code"]
            assert http.post("/api/sessions/bind/confirm", json={"code": code}).status_code == 200
        conversation_id = page.evaluate("JSON.parse(localStorage.getItem('anze.session')).conversation_id")
        return cls(site, page, conversation_id)

    def says(self, text: str) -> str:
        """A message as the gateway stores it, answered by nobody; the turn's id."""
        with self.site.db.write() as session:
            now = self.site.services.clock.now()
            message = inbound.receive(session, self.conversation_id, text, None, [], now)
            message.status = TurnStatus.DONE
            return str(message.turn_id)

    def does(self, use_case: Any, *args: Any, text: str = "嗯") -> dict[str, Any]:
        """A use case as an action runs it."""
        turn_id = self.says(text)
        with self.site.db.write() as session:
            turn: Turn = load_turn(session, turn_id)
            done: dict[str, Any] = use_case(session, turn, *args)
            return done

    def complains(self) -> str:
        """File it; the number."""
        dates = self.site.services.dates
        self.does(complaints.open_draft, dates, text=STORY)
        return str(self.does(complaints.submit, dates, text="提交")["fields"]["number"])

    def asks_for_a_person(self) -> None:
        with self.site.db.write() as session:
            usecases.hand_off(session, self.conversation_id, "asked", self.site.services.clock.now())
