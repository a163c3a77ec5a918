"""Service plans (6.1): the list, and the form for a new one."""

from typing import Any

from sqlalchemy.orm import Session

from anze.console.action import Action, Given, arrived
from anze.console.frame import colleague, frame
from anze.console.html import linked_table, section, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.plans import drafting, views
from anze.plans.drafting import say

SIZE = 30


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return colleague(session, speaker), views.listed(session, speaker, size=SIZE)

    who, found = await visit.read(read)
    with frame(visit, who, "plans", say("title")):
        tag("p", say("explain"), "soft")
        if who.role in drafting.WRITES:
            Action(visit, "plan_begin", _begun(visit)).field("plan_policies", "area").show()
        with section(say("title")):
            shown = tag("div", aria_live="polite")

            async def again(page: int) -> None:
                one = await visit.read(lambda s, me: views.listed(s, me, page=page, size=SIZE))
                shown.clear()
                with shown:
                    _rows(one)
                    pager(visit, one["page"], one["total"], SIZE, again)

            with shown:
                _rows(found)
                pager(visit, found["page"], found["total"], SIZE, again)


def _rows(found: dict[str, Any]) -> None:
    if not found["items"]:
        tag("p", say("none"), "soft")
        return
    heads = [say(f"column.{name}") for name in ("number", "firms", "state", "version", "day", "branch")]
    linked_table(heads, [
        (f"/staff/plans/{row['id']}",
         [row["number"], "、".join(row["firms"]), row["state_text"], str(row["version"]),
          row["confirmed_on"] or row["offered_on"] or "", row["branch"]])
        for row in found["items"]
    ])  # fmt: skip


def _begun(visit: Visit) -> Any:
    async def work(given: Given) -> None:
        numbers = given["plan_policies"].replace("，", " ").replace("、", " ").replace(",", " ").upper().split()
        now = visit.now()
        id_ = await visit.write(lambda s, me: drafting.draft(s, me, numbers, now).plan_id)
        arrived(visit, f"/plans/{id_}")

    return work
