"""Work that comes due by itself: jobs that wake up and look at rows. What fails is logged, the rest is done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from uuid import uuid4

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from anze.archives import watching
from anze.clock import legal_date
from anze.complaints import deriving, escalating, extending, notices
from anze.complaints import usecases as complaints
from anze.conversations import uploads_api
from anze.hazards import overdue
from anze.hazards import usecases as hazards
from anze.imports import running as imports
from anze.obligations import rounds, subscribing
from anze.procedure import telling as procedure
from anze.reminders import standing
from anze.reminders.sweep import Sweep
from anze.serve import exporting, ways_out
from anze.services import Services

log = logging.getLogger(__name__)

_SECONDS, _OUTBOX_SECONDS = 5, 1
"""Of the outbox too: somebody waits in WeChat for an answer that took too long for the passive reply."""
_ROUND_SECONDS = 2
"""So long one sweep reckons what duties press; the rest is for the next ones."""
_OWNER = uuid4().hex
"""This process, in what it claims."""

type Step = Callable[[Services], Awaitable[None]]


async def _hand_over_stale(services: Services) -> None:
    """Unfinished complaints go to the staff."""
    told = await services.db.in_write(lambda s: complaints.hand_over_stale(s, services.clock.now(), services.dates))
    for conversation_id in told:
        services.hub.wake(conversation_id)


async def _plan_standing(services: Services) -> None:
    calendar = services.calendar.calendar()
    await services.db.in_write(lambda s: standing.plan_policy_ends(s, services.clock.now(), calendar))


async def _remind(services: Services) -> None:
    voice = ways_out.voice(services)
    sweep = Sweep(services.db, services.clock, services.calendar, voice, owner=_OWNER)
    await sweep.run(services.hub.wake)


async def _note_sent(services: Services) -> None:
    """What the channels made of legal notices: who was told by it, and who was not."""
    await services.db.in_write(hazards.note_sent)
    await services.db.in_write(lambda s: notices.note_outbox(s, services.clock.now(), services.dates))


async def _derive(services: Services) -> None:
    """What an upgrade brought and older cases lack."""
    while await services.db.in_write(lambda s: deriving.derive(s, services.dates, services.clock.now())):
        await asyncio.sleep(0)


async def _escalate(services: Services) -> None:
    """Complaints whose dates come near, and requests for more time that nobody answered."""
    now, calendar = services.clock.now(), services.calendar
    await services.db.in_write(lambda s: escalating.escalate(s, now, calendar))
    await services.db.in_write(lambda s: extending.escalate(s, now, calendar))


async def _mark_overdue(services: Services) -> None:
    """Major hazards whose agreed date has passed become candidates of 9.2 a)."""
    await services.db.in_write(lambda s: overdue.mark_overdue(s, services.clock.now()))


async def _answer_subscriptions(services: Services) -> None:
    """Questions about duties that colleagues want answered again and again."""
    now, calendar = services.clock.now(), services.calendar.calendar()
    for conversation_id in await services.db.in_write(lambda s: subscribing.answer_due(s, now, calendar)):
        services.hub.wake(conversation_id)


async def _make_rounds(services: Services) -> None:
    """Duties whose branches are reminded each week or month; what takes too long among many goes on later."""
    now, calendar = services.clock.now(), services.calendar.calendar()
    until = monotonic() + _ROUND_SECONDS
    for key, name in (await services.db.in_read(lambda s: rounds.due(s, now, calendar))).items():
        found = await services.db.in_read(partial(rounds.pressing, key=key, today=legal_date(now), calendar=calendar))
        if found is not None:
            await services.db.in_write(partial(rounds.note, key=key, name=name, found=found, now=now))
        if monotonic() > until:
            break


async def _tell_procedure(services: Services) -> None:
    """Insureds who were not told yet how complaints are handled (6.4). Asked first without writing."""
    now, calendar = services.clock.now(), services.calendar.calendar()
    pairs = await services.db.in_read(lambda s: procedure.untold(s, now, calendar))
    if pairs:
        for conversation_id in await services.db.in_write(lambda s: procedure.tell(s, pairs, now)):
            services.hub.wake(conversation_id)


async def _serve_wechat(services: Services) -> None:
    """What waits since before a restart, pictures that were not fetched; arrivals that nobody can ask for any more."""
    if services.wechat is not None:
        await services.wechat.reception.backlog.resume()
        for key in await services.wechat.reception.media.waiting():
            await services.wechat.reception.fetch(key)
        await services.wechat.reception.tidy()


async def _resume(services: Services) -> None:
    """Messages without an answer get one."""
    await services.turns.resume()


STEPS: dict[str, Step] = {
    "stale_complaints": _hand_over_stale,
    "standing_reminders": _plan_standing,
    "reminders": _remind,
    "overdue_hazards": _mark_overdue,
    "what_was_sent": _note_sent,
    "derived_dates": _derive,
    "complaint_dates": _escalate,
    "unanswered": _resume,
    "wechat": _serve_wechat,
    "stale_uploads": uploads_api.remove_stale,
    "subscriptions": _answer_subscriptions,
    "duty_rounds": _make_rounds,
    "import_files": imports.tidy,
    "photos": watching.watch,
    "procedure": _tell_procedure,
    "audit_heads": exporting.export,
}


async def sweep(services: Services) -> None:
    """Do once what is due now, each step for itself."""
    for name, step in STEPS.items():
        await _guarded(name, step, services)


async def deliver(services: Services) -> None:
    """Send once what waits in the outbox."""
    await _guarded("outbox", ways_out.deliver, services)


async def import_files(services: Services) -> None:
    """Check and write what administrators brought; what takes a minute holds up no reminder."""
    await _guarded("imports", imports.run_due, services)


async def _guarded(name: str, step: Step, services: Services) -> None:
    try:
        await step(services)
    except Exception as error:  # the next round tries again; one kind of work must not hold up the others
        log.error("sweep step %s failed: %s", name, type(error).__name__)


def scheduler(services: Services) -> AsyncIOScheduler:
    """Three jobs, never late (misfire limit off), each never twice at a time: a slow channel delays no reminder."""
    jobs = AsyncIOScheduler(timezone="UTC", event_loop=asyncio.get_running_loop())
    for work, seconds in ((sweep, _SECONDS), (deliver, _OUTBOX_SECONDS), (import_files, _SECONDS)):
        jobs.add_job(
            work, "interval", [services], seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1
        )
    return jobs
