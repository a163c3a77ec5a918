"""One evaluation or inspection of an authority (9.1): what is asked, until when, what was answered with which files."""

from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.action import Action, Given, day, kept
from anze.console.frame import colleague, frame
from anze.console.html import facts, linked_table, section, tag
from anze.console.regulators_page import heads, say
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.regulators import evaluations
from anze.regulators.rules import KEEPS


async def build(visit: Visit, id_: int) -> None:
    """The page. Raises SignedOutError, not_found; a denied read is kept."""
    today = legal_date(visit.now())
    who, one = await visit.read(lambda s, me: (colleague(s, me), evaluations.one(s, me, id_, today)))
    with frame(visit, who, "regulators", one["number"]):
        if one["late"]:
            tag("p", say("late"), "error")
        facts([
            (say("column.authority"), one["authority"]), (say("column.branch"), one["branch"]),
            (say("column.received"), one["received_on"]), (say("column.due"), one["due_on"] or ""),
            (say("column.asked"), one["asked"]), (say("column.answered"), one["answered_on"] or ""),
            (say("column.answer"), one["answer"] or ""),
        ])  # fmt: skip
        if one["files"]:
            with section(say("column.file")):
                root = f"/api/staff/evaluations/{id_}/files/"
                rows = [(root + file["id"], [file["name"], file["sha256"]]) for file in one["files"]]
                linked_table(heads("file", "sha256"), rows)
        if who.role in KEEPS and one["answered_on"] is None:
            _answer(visit, id_)
        tag("a", say("back"), href="/staff/regulators")


def _answer(visit: Visit, id_: int) -> None:
    def do(session: Session, me: Speaker, given: Given) -> None:
        evaluations.answer(session, me, id_, day(given["on"]), given["answer"], given["files"] or [], visit.now())

    action = Action(visit, "evaluation_answer", kept(visit, do))
    action.field("on", "day").field("answer").field("files", "files", optional=True).show()
