"""`anze train`: trains the model when it is missing or stale."""

import time
from typing import Annotated

import typer

from anze import commands
from anze.texts import text

train = typer.Typer()


@train.command("train", help=text("train.help.train"))
def run(
    force: Annotated[bool, typer.Option("--force", help=text("train.help.force"))] = False,
    as_json: commands.Json = False,
) -> None:
    from anze import engine  # noqa: PLC0415 - loaded when called

    try:
        why = engine.stale()
        if why is None and not force:
            commands.say({"trained": False, "card": engine.card()}, [text("train.fresh")], as_json=as_json)
            return
        typer.echo(text("train.begins", why=why or text("train.forced")), err=True)
        began = time.monotonic()
        code = engine.train()
    except engine.EngineMissingError as error:
        raise commands.RefusedError(line=text("serve.no_bot_environment")) from error
    if code:
        typer.echo(text("train.failed"), err=True)
        raise typer.Exit(1)
    line = text("train.done", seconds=round(time.monotonic() - began))
    commands.say({"trained": True, "card": engine.card()}, [line], as_json=as_json)
