"""One hand-over of data (9.1): its files with their digests, made anew to compare, to whom it went, what came back."""

from typing import Any

from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.delivery_part import note_receipt, note_sent
from anze.console.frame import button, colleague, frame
from anze.console.html import facts, linked_table, section, tag
from anze.console.regulators_page import SIZE, heads, receipt, say, sent
from anze.console.visit import Visit
from anze.console.words import moment
from anze.identity.speaker import Speaker
from anze.regulators import authorities, handover
from anze.regulators.rules import KEEPS


async def build(visit: Visit, id_: int) -> None:
    """The page. Raises SignedOutError, not_found; a denied read is kept."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        one = handover.one(session, speaker, id_)
        places = authorities.listed(session, speaker, today, province=one["province"], page=1, size=SIZE)["items"]
        return colleague(session, speaker), one, places

    who, one, places = await visit.read(read)
    title = f"{say('handovers')} · {one['province']} {one['period']}"
    with frame(visit, who, "regulators", title):
        facts([
            (say("column.branch"), one["branch"]), (say("column.counts"), say("counts", **one["counts"])),
            (say("column.data_at"), moment(one["data_at"])),
            (say("column.made"), f"{one['made_by']} {moment(one['made_at'])}"),
            (say("column.authority"), one["authority"] or ""), (say("column.sent"), sent(one) or say("not_sent")),
            (say("column.receipt"), receipt(one) or say("no_receipt")),
        ])  # fmt: skip
        root = f"/api/staff/handovers/{id_}/file?name="
        with section(say("column.file")):
            linked_table(heads("file", "rows", "sha256"), [
                (root + file["name"], [file["name"], str(file["rows"]), file["sha256"]]) for file in one["files"]
            ])  # fmt: skip
            with tag("div", classes="buttons"):
                if one["receipt_on"]:
                    tag("a", say("receipt"), href=f"{root}receipt")
                _compare(visit, id_)
        tag("p", say("nothing_sent"), "soft")
        if who.role in KEEPS and not one["sent_on"]:
            note_sent(visit, lambda s, me, how, authority: handover.sent(s, me, id_, authority, how, visit.now()),
                      {place["id"]: place["name"] for place in places})  # fmt: skip
        elif who.role in KEEPS and not one["receipt_on"]:
            note_receipt(visit, lambda s, me, back: handover.received(s, me, id_, back, visit.now()))
        tag("a", say("back"), href="/staff/regulators")


def _compare(visit: Visit, id_: int) -> None:
    """Whether the same instant still gives the same bytes, where somebody asks."""

    async def look() -> None:
        found = await visit.read(lambda s, me: handover.again(s, me, id_, visit.services.settings.knowledge))
        shown.clear()
        with shown:
            tag("span", say("again_same" if found["same"] else "again_other"))

    button(say("check_again"), visit, look)
    shown = tag("p", role="status")
