"""Fees (服务费, 7.3): the spend ratio of branches, what waits for a person, what is owed, the ledger."""

from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.frame import button, colleague, frame
from anze.console.html import section, table, tag
from anze.console.pager import pager
from anze.console.visit import Visit
from anze.fees import figures, ledger, payables, targets
from anze.fees.kinds import State
from anze.fees.rules import BASIS_POINTS
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.texts import text

SIZE, _YEARS = 20, 3


def say(key: str, **fields: Any) -> str:
    return text(f"fees.{key}", **fields)


def yuan(cents: int) -> str:
    """1234567 → 12,345.67."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def per_cent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        return (
            colleague(session, speaker),
            figures.ratios(session, speaker, today.year, today),
            ledger.listed(session, speaker, state=State.HELD, size=SIZE),
            payables.listed(session, speaker, today, size=SIZE),
            ledger.listed(session, speaker, size=SIZE),
            targets.supports(session, speaker),
        )

    who, ratios, held, owed, entries, supports = await visit.read(read)
    with frame(visit, who, "fees", say("title")):
        tag("p", say("explain"), "soft")
        if who.role in ledger.WRITES:
            with tag("p", classes="links"):
                for name in ("enter", "owe", "support"):
                    tag("a", text(f"console.work.action.fee_{name}"), href=f"/staff/fees/new/{name}")
                if who.role in targets.SETS:
                    tag("a", say("settings"), href="/staff/fees/settings")
        with section(say("ratio")):
            _ratio(visit, ratios)
        with section(say("held")):
            _entries(held["items"], say("none_held"))
        with section(say("payables")):
            _payables(visit, owed)
        with section(say("ledger")):
            _ledger(visit, entries)
        with section(say("supports")):
            _supports(visit, supports, may_approve=who.role == Role.SUPERVISOR)


def _ratio(visit: Visit, found: dict[str, Any]) -> None:
    years = [found["year"] - n for n in range(_YEARS)]
    choice = (
        ui.select({year: str(year) for year in years}, value=found["year"]).props("outlined dense").classes("narrow")
    )
    shown = tag("div", aria_live="polite")

    def draw(one: dict[str, Any]) -> None:
        tag("p", say("ratio_explain", year=one["year"]), "soft")
        if not one["items"]:
            tag("p", say("none_ratio"), "soft")
            return
        heads = [say(f"column.{name}") for name in ("branch", "province", "policies", "premium", "spent", "share",
                                                    "target", "result")]  # fmt: skip
        with tag("div", classes="wide", tabindex="0", role="region", aria_label=say("ratio")):
            table(heads, [_ratio_row(row) for row in one["items"]], say("ratio"))

    async def again() -> None:
        today = legal_date(visit.now())
        one = await visit.read(lambda s, me: figures.ratios(s, me, choice.value, today))
        shown.clear()
        with shown:
            draw(one)

    choice.on_value_change(visit.on(again))
    with shown:
        draw(found)


def _ratio_row(row: dict[str, Any]) -> list[str]:
    premium, spent, target = row["premium_cents"], row["spent_cents"], row["target_bp"]
    share = per_cent(spent * BASIS_POINTS // premium) if premium else ""
    if target is None:
        result = say("no_target")
    elif row["met"]:
        result = say("met")
    else:
        # Rounded up: so much must still be spent at least.
        result = say("not_met", yuan=yuan(-(-premium * target // BASIS_POINTS) - spent))
    return [
        row["branch"], row["province"], str(row["policies"]), yuan(premium), yuan(spent), share,
        "" if target is None else per_cent(target), result,
    ]  # fmt: skip


def _entries(rows: list[dict[str, Any]], nothing: str) -> None:
    if not rows:
        tag("p", nothing, "soft")
        return
    heads = {name: say(f"column.{name}") for name in ("number", "on", "payee", "amount", "purpose", "state", "branch")}
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in rows:
                with tag("tr"):
                    with tag("td", data_head=heads["number"]):
                        tag("a", row["number"], href=f"/staff/fees/{row['id']}")
                    tag("td", row["booked_on"], data_head=heads["on"])
                    tag("td", row["payee"], data_head=heads["payee"])
                    tag("td", yuan(row["amount_cents"]), data_head=heads["amount"])
                    tag("td", say(f"purpose.{row['purpose']}"), data_head=heads["purpose"])
                    tag("td", say(f"state.{row['state']}"), data_head=heads["state"])
                    tag("td", row["branch"], data_head=heads["branch"])


def _payables(visit: Visit, found: dict[str, Any]) -> None:
    shown = tag("div", aria_live="polite")

    async def again(page: int = 1) -> None:
        today = legal_date(visit.now())
        one = await visit.read(lambda s, me: payables.listed(s, me, today, page=page, size=SIZE))
        shown.clear()
        with shown:
            _owed(visit, one, again)

    with shown:
        _owed(visit, found, again)


def _owed(visit: Visit, found: dict[str, Any], again: Any) -> None:
    if not found["items"]:
        tag("p", say("none_payables"), "soft")
        return
    tag("p", say("owed_sum", yuan=yuan(found["sum_cents"])), "soft")
    heads = {name: say(f"column.{name}") for name in ("service", "provider", "amount", "due", "reason", "branch")}
    with tag("table", classes="grid"):
        with tag("thead"), tag("tr"):
            for head in heads.values():
                tag("th", head, scope="col")
        with tag("tbody"):
            for row in found["items"]:
                with tag("tr"):
                    with tag("td", data_head=heads["service"]):
                        tag("a", row["service"], href=f"/staff/payables/{row['id']}")
                    tag("td", row["provider"], data_head=heads["provider"])
                    tag("td", yuan(row["amount_cents"]), data_head=heads["amount"])
                    due = f"{row['due_on']} {say('late')}" if row["late"] else row["due_on"]
                    tag("td", due, data_head=heads["due"])
                    tag("td", row["reason"] or "—", data_head=heads["reason"])
                    tag("td", row["branch"], data_head=heads["branch"])
    pager(visit, found["page"], found["total"], SIZE, again)


def _ledger(visit: Visit, found: dict[str, Any]) -> None:
    choices = {"": say("all")} | {str(state): say(f"state.{state}") for state in State}
    choice = ui.select(choices, label=say("show"), value="").props("outlined dense").classes("narrow")
    shown = tag("div", aria_live="polite")

    async def again(page: int = 1) -> None:
        state = State(choice.value) if choice.value else None
        one = await visit.read(lambda s, me: ledger.listed(s, me, state=state, page=page, size=SIZE))
        shown.clear()
        with shown:
            draw(one)

    def draw(one: dict[str, Any]) -> None:
        tag("p", say("ledger_sum", yuan=yuan(one["sum_cents"])), "soft")
        _entries(one["items"], say("none_ledger"))
        pager(visit, one["page"], one["total"], SIZE, again)

    choice.on_value_change(visit.on(again))
    with shown:
        draw(found)


def _supports(visit: Visit, rows: list[dict[str, Any]], *, may_approve: bool) -> None:
    if not rows:
        tag("p", say("none_supports"), "soft")
    with tag("ul", classes="plain-list"):
        for row in rows:
            with tag("li"):
                tag("span", row["name"])
                state = say("approved", who=row["approved_by"]) if row["approved_at"] else say("waiting")
                tag("span", f" {row['branch']} · {row['reason']} · {state}", "soft said")
                if may_approve and not row["approved_at"]:
                    button(say("approve"), visit, _approving(visit, row["id"]))


def _approving(visit: Visit, id_: int) -> Any:
    async def work() -> None:
        await visit.write(lambda s, me: targets.approve_support(s, me, id_, visit.now()))
        visit.go("/fees")

    return work
