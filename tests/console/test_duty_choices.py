"""What the page of a duty offers and its address, without a browser."""

from datetime import date
from itertools import islice
from urllib.parse import urlencode

from sqlalchemy import select

from anze.console import duty_asked
from anze.identity.models import Staff
from anze.identity.speaker import Speaker
from anze.obligations.relations import RELATIONS
from anze.standard.editions import load
from tests.helpers.gateway import Gateway

ROOT, TODAY = "/api/staff/obligations", date(2026, 11, 23)


async def test_every_choice_of_every_duty_is_one_that_the_call_takes(demo_gateway: Gateway) -> None:
    """And one that its subjects know: a page never offers what can only find nothing."""
    caller = await demo_gateway.staff("supervisor")
    with demo_gateway.db.read() as session:
        own = session.scalars(select(Staff).where(Staff.username == "supervisor")).one()
        speaker = Speaker("", staff_id=own.id, role=own.role, branch_path=own.branch.path)
        names = duty_asked.within(session, speaker)
    few = duty_asked.Within(*(dict(islice(of.items(), 2)) for of in (names.branches, names.provinces, names.providers)))
    for rule, check in load().check.items():
        if check.subject not in RELATIONS:
            continue
        choices = duty_asked.choices(check, few, TODAY)
        for at in range(max(map(len, choices.values()))):
            given = {name: list(options)[min(at, len(options) - 1)] for name, options in choices.items()}
            asked = duty_asked.Asked(rule, choices, TODAY, {})
            asked.take({name: [value] if name in duty_asked.MANY else value for name, value in given.items()})
            assert {name: asked.chosen[name] for name in given if name in duty_asked.MANY} == {
                name: [value] for name, value in given.items() if name in duty_asked.MANY
            }
            answer = await caller.get(f"{ROOT}/{rule}?{urlencode(asked.fields)}")
            assert answer.status_code == 200, (rule, asked.fields, answer.text)
            again = duty_asked.Asked.of(rule, choices, TODAY, asked.fields)
            assert again.address == asked.address
