"""`anze db upgrade` and `anze demo load`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.db import Database
    from anze.settings import Settings

Json = Annotated[bool, typer.Option("--json", help=text("cli.help.json"))]

db = typer.Typer(help=text("db.help.db"), no_args_is_help=True)
demo = typer.Typer(help=text("db.help.demo"), no_args_is_help=True)


@db.callback()
def _db() -> None:
    """Makes the app a group."""


@demo.callback()
def _demo() -> None:
    """Makes the app a group."""


@contextmanager
def _database(settings: "Settings") -> Iterator["Database"]:
    """The configured database, closed afterwards; one that cannot be reached is refused in one line."""
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - loaded when called

    from anze.db import Database, make_engine  # noqa: PLC0415

    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(make_engine(settings.database))
    try:
        yield database
    except OperationalError as error:
        raise commands.RefusedError(line=text("db.unreachable", data=settings.data)) from error
    finally:
        database.dispose()


@db.command("upgrade", help=text("db.help.upgrade"))
def upgrade(as_json: Json = False) -> None:
    from anze import migrate  # noqa: PLC0415 - loaded when called
    from anze.settings import Settings  # noqa: PLC0415

    with _database(Settings()) as database:
        before = migrate.current(database.engine)
        migrate.upgrade(database.engine)
        after = migrate.current(database.engine)
    line = text("db.already" if before == after else "db.upgraded", revision=after)
    commands.say({"revision": after, "before": before}, [line], as_json=as_json)


@demo.command("load", help=text("db.help.load"))
def load(as_json: Json = False) -> None:
    from anze import migrate  # noqa: PLC0415 - loaded when called
    from anze.clock import Clock, legal_date, parse_instant  # noqa: PLC0415
    from anze.demo.load import load as load_demo  # noqa: PLC0415
    from anze.demo.sources import sources  # noqa: PLC0415
    from anze.settings import Settings  # noqa: PLC0415

    settings = Settings()
    now = Clock(parse_instant(settings.now) if settings.now else None).now()
    with _database(settings) as database:
        if not migrate.is_current(database.engine):
            raise commands.RefusedError(line=text("db.not_current"))
        with database.write() as session:
            loaded = load_demo(session, now, sources(settings))
    today = legal_date(now).isoformat()
    line = text("db.demo_loaded", today=today) if loaded else text("db.demo_there")
    commands.say({"loaded": loaded, "today": today}, [line], as_json=as_json)
