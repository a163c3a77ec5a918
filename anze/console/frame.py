"""What is around every page: the way to the others, who is signed in, the demo's clock."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nicegui import ui
from nicegui.element import Element
from sqlalchemy.orm import Session

from anze.canned.usecases import KEEPERS
from anze.clock import SHANGHAI
from anze.complaints.life import HANDLERS
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.errors import DomainError
from anze.identity.models import Role, Staff
from anze.identity.speaker import Speaker

PAGES = (
    ("queue", "/"), ("register", "/register"), ("work", "/work"), ("chat", "/chat"), ("duties", "/duties"),
    ("registers", "/registers"), ("plans", "/plans"), ("records", "/records"), ("fees", "/fees"),
    ("providers", "/providers"), ("management", "/management"), ("regulators", "/regulators"), ("figures", "/figures"),
    ("answers", "/answers"), ("imports", "/imports"),
)  # fmt: skip


@dataclass(frozen=True)
class Colleague:
    """Who is signed in, for the page's head."""

    name: str
    role: str
    branch: str

    @property
    def handles(self) -> bool:
        """Whether they may register and handle complaints."""
        return self.role in HANDLERS


def colleague(session: Session, speaker: Speaker) -> Colleague:
    staff = session.get_one(Staff, speaker.staff_id)
    return Colleague(staff.name, staff.role, staff.branch.name)


def _leads(name: str, who: Colleague) -> bool:
    """Whether a part of the console is for them."""
    match name:
        case "register":
            return who.handles
        case "answers":
            return who.role in KEEPERS
        case "imports":
            return who.role == Role.ADMIN
    return True


@contextmanager
def frame(visit: Visit, who: Colleague, here: str, title: str) -> Iterator[None]:
    """The page around its content. `here`: the name of the part of the console; `title`: the heading."""
    ui.page_title(f"{title} · {say('frame.name')}")
    tag("a", say("frame.skip"), "skip", href="#main")
    with tag("header", classes="top"):
        tag("span", say("frame.name"), "name")
        with tag("nav", aria_label=say("frame.nav")):
            for name, path in PAGES:
                if not _leads(name, who):
                    continue
                link = tag("a", say(f"frame.{name}"), href=f"/staff{path}")
                if name == here:
                    link.props["aria-current"] = "page"
        with tag("div", classes="who"):
            tag("span", say("frame.who", name=who.name, role=say(f"role.{who.role}"), branch=who.branch), "soft")
            tag("a", say("frame.password"), href="/staff/password")
            button(say("frame.sign_out"), visit, visit.sign_out, "quiet")
    if visit.services.demo:
        tag("p", say("frame.demo", now=f"{visit.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"), "demo")
    with tag("div", classes="content", id_="main", tabindex="-1"):
        tag("h1", title)
        yield


def button(
    words: str,
    visit: Visit,
    work: Callable[[], Awaitable[None]],
    classes: str = "",
    refused: Callable[[DomainError], None] | None = None,
) -> Element:
    """A plain button whose work is done as an event of the visit; it waits while the work is under way."""
    made = tag("button", words, f"button {classes}", type="button")
    done = visit.on(work, refused)

    async def once() -> None:
        if made.props.get("aria-disabled"):
            return
        made.props["aria-disabled"] = "true"
        try:
            await done()
        finally:
            if not made.is_deleted:  # its work may have redrawn the part of the page in which it stood
                del made.props["aria-disabled"]

    made.on("click", once, args=[])
    return made
