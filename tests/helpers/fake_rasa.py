"""A Rasa for tests: speaks the wire protocol of anze.channels.rasa, answers what a test tells it to."""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

Turn = dict[str, Any]
Answer = list[dict[str, Any]]
"""Messages: text, buttons, custom, response."""
Act = Callable[[Turn, str], Awaitable[Answer]]
"""Runs one action for a turn."""


@dataclass(frozen=True)
class Status:
    """Instead of an answer: this HTTP status."""

    code: int
    body: bytes = b"{}"


class Lost:
    """Instead of an answer: the connection breaks after the turn was taken."""


@dataclass
class FakeRasa:
    """`script` holds what the next turns get, then everything is echoed; `plays` names actions by intent."""

    secret: str
    turns: list[Turn] = field(default_factory=list)
    script: deque[Answer | Status | Lost] = field(default_factory=deque)
    plays: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, set[str]] = field(default_factory=dict)
    """Intents that an audience may not have."""
    act: Act | None = None
    down: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: turns are taken and wait."""
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a turn is taken."""

    def __post_init__(self) -> None:
        self.open.set()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.MockTransport(self._serve), headers={"Authorization": f"Bearer {self.secret}"}
        )

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("nobody listens", request=request)
        if request.url.path == "/webhooks/anze/ready":
            return httpx.Response(200, json={"model": "fake", "zh": "fake"})
        assert (request.method, request.url.path) == ("POST", "/webhooks/anze/turn")
        if request.headers["authorization"] != f"Bearer {self.secret}":
            return httpx.Response(401, json={"code": "unauthorized"})
        return await self._turn(request)

    async def _turn(self, request: httpx.Request) -> httpx.Response:
        turn: Turn = json.loads(request.content)
        refused = _refused(turn)
        if refused is not None:
            return httpx.Response(400, json={"code": refused})
        if turn["intent"] in self.foreign.get(turn["audience"], set()):
            return httpx.Response(403, json={"code": "intent_of_another_audience"})
        self.turns.append(turn)
        self.taken.set()
        await self.open.wait()
        if self.down:
            raise httpx.ReadError("gone", request=request)
        said = self.script.popleft() if self.script else await self._play(turn)
        if isinstance(said, Lost):
            raise httpx.RemoteProtocolError("gone", request=request)
        if isinstance(said, Status):
            return httpx.Response(said.code, content=said.body)
        understood = {"intent": turn["intent"] or "chitchat_echo", "confidence": 0.9, "entities": [], "ranking": []}
        state = turn["state"] | {"slots": turn["state"]["slots"] | {"turns": len(self.turns)}}
        return httpx.Response(200, json={"understood": understood, "messages": said, "state": state})

    async def _play(self, turn: Turn) -> Answer:
        names = self.plays.get(turn["intent"] or "")
        if names is None or self.act is None:
            return [said(f"答：{turn['text']}")]
        return [message for name in names for message in await self.act(turn, name)]


def _refused(turn: Turn) -> str | None:
    """As bot/components/turn.py refuses what is not a turn."""
    if not turn["turn_id"] or len(turn["turn_id"]) > 200:
        return "turn_id_invalid"
    if len(turn["text"]) > 10_000:
        return "text_too_long"
    if turn["intent"] is None and not turn["text"].strip():
        return "turn_empty"
    return None


def said(text: str, *buttons: tuple[str, str], response: str = "utter_chitchat_echo", **custom: Any) -> dict[str, Any]:
    """A message out of Rasa; a button is (title, intent)."""
    return {
        "text": text,
        "buttons": [{"title": title, "intent": intent, "entities": {}} for title, intent in buttons],
        "custom": custom,
        "response": response,
    }
