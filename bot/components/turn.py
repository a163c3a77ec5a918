"""One turn on the wire: what the gateway asks, what it gets back, and the tracker in between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from components.audience import AUDIENCE, AUDIENCES, PUBLIC

TEXT_MAX = 10_000
RANKING = 3


class TurnRefusedError(Exception):
    """The request is not a turn; `code` says what is wrong with it, and nothing of its content. `status` is HTTP's."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Turn:
    """One message of a person, or a pressed button (`intent` is set), and the state before it.

    `turn_id` is the sender id under which the actions see the turn: the application looks the person up by it.
    `audience`: who is in front of the bot, as the application knows it.
    """

    turn_id: str
    text: str
    intent: str | None
    entities: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    audience: str = PUBLIC


def read_turn(body: bytes) -> Turn:
    """Read the body of a request. Raises TurnRefusedError."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise TurnRefusedError("body_not_json") from None
    if not isinstance(sent, dict):
        raise TurnRefusedError("body_not_an_object")
    state = _field(sent, "state", dict, {})
    turn = Turn(
        turn_id=_field(sent, "turn_id", str, ""),
        text=_field(sent, "text", str, ""),
        intent=_field(sent, "intent", str, None),
        entities=_field(sent, "entities", list, []),
        slots=_field(state, "slots", dict, {}, "state_slots"),
        loop=_field(state, "loop", str, None, "state_loop"),
        metadata=_field(sent, "metadata", dict, {}),
        audience=_field(sent, "audience", str, PUBLIC),
    )
    if not turn.turn_id or len(turn.turn_id) > 200:
        raise TurnRefusedError("turn_id_invalid")
    if turn.audience not in AUDIENCES:
        raise TurnRefusedError("audience_invalid")
    if len(turn.text) > TEXT_MAX:
        raise TurnRefusedError("text_too_long")
    if turn.intent is None and not turn.text.strip():
        raise TurnRefusedError("turn_empty")
    if any(not isinstance(e, dict) or not isinstance(e.get("entity"), str) or "value" not in e for e in turn.entities):
        raise TurnRefusedError("entities_invalid")
    try:
        json.dumps(sent, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise TurnRefusedError("text_not_unicode") from None
    return turn


def _field(sent: dict[str, Any], name: str, kind: type, missing: Any, code: str | None = None) -> Any:
    value = sent.get(name)
    if value is None:
        return missing
    if not isinstance(value, kind):
        raise TurnRefusedError(f"{code or name}_invalid")
    return value


def tracker_of(turn: Turn, domain: Domain) -> DialogueStateTracker:
    """A fresh tracker that stands where the conversation stood. What the model no longer knows is left out."""
    known = {slot.name for slot in domain.slots}
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    slots = {**turn.slots, AUDIENCE: turn.audience}
    events += [SlotSet(name, value) for name, value in slots.items() if name in known]
    if turn.loop in domain.form_names:
        events += [ActionExecuted(turn.loop), ActiveLoop(turn.loop)]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return DialogueStateTracker.from_events(turn.turn_id, events, domain.slots)


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What the next turn must know: every slot that differs from its initial value, and the active form.

    Who speaks is not among it: each turn is told anew.
    """
    slots = {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value != slot.initial_value and name not in {SESSION_START_METADATA_SLOT, AUDIENCE}
    }
    return {"slots": slots, "loop": tracker.active_loop_name}


def understood(parsed: dict[str, Any]) -> dict[str, Any]:
    """The reading of a text, as the gateway wants it."""
    intent = parsed["intent"]
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence", 0.0)),
        "entities": [{"entity": e["entity"], "value": e["value"]} for e in parsed["entities"]],
        "ranking": [
            {"name": guess["name"], "confidence": float(guess["confidence"])}
            for guess in parsed.get("intent_ranking", [])[:RANKING]
        ],
    }
