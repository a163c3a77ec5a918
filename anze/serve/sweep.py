"""Work that comes due by itself: one job wakes up and looks at rows."""

import asyncio
import logging

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from anze.complaints import usecases as complaints
from anze.services import Services

log = logging.getLogger(__name__)

_SECONDS = 5


async def sweep(services: Services) -> None:
    """Do once what is due now: unfinished complaints go to the staff, messages without an answer get one."""
    told = await services.db.in_write(lambda s: complaints.hand_over_stale(s, services.clock.now(), services.dates))
    for conversation_id in told:
        services.hub.wake(conversation_id)
    await services.turns.resume()


async def _guarded(services: Services) -> None:
    try:
        await sweep(services)
    except Exception as error:  # the next round tries again; a sweep must not end for good
        log.error("sweep failed: %s", type(error).__name__)


def scheduler(services: Services) -> AsyncIOScheduler:
    """One job, never late (misfire limit off), never twice at a time."""
    jobs = AsyncIOScheduler(timezone="UTC", event_loop=asyncio.get_running_loop())
    jobs.add_job(
        _guarded, "interval", [services], seconds=_SECONDS, misfire_grace_time=None, coalesce=True, max_instances=1
    )
    return jobs
