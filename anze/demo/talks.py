"""Conversations and their messages."""

from datetime import datetime, timedelta
from random import Random

from anze.conversations.models import Channel, Conversation, Direction, Handoff, Message, TurnStatus
from anze.demo.world import Row, World

CONSENT = "demo"
"""Version of the privacy notice that the demo's visitors agreed to."""


def talk(
    world: World,
    rng: Random,
    at: datetime,
    branch: Row,
    *,
    person: Row | None = None,
    insured: Row | None = None,
    staff: Row | None = None,
    channel: Channel = Channel.WEB,
) -> Row:
    """A conversation that began shortly before its first message."""
    return world.add(
        Conversation,
        id=f"{rng.getrandbits(128):032x}",
        channel=channel,
        person_id=person["id"] if person else None,
        staff_id=staff["id"] if staff else None,
        acting_for_id=insured["id"] if insured else None,
        branch_id=branch["id"],
        state={"slots": {}, "loop": None},
        handoff=Handoff.BOT,
        handoff_at=None,
        handoff_reason=None,
        turn_owner=None,
        turn_until=None,
        read_up_to=0,
        consent_version=None if staff else CONSENT,
        consent_at=None if staff else at - timedelta(seconds=30),
        created_at=at - timedelta(minutes=1),
    )


def said(world: World, rng: Random, conversation: Row, at: datetime, text: str, topic: str, answer: str) -> Row:
    """What somebody wrote and what the bot answered; gives the row of what they wrote."""
    turn = f"{rng.getrandbits(128):032x}"
    common = {"conversation_id": conversation["id"], "turn_id": turn, "topic": topic, "interim": False}
    message = world.add(
        Message,
        **common,
        direction=Direction.IN,
        sender="user",
        sender_name=None,
        client_id=turn,
        status=TurnStatus.DONE,
        text=text,
        payload={},
        response=None,
        understood=None,
        pushed=False,
        at=at,
    )
    world.add(
        Message,
        **common,
        direction=Direction.OUT,
        sender="bot",
        sender_name=None,
        client_id=None,
        status=None,
        text=answer,
        payload={},
        response=f"utter_{topic}_demo",
        understood=None,
        pushed=False,
        at=at + timedelta(seconds=1),
    )
    return message


def pushed(
    world: World, conversation: Row, at: datetime, text: str, topic: str, *, response: str | None = None,
    sender: str = "system",
) -> Row:  # fmt: skip
    """A message that we sent unasked."""
    return world.add(
        Message,
        conversation_id=conversation["id"],
        direction=Direction.OUT,
        sender=sender,
        sender_name=None,
        client_id=None,
        turn_id=None,
        status=None,
        text=text,
        payload={},
        topic=topic,
        response=response or f"utter_{topic}_demo",
        understood=None,
        interim=False,
        pushed=True,
        at=at,
    )


def written_down(world: World, rng: Random, conversation: Row, at: datetime, text: str) -> Row:
    """Words that came by letter, call or visit, as a colleague wrote them down."""
    return world.add(
        Message,
        conversation_id=conversation["id"],
        direction=Direction.IN,
        sender="user",
        sender_name=None,
        client_id=None,
        turn_id=f"{rng.getrandbits(128):032x}",
        status=TurnStatus.DONE,
        text=text,
        payload={},
        topic="complaint",
        response=None,
        understood=None,
        interim=False,
        pushed=False,
        at=at,
    )
