"""Archives of services (7.4): those with gaps, folders that are missing, photos that a person should look at."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.archives import doubts, folders, keeping, record
from anze.archives.record import say
from anze.clock import legal_date
from anze.console.action import arrived
from anze.console.frame import button, colleague, frame
from anze.console.html import linked_table, section, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.identity.speaker import Speaker

SIZE = 30
_STATES = ("open", "incomplete", "complete", "all")


def heads(*names: str) -> list[str]:
    return [say(f"column.{name}") for name in names]


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker), folders.listed(session, speaker, today, size=SIZE),
            doubts.listed(session, speaker, size=SIZE),
        )  # fmt: skip

    who, boxes, photos = await visit.read(read)
    with frame(visit, who, "records", say("title")):
        tag("p", say("explain"), "soft")
        if photos["total"]:
            with section(say("doubts")):
                linked_table(heads("service", "doubt"), [
                    (f"/staff/records/{row['service']}", [row["service"], row["words"]]) for row in photos["items"]
                ])  # fmt: skip
        with section(say("records")):
            await _records(visit)
        with section(say("folders"), open_=False):
            _folders(visit, boxes, keeps=who.role in keeping.KEEPS)


async def _records(visit: Visit) -> None:
    states = {state: say(f"state.{state}") for state in _STATES}
    choice = ui.select(states, label=say("column.state"), value="open").props("outlined dense").classes("narrow")
    shown = tag("div", aria_live="polite")

    async def again(page: int = 1) -> None:
        today, calendar = legal_date(visit.now()), visit.services.calendar.calendar()
        found = await visit.read(
            lambda s, me: record.listed(s, me, today, calendar, state=choice.value, page=page, size=SIZE)
        )
        shown.clear()
        with shown:
            if found["items"]:
                linked_table(heads("service", "firm", "item", "completed", "due", "state"), map(_line, found["items"]))
            else:
                tag("p", say("none_records"), "soft")
            pager(visit, found["page"], found["total"], SIZE, again)

    choice.on_value_change(visit.on(again))
    await again()


def _line(row: dict[str, Any]) -> tuple[str, list[str]]:
    filed = say("filed", day=row["keep_until"]) if row["archived_on"] else ""
    state = "，".join(filter(None, (say("complete" if row["complete"] else "incomplete"), filed)))
    due = say("late", day=row["due_on"]) if row["late"] else say("due", day=row["due_on"])
    return (f"/staff/records/{row['number']}",
            [row["number"], row["insured"], row["item_name"], row["completed_on"], due, state])  # fmt: skip


def _folders(visit: Visit, found: dict[str, Any], *, keeps: bool) -> None:
    missing = [row for row in found["items"] if row["made_on"] is None]
    tag("p", say("folders_missing", count=found["missing"]) if missing else say("folders_whole"), "soft")
    with tag("ul", classes="plain-list"):
        for row in missing or found["items"]:
            with tag("li"):
                tag("span", f"{row['insured']} {row['made_on'] or ''}")
                tag("a", say("export_folder"), href=f"/api/staff/archives/{row['insured_id']}/export")
    if missing and keeps:

        async def open_all() -> None:
            now = visit.now()

            def work(session: Session, speaker: Speaker) -> None:
                for row in missing:
                    keeping.open_folder(session, speaker, row["insured_id"], now)

            await visit.write(work)
            arrived(visit, "/records")

        button(say("open_all"), visit, open_all)
