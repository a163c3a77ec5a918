"""The queue: cases by the day that is worked to, filtered, searched and paged by the server."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.complaints import desk, views
from anze.complaints.colours import Colour
from anze.complaints.models import ComplaintStatus
from anze.complaints.wanted import ME, NOBODY, Wanted, Which
from anze.console.found import Found
from anze.console.frame import colleague, frame
from anze.console.html import tag
from anze.console.pager import pager
from anze.console.views_bar import ViewsBar
from anze.console.visit import Visit
from anze.console.words import day, moment, say
from anze.identity.speaker import Speaker

SIZE = 20
_FILTERS = tuple(
    status for status in ComplaintStatus if status not in {ComplaintStatus.DRAFT, ComplaintStatus.DROPPED}
)  # fmt: skip
COLUMNS = ("number", "firm", "status", "due", "second", "left", "branch", "handler", "received")


STATES: dict[str, str] = {"": "all_open", Which.CLOSED: "all_closed", Which.ALL: "all"}
"""What can be chosen beside single states"""
HANDLERS = {"": "anybody", ME: "me", NOBODY: "nobody"}
_CONTROLS = ("q", "status", "colour", "handler")


@dataclass
class Asked:
    """What the page shows; of this page only. What an address holds that is none of the choices counts as nothing.

    A control that is None is as the saved view has it, without one empty. `view`: that view's id, 0 for none;
    `base` what it holds, of which the fields without a control hold as they are.
    """

    q: str | None = None
    status: str | None = None
    colour: str | None = None
    handler: str | None = None
    page: int = 1
    view: int = 0
    base: Wanted = field(default_factory=Wanted)

    def within(self, views: list[dict[str, Any]]) -> None:
        """Look the view up among the speaker's own, and fill the controls from it."""
        query = next((one["query"] for one in views if one["id"] == self.view), None)
        self.view, self.base = (self.view, Wanted(**query)) if query is not None else (0, Wanted())
        for name, value in controls_of(self.base).items():
            if getattr(self, name) is None:
                setattr(self, name, value)
        self.clean()

    def clean(self) -> None:
        self.q = (self.q or "").replace("\x00", "").strip()[:60]
        self.status = self.status if self.status in self.states else ""
        self.colour = self.colour if self.colour in set(Colour) else ""
        self.handler = self.handler if self.handler in self.handlers else ""
        self.page = max(1, min(self.page, desk.COUNTED // SIZE))

    @property
    def states(self) -> dict[str, str]:
        """The choices of states, with the several of the view as one."""
        found = {str(value): say(f"queue.{name}") for value, name in STATES.items()}
        found |= {str(one): say(f"status.{one}") for one in _FILTERS}
        own = controls_of(self.base)["status"]
        return found | {own: "、".join(say(f"status.{one}") for one in self.base.status)} if own not in found else found

    @property
    def handlers(self) -> dict[str, str]:
        return {self.base.handler: self.base.handler} | {
            value: say(f"queue.{name}") for value, name in HANDLERS.items()
        }

    @property
    def wanted(self) -> Wanted:
        alone = Which(self.status) if self.status in set(Which) else None
        states = tuple(ComplaintStatus(one) for one in (self.status or "").split(",") if one and alone is None)
        colour = Colour(self.colour) if self.colour else None
        return self.base.model_copy(
            update={"q": self.q, "which": alone, "status": states, "colour": colour, "handler": self.handler}
        )

    @property
    def address(self) -> str:
        given = {name: getattr(self, name) for name in _CONTROLS}
        kept = {name: value for name, value in given.items() if value or self.view}
        query = urlencode(
            kept | ({"page": self.page} if self.page > 1 else {}) | ({"view": self.view} if self.view else {})
        )
        return f"/staff/?{query}" if query else "/staff/"


def controls_of(wanted: Wanted) -> dict[str, str]:
    """The controls' values by which a view is shown."""
    status = ",".join(wanted.status) if wanted.status else str(wanted.which or "")
    return {
        "q": wanted.q, "status": "" if status == Which.OPEN else status, "colour": str(wanted.colour or ""),
        "handler": wanted.handler,
    }  # fmt: skip


async def build(visit: Visit, asked: Asked) -> None:
    """The page. Raises SignedOutError and what the queue raises."""
    here = visit.services

    def read(session: Session, speaker: Speaker) -> dict[str, Any]:
        return desk.queue(
            session, speaker, asked.wanted, page=asked.page, size=SIZE, now=visit.now(), calendar=here.calendar
        )

    def first(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        own = views.saved(session, speaker)["items"]
        asked.within(own)
        return colleague(session, speaker), own, read(session, speaker)

    who, own, found = await visit.read(first)
    with frame(visit, who, "queue", say("queue.title")):
        ViewsBar(visit, own, asked.view, lambda: asked.wanted).show()
        with tag("div", classes="filters", role="search"):
            search = ui.input(say("queue.search"), value=asked.q)
            search.props("outlined dense clearable debounce=400 maxlength=60")
            colours = {"": say("queue.any_colour")} | {str(one): say(f"colour.{one}") for one in Colour}
            chosen = {
                name: ui.select(options, label=say(f"queue.{name}"), value=getattr(asked, name)).props("outlined dense")
                for name, options in (("status", asked.states), ("colour", colours), ("handler", asked.handlers))
            }
        shown = Found(
            visit, read, lambda found: _rows(visit, asked, found, again), lambda: asked.address, classes="found"
        )

    async def again(page: int = 1) -> None:
        asked.q, asked.page = search.value or "", page
        for name, one in chosen.items():
            setattr(asked, name, one.value or "")
        asked.clean()
        await shown.again()

    searched = visit.on(again)
    search.on_value_change(searched)
    for one in chosen.values():
        one.on_value_change(searched)
    shown.show(found)


def _rows(visit: Visit, asked: Asked, found: dict[str, Any], again: Any) -> None:
    more = "found_more" if found["more"] else "found"
    tag("p", say(f"queue.{more}", total=found["total"]), "soft")
    if not found["items"]:
        tag("p", say("queue.none"))
        return
    rows(found["items"])
    pager(visit, asked.page, found["total"], SIZE, again)


def rows(found: list[dict[str, Any]]) -> None:
    """Lines of the queue as a table."""
    heads = {name: say(f"queue.column.{name}") for name in COLUMNS}
    with tag("table", classes="grid queue"):
        tag("caption", say("queue.title"), "sr")
        with tag("thead"), tag("tr"):
            for name in COLUMNS:
                tag("th", heads[name], scope="col")
        with tag("tbody"):
            for row in found:
                _row(row, heads)


def _row(row: dict[str, Any], heads: dict[str, str]) -> None:
    with tag("tr", classes=f"is-{row['colour']}"):
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
            tag("span", row["colour_words"], f"chip urgency {row['colour']}")
        _cell(heads["branch"], row["branch"])
        _cell(heads["handler"], row["handler"]["name"] if row["handler"] else "—")
        _cell(heads["received"], moment(row["received_at"])[:10])


def _cell(head: str, value: str) -> Element:
    return tag("td", value, data_head=head)
