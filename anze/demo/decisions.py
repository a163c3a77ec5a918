"""Decisions of complaints: the five parts, and the message that brings them."""

from datetime import datetime
from random import Random

from anze.audit.chain import digest
from anze.complaints.dates import Told
from anze.complaints.deciding import remedies_sha256
from anze.complaints.models import DECIDED_RESPONSE, Decision
from anze.complaints.remedies import Filler, fill
from anze.conversations.models import Button, Direction, Message
from anze.demo.world import Row, World
from anze.identity.models import Branch
from anze.texts import text as say

_PARTS = ("findings", "basis", "reasons", "outcome")


def add_decision(
    world: World, rng: Random, case: Row, conversation: Row, texts: Row, at: datetime, by: str, told: Told
) -> None:
    """What staff decided at one moment; the complainant has not looked yet. `told`: the dates at that moment."""
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
        told_at=None,
    )
    body: Row = {"number": case["number"], "ways": [way["way"] for way in remedies], "overdue": told.overdue}
    body |= {f"{name}_sha256": digest(texts[name]) for name in _PARTS} | {"remedies_sha256": remedies_sha256(remedies)}
    world.happened(at, "complaint.decided", f"complaint:{case['id']}", by, body | told.record())


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
