"""The parts that the application is made of, and where they are put together."""

import logging
import secrets
from dataclasses import dataclass

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WARN_BELOW
from anze.channels.hub import Hub
from anze.channels.rasa import RasaClient
from anze.channels.wechat.account import account_of
from anze.channels.wechat.wiring import WeChat
from anze.channels.wechat.wiring import build as build_wechat
from anze.clock import Clock, parse_instant
from anze.complaints.dates import ComplaintDates
from anze.complaints.editions import refuse_missing
from anze.conversations.files import FileStore
from anze.conversations.turns import TurnRunner, real_now
from anze.db import Database, make_engine
from anze.demo.load import is_demo
from anze.errors import DomainError
from anze.identity.codes import Codes
from anze.obligations.proving import prove
from anze.settings import Settings
from anze.standard.editions import read_editions, use

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """Handed to HTTP routes, actions and sweeps; tests build one with their own clock and database."""

    settings: Settings
    db: Database
    clock: Clock
    hub: Hub
    rasa: RasaClient
    turns: TurnRunner
    calendar: CalendarStore
    dates: ComplaintDates
    codes: Codes
    files: FileStore
    engine_secret: str
    demo: bool
    wechat: WeChat | None = None

    async def close(self) -> None:
        """End what is under way and give back what is held."""
        if self.wechat is not None:
            await self.wechat.close()
        await self.turns.close()
        await self.rasa.close()
        self.db.dispose()


def build(
    settings: Settings, *, rasa_url: str, engine_secret: str | None = None, clock: Clock | None = None
) -> Services:
    """Put the application together over a migrated database."""
    db = Database(make_engine(settings.database))
    with db.read() as session:
        demo = is_demo(session)
    clock = clock or _clock(settings, demo=demo)
    secret = engine_secret or settings.engine_secret or secrets.token_urlsafe(32)
    hub = Hub()
    rasa = RasaClient(rasa_url, secret)
    calendar = CalendarStore(settings.knowledge, settings.data)
    warn_of_missing_notices(calendar, clock)
    editions = read_editions(settings.knowledge, settings.data, clock.today, prove)
    with db.read() as session:
        refuse_missing(session, editions)
    use(editions)
    turns, dates = TurnRunner(db, rasa, clock, hub, real_now, calendar), ComplaintDates(calendar, editions)
    files, account = FileStore(settings.files, settings.upload_limit_bytes), account_of(settings)
    wechat = None
    if account is not None:
        wechat = build_wechat(account, db=db, turns=turns, hub=hub, clock=clock, files=files, dates=dates)
    return Services(
        settings=settings,
        db=db,
        clock=clock,
        hub=hub,
        rasa=rasa,
        turns=turns,
        calendar=calendar,
        dates=dates,
        codes=Codes(demo=demo),
        files=files,
        engine_secret=secret,
        demo=demo,
        wechat=wechat,
    )


def _clock(settings: Settings, *, demo: bool) -> Clock:
    if settings.now is None:
        return Clock()
    if not demo:
        raise DomainError("clock_demo_only", 409)
    return Clock(parse_instant(settings.now))


def warn_of_missing_notices(calendar: CalendarStore, clock: Clock) -> None:
    """Dates become provisional soon: an operator's job of two minutes (`anze calendar load`)."""
    covered = calendar.calendar().cover_from(clock.today())
    if covered < WARN_BELOW:
        log.warning("only %d working days from today are covered by published notices; load the next year", covered)
