"""Noting that people sent something to an authority, and the receipt that came back (9.1, 9.2)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from anze.console.action import Action, day, kept
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.regulators.delivery import Receipt, Sent
from anze.regulators.kinds import Way
from anze.texts import text


def note_sent(
    visit: Visit, do: Callable[[Session, Speaker, Sent, Any], Any], places: dict[int, str] | None = None
) -> None:
    """`do` gets the authority chosen of `places` too (None without)."""
    ways = {str(way): text(f"regulators.way.{way}") for way in Way}
    action = Action(visit, "delivery_sent", kept(visit, lambda s, me, given: do(
        s, me, Sent(Way(given["way"]), day(given["sent_on"]), given["document_no"]), given.get("authority")
    )))  # fmt: skip
    if places is not None:
        action.field("authority", "choice", places)
    action.field("way", "choice", ways, Way.PLATFORM.value).field("sent_on", "day").field("document_no", "line").show()


def note_receipt(visit: Visit, do: Callable[[Session, Speaker, Receipt], Any]) -> None:
    """The receipt with its file."""
    action = Action(visit, "delivery_receipt", kept(visit, lambda s, me, given: do(
        s, me, Receipt(day(given["received_on"]), given["receipt_no"], given["file"])
    )))  # fmt: skip
    action.field("received_on", "day").field("receipt_no", "line").field("file", "file").show()
