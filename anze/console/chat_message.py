"""One message of the assistant's page, with all its parts."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from anze.console.duty_asked import address_of
from anze.console.html import facts, section, table, tag
from anze.console.words import moment, say
from anze.obligations.query import Query

type Message = dict[str, Any]


def show(message: Message, button: Callable[[dict[str, Any]], Element]) -> None:
    """As an item of the list that is current; `button` makes an offered one."""
    mine = message["direction"] == "in"
    with tag("li", classes=f"message {'mine' if mine else message['sender']}"):
        name = say("chat.me") if mine else message.get("sender_name") or say(f"talk.sender.{message['sender']}")
        tag("p", f"{name} · {moment(message['at'])}", "soft")
        if message["text"]:
            tag("p", message["text"], "said")
        _data(message.get("data") or {})
        if found := message.get("table"):
            table(found["columns"], found["rows"])
        _clauses(message["citations"])
        _files(message["files"])
        if message["buttons"]:
            with tag("div", classes="buttons"):
                for offered in message["buttons"]:
                    button(offered)


def _data(data: dict[str, Any]) -> None:
    """The typed result: its rows as names and values, and the way to the case it is about."""
    if rows := data.get("rows"):
        facts((row["label"], row["value"]) for row in rows)
    if data.get("kind") == "query" and data["connected"]:
        with tag("p"):
            tag("a", say("chat.list"), href=address_of(Query.from_json(data["filters"])))
    elif link := data.get("link"):
        with tag("p"):
            tag("a", say("chat.decide"), "button primary", href=link)
    elif number := data.get("number"):
        with tag("p"):
            tag("a", say("chat.open"), href=f"/staff/complaints/{number}")


def _clauses(citations: list[dict[str, str]]) -> None:
    if citations:
        with section(say("chat.clauses"), open_=False):
            facts((f"{one['version']} {one['clause']}", one["text"]) for one in citations)


def _files(files: list[dict[str, Any]]) -> None:
    if files:
        tag("p", say("chat.files"), "soft")
        with tag("ul"):
            for file in files:
                with tag("li"):
                    tag("a", file["name"], href=f"/api/files/{file['file_id']}", target="_blank", rel="noopener")
