"""`anze obligations`: the duties of the standard over the database, for an operator."""

from typing import Annotated, Any

import typer

from anze.calendar.data import CalendarStore
from anze.clock import legal_date
from anze.commands import Json, RefusedError, database, day, editions, now, say, settings
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.obligations import usecases
from anze.obligations.query import Query
from anze.texts import text

obligations = typer.Typer()


def _operator() -> Speaker:
    """Whoever can run this command has the whole database before them."""
    return Speaker("operator", staff_id=0, role=Role.AUDITOR, branch_path="/")


@obligations.command(help=text("obligation.cli.help"))
def listed(
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help=text("obligation.cli.rule"))] = None,
    as_of: Annotated[str | None, typer.Option(help=text("obligation.cli.as_of"))] = None,
    branch: Annotated[str | None, typer.Option(help=text("obligation.cli.branch"))] = None,
    edition: Annotated[str | None, typer.Option(metavar="KEY", help=text("standard.cli.edition"))] = None,
    rows: Annotated[int, typer.Option(min=0, max=10_000, help=text("obligation.cli.rows"))] = 50,
    as_json: Json = False,
) -> None:
    """List all duties with their counts, or one with its subjects."""
    found, today = settings(), day(as_of) if as_of else None
    moment = now(found)
    editions(found)
    calendar = CalendarStore(found.knowledge, found.data).calendar()
    speaker = _operator()
    if rule is not None and rule not in usecases.known(today or legal_date(moment), edition).check:
        raise RefusedError(line=text("obligation.cli.no_rule", rule=rule))
    with database(found) as db, db.read() as session:
        branch_id = _branch(usecases.branch_named(session, branch), branch) if branch else None
        if rule is None:
            items = usecases.board(
                session, speaker, moment, calendar, as_of=today, branch_id=branch_id, edition=edition
            )
            say({"items": items}, [_line(one) for one in items], as_json=as_json)
            return
        query = Query(rule)
        if branch_id is not None:
            query = query.narrowed(branch_ids=(branch_id,))
        answer = usecases.run(session, speaker, query, moment, calendar, as_of=today, edition=edition, size=rows)
        view = usecases.view(session, speaker, answer, moment)
    table = [" | ".join(line) for line in (view["columns"], *view["rows"])] if view["connected"] else []
    say(view, [view["understood"], *view["lines"], *table], as_json=as_json)


def _branch(found: int | None, name: str) -> int:
    if found is None:
        raise RefusedError(line=text("obligation.cli.no_branch", branch=name))
    return found


def _line(one: dict[str, Any]) -> str:
    head = f"{one['clause']:<8} {one['rule']:<20} {one['name']}"
    if not one["connected"]:
        return f"{head}  {text('obligation.unconnected')}"
    counts = " ".join(
        f"{text('obligation.status.' + status)} {count}" for status, count in one["statuses"].items() if count
    )
    return f"{head}  {counts}"
