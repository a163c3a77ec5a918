"""The way to Rasa: one turn in, messages and the new state out. Rasa keeps nothing in between."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict


class RasaUnavailableError(Exception):
    """Rasa could not be reached; the turn waits until it is back."""


class TurnLostError(Exception):
    """Rasa broke off in the middle of this turn."""


class TurnFailedError(Exception):
    """Rasa was there and could not run this turn."""


class NotTheirsError(Exception):
    """A pressed button means what whoever pressed it may not mean any more: it was offered to another audience."""


class Understood(BaseModel):
    """What Rasa made of a text."""

    model_config = ConfigDict(extra="ignore")

    intent: str | None = None
    confidence: float = 0.0
    entities: list[dict[str, Any]] = []
    ranking: list[dict[str, Any]] = []


class ButtonOut(BaseModel):
    """A button as the domain or an action names it: what pressing it means, not yet a token."""

    title: str
    intent: str
    entities: dict[str, Any] = {}


class MessageOut(BaseModel):
    """One message out of Rasa, its parts together, with the name of the response that made it."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""
    buttons: list[ButtonOut] = []
    custom: dict[str, Any] = {}
    response: str | None = None

    @property
    def topic(self) -> str | None:
        """`utter_<topic>_…` says which topic answered (`utter_ask_<topic>_…` for the question of a form)."""
        if self.response is None or not self.response.startswith("utter_"):
            return None
        name = self.response.removeprefix("utter_").removeprefix("ask_")
        return "out_of_scope" if name.startswith("out_of_scope") else name.split("_")[0]


class TurnResult(BaseModel):
    """What came out of one turn."""

    understood: Understood
    messages: list[MessageOut]
    state: dict[str, Any]


@dataclass(frozen=True)
class TurnRequest:
    """What goes in: text, or the intent and entities of a pressed button; `audience`: whose words they are."""

    turn_id: str
    text: str
    state: dict[str, Any]
    audience: str
    intent: str | None = None
    entities: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        return {
            "turn_id": self.turn_id,
            "text": self.text,
            "intent": self.intent,
            "entities": [{"entity": name, "value": value} for name, value in self.entities.items()],
            "state": self.state,
            "audience": self.audience,
            "metadata": {},
        }


class RasaClient:
    """Speaks to the channel in bot/components. A turn is waited for without end: a cancelled one is half done."""

    def __init__(self, url: str, secret: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.AsyncClient(
            headers={"Authorization": f"Bearer {secret}"},
            timeout=httpx.Timeout(None, connect=2.0),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            trust_env=False,
        )

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Run one turn. Raises RasaUnavailableError, TurnLostError, TurnFailedError, NotTheirsError."""
        try:
            response = await self._client.post(f"{self._url}/webhooks/anze/turn", json=request.body())
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise RasaUnavailableError(type(error).__name__) from error
        except httpx.TransportError as error:
            raise TurnLostError(type(error).__name__) from error
        if response.status_code == 503:
            raise RasaUnavailableError("no model")
        if response.status_code == 403:
            raise NotTheirsError
        if response.status_code != 200:
            raise TurnFailedError(f"status {response.status_code}")
        try:
            return TurnResult.model_validate_json(response.content)
        except ValueError as error:
            raise TurnFailedError("not a turn's result") from error

    async def ready(self) -> dict[str, Any] | None:
        """Which model answers, or None when none does."""
        try:
            response = await self._client.get(f"{self._url}/webhooks/anze/ready", timeout=2.0)
        except httpx.TransportError:
            return None
        if response.status_code != 200:
            return None
        model: dict[str, Any] = response.json()
        return model

    async def close(self) -> None:
        await self._client.aclose()
