"""Fees over HTTP, for staff within their branch tree (7.3). Amounts are integer cents."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, StringConstraints

from anze.clock import legal_date
from anze.conversations.api import Here
from anze.fees import figures, ledger, payables, targets
from anze.fees.kinds import Purpose, State
from anze.fees.rules import MOST_CENTS
from anze.fields import Line, PolicyNo, Remark
from anze.identity.desk import Office, Writer

routes = APIRouter(prefix="/api/staff/fees")
budget_routes = APIRouter(prefix="/api/staff/budgets")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Cents = Annotated[int, Field(gt=0, le=MOST_CENTS)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
Uscc = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Z]{18}$")]
Tail = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Year = Annotated[int, Field(ge=2018, le=2100)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]


class EntryIn(BaseModel):
    policy: PolicyNo
    booked_on: date
    payee: Name
    amount_cents: Cents
    purpose: Purpose
    note: Remark
    payee_uscc: Uscc | None = None
    account_tail: Tail | None = None
    service: Line | None = None
    support: Annotated[int, Field(ge=1, le=_BIGGEST_ID)] | None = None
    voucher: Line | None = None


class OwedIn(BaseModel):
    service: Line
    amount_cents: Cents
    due_on: date
    terms: Remark


class TargetIn(BaseModel):
    province: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
    year: Year
    ratio_bp: Annotated[int, Field(gt=0, le=10_000)]
    document: Name


class BudgetIn(BaseModel):
    branch: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
    year: Year
    province: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
    amount_cents: Cents
    document: Name
    made_on: date


class SupportIn(BaseModel):
    name: Name
    reason: Remark


class RelatedIn(BaseModel):
    name: Name
    uscc: Uscc | None = None
    relation: Remark


class VoucherIn(BaseModel):
    number: Line


class ReasonIn(BaseModel):
    reason: Remark


class DecisionIn(BaseModel):
    approved: bool
    reason: Remark


@routes.get("/entries")
async def entries(
    here: Here, speaker: Office, state: State | None = None,
    policy: Annotated[str | None, Query(max_length=40)] = None, page: Page = 1, size: Size = 50,
) -> dict[str, Any]:  # fmt: skip
    """The ledger, the newest first, with the sum of what counts."""
    return await here.db.in_read(lambda s: ledger.listed(s, speaker, state=state, policy=policy, page=page, size=size))


@routes.post("/entries", status_code=201)
async def enter(body: EntryIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """One line; 422 with the clause when the standard forbids it; `state` held when a person must look at it first."""
    now = here.clock.now()
    entry = ledger.Entry(**body.model_dump())
    return await here.db.in_write(lambda s: ledger.views(s, [ledger.enter(s, speaker, entry, now)])[0])


@routes.post("/entries/{id_}/reverse", status_code=201)
async def reverse(id_: Id, body: ReasonIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Take a line back by one of its own. 409: it was taken back already, or waits."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: ledger.views(s, [ledger.reverse(s, speaker, id_, body.reason, now)])[0])


@routes.post("/entries/{id_}/decide")
async def decide(id_: Id, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor lets a held line pass, or not; never who entered it."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: ledger.views(s, [ledger.decide(s, speaker, id_, body.approved, body.reason, now)])[0]
    )


@routes.post("/entries/{id_}/vouchers", status_code=201)
async def voucher(id_: Id, body: VoucherIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Note the number of a voucher."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        ledger.add_voucher(session, speaker, id_, body.number, now)
        return ledger.views(session, [ledger.found(session, speaker, id_)])[0]

    return await here.db.in_write(work)


@routes.get("/payables")
async def owed(
    here: Here, speaker: Office, unpaid: bool = True, page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """What providers are owed, what is due first."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: payables.listed(s, speaker, today, unpaid=unpaid, page=page, size=size))


@routes.post("/payables", status_code=201)
async def owe(body: OwedIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Note what is owed for a completed service; one for each service."""
    now = here.clock.now()
    row = payables.Owed(**body.model_dump())
    return await here.db.in_write(lambda s: {"id": payables.owe(s, speaker, row, now).id})


@routes.post("/payables/{id_}/pay", status_code=201)
async def pay(id_: Id, body: VoucherIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Pay it by a line of the ledger. 409: it was paid."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: ledger.views(s, [payables.pay(s, speaker, id_, body.number, now)])[0])


@routes.post("/payables/{id_}/explain", status_code=204)
async def explain(id_: Id, body: ReasonIn, here: Here, speaker: Writer) -> None:
    """Why it is paid late."""
    now = here.clock.now()
    await here.db.in_write(lambda s: payables.explain(s, speaker, id_, body.reason, now))


@routes.get("/ratios")
async def ratios(
    here: Here, speaker: Office, year: Annotated[int | None, Query(ge=2018, le=2100)] = None
) -> dict[str, Any]:
    """Spending of the policies that expire in the year, by branch of prefecture level or above and province."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: figures.ratios(s, speaker, year or today.year, today))


@routes.get("/policies/{number}")
async def policy(number: Annotated[str, Path(max_length=40)], here: Here, speaker: Office) -> dict[str, Any]:
    """What the target of its province sets aside for a policy, what is used and left."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: figures.of_policy(s, speaker, number, today))


@routes.get("/supports")
async def supports(here: Here, speaker: Office) -> dict[str, Any]:
    """Support work by name, with who approved it."""
    items = await here.db.in_read(lambda s: targets.supports(s, speaker))
    return {"items": items, "total": len(items)}


@routes.post("/supports", status_code=201)
async def ask_support(body: SupportIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Name a piece of support work for the own branch."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: {"id": targets.ask_support(s, speaker, body.name, body.reason, now).id})


@routes.post("/supports/{id_}/approve", status_code=204)
async def approve_support(id_: Id, here: Here, speaker: Writer) -> None:
    """By a supervisor who did not name it."""
    now = here.clock.now()
    await here.db.in_write(lambda s: targets.approve_support(s, speaker, id_, now))


@routes.post("/targets", status_code=201)
async def target(body: TargetIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A province's target for a year, as its notice says."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: {
        "id": targets.set_target(s, speaker, body.province, body.year, body.ratio_bp, body.document, now).id
    })  # fmt: skip


@budget_routes.get("")
async def budgets(
    here: Here, speaker: Office, year: Annotated[int | None, Query(ge=2018, le=2100)] = None, page: Page = 1,
    size: Size = 50,
) -> dict[str, Any]:  # fmt: skip
    """The budgets of a year, also those that are not made yet."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: figures.budgets(s, speaker, year or today.year, today, page=page, size=size))


@budget_routes.post("", status_code=201)
async def budget(body: BudgetIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A branch's budget for the insureds of a province."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: {
        "id": targets.set_budget(
            s, speaker, body.branch, body.year, body.province, body.amount_cents, body.document, body.made_on, now
        ).id
    })  # fmt: skip


@routes.post("/related", status_code=201)
async def relate(body: RelatedIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A firm whose lines wait for a person from now on."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: {"id": targets.relate(s, speaker, body.name, body.uscc, body.relation, now).id}
    )
