"""One open page of one colleague: who it is, asked anew at every event, and what may be read and written as them."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from nicegui import Client, ui
from sqlalchemy.orm import Session

from anze.audit import retention
from anze.console.door import outer
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity import browser, denied, sessions
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.services import Services
from anze.texts import text as say

log = logging.getLogger(__name__)


class SignedOutError(Exception):
    """The session of the page has ended."""


@dataclass(frozen=True)
class Visit:
    """Lives as long as the page; holds no data of the domain. `request` is the one that loaded the page."""

    request: Request
    client: Client

    @classmethod
    def of(cls, request: Request) -> "Visit":
        return cls(outer(request), ui.context.client)

    @property
    def services(self) -> Services:
        services: Services = self.request.app.state.services
        return services

    def now(self) -> datetime:
        return self.services.clock.now()

    async def speaker(self, *, used: bool = True) -> Speaker:
        """Who it is at this moment, with the rights of this moment. Raises SignedOutError.

        `used` False: nobody did anything (something is to be shown), so the session is not the fresher for it.
        """
        try:
            speaker = await browser.staff_of_request(self.request, used=used)
        except DomainError as error:  # the password was reset meanwhile: the door shows the page for it
            raise SignedOutError from error
        if speaker is None:
            raise SignedOutError
        return speaker

    async def read[T](self, work: Callable[[Session, Speaker], T], *, used: bool = True) -> T:
        """One reading unit as who it is. Raises SignedOutError and what the use case raises; a denied read is kept."""
        speaker = await self.speaker(used=used)
        return await self.kept(self.services.db.in_read(lambda session: work(session, speaker)))

    async def write[T](self, work: Callable[[Session, Speaker], T]) -> T:
        """One writing unit. An auditor writes nothing."""
        speaker = await self.speaker()
        if speaker.role == Role.AUDITOR:
            raise DomainError("forbidden", 403)
        return await self.kept(self.services.db.in_write(lambda session: work(session, speaker)))

    async def own[T](self, work: Callable[[Session, Speaker], T]) -> T:
        """One writing unit over what is the speaker's own alone (a saved view): an auditor's too."""
        speaker = await self.speaker()
        return await self.kept(self.services.db.in_write(lambda session: work(session, speaker)))

    async def kept[T](self, work: Awaitable[T]) -> T:
        """Units of work of their own; what was denied or retained is put on record."""
        try:
            return await work
        except DomainError as error:
            await denied.record(self.services.db, error, self.now())
            await retention.record(self.services.db, error, self.now())
            raise

    def wake(self, talks: list[str]) -> None:
        """Let the pages of these talks show what was said in them."""
        for conversation_id in talks:
            self.services.hub.wake(conversation_id)

    def on(
        self, work: Callable[[], Awaitable[None]], refused: Callable[[DomainError], None] | None = None
    ) -> Callable[[], Awaitable[None]]:
        """An event handler: whoever is signed out gets the sign-in page, a refusal is said (or given to `refused`)."""

        async def handled() -> None:
            try:
                with self.client:  # the element whose event it is may be replaced by the work
                    await work()
            except SignedOutError:
                self.leave()
            except DomainError as error:
                if refused is not None:
                    refused(error)
                else:
                    self.say(error.detail, "negative")
            except Exception as error:
                # As in problems.py: the words of an error may repeat what somebody wrote.
                log.error("an event of %s failed: %s", self.request.url.path, type(error).__name__)
                self.say(say("errors.internal"), "negative")

        return handled

    def say(self, words: str, kind: str = "positive") -> None:
        """Words at the page's edge, read out by a screen reader."""
        with self.client:
            ui.notify(words, type=kind, position="top", timeout=6000)  # type: ignore[arg-type]

    def go(self, path: str) -> None:
        """To another page of the console; `path` begins with a slash, beneath /staff."""
        self.client.open(path)

    def leave(self) -> None:
        """Nothing of the page stays; the door answers the next request with the sign-in page."""
        self.client.content.clear()
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        self.go(self.request.url.path.removeprefix("/staff") + query)

    async def sign_out(self) -> None:
        """End this session."""
        me = await browser.whose(self.request)
        talks = await self.services.db.in_write(lambda session: sessions.end_current(session, me, real_now()))
        self.wake(talks)
        self.leave()
