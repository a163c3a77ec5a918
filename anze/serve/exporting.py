"""The audit chain's head leaves the database while the application runs and when it ends."""

import logging

from anze.audit import exporting
from anze.audit.exporting import When
from anze.services import Services

log = logging.getLogger(__name__)


async def export(services: Services, when: When = When.DUE) -> None:
    """Export the head if it is time. Asked first without writing: on most rounds there is nothing to do."""
    now = services.clock.now()
    if not await services.db.in_read(lambda session: exporting.needed(session, now, when)):
        return
    path = services.settings.heads_file
    done = await services.db.in_write(lambda session: exporting.export(session, path, now, when))
    if done is not None and done.contradicted:
        log.error("the audit chain does not hold %d exported heads; see anze audit verify", len(done.contradicted))


async def export_last(services: Services) -> None:
    """On a clean shutdown, whatever is new. A disk that is full must not keep the application from ending."""
    try:
        await export(services, When.MOVED)
    except Exception as error:  # said, and made up for by the next export
        log.error("the audit chain's head was not exported: %s", type(error).__name__)
