"""The only way into Rasa (credentials.yml): one turn in, the messages and the new state out, nothing kept."""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.constants import REQUESTED_SLOT
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from components.audience import AUDIENCE, may_mean
from components.failure import TurnFailed
from components.free_text import ANSWER, is_answer
from components.turn import Turn, TurnRefusedError, read_turn, state_of, tracker_of, understood
from components.turn_store import TurnStore

logger = logging.getLogger(__name__)

PENDING = "pending"
"""The slot in which the application keeps what its last push was about."""

Answer = tuple[dict[str, Any], int]
"""Body and HTTP status."""


class WholeMessages(CollectingOutputChannel):
    """Keeps the parts of a message together, with the name of the response it came from.

    A button that the audience could not press is not offered.
    """

    def __init__(self, audience: str) -> None:
        super().__init__()
        self._audience = audience

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        buttons = [
            {"title": button["title"], "intent": button["intent"], "entities": button.get("entities") or {}}
            for button in message.get("buttons") or []
            if may_mean(self._audience, button["intent"])
        ]
        self.messages.append(
            {
                "text": message.get("text") or "",
                "buttons": buttons,
                "custom": message.get("custom") or {},
                "response": message.get("utter_action"),
            }
        )


class StatelessChannel(InputChannel):
    """`POST turn` and `GET ready` under `/webhooks/anze/`."""

    def __init__(self, secret: str) -> None:
        self._authorization = f"Bearer {secret}".encode()
        self._under_way: dict[str, tuple[Turn, asyncio.Task[Answer]]] = {}

    @classmethod
    def name(cls) -> str:
        return "anze"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> StatelessChannel:
        """Raises ValueError without a secret: an open channel would speak to anybody on this machine."""
        secret = (credentials or {}).get("secret")
        if not isinstance(secret, str) or not secret:
            raise ValueError("the channel needs a secret (ANZE_ENGINE_SECRET)")
        return cls(secret)

    def blueprint(self, on_new_message: object) -> Blueprint:
        """Rasa's own handler of messages is not used: it locks per sender, and a turn has a sender of its own."""
        routes = Blueprint("anze", "anze")

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            sent = (request.headers.get("authorization") or "").encode()
            if not hmac.compare_digest(sent, self._authorization):
                return json({"code": "unauthorized"}, 401)
            agent = _ready_agent(request)
            if agent is None:
                return json({"code": "not_ready"}, 503)
            try:
                asked = read_turn(request.body)
                _require_known(asked, agent)
                task = self._begin(asked, agent)
            except TurnRefusedError as refused:
                return json({"code": refused.code}, refused.status)
            # Sanic cancels this handler when the client goes away. The turn itself runs on: its actions have written.
            return json(*await asyncio.shield(task))

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            agent = _ready_agent(request)
            if agent is None:
                return json({"code": "not_ready"}, 503)
            return json({"model": agent.model_id, "zh": request.app.ctx.zh})

        @routes.listener("before_server_stop")
        async def finish(*_: object) -> None:
            if self._under_way:
                await asyncio.wait([task for _, task in self._under_way.values()], timeout=10)

        return routes

    def _begin(self, turn: Turn, agent: Agent) -> asyncio.Task[Answer]:
        """Start the turn, or join the same one when it is still under way."""
        if turn.turn_id in self._under_way:
            running, task = self._under_way[turn.turn_id]
            if running != turn:
                raise TurnRefusedError("turn_id_in_use")
            return task
        task = asyncio.create_task(_answer(turn, agent))
        self._under_way[turn.turn_id] = (turn, task)
        task.add_done_callback(lambda _: self._under_way.pop(turn.turn_id))
        return task


def _ready_agent(request: Request) -> Agent | None:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _require_known(turn: Turn, agent: Agent) -> None:
    if turn.intent is None:
        return
    if turn.intent not in agent.domain.intents:
        raise TurnRefusedError("intent_unknown")
    if not may_mean(turn.audience, turn.intent):
        raise TurnRefusedError("intent_of_another_audience", 403)


async def _answer(turn: Turn, agent: Agent) -> Answer:
    """Run a turn to its end. Whatever goes wrong leaves as a code: an error's text may quote the person."""
    try:
        return await run_turn(turn, agent), 200
    except TurnFailed as failed:
        logger.error("turn %s failed: %s %s", turn.turn_id, failed.code, failed.detail)
        return {"code": failed.code}, 500
    except Exception as error:
        logger.exception("turn %s failed: %s", turn.turn_id, type(error).__name__)
        return {"code": "turn_failed"}, 500
    finally:
        TurnStore.close(turn.turn_id)


async def run_turn(turn: Turn, agent: Agent) -> dict[str, Any]:
    """One turn on a loaded agent: the wire's response body. Raises TurnFailed."""
    tracker, out, store = tracker_of(turn, agent.domain), WholeMessages(turn.audience), _store(agent)
    await store.save(tracker)
    parsed = await _read(turn, agent, tracker.get_slot(REQUESTED_SLOT), tracker.get_slot(PENDING) or {})
    message = UserMessage(
        turn.text,
        out,
        turn.turn_id,
        parse_data=parsed,
        input_channel=StatelessChannel.name(),
        message_id=turn.turn_id,
        metadata=turn.metadata,
    )
    await agent.processor.handle_message(message)
    after = await store.retrieve(turn.turn_id)
    return {"understood": understood(parsed), "messages": out.messages, "state": state_of(after)}


def _store(agent: Agent) -> TrackerStore:
    return agent.tracker_store


async def _read(turn: Turn, agent: Agent, requested_slot: str | None, pending: dict[str, Any]) -> dict[str, Any]:
    """What the person means. A button says so itself; of a text Rasa's reading holds, unless it is an open answer.

    With no form open, what was pushed last may have asked: `pending` names the question and what its answer means.
    """
    if turn.intent is not None:
        return {
            "text": turn.text,
            "intent": {"name": turn.intent, "confidence": 1.0},
            "entities": turn.entities,
            "intent_ranking": [{"name": turn.intent, "confidence": 1.0}],
        }
    # A text that begins with a slash is an order to Rasa; typed text is only ever text.
    words = turn.text.strip().lstrip("/ ")
    heard = UserMessage(words, metadata={AUDIENCE: turn.audience})
    parsed = dict(await agent.processor.parse_message(heard)) if words else {}
    parsed |= {"text": turn.text, "entities": _once(parsed.get("entities", []))}
    intent = parsed.get("intent") or {}
    if intent.get("name") is None:
        parsed["intent"] = intent = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 0.0}
    question, meaning = (requested_slot, ANSWER) if requested_slot else (pending.get("question"), pending.get("intent"))
    if meaning and is_answer(turn.text, intent.get("name"), float(intent.get("confidence", 0.0)), question):
        parsed["intent"] = {"name": meaning, "confidence": 1.0}
    return parsed


def _once(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several extractors find the same words; the first one's finding stands."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entity in entities:
        found.setdefault((entity["entity"], entity.get("start"), entity.get("end")), entity)
    return list(found.values())
