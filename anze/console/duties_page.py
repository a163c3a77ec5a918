"""The board of duties (义务): every check of the standard in the order of its clauses, with its subjects by status."""

from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console import duty_asked
from anze.console.found import Found
from anze.console.frame import colleague, frame
from anze.console.html import tag
from anze.console.visit import Visit
from anze.console.words import say
from anze.identity.speaker import Speaker
from anze.obligations import usecases, wording
from anze.obligations.compiling import Status
from anze.standard.load import Knowledge

STATUSES = (
    Status.MET, Status.DUE_SOON, Status.OVERDUE, Status.UNPROVEN, Status.UNKNOWN, Status.NOT_DUE, Status.NOT_APPLICABLE,
)  # fmt: skip
REFERENCE = "reference"
_LOUD = {Status.OVERDUE: "overdue", Status.DUE_SOON: "soon", Status.UNPROVEN: "soon"}
"""What is coloured too when there is any"""


async def build(visit: Visit) -> None:
    """The page; `branch` and `as_of` of its address are as of the HTTP call. Raises SignedOutError."""
    given = visit.request.query_params
    asked = {name: given.get(name, "") for name in ("branch", "as_of", "edition")}

    def read(session: Session, speaker: Speaker) -> list[dict[str, Any]]:
        branch, day = asked["branch"], duty_asked.day_of(asked["as_of"])
        return usecases.board(session, speaker, visit.now(), visit.services.calendar.calendar(), as_of=day,
                              branch_id=int(branch) if branch else None, edition=asked["edition"] or None)  # fmt: skip

    def standard() -> Knowledge:
        day = duty_asked.day_of(asked["as_of"]) or legal_date(visit.now())
        return usecases.known(day, asked["edition"] or None)

    def clean(within: dict[str, str]) -> None:
        day = duty_asked.day_of(asked["as_of"])
        asked["branch"] = asked["branch"] if asked["branch"] in within else ""
        asked["as_of"] = day.isoformat() if day else ""

    def first(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        within = {"": say("duties.all_branches")} | dict(duty_asked.within(session, speaker).branches)
        clean(within)
        return colleague(session, speaker), within, read(session, speaker)

    who, within, found = await visit.read(first)
    with frame(visit, who, "duties", say("duties.title")):
        with tag("div", classes="filters", role="search"):
            branch = ui.select(within, label=say("duties.branch"), value=asked["branch"]).props("outlined dense")
            day = ui.input(say("duties.as_of"), value=asked["as_of"]).props("outlined dense type=date stack-label")
        shown = Found(
            visit, read, lambda rows: _board(rows, asked, standard()), lambda: "/staff/duties" + _query(asked)
        )

    async def again() -> None:
        asked.update(branch=branch.value or "", as_of=day.value or "")
        clean(within)
        await shown.again()

    for one in (branch, day):
        one.on_value_change(visit.on(again))
    shown.show(found)


def heads() -> dict[str, str]:
    """The columns, in order."""
    found = {name: say(f"duties.column.{name}") for name in ("clause", "name", "total")}
    found |= {str(status): wording.say(f"status.{status}") for status in STATUSES}
    return found | {REFERENCE: wording.say("mark.reference")}


def _query(asked: dict[str, str]) -> str:
    kept = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def _board(rows: list[dict[str, Any]], asked: dict[str, str], standard: Knowledge) -> None:
    tag("p", say("duties.explain", edition=standard.edition.cite), "soft")
    with tag("p", classes="chips"):
        tag("a", say("editions.link"), href="/staff/editions")
    names = heads()
    with tag("table", classes="grid duties"):
        tag("caption", say("duties.title"), "sr")
        with tag("thead"), tag("tr"):
            for name in names.values():
                tag("th", name, scope="col")
        with tag("tbody"):
            for row in rows:
                _row(row, names, _query(asked))


def _row(row: dict[str, Any], names: dict[str, str], query: str) -> None:
    with tag("tr", classes="" if row["connected"] else "unconnected", data_rule=row["rule"]):
        tag("td", row["clause"], "clause", data_head=names["clause"])
        with tag("td", classes="what", data_head=names["name"]):
            tag("a", row["name"], href=f"/staff/duties/{row['rule']}{query}")
        if not row["connected"]:
            tag("td", wording.say("unconnected"), "none", colspan=len(names) - 2)
            return
        tag("td", str(row["total"]), data_head=names["total"])
        for status in STATUSES:
            count = row["statuses"][status]
            with tag("td", data_head=names[status], data_status=str(status)):
                loud = f"chip urgency {_LOUD[status]}" if status in _LOUD and count else ""
                tag("span", str(count), loud)
        tag("td", str(row[REFERENCE]), data_head=names[REFERENCE], data_status=REFERENCE)
