"""The queue: cases by the day that is worked to, filtered, searched and paged by the server."""

from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.complaints import desk
from anze.complaints.models import ComplaintStatus
from anze.console.frame import button, colleague, frame
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import day, moment, say, urgency
from anze.identity.speaker import Speaker

SIZE = 20
_FILTERS = tuple(
    status for status in ComplaintStatus if status not in {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED}
)  # fmt: skip
COLUMNS = ("number", "firm", "status", "due", "second", "left", "branch", "received")


@dataclass
class Asked:
    """What the page shows; of this page only."""

    text: str
    status: str
    page: int

    def read(self, session: Session, speaker: Speaker) -> dict[str, Any]:
        status = ComplaintStatus(self.status) if self.status in set(_FILTERS) else None
        text = self.text.strip().replace("\x00", "")[:60]
        return desk.queue(session, speaker, status=status, text=text, page=self.page, size=SIZE)

    @property
    def address(self) -> str:
        given = {"q": self.text, "status": self.status, "page": self.page if self.page > 1 else ""}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/staff/?{query}" if query else "/staff/"


async def build(visit: Visit, *, text: str, status: str, page: int) -> None:
    """The page. Raises SignedOutError and what the queue raises."""
    asked = Asked(text, status if status in set(_FILTERS) else "", page)
    who, found = await visit.read(lambda s, me: (colleague(s, me), asked.read(s, me)))
    with frame(visit, who, "queue", say("queue.title")):
        with tag("div", classes="filters", role="search"):
            search = ui.input(say("queue.search"), value=asked.text).props(
                "outlined dense clearable debounce=400 maxlength=60"
            )
            names = {"": say("queue.all_open")} | {str(one): say(f"status.{one}") for one in _FILTERS}
            choice = ui.select(names, label=say("queue.status"), value=asked.status).props("outlined dense")
        shown = tag("div", classes="found", aria_live="polite")

    async def again(page: int = 1) -> None:
        asked.text, asked.status, asked.page = search.value or "", choice.value or "", page
        result = await visit.read(asked.read)
        shown.clear()
        with shown:
            _rows(visit, asked, result, again)
        ui.navigate.history.replace(asked.address)

    searched = visit.on(again)
    search.on_value_change(searched)
    choice.on_value_change(searched)
    with shown:
        _rows(visit, asked, found, again)


def _rows(visit: Visit, asked: Asked, found: dict[str, Any], again: Any) -> None:
    tag("p", say("queue.found", total=found["total"]), "soft")
    if not found["items"]:
        tag("p", say("queue.none"))
        return
    heads = {name: say(f"queue.column.{name}") for name in COLUMNS}
    with tag("table", classes="grid queue"):
        tag("caption", say("queue.title"), "sr")
        with tag("thead"), tag("tr"):
            for name in COLUMNS:
                tag("th", heads[name], scope="col")
        with tag("tbody"):
            for row in found["items"]:
                _row(visit, row, heads)
    pages = max(1, ceil(found["total"] / SIZE))
    if pages > 1:
        with tag("div", classes="pages"):
            _turn(visit, "previous", asked.page - 1, asked.page > 1, again)
            tag("span", say("queue.page", page=asked.page, pages=pages))
            _turn(visit, "next", asked.page + 1, asked.page < pages, again)


def _turn(visit: Visit, name: str, page: int, there: bool, again: Any) -> None:
    if there:
        button(say(f"queue.{name}"), visit, lambda: again(page))


def _row(visit: Visit, row: dict[str, Any], heads: dict[str, str]) -> None:
    level, left = urgency(row, legal_date(visit.now()))
    with tag("tr", classes=f"is-{level}"):
        with tag("td", data_head=heads["number"]):
            tag("a", row["number"], href=f"/staff/complaints/{row['number']}")
        _cell(heads["firm"], row["firm"] or "—")
        with tag("td", data_head=heads["status"]):
            tag("span", say(f"status.{row['status']}"), "chip")
            if row["form"] != "complaint":
                tag("span", say(f"form.{row['form']}"), "chip")
        _cell(heads["due"], day(row["due_on"], provisional=row["provisional"]))
        _cell(heads["second"], day(row["second_due_on"]))
        with tag("td", data_head=heads["left"]):
            tag("span", left, f"chip urgency {level}")
        _cell(heads["branch"], row["branch"])
        _cell(heads["received"], moment(row["received_at"])[:10])


def _cell(head: str, value: str) -> Element:
    return tag("td", value, data_head=head)
