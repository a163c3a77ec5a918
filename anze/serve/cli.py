"""`anze serve` and `anze clock set`."""

from typing import Annotated

import typer

from anze import commands
from anze.texts import text

_WHILE_ASKING = 10
"""Seconds that the clock may have run on between its move and the answer; further on, it was later already."""

serve = typer.Typer()
clock = typer.Typer(help=text("serve.help.clock"), no_args_is_help=True)


@serve.command("serve", help=text("serve.help.serve"))
def run(
    demo: Annotated[bool, typer.Option("--demo", help=text("serve.help.demo"))] = False, as_json: commands.Json = False
) -> None:
    from anze.serve.run import CannotStartError, main  # noqa: PLC0415 - loaded when called
    from anze.standard.load import KnowledgeError  # noqa: PLC0415

    settings = commands.settings()
    if demo:
        settings = settings.model_copy(update={"demo": True})
    commands.now(settings)
    commands.account(settings)
    commands.editions(settings)  # a broken one that is shipped is said before anything starts
    with commands.database(settings, current=False) as database, database.engine.connect():
        pass  # one that cannot be reached is said before anything starts
    try:
        main(settings, as_json=as_json)
    except (CannotStartError, KnowledgeError) as error:
        raise commands.RefusedError(line=str(error)) from error


@clock.callback()
def _clock() -> None:
    """Makes the app a group."""


@clock.command("set", help=text("serve.help.clock_set"))
def set_clock(instant: Annotated[str, typer.Argument(metavar="ISO")], as_json: commands.Json = False) -> None:
    from anze.clock import SHANGHAI  # noqa: PLC0415 - loaded when called
    from anze.demo.load import is_demo  # noqa: PLC0415
    from anze.errors import DomainError  # noqa: PLC0415
    from anze.serve.clock_file import ask  # noqa: PLC0415

    wanted, settings = commands.instant(instant), commands.settings()
    with commands.database(settings) as database, database.read() as session:
        if not is_demo(session):
            raise DomainError("clock_demo_only", 409)
    now = ask(settings.data, wanted)
    if now is None:
        raise commands.RefusedError(line=text("serve.clock_nobody", data=settings.data))
    shown = now.astimezone(SHANGHAI).isoformat(timespec="seconds")
    if now.timestamp() - wanted.timestamp() > _WHILE_ASKING:
        raise commands.RefusedError(line=text("serve.clock_only_forward", now=shown))
    commands.say({"now": shown}, [text("serve.clock_set", now=shown)], as_json=as_json)
