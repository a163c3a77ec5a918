"""What one person is told at once: one reminder as it is, several as one numbered message. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anze.channels.rasa import ButtonOut, MessageOut
from anze.reminders.content import Moment, Said
from anze.reminders.models import Reminder
from anze.texts import text as say


@dataclass(frozen=True)
class Item:
    """A row and its words."""

    row: Reminder
    said: Said

    @property
    def number(self) -> int:
        return self.row.id


def words(items: Sequence[Item]) -> str:
    """The text of one or several reminders."""
    if len(items) == 1:
        return items[0].said.text
    lines = [say("reminder.several", count=len(items))]
    lines += [say("reminder.several_item", no=no, said=item.said.text) for no, item in enumerate(items, 1)]
    return "\n".join(lines)


def message(items: Sequence[Item]) -> MessageOut:
    """The message in a talk; a button of several reminders names the one that it belongs to."""
    buttons: list[ButtonOut] = []
    for no, item in enumerate(items, 1):
        for button in item.said.buttons:
            title = button.title if len(items) == 1 else say("reminder.several_button", no=no, title=button.title)
            buttons.append(button.model_copy(update={"title": title}))
    data = {
        "kind": "reminder",
        "items": [
            {"kind": item.row.kind, "number": item.said.number, "due_on": item.row.due_on.isoformat()}
            for item in items
        ],
    }  # fmt: skip
    response = f"utter_reminder_{items[0].row.kind if len(items) == 1 else 'several'}"
    return MessageOut(text=words(items), response=response, buttons=buttons, custom={"data": data})


def pending(items: Sequence[Item], moment: Moment) -> dict[str, Any] | None:
    """What a short answer is about. After several that could be answered it is about none, nor about anything older."""
    open_ = [item for item in items if item.said.answer is not None]
    if not open_:
        return None
    if len(open_) > 1:
        return _pending("several", "", None, None, moment.now, {})
    (item,) = open_
    answer = item.said.answer
    assert answer is not None
    until = moment.now + timedelta(hours=moment.policy.kind(item.row.kind).answer_hours)
    return _pending(item.row.kind, item.row.subject, answer.question, answer.intent, until, answer.entities)


def _pending(
    kind: str, subject: str, question: str | None, intent: str | None, until: datetime, entities: dict[str, str]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": subject,
        "question": question,
        "intent": intent,
        "until": until.isoformat(),
        "entities": entities,
    }
