"""`anze audit verify`: was anything altered? Ends with 1 when it was."""

import typer

from anze import commands
from anze.texts import text

audit = typer.Typer(help=text("audit.help.audit"), no_args_is_help=True)


@audit.callback()
def _audit() -> None:
    """Makes the app a group."""


@audit.command("verify", help=text("audit.help.verify"))
def verify(as_json: commands.Json = False) -> None:
    from anze.audit.chain import verify as walk  # noqa: PLC0415 - loaded when called
    from anze.audit.models import AuditHead  # noqa: PLC0415

    with commands.database(commands.settings()) as database, database.read() as session:
        problems = walk(session)
        head = session.get(AuditHead, 1)
        events, sha256 = (head.seq, head.sha256) if head else (None, None)
    lines = [text(f"audit.fault.{one.fault}", first=one.first, last=one.last) for one in problems]
    result = {
        "ok": not problems,
        "events": events,
        "head": sha256,
        "problems": [{"fault": one.fault.value, "first": one.first, "last": one.last} for one in problems],
    }
    summary = (
        text("audit.altered", count=len(problems)) if problems else text("audit.sound", events=events, head=sha256)
    )
    commands.say(result, [*lines, summary], as_json=as_json)
    if problems:
        raise typer.Exit(1)
