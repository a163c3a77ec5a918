"""What every action has: the turn it answers, one read or write of the application, named responses."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from anze.conversations.turn import Turn
from anze.conversations.usecases import once
from anze.db import Database
from anze.errors import DomainError
from anze.identity import denied
from anze.services import Services

_current: ContextVar["Desk"] = ContextVar("desk")


@dataclass(frozen=True)
class Refused:
    """Why a use case was not done: a code, and words for whoever asked."""

    code: str
    detail: str


class Desk:
    """The turn that an action answers, and its way into the application."""

    def __init__(self, turn: Turn, services: Services) -> None:
        self.turn = turn
        self._db: Database = services.db
        self.services = services

    @property
    def colleague(self) -> bool:
        """Whether one of the insurer's people is in front of the bot."""
        return self.turn.speaker.colleague

    async def read[T](self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a reading use case `work(session, turn, …)`."""

        def run(session: Session) -> T:
            return work(session, self.turn, *args, **kwargs)

        return await self._db.in_read(run)

    async def trying(self, run: Callable[..., Any], work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """`run` (read or write) a use case that may refuse: what it gives, or why not; a denied read is on record."""
        try:
            return await run(work, *args, **kwargs)
        except DomainError as error:
            await denied.record(self._db, error, self.services.clock.now())
            return Refused(error.code, error.detail)

    async def write(self, work: Callable[..., dict[str, Any]], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a writing use case in one transaction, once in this turn: a replay gets the first result."""

        def run(session: Session) -> dict[str, Any]:
            key = f"{work.__module__.split('.')[1]}.{work.__name__}"
            return once(session, self.turn.id, key, lambda: work(session, self.turn, *args, **kwargs))

        return await self._db.in_write(run)


def desk() -> Desk:
    """The desk of the action that is running."""
    return _current.get()


class TurnAction(Action, ABC):  # type: ignore[misc]  # rasa_sdk is untyped
    """An action with its name as a class attribute."""

    action: ClassVar[str]

    def name(self) -> str:
        return self.action

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        return await self.act(desk(), dispatcher, tracker)

    @abstractmethod
    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        """Do it; returns Rasa events."""


async def run_in(desk: Desk, work: Callable[[], Any]) -> Any:
    """Run the executor with this desk current."""

    async def inner() -> Any:
        _current.set(desk)
        return await work()

    return await asyncio.create_task(inner())


def entity(tracker: Tracker, name: str) -> str | None:
    """The latest value of an entity in this message."""
    values = list(tracker.get_latest_entity_values(name))
    return str(values[-1]) if values else None


def intent(tracker: Tracker) -> str:
    return str(tracker.latest_message.get("intent", {}).get("name") or "")
