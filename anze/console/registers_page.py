"""Registers (登记册): what was issued, issue the next version, load it, see what a version changed."""

from datetime import date
from typing import Any

from nicegui import ui
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.complaints import register, register_export
from anze.complaints.register_export import period_words
from anze.console.frame import button, colleague, frame
from anze.console.html import section, table, tag
from anze.console.visit import Visit
from anze.console.words import moment, say
from anze.identity.branches import branches_of
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker

SIZE, MONTHS, _QUARTER = 50, 15, 3


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        within = session.scalars(select(Branch).where(Branch.id.in_(branches_of(speaker))).order_by(Branch.path))
        return (
            colleague(session, speaker),
            {branch.id: branch.name for branch in within},
            session.get_one(Staff, speaker.staff_id).branch_id,
            register.listed(session, speaker, None, 1, SIZE)["items"],
        )

    who, branches, mine, found = await visit.read(read)
    with frame(visit, who, "registers", say("registers.title")):
        tag("p", say("registers.explain"), "soft")
        if who.handles:
            _issue(visit, branches, mine)
        if found:
            _list(found)
        else:
            tag("p", say("registers.none"))


def periods(today: date) -> dict[str, str]:
    """Months and quarters that have begun, the newest first, by name in words."""
    found: dict[str, str] = {}
    year, month = today.year, today.month
    for _ in range(MONTHS):
        name = f"{year}-{month:02d}"
        found[name] = period_words(name)
        if month % _QUARTER == 1:
            quarter = f"{year}-Q{month // _QUARTER + 1}"
            found[quarter] = period_words(quarter)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def _issue(visit: Visit, branches: dict[int, str], mine: int) -> None:
    choices = periods(legal_date(visit.now()))
    with section(say("registers.issue")), tag("div", classes="filters"):
        period = ui.select(choices, label=say("registers.period"), value=next(iter(choices))).props("outlined dense")
        branch = ui.select(branches, label=say("registers.branch"), value=mine).props("outlined dense")

        async def issue() -> None:
            name, where, now = period.value, branch.value, visit.now()
            made = await visit.write(lambda s, me: register.issue(s, me, name, where, now, visit.services.dates))
            visit.go(f"/registers/{made['id']}")

        button(say("registers.issue_now"), visit, issue, "primary")


def _list(found: list[dict[str, Any]]) -> None:
    heads = {
        name: say(f"registers.column.{name}") for name in ("period", "branch", "version", "until", "issued", "file")
    }
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for one in found:
                with tag("tr"):
                    with tag("td", data_head=heads["period"]):
                        tag("a", period_words(one["period"]), href=f"/staff/registers/{one['id']}")
                    tag("td", one["branch"], data_head=heads["branch"])
                    tag("td", say("registers.version", n=one["version"]), data_head=heads["version"])
                    tag("td", one["until"], data_head=heads["until"])
                    tag("td", f"{one['issued_by']} {moment(one['issued_at'])}", data_head=heads["issued"])
                    with tag("td", data_head=heads["file"]):
                        _files(one["id"])


def _files(id_: int) -> None:
    with tag("span", classes="links"):
        for form, name in (("xlsx", "Excel"), ("pdf", "PDF")):
            tag("a", name, href=f"/api/staff/complaints/registers/{id_}/file?form={form}")


async def build_one(visit: Visit, register_id: int) -> None:
    """One version. Raises SignedOutError, not_found (kept as a denied read when it is another branch's)."""
    who, one = await visit.read(lambda s, me: (colleague(s, me), register.one(s, me, register_id)))
    title = say("registers.one", branch=one["branch"], period=period_words(one["period"]))
    with frame(visit, who, "registers", title):
        _one(one)


def _one(one: dict[str, Any]) -> None:
    with tag("p", classes="chips"):
        tag("span", say("registers.version", n=one["version"]), "chip")
        tag("span", say("registers.until", day=one["until"]))
        tag("span", f"{one['issued_by']} {moment(one['issued_at'])}", "soft")
    with tag("p", classes="chips"):
        tag("span", say("registers.load"))
        _files(one["id"])
    with section(say("registers.changes")):
        if one["changes"]:
            _table(list(register_export.change_lines(one["changes"])), say("registers.changes"))
        else:
            tag("p", say("registers.first" if one["version"] == 1 else "registers.no_changes"), "soft")
    with section(say("registers.sums")):
        _table(list(register_export.sum_lines(one["sums"])), say("registers.sums"))
    with section(say("registers.rows", n=len(one["rows"]))):
        lines = [register_export.heads(), *(register_export.line(row) for row in one["rows"])]
        _table(lines, say("registers.title"))


def _table(lines: list[tuple[str, ...]], caption: str) -> None:
    """A table as the workbook has it; wider than the page it is moved within its frame."""
    with tag("div", classes="wide", tabindex="0", role="region", aria_label=caption):
        table(lines[0], lines[1:], caption)
