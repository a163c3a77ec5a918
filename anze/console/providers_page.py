"""Providers (服务机构) that worked in a year with their appraisal (8.1); improvements that are open (8.2)."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.appraisals import items, usecases
from anze.appraisals.rules import scale
from anze.clock import legal_date
from anze.console.frame import colleague, frame
from anze.console.html import section, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.identity.speaker import Speaker
from anze.texts import text

SIZE, _YEARS = 30, 3


def say(key: str, **fields: Any) -> str:
    return text(f"appraisals.{key}", **fields)


def mean(hundredths: int | None) -> str:
    """413 → 4.13; a dash for none."""
    return "—" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker),
            usecases.listed(session, speaker, today.year, today, page=1, size=SIZE),
            items.listed(session, speaker, today, size=SIZE),
        )

    who, found, improvements = await visit.read(read)
    with frame(visit, who, "providers", say("title")):
        tag("p", say("explain", passes=scale().passes), "soft")
        with section(say("title")):
            _providers(visit, found)
        with section(say("items")):
            _items(improvements["items"])
            if who.role in usecases.APPRAISES:
                tag("a", text("console.work.action.improve"), href="/staff/improvements/new")


def _providers(visit: Visit, found: dict[str, Any]) -> None:
    years = {found["year"] - n: str(found["year"] - n) for n in range(_YEARS)}
    choice = ui.select(years, label=say("year"), value=found["year"]).props("outlined dense").classes("narrow")
    shown = tag("div", aria_live="polite")

    async def again(page: int = 1) -> None:
        today = legal_date(visit.now())
        one = await visit.read(lambda s, me: usecases.listed(s, me, choice.value, today, page=page, size=SIZE))
        shown.clear()
        with shown:
            draw(one)

    def draw(one: dict[str, Any]) -> None:
        _rows(one["items"])
        pager(visit, one["page"], one["total"], SIZE, again)

    choice.on_value_change(visit.on(again))
    with shown:
        draw(found)


def _rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none"), "soft")
        return
    heads = {name: say(f"column.{name}") for name in ("provider", "branch", "services", "mean", "low", "result",
                                                      "valid")}  # fmt: skip
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in rows:
                with tag("tr"):
                    with tag("td", data_head=heads["provider"]):
                        href = f"/staff/providers/{row['provider_id']}/{row['branch_id']}"
                        tag("a", row["provider"], href=href)
                    tag("td", row["branch"], data_head=heads["branch"])
                    tag("td", str(row["services"]), data_head=heads["services"])
                    tag("td", mean(row["mean_x100"]), data_head=heads["mean"])
                    tag("td", str(row["low"]), data_head=heads["low"])
                    tag("td", _result(row), data_head=heads["result"])
                    until = row["valid_to"] or say("open_ended")
                    tag("td", say("expired") if row["expired"] else until, data_head=heads["valid"])


def _result(row: dict[str, Any]) -> str:
    if row["appraised_on"] is None:
        return say("missing")
    return say("passed" if row["passed"] else "failed", total=row["total"], on=row["appraised_on"])


def _items(rows: list[dict[str, Any]]) -> None:
    if not rows:
        tag("p", say("none_items"), "soft")
        return
    heads = {name: say(f"column.{name}") for name in ("finding", "owner", "due", "source", "branch")}
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in rows:
                with tag("tr"):
                    with tag("td", data_head=heads["finding"]):
                        tag("a", row["finding"], href=f"/staff/improvements/{row['id']}")
                    tag("td", row["owner"], data_head=heads["owner"])
                    due = f"{row['due_on']} {say('late')}" if row["late"] else row["due_on"]
                    tag("td", due, data_head=heads["due"])
                    tag("td", say(f"source.{row['source']}"), data_head=heads["source"])
                    tag("td", row["branch"], data_head=heads["branch"])
