"""`anze db upgrade` and `anze demo load`."""

import typer

from anze import commands
from anze.texts import text

db = typer.Typer(help=text("db.help.db"), no_args_is_help=True)
demo = typer.Typer(help=text("db.help.demo"), no_args_is_help=True)


@db.callback()
def _db() -> None:
    """Makes the app a group."""


@demo.callback()
def _demo() -> None:
    """Makes the app a group."""


@db.command("upgrade", help=text("db.help.upgrade"))
def upgrade(as_json: commands.Json = False) -> None:
    from anze import migrate  # noqa: PLC0415 - loaded when called

    with commands.database(commands.settings(), current=False) as database:
        before = migrate.current(database.engine)
        migrate.upgrade(database.engine)
        after = migrate.current(database.engine)
    line = text("db.already" if before == after else "db.upgraded", revision=after)
    commands.say({"revision": after, "before": before}, [line], as_json=as_json)


@demo.command("load", help=text("db.help.load"))
def load(as_json: commands.Json = False) -> None:
    from anze.clock import legal_date  # noqa: PLC0415 - loaded when called
    from anze.conversations.files import FileStore  # noqa: PLC0415
    from anze.demo.load import load as load_demo  # noqa: PLC0415
    from anze.demo.papers import keep as keep_papers  # noqa: PLC0415
    from anze.demo.sources import sources  # noqa: PLC0415

    settings = commands.settings()
    now = commands.now(settings)
    with commands.database(settings) as database, database.write() as session:
        loaded = load_demo(session, now, sources(settings))
        keep_papers(FileStore(settings.files, settings.upload_limit_bytes))
    today = legal_date(now).isoformat()
    line = text("db.demo_loaded", today=today) if loaded else text("db.demo_there")
    commands.say({"loaded": loaded, "today": today}, [line], as_json=as_json)
