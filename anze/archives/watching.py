"""A step of the sweep: photos that came are read off the event loop and compared; what is odd waits for a person."""

import asyncio
from functools import partial
from pathlib import Path

from anze.archives import doubts
from anze.archives.photos import Seen, seen
from anze.services import Services


async def watch(services: Services) -> None:
    """One batch. Asked first without writing."""
    now = services.clock.now()
    batch = await services.db.in_read(partial(doubts.due, now=now))
    if batch.upto is None:
        return
    read = await asyncio.to_thread(lambda: {one: _seen(services.files.path(one)) for one in batch.unread})
    await services.db.in_write(lambda session: doubts.note(session, batch, read, now))


def _seen(path: Path) -> Seen:
    """A photo whose bytes are lost says nothing."""
    return seen(path.read_bytes()) if path.is_file() else Seen()
