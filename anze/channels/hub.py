"""Wakes whoever waits for something new in a conversation: open event streams and callers that wait for an answer.

It carries no content. Waiters read the database, so a lost wake-up costs a moment and never a message.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Hub:
    """One per process; used from its event loop only."""

    def __init__(self) -> None:
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def listen(self, conversation_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something happens in the conversation; the listener clears it."""
        woken = asyncio.Event()
        self._waiters[conversation_id].add(woken)
        try:
            yield woken
        finally:
            self._waiters[conversation_id].discard(woken)
            if not self._waiters[conversation_id]:
                del self._waiters[conversation_id]

    def wake(self, conversation_id: str) -> None:
        for waiter in self._waiters.get(conversation_id, ()):
            waiter.set()
