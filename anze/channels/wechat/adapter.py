"""The outbox's way to the platform: customer-service messages, or a template message outside the window."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from anze.channels.outbox.adapter import Outcome, Parcel, Refused, Taken
from anze.channels.wechat.platform import UNSURE, Platform


@dataclass(frozen=True)
class WeChatAdapter:
    """`note(id, sent)` writes down each part that was taken, so that a repeat goes on where it broke off."""

    platform: Platform
    note: Callable[[int, bool], Awaitable[None]]

    async def send(self, parcel: Parcel) -> Outcome:
        if template := parcel.body.get("template"):
            found = await self.platform.call("/cgi-bin/message/template/send", template)
            return found if isinstance(found, Refused) else Taken(str(found.get("msgid") or "") or None)
        unsure = bool(parcel.body.get("unsure"))
        for part in parcel.body["parts"]:
            message = {"touser": parcel.recipient, "msgtype": "text", "text": {"content": part}}
            found = await self.platform.call("/cgi-bin/message/custom/send", message)
            if isinstance(found, Refused):
                if found.code != UNSURE:
                    return found
                if not unsure:  # repeated once: it may have come
                    await self.note(parcel.id, False)
                    return found
            await self.note(parcel.id, True)
            unsure = False
        return Taken()
