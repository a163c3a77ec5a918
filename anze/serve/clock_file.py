"""`anze clock set` moves the clock of a running demo: two files in the data folder, a request and its answer."""

import asyncio
import time
from datetime import datetime
from pathlib import Path

from anze.clock import Clock, parse_instant

NAME, ANSWER = "clock", "clock.answer"
_SECONDS = 0.5


def ask(data: Path, instant: datetime, wait_seconds: float = 5.0) -> datetime | None:
    """Ask the running application to move on; gives what its clock says then, None when no demo runs on this folder.

    A clock that is later already does not move.
    """
    request, answer = data / NAME, data / ANSWER
    answer.unlink(missing_ok=True)
    write(data, instant.isoformat())
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        if answer.exists():
            now = parse_instant(answer.read_text(encoding="utf-8"))
            answer.unlink()
            return now
        time.sleep(_SECONDS / 5)
    request.unlink(missing_ok=True)
    return None


def write(data: Path, instant: str) -> None:
    """Leave the request to move on to an ISO instant."""
    parse_instant(instant)
    _put(data / NAME, instant)


def _put(file: Path, instant: str) -> None:
    draft = file.with_name(f"{file.name}.tmp")
    draft.write_text(instant, encoding="utf-8")
    draft.replace(file)


async def follow(data: Path, clock: Clock) -> None:
    """Move the clock whenever somebody asks for it; a request is taken once."""
    request = data / NAME
    request.unlink(missing_ok=True)
    while True:
        await asyncio.sleep(_SECONDS)
        if request.exists():
            instant = parse_instant(request.read_text(encoding="utf-8"))
            request.unlink()
            if instant > clock.now():
                clock.move_to(instant)
            _put(data / ANSWER, clock.now().isoformat())
