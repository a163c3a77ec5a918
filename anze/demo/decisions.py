"""Decisions of complaints: the five parts, the message that brings them, and whether it was read."""

from datetime import datetime
from random import Random

from anze.audit.chain import digest
from anze.complaints.models import DECIDED_RESPONSE, Decision
from anze.complaints.remedies import Filler, fill
from anze.conversations.models import Button, Direction, Message
from anze.demo.world import Row, World
from anze.identity.models import Branch
from anze.texts import text as say

_PARTS = ("findings", "basis", "reasons", "outcome")


def add_decision(
    world: World, rng: Random, case: Row, conversation: Row, texts: Row, at: datetime, read_at: datetime | None, by: str
) -> None:
    """What staff decided at one moment; `read_at` None: the complainant has not looked yet."""
    branch = world.rows[Branch][case["branch_id"] - 1]
    above = world.rows[Branch][branch["parent_id"] - 1] if branch["parent_id"] else branch
    filler = Filler(branch["name"], branch["hotline"], above["name"], above["hotline"])
    remedies = [way.kept() for way in fill(case["kind"], filler) if not way.by_contract]
    message = _said(world, rng, case, conversation, branch, texts["outcome"], at)
    world.add(
        Decision,
        complaint_id=case["id"],
        **{name: texts[name] for name in _PARTS},
        remedies=remedies,
        decided_at=at,
        decided_by=by,
        message_id=message["id"],
        told_at=read_at,
    )
    body: Row = {"number": case["number"], "ways": [way["way"] for way in remedies]}
    body |= {f"{name}_sha256": digest(texts[name]) for name in _PARTS}
    subject = f"complaint:{case['id']}"
    world.happened(at, "complaint.decided", subject, by, body)
    case["version"] += 1
    if read_at is not None:
        conversation["read_up_to"] = message["id"]
        told = {"number": case["number"], "how": "read", "outcome_sha256": digest(texts["outcome"])}
        reader = f"person:{case['person_id']}" if case["person_id"] else f"visitor:{conversation['id']}"
        world.happened(read_at, "complaint.told", subject, reader, told)
        case["closed_at"] = read_at
        case["version"] += 1


def _said(world: World, rng: Random, case: Row, conversation: Row, branch: Row, outcome: str, at: datetime) -> Row:
    message = world.add(
        Message,
        conversation_id=conversation["id"],
        direction=Direction.OUT,
        sender="bot",
        sender_name=None,
        client_id=None,
        turn_id=None,
        status=None,
        text=say(
            "complaint.decided",
            number=case["number"],
            outcome=outcome,
            branch=branch["name"],
            hotline=branch["hotline"],
        ),
        payload={"data": {"kind": "complaint_decided", "number": case["number"]}},
        topic="complaint",
        response=DECIDED_RESPONSE,
        understood=None,
        interim=False,
        pushed=True,
        at=at,
    )
    for position, name in enumerate(("decision", "remedies")):
        world.add(
            Button,
            token=f"b.{rng.getrandbits(88):022x}",
            conversation_id=conversation["id"],
            message_id=message["id"],
            position=position,
            title=say(f"complaint.button.{name}"),
            intent=f"complaint_{name}",
            entities={"complaint_no": case["number"]},
            used_at=None,
        )
    return message
