"""One import: how far it is, what would be done, what is wrong, the press that agrees to it, its report."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.console.frame import button, colleague, frame
from anze.console.html import facts, section, table, tag
from anze.console.imports_page import say
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.imports import report, usecases
from anze.imports.columns import table as kinds
from anze.imports.models import ImportState
from anze.imports.spool import MOST_FAULTS

SIZE = 50
_POLL_SECONDS = 1.5
_UNDER_WAY = {ImportState.WAITING, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.WRITING}
_TOLD = {"faults": report.FAULT, "moved": report.MOVED}


async def build(visit: Visit, id_: int) -> None:
    """The page. Raises SignedOutError; forbidden for who is no administrator; not_found."""

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return usecases.one(session, speaker, id_), colleague(session, speaker)

    view, who = await visit.read(read)
    with frame(visit, who, "imports", say("one", id=view["id"], name=view["name"])):
        tag("a", say("back"), href="/staff/imports")
        await _Page(visit, id_).show(view)


class _Page:
    """Asks for the row again and again while something is under way, and draws anew when its state is another."""

    def __init__(self, visit: Visit, id_: int) -> None:
        self._visit, self._id = visit, id_
        self._state = ""

    async def show(self, view: dict[str, Any]) -> None:
        self._progress = tag("p", "", "soft", role="status")
        self._shown = tag("div", aria_live="polite")
        self._timer = ui.timer(_POLL_SECONDS, self._visit.on(self._look))
        await self._draw(view)

    async def _look(self) -> None:
        view = await self._visit.read(lambda s, me: usecases.one(s, me, self._id), used=False)
        await self._draw(view)

    async def _draw(self, view: dict[str, Any]) -> None:
        under_way = view["state"] in _UNDER_WAY
        self._timer.active = under_way
        self._progress.clear()
        if under_way:
            with self._progress:
                tag("span", text_of_progress(view))
        if view["state"] == self._state:
            return
        self._state = view["state"]
        self._shown.clear()
        with self._shown:
            with section(report.say("sheet.summary")):
                facts(report.summary(view))
            self._act(view)
            for part in ("faults", "moved"):
                await self._notes(view, part)

    def _act(self, view: dict[str, Any]) -> None:
        """What may be done now."""
        state, counts = view["state"], view["counts"] or {}
        with tag("div", classes="form"):
            if state == ImportState.CHECKED:
                self._agree(view, counts)
            if state in {ImportState.WAITING, ImportState.CHECKED}:
                button(say("drop"), self._visit, self._drop, "quiet", self._refused)
            if counts:
                href = f"/api/staff/imports/{view['id']}/report"
                tag("a", say("report"), "button", href=href)
            self._trouble = tag("div", classes="trouble", role="alert")

    def _agree(self, view: dict[str, Any], counts: dict[str, Any]) -> None:
        refused, change = counts["refused"], counts["new"] + counts["changed"]
        if refused:
            whole = kinds().kind(view["kind"]).whole
            tag("p", say("whole" if whole else "partial", refused=refused), "error")
            if whole:
                return
        if not change:
            tag("p", say("confirm_same"))
            return
        tag("p", say("confirm_words", new=counts["new"], changed=counts["changed"]))
        partial = bool(refused)

        async def confirm() -> None:
            found = await self._visit.write(
                lambda s, me: usecases.confirm(s, me, self._id, view["digest"], partial=partial)
            )
            await self._draw(found)

        words = say("confirm_partial" if partial else "confirm")
        button(words, self._visit, confirm, "primary", self._refused)

    async def _drop(self) -> None:
        now = self._visit.now()
        await self._draw(await self._visit.write(lambda s, me: usecases.drop(s, me, self._id, now)))

    def _refused(self, error: Any) -> None:
        self._trouble.clear()
        with self._trouble:
            tag("p", error.detail)

    async def _notes(self, view: dict[str, Any], part: str) -> None:
        found = await self._read_notes(part, 1)
        if not found["total"]:
            return
        with section(say(part)):
            if (total := (view["counts"] or {}).get(part, 0)) > MOST_FAULTS:
                tag("p", say("faults_more", count=total, shown=MOST_FAULTS), "soft")
            shown = tag("div", aria_live="polite")

            async def again(page: int) -> None:
                one = await self._read_notes(part, page)
                shown.clear()
                with shown:
                    draw(one)

            def draw(one: dict[str, Any]) -> None:
                names = _TOLD[part]
                heads = [report.say(f"{'fault' if part == 'faults' else part}.{name}") for name in names]
                rows = [["" if row[name] is None else str(row[name]) for name in names] for row in one["items"]]
                table(heads, rows, say(part))
                pager(self._visit, one["page"], one["total"], SIZE, again)

            with shown:
                draw(found)

    async def _read_notes(self, part: str, page: int) -> dict[str, Any]:
        return await self._visit.read(
            lambda s, me: usecases.notes(s, me, self._id, part, page=page, size=SIZE), used=False
        )


def text_of_progress(view: dict[str, Any]) -> str:
    """How far it is, in words."""
    words = report.state_words(view["state"])
    return f"{words}，{say('rows', count=view['progress'])}" if view["progress"] else words
