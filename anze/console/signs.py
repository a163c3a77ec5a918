"""Signs of colleagues at what a page shows: who has it open too, who is writing. Kept between processes in rows."""

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import background_tasks
from sqlalchemy.orm import Session

from anze.console.html import tag
from anze.console.visit import SignedOutError, Visit
from anze.console.words import say
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.presence import usecases as presence
from anze.presence.rules import BEAT, Doing
from anze.presence.usecases import Subject


class Signs:
    """One per page and subject. `what` (case, talk) names the words; while `there` is false nothing is asked."""

    def __init__(self, visit: Visit, subject: Subject, what: str, there: Callable[[], bool] = lambda: True) -> None:
        self._visit, self._subject, self._what, self._there = visit, subject, what, there
        self._typed, self._beats = False, 0
        self._soon = asyncio.Event()
        self._words: list[str] = []

    def show(self) -> None:
        """Build it, and keep it true as long as the page is open."""
        self._place = tag("div", classes="signs", aria_live="polite")
        beating = background_tasks.create(self._beat(), name="signs")
        self._visit.client.on_disconnect(self._leave)
        self._visit.client.on_delete(beating.cancel)

    def typed(self) -> None:
        """A key was pressed: colleagues see it at once, and then with every beat."""
        if not self._typed:
            self._soon.set()
        self._typed = True

    async def sent(self) -> None:
        """What was written is sent."""
        self._typed = False
        await self._write(lambda s, me: presence.stop(s, me, self._subject))

    async def _beat(self) -> None:
        while True:
            self._soon.clear()
            try:
                if self._visit.client.has_socket_connection:
                    self._fill(await self._look() if self._there() else [])
            except SignedOutError:
                return  # the page's own events show the sign-in page
            except DomainError:
                self._fill([])
            try:
                await asyncio.wait_for(self._soon.wait(), BEAT.total_seconds())
            except TimeoutError:
                continue
            await asyncio.sleep(0.3)  # one sign for the first keys

    async def _look(self) -> list[dict[str, Any]]:
        """Every second beat renews the own sign, the others only look: half the writing. An auditor leaves none.

        A sign is no use of the session; and what a page asks by itself is no read that could be denied to somebody.
        """
        speaker = await self._visit.speaker(used=False)
        self._beats += 1
        typed, self._typed = self._typed, False
        db = self._visit.services.db
        if speaker.role != Role.AUDITOR and (typed or self._beats % 2):
            doing = Doing.TYPING if typed else Doing.OPEN
            return await db.in_write(lambda s: presence.come(s, speaker, self._subject, doing, real_now()))
        return await db.in_read(lambda s: presence.others(s, speaker, self._subject, real_now()))

    async def _write(self, work: Callable[[Session, Speaker], None]) -> None:
        speaker = await self._visit.speaker(used=False)
        if speaker.role != Role.AUDITOR:
            await self._visit.services.db.in_write(lambda session: work(session, speaker))

    async def _leave(self) -> None:
        try:
            if self._there():
                await self._write(lambda s, me: presence.leave(s, me, self._subject))
        except (SignedOutError, DomainError):
            return  # the row runs out by itself

    def _fill(self, seen: list[dict[str, Any]]) -> None:
        by = {doing: [one["name"] for one in seen if one["doing"] == doing] for doing in (Doing.TYPING, Doing.OPEN)}
        words = [
            say(f"signs.{'typing' if doing is Doing.TYPING else self._what}", names="、".join(names))
            for doing, names in by.items()
            if names
        ]
        if words == self._words:
            return
        self._words = words
        self._place.clear()
        with self._place:
            for line in words:
                tag("p", line, "sign")
