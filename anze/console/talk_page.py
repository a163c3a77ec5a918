"""One talk that was handed over, on a page of its own."""

from anze.console.frame import colleague, frame
from anze.console.talk_panel import TalkPanel
from anze.console.visit import Visit
from anze.console.words import say
from anze.conversations import desk


async def build(visit: Visit, conversation_id: str) -> None:
    """The page. Raises SignedOutError, not_found (kept as a denied read when it is another branch's)."""
    who, _ = await visit.read(lambda s, me: (colleague(s, me), desk.read(s, me, conversation_id)))
    with frame(visit, who, "work", say("talk.title")):
        await TalkPanel(visit, conversation_id).show()
