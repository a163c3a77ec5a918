"""Runs turns: one at a time in each conversation, in order of arrival, never cancelled, answered late if need be."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import DataError

from anze.calendar.data import CalendarStore
from anze.channels.hub import Hub
from anze.channels.rasa import (
    NotTheirsError,
    RasaClient,
    RasaUnavailableError,
    TurnFailedError,
    TurnLostError,
    TurnRequest,
    TurnResult,
)
from anze.clock import Clock
from anze.conversations import running
from anze.conversations.running import Waiting
from anze.db import Database

log = logging.getLogger(__name__)

SLOTS = 8
"""So many conversations are answered at a time, the others in order of arrival: Rasa is one process, and a crowd that
asks for the database all at once keeps new messages from being stored."""
_SLOT_SECONDS = 3.0
"""A turn that takes longer gives its slot to the next one and goes on without."""
_RENEW_SECONDS = 20.0
_TRIES = 2
_LOSSES = 3
"""So often may Rasa break off one turn: a message that brings it down must not do so for ever."""


class TurnRunner:
    """Takes stored messages through Rasa and stores the answers. A row of the conversation says who runs its turns."""

    def __init__(
        self,
        db: Database,
        rasa: RasaClient,
        clock: Clock,
        hub: Hub,
        real_now: Callable[[], datetime],
        calendar: CalendarStore,
        *,
        poll_seconds: float = 0.25,
    ) -> None:
        self._db = db
        self._rasa = rasa
        self._clock = clock
        self._hub = hub
        self._real_now = real_now
        self._calendar = calendar
        self._poll_seconds = poll_seconds
        self._owner = uuid4().hex
        self._drains: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._slots = asyncio.Semaphore(SLOTS)
        self._slotted: set[str] = set()
        self._delayed: set[str] = set()
        self._back: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def busy(self) -> bool:
        """Whether this process is answering anything."""
        return bool(self._drains)

    @property
    def crowded(self) -> bool:
        """Whether a message that comes now has to wait for others."""
        return len(self._drains) >= SLOTS

    def start(self, conversation_id: str) -> None:
        """See to it that the waiting messages of a conversation are answered. Returns at once."""
        if self._closing:
            return
        if conversation_id in self._drains:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._drain(conversation_id))
        self._drains[conversation_id] = task
        task.add_done_callback(partial(self._ended, conversation_id))

    async def resume(self) -> None:
        """Take up what an earlier process left unanswered."""
        for conversation_id in await self._db.in_read(running.unanswered):
            self.start(conversation_id)

    async def answer(self, conversation_id: str, message_id: int, timeout: float) -> dict[str, Any] | None:
        """Wait for the answer to a stored message; None when it takes longer than `timeout` seconds."""
        deadline = asyncio.get_running_loop().time() + timeout
        async with self._hub.listen(conversation_id) as woken:
            self.start(conversation_id)
            while True:
                woken.clear()
                views = await self._db.in_read(partial(running.answers_if_done, message_id=message_id))
                if views is not None:
                    return views
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or conversation_id in self._delayed:
                    return None
                try:
                    await asyncio.wait_for(woken.wait(), min(left, self._poll_seconds))
                except TimeoutError:
                    continue

    async def close(self, patience: float = 5.0) -> None:
        """Wait shortly for turns under way; what is left is given up at once, for whoever starts next."""
        self._closing = True
        left = dict(self._drains)
        if ending := [task for conversation_id, task in left.items() if conversation_id not in self._delayed]:
            await asyncio.wait(ending, timeout=patience)
        for task in [*left.values(), *([self._back] if self._back else [])]:
            task.cancel()
        await asyncio.gather(*left.values(), return_exceptions=True)
        for conversation_id in left:
            await self._db.in_write(partial(running.give_up, conversation_id=conversation_id, owner=self._owner))

    def _ended(self, conversation_id: str, task: "asyncio.Task[None]") -> None:
        del self._drains[conversation_id]
        self._delayed.discard(conversation_id)
        if not task.cancelled() and task.exception() is not None:
            log.error("turn runner stopped: %s", type(task.exception()).__name__)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.start(conversation_id)

    async def _drain(self, conversation_id: str) -> None:
        await self._slots.acquire()
        self._slotted.add(conversation_id)
        try:
            waiting = await self._db.in_write(
                lambda s: running.claim_next(s, conversation_id, self._owner, self._real_now(), self._calendar)
            )
            while waiting is not None:
                waiting = await self._run(waiting)
        finally:
            self._give_slot(conversation_id)

    def _give_slot(self, conversation_id: str) -> None:
        if conversation_id in self._slotted:
            self._slotted.discard(conversation_id)
            self._slots.release()

    async def _run(self, waiting: Waiting) -> Waiting | None:
        """Answer one message; returns the next one of the conversation."""
        try:
            result = None if waiting.handled else await self._through_rasa(waiting)
        except NotTheirsError:
            log.warning("turn %s: a button of another audience was pressed", waiting.turn_id)
            result, waiting = None, running.not_theirs(waiting)
        try:
            following = await self._finish(waiting, result)
        except DataError:
            # An answer that no column can hold must not stop the conversation for good.
            log.error("turn %s: its answer cannot be stored", waiting.turn_id)
            following = await self._finish(waiting, None)
        self._delayed.discard(waiting.conversation_id)
        self._hub.wake(waiting.conversation_id)
        return following

    async def _finish(self, waiting: Waiting, result: TurnResult | None) -> Waiting | None:
        return await self._db.in_write(
            lambda s: running.finish(
                s, waiting, result, self._owner, self._clock.now(), self._real_now(), self._calendar
            )
        )

    async def _through_rasa(self, waiting: Waiting) -> TurnResult | None:
        """The turn's result, or None when Rasa could not make one of it, twice. Raises NotTheirsError."""
        request = TurnRequest(
            waiting.turn_id, waiting.text, waiting.state, waiting.audience, waiting.intent, waiting.entities
        )
        for attempt in range(1, _TRIES + 1):
            try:
                result = await self._patiently(request, waiting.conversation_id)
            except TurnFailedError as error:
                log.error("turn %s failed, attempt %d: %s", waiting.turn_id, attempt, error)
                continue
            if result.messages:
                return result
            log.error("turn %s gave no answer, attempt %d", waiting.turn_id, attempt)
            if await self._db.in_read(partial(running.has_written, turn_id=waiting.turn_id)):
                return None
        return None

    async def _patiently(self, request: TurnRequest, conversation_id: str) -> TurnResult:
        """Run a turn, waiting for Rasa to come back as long as it takes. Raises TurnFailedError."""
        losses = 0
        while True:
            try:
                return await self._once(request, conversation_id)
            except TurnLostError as error:
                losses += 1
                if losses == _LOSSES:
                    raise TurnFailedError(str(error)) from error
            except RasaUnavailableError:
                pass
            self._give_slot(conversation_id)
            self._delayed.add(conversation_id)
            self._hub.wake(conversation_id)
            await self._rasa_back()
            await self._renew(conversation_id)

    async def _once(self, request: TurnRequest, conversation_id: str) -> TurnResult:
        turn = asyncio.create_task(self._rasa.turn(request))
        try:
            if not (await asyncio.wait({turn}, timeout=_SLOT_SECONDS))[0]:
                self._give_slot(conversation_id)
            while not (await asyncio.wait({turn}, timeout=_RENEW_SECONDS))[0]:
                await self._renew(conversation_id)
            return turn.result()
        finally:
            turn.cancel()  # only when this process ends: a turn that is done takes no notice

    async def _renew(self, conversation_id: str) -> None:
        await self._db.in_write(lambda s: running.renew(s, conversation_id, self._owner, self._real_now()))

    async def _rasa_back(self) -> None:
        """Wait until Rasa answers again; one poller for all conversations."""
        if self._back is None or self._back.done():
            self._back = asyncio.create_task(self._poll_ready())
        await asyncio.shield(self._back)

    async def _poll_ready(self) -> None:
        await asyncio.sleep(self._poll_seconds)
        while await self._rasa.ready() is None:
            await asyncio.sleep(self._poll_seconds)


def real_now() -> datetime:
    """The machine's clock: leases and tokens go by it, also while a demo clock runs."""
    return datetime.now(UTC)
