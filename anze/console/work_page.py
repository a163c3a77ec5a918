"""My work: the cases that I handle, talks that wait for a person, what waits for my role, tasks of my branch."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.complaints.desk import queue
from anze.complaints.wanted import ME, Wanted
from anze.console import queue_page, talk_panel, waiting
from anze.console.frame import colleague, frame
from anze.console.html import section, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.console.words import moment, say
from anze.conversations import desk
from anze.identity.speaker import Speaker
from anze.obligations import wording
from anze.tasks.desk import open_tasks
from anze.tasks.models import TaskKind

SIZE, MINE = 20, 100
_PLACES = {"TS": "complaints", "FW": "bookings", "YH": "hazards"}
"""Where a matter is worked on, by how its number begins"""


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker),
            queue(
                session,
                speaker,
                Wanted(handler=ME),
                page=1,
                size=MINE,
                now=visit.now(),
                calendar=visit.services.calendar,
            )["items"],
            desk.waiting(session, speaker)["items"],
            open_tasks(session, speaker, size=SIZE),
            [(part, part.read(visit, session, speaker, 1)) for part in waiting.parts_of(str(speaker.role))],
        )

    who, mine, talks, tasks, parts = await visit.read(read)
    with frame(visit, who, "work", say("work.title")):
        if who.handles:
            with section(say("work.mine")):
                _mine(mine)
        with section(say("work.talks")):
            _talks(talks)
        for part, first in parts:
            waiting.show(visit, part, first)
        with section(say("work.tasks")):
            _tasks(visit, tasks)


def _mine(found: list[dict[str, Any]]) -> None:
    if found:
        queue_page.rows(found)
    else:
        tag("p", say("work.none_mine"), "soft")


def _talks(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("work.none_talks"), "soft")
        return
    with tag("ul", classes="plain-list"):
        for row in rows:
            with tag("li"):
                tag("a", say("work.answer"), href=f"/staff/talks/{row['conversation_id']}")
                state = say(f"talk.{talk_panel.STATES[row['handoff']]}")
                words = f" {state} · {say('work.since', at=moment(row['since']))}"
                tag("span", words, "soft")


def _tasks(visit: Visit, found: dict[str, Any]) -> None:
    names = {"": say("work.all")} | {str(kind): say(f"task.{kind}") for kind in TaskKind}
    choice = ui.select(names, label=say("work.kind"), value="").props("outlined dense").classes("narrow")
    shown = tag("div", aria_live="polite")

    async def again(page: int = 1) -> None:
        kind = TaskKind(choice.value) if choice.value else None
        result = await visit.read(lambda s, me: open_tasks(s, me, kind=kind, page=page, size=SIZE))
        shown.clear()
        with shown:
            _rows(visit, result, again)

    choice.on_value_change(visit.on(again))
    with shown:
        _rows(visit, found, again)


def _rows(visit: Visit, found: dict[str, Any], again: Any) -> None:
    if not found["items"]:
        tag("p", say("work.none_tasks"), "soft")
        return
    heads = {name: say(f"work.column.{name}") for name in ("kind", "about", "branch", "at")}
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in found["items"]:
                with tag("tr"):
                    tag("td", say(f"task.{row['kind']}"), data_head=heads["kind"])
                    with tag("td", data_head=heads["about"]):
                        _about(row["kind"], row["body"])
                    tag("td", row["branch"], data_head=heads["branch"])
                    tag("td", moment(row["created_at"]), data_head=heads["at"])
    pager(visit, found["page"], found["total"], SIZE, again)


def _about(kind: str, body: dict[str, Any]) -> None:
    """The case, matter, talk or duty that a task is about; of a call whom to ring and what to say."""
    if kind == TaskKind.DUTY:
        reminded = wording.say("remind.branch", what=body["what"], count=body["count"])
        tag("a", reminded, href=f"/staff/duties/{body['rule']}")
        return
    if kind == TaskKind.DUTY_ROUND:
        tag("a", wording.pressing(body["what"], body["counts"]), href=f"/staff/duties/{body['rule']}")
        return
    number, talk = str(body.get("number") or ""), body.get("conversation_id")
    place = "surveys" if kind == TaskKind.SURVEY_CALL and number else _PLACES.get(number[:2])
    if place:
        tag("a", number, href=f"/staff/{place}/{number}")
    elif kind == TaskKind.PLAN_WISH:
        tag("a", number, href=f"/staff/plans/{int(number.removeprefix('FA'))}")
    elif talk and kind == TaskKind.HANDOFF:
        tag("a", say("work.answer"), href=f"/staff/talks/{talk}")
    told = ("name", "phone", "firm", "about", "answer_by", "said", "text", "words")
    words = [str(body[name]) for name in told if body.get(name)]
    words = [one for one in words if one != number]
    if words:
        tag("span", " ".join(words), "soft said")
    elif not place and kind != TaskKind.HANDOFF:
        tag("span", number or "—")
