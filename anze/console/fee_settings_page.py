"""What the spending is measured by (7.3): targets of provinces, budgets of branches, related firms."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.console.action import Action, Given, day, kept
from anze.console.fees_page import per_cent, say, yuan
from anze.console.frame import colleague, frame
from anze.console.html import section, table, tag
from anze.console.visit import Visit
from anze.errors import DomainError
from anze.fees import figures, targets
from anze.fees.rules import cents_of
from anze.identity.branches import branches_of
from anze.identity.models import Branch, Staff
from anze.identity.speaker import Speaker

SIZE, _YEARS, _HUNDREDTHS = 50, 3, 2


async def build(visit: Visit) -> None:
    """The page. Raises SignedOutError; forbidden for who sets none of it."""
    today = legal_date(visit.now())

    def read(session: Session, speaker: Speaker) -> tuple[Any, ...]:
        if speaker.role not in targets.SETS:
            raise DomainError("forbidden", 403)
        own = session.get_one(Staff, speaker.staff_id).branch
        places = select(Branch.id, Branch.name).where(Branch.id.in_(branches_of(speaker))).order_by(Branch.path)
        return (
            colleague(session, speaker), figures.budgets(session, speaker, today.year, today, size=SIZE)["items"],
            targets.newest_budgets(session, speaker), targets.newest(session), targets.related(session),
            dict(session.execute(places).tuples().all()), own.id, own.province or "",
        )  # fmt: skip

    who, wanted, made, shares, firms, places, home, province = await visit.read(read)
    years = {year: str(year) for year in range(today.year - 1, today.year + _YEARS - 1)}
    with frame(visit, who, "fees", say("settings")):
        with section(say("targets")):
            heads = [say(f"column.{name}") for name in ("province", "year", "target", "document")]
            table(heads, [[row["province"], str(row["year"]), per_cent(row["ratio_bp"]), row["document"]]
                          for row in shares])  # fmt: skip
        target = Action(visit, "fee_target", kept(visit, lambda s, me, given: targets.set_target(
            s, me, given["province"], given["fee_year"], basis_points(given["share"]), given["fee_document"],
            visit.now(),
        )))  # fmt: skip
        target.field("province", "line", value=province).field("fee_year", "choice", years, today.year)
        target.field("share", "line").field("fee_document", "line").show()
        with section(say("budgets")):
            heads = [say(f"column.{name}") for name in ("branch", "province", "year", "budget", "document")]
            lines = [[row["branch"], row["province"], str(row["year"]), yuan(row["amount_cents"]), row["document"]]
                     for row in made]  # fmt: skip
            lines += [[row["branch"], row["province"], str(today.year), "", ""]
                      for row in wanted if row["amount_cents"] is None]  # fmt: skip
            table(heads, lines)
        budget = Action(visit, "fee_budget", kept(visit, lambda s, me, given: targets.set_budget(
            s, me, given["budget_branch"], given["fee_year"], given["province"], _cents(given), given["fee_document"],
            day(given["made_on"]), visit.now(),
        )))  # fmt: skip
        budget.field("budget_branch", "choice", places, home).field("province", "line", value=province)
        budget.field("fee_year", "choice", years, today.year).field("amount", "line").field("fee_document", "line")
        budget.field("made_on", "day", value=today.isoformat()).show()
        with section(say("related")):
            table([say("column.name"), say("column.relation")], [[row["name"], row["relation"]] for row in firms])
        related = Action(visit, "fee_related", kept(visit, lambda s, me, given: targets.relate(
            s, me, given["name"], given["payee_uscc"] or None, given["relation"], visit.now()
        )))  # fmt: skip
        related.field("name", "line").field("payee_uscc", "line", optional=True).field("relation", "line").show()
        tag("a", say("title"), href="/staff/fees")


def basis_points(typed: str) -> int:
    """15, 15%, 12.5 → 1500, 1500, 1250. Raises fee_ratio."""
    whole, point, part = typed.strip().removesuffix("%").removesuffix("％").strip().partition(".")
    digits = whole + part
    if not digits.isascii() or not digits.isdecimal() or not whole or len(whole) > 3 or len(part) > _HUNDREDTHS:
        raise DomainError("fee_ratio", 422)
    if point and not part:
        raise DomainError("fee_ratio", 422)
    return int(whole) * 100 + int(part.ljust(_HUNDREDTHS, "0") or "0")


def _cents(given: Given) -> int:
    cents = cents_of(given["amount"])
    if cents is None:
        raise DomainError("fee_amount", 422)
    return cents
