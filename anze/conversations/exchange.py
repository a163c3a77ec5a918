"""A message to the bot and its answer, the same for whoever brings it: HTTP, or a page of the console."""

from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from anze.conversations import inbound, running, store, views
from anze.services import Services


async def receive(
    here: Services,
    conversation_id: str,
    text: str,
    client_id: str | None,
    file_ids: list[str],
    meant: dict[str, Any] | None = None,
) -> int:
    """Store a message before anything else happens with it; its id. `meant` and what it raises: inbound.receive."""

    def work(session: Session) -> int:
        return inbound.receive(session, conversation_id, text, client_id, file_ids, here.clock.now(), meant).id

    return await here.db.in_write(work)


async def answer(here: Services, conversation_id: str, message_id: int) -> dict[str, Any]:
    """The contract's answer to a stored message; a polite word when it takes longer, the answer is then pushed."""
    timeout = here.settings.turn_timeout_seconds
    found = await here.turns.answer(conversation_id, message_id, timeout)
    if found is None:
        said = await here.db.in_write(partial(running.say_interim, message_id=message_id, now=here.clock.now()))
        if said is not None:
            return {"topic": "fallback", "understood": {"intent": None, "confidence": 0.0}, "messages": said}
        found = await here.db.in_read(partial(running.answers_if_done, message_id=message_id))
    if found is None:  # it was done a moment ago, and what is done stays done
        raise LookupError("the answer to a message is gone")
    return found


def since(session: Session, conversation_id: str, after: int) -> list[dict[str, Any]]:
    """What was said in a talk after a message, both directions; from the start (0) the newest."""
    return views.messages(session, store.history(session, conversation_id, after))
