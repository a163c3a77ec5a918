"""Messages as the contract shows them to a page or a program."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import SHANGHAI
from anze.conversations.models import Button, File, Message


def messages(session: Session, rows: list[Message]) -> list[dict[str, Any]]:
    """The contract's message objects of some rows, in their order; buttons and files are read in two queries."""
    ids = [row.id for row in rows]
    buttons: dict[int, list[dict[str, Any]]] = {}
    for button in session.scalars(select(Button).where(Button.message_id.in_(ids)).order_by(Button.position)):
        buttons.setdefault(button.message_id, []).append(
            {"title": button.title, "payload": button.token, "used": button.used_at is not None}
        )
    file_ids = [file_id for row in rows for file_id in row.payload.get("files", [])]
    files = {file.id: file for file in session.scalars(select(File).where(File.id.in_(file_ids)))} if file_ids else {}
    return [_view(row, buttons.get(row.id, []), files) for row in rows]


def _view(row: Message, buttons: list[dict[str, Any]], files: dict[str, File]) -> dict[str, Any]:
    view: dict[str, Any] = {
        "id": row.id,
        "direction": row.direction,
        "at": row.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "sender": row.sender,
        "text": row.text,
        "buttons": buttons,
        "citations": row.payload.get("citations", []),
        "files": [file_view(files[file_id]) for file_id in row.payload.get("files", []) if file_id in files],
    }
    optional = {
        "message_id": row.client_id,
        "topic": row.topic,
        "sender_name": row.sender_name,
        "table": row.payload.get("table"),
        "data": row.payload.get("data"),
        "pushed": row.pushed or None,
    }
    return view | {name: value for name, value in optional.items() if value is not None}


def file_view(file: File) -> dict[str, Any]:
    return {"file_id": file.id, "name": file.name, "mime": file.mime, "size": file.size}
