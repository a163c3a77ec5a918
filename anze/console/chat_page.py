"""The assistant: a colleague's own talk with the bot, in the console."""

from anze.console.chat_panel import ChatPanel
from anze.console.frame import colleague, frame
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.identity import browser


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    who = await visit.read(colleague)
    me = await browser.whose(visit.request)
    with frame(visit, who, "chat", say("chat.title")):
        tag("p", say("chat.hint"), "soft")
        await ChatPanel(visit, me.conversation_id).show()
