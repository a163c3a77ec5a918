"""Guesses are counted: five wrong ones lock a key for fifteen minutes, whoever tries and whether it exists or not."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from anze.db import insert_missing
from anze.identity.auth import sha256
from anze.identity.models import GuessLock

TRIES = 5
LOCKS = timedelta(minutes=15)


def held(session: Session, key: str) -> GuessLock:
    """The row of a key (made when there is none), held until the transaction ends."""
    digest = sha256(key)
    insert_missing(session, GuessLock, key_sha256=digest, failures=0, sent=0)
    return session.get_one(GuessLock, digest, with_for_update=True, populate_existing=True)


def minutes_locked(lock: GuessLock, now: datetime) -> int:
    """How long it stays locked, in begun minutes; 0 when it is open."""
    if lock.locked_until is None or now >= lock.locked_until:
        return 0
    return -(-int((lock.locked_until - now).total_seconds()) // 60) or 1


def failed(lock: GuessLock, now: datetime) -> int:
    """Count a wrong guess; how many are left, 0 when that was the last one and the key is locked now."""
    lock.failures += 1
    if lock.failures < TRIES:
        return TRIES - lock.failures
    lock.failures, lock.locked_until = 0, now + LOCKS
    return 0
