"""Reports to authorities on the page of a candidate (9.2): versions, a new draft, four eyes, sending, the receipt."""

from typing import Any

from sqlalchemy.orm import Session

from anze.console.action import Action, Given, arrived, kept
from anze.console.delivery_part import note_receipt, note_sent
from anze.console.html import facts, section, tag
from anze.console.regulators_page import receipt, say, sent
from anze.console.visit import Visit
from anze.console.words import moment
from anze.identity.speaker import Speaker
from anze.regulators import authorities, issuing, reporting
from anze.regulators.kinds import ReportState
from anze.regulators.rules import APPROVES, DRAFTS


def read(session: Session, speaker: Speaker, candidate_id: int, now: Any) -> dict[str, Any]:
    """What the part shows: the versions, whether one may be drafted, for whom."""
    places = {row.id: authorities.view(row)["name"] for row in reporting.fitting(session, speaker, candidate_id, now)}
    return reporting.listed(session, speaker, candidate_id) | {"places": places}


def show(visit: Visit, id_: int, found: dict[str, Any], role: str) -> None:
    """The part; what may be done next is beneath the newest version."""
    with section(say("drafts")):
        for one in found["items"]:
            _version(id_, one)
        if not found["items"]:
            tag("p", say("none_drafts"), "soft")
        tag("p", say("nothing_sent"), "soft")
    newest = found["items"][0] if found["items"] else None
    if newest:
        _next(visit, id_, newest, role)
    if found["may_draft"] and found["places"]:
        _draft(visit, id_, found["places"], newest)
    elif found["may_draft"]:
        tag("p", say("no_authority"))
        tag("a", say("authorities"), href="/staff/regulators/new/authority_new")


def _version(id_: int, one: dict[str, Any]) -> None:
    with tag("article", classes="part"):
        tag("h3", f"{one['number']} · {one['state_text']}")
        facts([
            (say("column.authority"), one["authority"]), (say("column.statement"), one["statement"]),
            (say("column.drafted"), f"{one['drafted_by']} {moment(one['drafted_at'])}"),
            (say("column.judged"), f"{one['judged_by']} {moment(one['judged_at'])}" if one["judged_by"] else ""),
            (say("column.reason"), one["reason"] or ""), (say("column.sent"), sent(one)),
            (say("column.receipt"), receipt(one)),
        ])  # fmt: skip
        root = f"/api/staff/reports/{id_}/drafts/{one['version']}/file?form="
        with tag("div", classes="links"):
            tag("a", "PDF", href=f"{root}pdf")
            tag("a", say("letter_word"), href=f"{root}docx")
            if one["receipt_on"]:
                tag("a", say("receipt"), href=f"{root}receipt")


def _next(visit: Visit, id_: int, one: dict[str, Any], role: str) -> None:
    state, version = one["state"], one["version"]
    if state == ReportState.DRAFT and role in APPROVES:
        Action(visit, "draft_approve", kept(visit, lambda s, me, _: reporting.approve(
            s, me, id_, version, visit.now()
        ))).show()  # fmt: skip
        Action(visit, "draft_return", kept(visit, lambda s, me, given: reporting.send_back(
            s, me, id_, version, given["reason"], visit.now()
        )), primary=False).field("reason").show()  # fmt: skip
    elif state == ReportState.APPROVED and role in DRAFTS:
        note_sent(visit, lambda s, me, how, _: reporting.sent(s, me, id_, version, how, visit.now()))
    elif state == ReportState.SENT and role in DRAFTS:
        note_receipt(visit, lambda s, me, back: reporting.received(s, me, id_, version, back, visit.now()))


def _draft(visit: Visit, id_: int, places: dict[int, str], newest: dict[str, Any] | None) -> None:
    async def do(given: Given) -> None:
        speaker = await visit.speaker()
        await visit.kept(
            issuing.draft(visit.services, speaker, id_, given["authority"], given["statement"], visit.now())
        )
        arrived(visit)

    first = newest["authority_id"] if newest and newest["authority_id"] in places else next(iter(places))
    action = Action(visit, "draft_new", do, primary=newest is None).field("authority", "choice", places, first)
    action.field("statement", value=newest["statement"] if newest else "").show()
