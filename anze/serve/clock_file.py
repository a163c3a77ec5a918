"""`anze clock set` moves the clock of a running demo: a file in the data folder, looked at every second."""

import asyncio
from pathlib import Path

from anze.clock import Clock, parse_instant

NAME = "clock"
_SECONDS = 0.5


def write(data: Path, instant: str) -> None:
    """Ask the running application to move on to an ISO instant."""
    parse_instant(instant)
    draft = data / f"{NAME}.tmp"
    draft.write_text(instant, encoding="utf-8")
    draft.replace(data / NAME)


async def follow(data: Path, clock: Clock) -> None:
    """Move the clock whenever somebody asks for it; a request is taken once."""
    file = data / NAME
    file.unlink(missing_ok=True)
    while True:
        await asyncio.sleep(_SECONDS)
        if file.exists():
            instant = parse_instant(file.read_text(encoding="utf-8"))
            file.unlink()
            if instant > clock.now():
                clock.move_to(instant)
