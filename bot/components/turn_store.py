"""The tracker store of stateless turns (endpoints.yml): holds the turns under way and nothing else.

Rasa wraps whatever store it is given and its own in-memory one keeps every tracker for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class TurnStore(TrackerStore):
    """Trackers by turn id. The channel opens and closes a turn; Rasa only reads and saves in between."""

    turns: ClassVar[dict[str, DialogueStateTracker]] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        self.turns[tracker.sender_id] = tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return self.turns.get(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self.turns)

    @classmethod
    def close(cls, turn_id: str) -> None:
        """Forget a turn."""
        cls.turns.pop(turn_id, None)
