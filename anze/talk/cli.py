"""`anze say` and `anze chat`: talk to the running server from a terminal."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.talk.client import Talk

As = Annotated[str, typer.Option("--as", metavar="USER", help=text("talk.help.as"))]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help=text("talk.help.url"))]
New = Annotated[bool, typer.Option("--new", help=text("talk.help.new"))]
Password = Annotated[str, typer.Option("--password", metavar="WORD", help=text("talk.help.password"))]
DEMO_PASSWORD = "demo-anze"  # noqa: S105 - named in the README, refused on any database but the demo one

say = typer.Typer()
chat = typer.Typer()


@say.command("say", help=text("talk.help.say"))
def say_once(
    words: Annotated[str, typer.Argument(metavar="TEXT")],
    as_: As = "visitor",
    url: Url = None,
    new: New = False,
    password: Password = DEMO_PASSWORD,
    as_json: commands.Json = False,
) -> None:
    from anze.talk.show import lines_of  # noqa: PLC0415 - loaded when called

    with _talk(as_, url, password, new=new) as talk:
        answer = talk.send(words)
    lines = [line for message in answer["messages"] for line in lines_of(message)]
    commands.say(answer, lines, as_json=as_json)


@chat.command("chat", help=text("talk.help.chat"))
def chat_on(
    as_: As = "visitor",
    url: Url = None,
    new: New = False,
    password: Password = DEMO_PASSWORD,
    as_json: commands.Json = False,
) -> None:
    with _talk(as_, url, password, new=new) as talk:
        screen = _Screen(as_json=as_json)
        for message in talk.history()[-_RECENT:]:
            screen.show(message)
        listener = threading.Thread(target=_listen, args=(talk, screen), daemon=True)
        listener.start()
        typer.echo(text("talk.how"), err=True)
        while (words := _read()) is not None:
            if not words:
                continue
            for message in talk.send(screen.meant(words))["messages"]:
                screen.show(message)


_RECENT = 6
"""Messages of an earlier talk that are shown when it goes on."""


class _Screen:
    """What is on the terminal: messages, and the buttons that a number stands for now."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._buttons: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._last = 0

    def show(self, message: dict[str, Any]) -> None:
        from anze.talk.show import lines_of  # noqa: PLC0415 - loaded when called

        with self._lock:
            if message["id"] <= self._last:
                return  # a late answer comes by both ways
            self._last = message["id"]
            if message.get("buttons"):
                self._buttons = message["buttons"]
            lines = lines_of(message)
            if message.get("direction") == "in":
                lines = [text("talk.you", text=message["text"])]
            commands.say(message, lines, as_json=self._as_json)

    def meant(self, words: str) -> str:
        """A button's payload for its number, else the words themselves."""
        with self._lock:
            if words.isdecimal() and 1 <= int(words) <= len(self._buttons):
                return str(self._buttons[int(words) - 1]["payload"])
            return words


def _listen(talk: "Talk", screen: _Screen) -> None:
    for message in talk.pushed():
        screen.show(message)


def _read() -> str | None:
    """The next line without its ends, None at the end of input."""
    if sys.stdin.isatty():
        typer.echo(text("talk.prompt") + " ", nl=False, err=True)
    line = sys.stdin.readline()
    return line.strip() if line else None


@contextmanager
def _talk(name: str, url: str | None, password: str, *, new: bool) -> Iterator["Talk"]:
    from anze.talk.client import RefusedByServerError, Talk, UnreachableError, User  # noqa: PLC0415

    settings = commands.settings()
    address = url or f"http://{settings.host}:{settings.port}"
    talk = Talk(
        address,
        User(name),
        settings.data / "cli-sessions.json",
        password=password,
        ask_code=lambda: str(typer.prompt(text("talk.code"), err=True)),
    )
    try:
        talk.sign_in(anew=new)
        yield talk
    except RefusedByServerError as refused:
        raise commands.RefusedError(line=str(refused)) from refused
    except UnreachableError as error:
        raise commands.RefusedError(line=text("talk.unreachable", url=address)) from error
    finally:
        talk.close()
