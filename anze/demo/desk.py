"""What else waits for staff, or waited: a person asked for, an emergency, requests to act for a firm."""

from datetime import datetime, timedelta
from random import Random

from anze.conversations.models import Channel, Handoff
from anze.demo.branches import person_name
from anze.demo.talks import said, talk
from anze.demo.world import Row, World, data, dice
from anze.identity.models import RequestState, RightRequest
from anze.policies.models import Policy, PolicyInsured
from anze.standard.editions import load
from anze.tasks.models import Task, TaskKind


def add_desk(world: World, branches: dict[str, Row], staff: dict[tuple[int, str], Row]) -> None:
    """Two talks with staff, one emergency of the past, four requests, and a staff conversation."""
    rng = dice("desk")
    texts = data("stories")
    nanjing = branches["南京分公司"]
    officer = staff[nanjing["id"], "service"]
    for minutes, state in ((15, Handoff.WAITING), (90, Handoff.PERSON)):
        at = world.now - timedelta(minutes=minutes)
        conversation = talk(world, rng, at, nanjing)
        said(world, rng, conversation, at, texts["handoff"], "handoff", texts["answers"]["handoff"])
        conversation.update(handoff=state, handoff_at=at, handoff_reason="asked")
        done = at + timedelta(minutes=5) if state == Handoff.PERSON else None
        subject = f"conversation:{conversation['id']}:{at.isoformat()}"
        _task(world, TaskKind.HANDOFF, subject, conversation, at, done, officer)
    _emergency(world, rng, branches["浏阳支公司"], staff)
    for number, outcome in enumerate([RequestState.WAITING, *RequestState]):
        _request(world, rng, number, outcome, staff)
    talk(world, rng, world.now - timedelta(hours=2), nanjing, staff=officer, channel=Channel.STAFF)
    _duty(world, nanjing, officer)


def _duty(world: World, branch: Row, officer: Row) -> None:
    """Three weeks ago the head office reminded the branch of what was not filed, and it was."""
    at = world.now - timedelta(days=21)
    subject = f"duty:archived:{branch['id']}:{at.date().isoformat()}"
    body = {"rule": "archived", "what": load().check["archived"].undone, "count": 4, "by": f"staff:{officer['id']}"}
    world.add(
        Task, kind=TaskKind.DUTY, subject=subject, branch_id=branch["id"], body=body, created_at=at,
        done_at=at + timedelta(days=2), done_by=f"staff:{officer['id']}",
    )  # fmt: skip
    round_ = {"rule": "archived", "what": load().check["archived"].name, "counts": {"overdue": 1}}
    world.add(
        Task, kind=TaskKind.DUTY_ROUND, subject=f"round:archived:{branch['id']}:{at:%G-W%V}", branch_id=branch["id"],
        body=round_, created_at=at, done_at=at + timedelta(days=7), done_by="program",
    )  # fmt: skip


def _emergency(world: World, rng: Random, branch: Row, staff: dict[tuple[int, str], Row]) -> None:
    texts = data("stories")
    at = world.now - timedelta(days=63)
    conversation = talk(world, rng, at, branch)
    message = said(world, rng, conversation, at, texts["emergency"], "handoff", texts["answers"]["emergency"])
    officer = staff[branch["id"], "intake"]
    done = at + timedelta(minutes=2)
    _task(world, TaskKind.EMERGENCY, f"message:{message['id']}", conversation, at, done, officer)


def _request(world: World, rng: Random, number: int, state: RequestState, staff: dict[tuple[int, str], Row]) -> None:
    policy = world.rows[Policy][40 + number * 30]
    insured_id = next(row["insured_id"] for row in world.rows[PolicyInsured] if row["policy_id"] == policy["id"])
    branch = {"id": policy["branch_id"]}
    at = world.now - timedelta(days=1 + number * 9)
    conversation = talk(world, rng, at, branch)
    officer = staff[policy["branch_id"], "service"]
    done = None if state == RequestState.WAITING else at + timedelta(days=1)
    request = world.add(
        RightRequest,
        conversation_id=conversation["id"],
        insured_id=insured_id,
        policy_no=policy["number"],
        name=person_name(rng),
        phone=f"1380015{number:04d}",
        reason=data("stories")["right_reason"],
        file_id=None,
        created_at=at,
        state=state,
        decided_at=done,
        decided_by=f"staff:{officer['id']}" if done else None,
        decision_reason=None,
    )
    _task(world, TaskKind.RIGHT_REQUEST, f"right_request:{request['id']}", conversation, at, done, officer)


def _task(
    world: World, kind: TaskKind, subject: str, conversation: Row, at: datetime, done: datetime | None, officer: Row
) -> None:
    world.add(
        Task,
        kind=kind,
        subject=subject,
        branch_id=conversation["branch_id"],
        body={"conversation_id": conversation["id"]},
        created_at=at,
        done_at=done,
        done_by=f"staff:{officer['id']}" if done else None,
    )
