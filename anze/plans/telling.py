"""An offered plan is told in the talks of the main contacts of each insured; without a talk a colleague calls."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from anze.channels.rasa import ButtonOut, MessageOut
from anze.conversations.main_contacts import talks_of
from anze.conversations.pushing import busy, push
from anze.plans.drafting import gaps, say
from anze.plans.models import PlanVersion
from anze.tasks.models import Task, TaskKind

ANSWER_FOR = timedelta(days=7)
"""So long 可以 is understood as an answer to it"""


def offered(session: Session, version: PlanVersion, now: datetime) -> list[str]:
    """Say that there is a plan to agree to, with what the insured could still add. Gives the talks."""
    plan = version.plan
    entities = {"plan_no": plan.number}
    buttons = [
        ButtonOut(title=say(f"button.{name}"), intent=f"booking_plan_{name}", entities=entities)
        for name in ("confirm", "change")
    ]
    lacking: dict[str, list[str]] = {}
    for gap in gaps(session, version):
        lacking.setdefault(gap.of, []).append(gap.title)
    told: list[str] = []
    for insured_id, name in dict.fromkeys((party.insured_id, party.insured.name) for party in plan.parties):
        words = say("push", number=plan.number, version=version.version)
        if lacking.get(name):
            words += say("push_lacks", names="、".join(lacking[name]))
        out = MessageOut(
            text=words, buttons=buttons, response="utter_booking_plan_offered", custom={"files": [version.pdf_id]}
        )
        talks = talks_of(session, insured_id)
        for conversation_id in talks:
            pending = {
                "kind": "plan", "subject": f"plan:{plan.id}", "entities": entities, "question": None,
                "intent": "booking_plan_confirm", "until": (now + ANSWER_FOR).isoformat(),
            }  # fmt: skip
            push(session, conversation_id, out, now, None if busy(session, conversation_id) else pending)
        if not talks:
            session.add(Task(
                kind=TaskKind.PHONE_CALL, subject=f"plan:{plan.id}:{version.version}:{insured_id}",
                branch_id=plan.branch_id, created_at=now, body={"number": plan.number, "text": f"{name}：{words}"},
            ))  # fmt: skip
        told += talks
    session.flush()
    return list(dict.fromkeys(told))
