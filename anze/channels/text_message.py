"""A text message that waits in the outbox; refused for good, somebody of a branch calls instead."""

from datetime import datetime
from typing import Any

from anze.channels.models import OutboxChannel


def text_message(
    subject: str, step: str, phone: str, text: str, *, number: str | None, branch_id: int, now: datetime
) -> dict[str, Any]:
    """The columns of its row. (subject, step, phone) is the key: the same again is the same message."""
    return {
        "channel": OutboxChannel.SMS,
        "subject": subject,
        "step": step,
        "recipient": phone,
        "text": text,
        "body": {"number": number},
        "due_at": now,
        "fallback": [{"channel": OutboxChannel.PHONE_TASK.value, "recipient": f"branch:{branch_id}"}],
    }
