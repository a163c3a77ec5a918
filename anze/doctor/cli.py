"""`anze doctor`: what is wrong with this installation. Ends with 1 when something is."""

import typer

from anze import commands
from anze.texts import text

doctor = typer.Typer()


@doctor.command("doctor", help=text("doctor.help"))
def examine(as_json: commands.Json = False) -> None:
    from anze.doctor.checks import Doctor, State  # noqa: PLC0415 - loaded when called

    settings = commands.settings()
    found = []
    for one in Doctor(settings, commands.now(settings)).findings():
        found.append(one)
        if not as_json:
            note = text(f"doctor.note.{one.note}", **one.fields)
            typer.echo(f"{text(f'doctor.state.{one.state}')} {text(f'doctor.part.{one.part}')}：{note}")
    sound = all(one.state != State.WRONG for one in found)
    parts = [
        {
            "part": one.part,
            "state": one.state.value,
            "note": text(f"doctor.note.{one.note}", **one.fields),
            **one.fields,
        }
        for one in found
    ]
    commands.say({"ok": sound, "parts": parts}, [text("doctor.sound" if sound else "doctor.ill")], as_json=as_json)
    if not sound:
        raise typer.Exit(1)
