"""Duties over HTTP: the board, one duty, a question in words, a file; each within the branches of who asks."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from anze.csv_file import harmless
from anze.identity.models import Branch
from anze.obligations.query import Query
from anze.obligations.relations import RELATIONS
from anze.policies.models import Insured, Policy, PolicyInsured
from tests.helpers.gateway import Caller, Gateway

ROOT = "/api/staff/obligations"


async def one(caller: Caller, rule: str, **params: Any) -> dict[str, Any]:
    answer = await caller.get(f"{ROOT}/{rule}", **params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_board_names_every_check_with_its_clause(
    demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RELATIONS, "plan")
    caller = await demo_gateway.staff("supervisor")
    board = (await caller.get(ROOT)).json()
    rows = {row["rule"]: row for row in board["items"]}
    assert rows["follow_up"]["clause"] == "6.3"
    assert rows["follow_up"]["statuses"]["overdue"] > 0
    assert rows["plan_made"] == {"rule": "plan_made", "name": "制定服务方案", "clause": "6.1", "modality": "应",
                                 "connected": False}  # fmt: skip
    assert all(sum(row["statuses"].values()) + row["reference"] == row["total"] for row in rows.values()
               if row["connected"])  # fmt: skip


async def test_counts_equal_listed_rows_and_groups_sum_to_the_total(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    for rule in ("yearly_check", "follow_up", "archived", "hazard_rectified", "complaint_answer", "provider_qualified"):
        whole = await one(caller, rule, group="branch", everything=True)
        assert sum(group["total"] for group in whole["groups"]) == whole["of"], rule
        assert sum(part["count"] for part in whole["parts"]) == whole["of"], rule
        asked = await one(caller, rule)
        listed = 0
        for page in range(1, 20):
            rows = (await one(caller, rule, page=page, size=50))["rows"]
            listed += len(rows)
            if len(rows) < 50:
                break
        assert listed == asked["total"], rule


async def test_a_duty_less_what_is_reference_only_is_its_row_of_the_board(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    board = {row["rule"]: row for row in (await caller.get(ROOT)).json()["items"]}
    for rule in ("follow_up", "archived", "hazard_rectified", "complaint_answer", "candidates", "any_service"):
        parts = (await one(caller, rule))["parts"]
        assert {part["part"]: part["count"] - part["reference"] for part in parts} == board[rule]["statuses"], rule
        assert sum(part["reference"] for part in parts) == board[rule]["reference"], rule


async def test_a_branch_gets_the_whole_answer_filtered_to_it(demo_gateway: Gateway) -> None:
    """南京 by its own login and by the supervisor's filter; and nothing of another branch by a filter."""
    supervisor, nanjing = await demo_gateway.staff("supervisor"), await demo_gateway.staff("service")
    with demo_gateway.db.read() as session:
        ids = dict(session.execute(select(Branch.short_name, Branch.id)).tuples().all())
    board = {row["rule"]: row for row in (await supervisor.get(ROOT, branch=ids["南京"])).json()["items"]}
    own = {row["rule"]: row for row in (await nanjing.get(ROOT)).json()["items"]}
    assert board == own
    for rule in ("yearly_check", "archived"):
        filtered, mine = await one(supervisor, rule, branch=ids["南京"]), await one(nanjing, rule)
        assert (filtered["parts"], filtered["items"]) == (mine["parts"], mine["items"])
        assert (await one(nanjing, rule, branch=ids["苏州"]))["of"] == 0


async def test_an_insured_a_provider_and_nobody_get_nothing(demo_gateway: Gateway) -> None:
    visitor, bound = await demo_gateway.visitor(), await demo_gateway.bound()
    provider = await demo_gateway.staff("provider")
    for caller in (visitor, bound, provider):
        assert (await caller.get(ROOT)).status_code == 403
        assert (await caller.post(f"{ROOT}/ask", {"text": "今年谁没做隐患排查"})).status_code == 403


async def test_a_question_in_words_says_how_it_was_understood(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("service")
    first = (await caller.post(f"{ROOT}/ask", {"text": "今年哪些保单还没做隐患排查"})).json()
    answer = first["answer"]
    assert "南京" in answer["understood"]
    assert answer["clause"] == "4"
    assert "征求意见稿" in answer["edition"]
    changed = await caller.post(f"{ROOT}/ask", {"text": "去掉小微，按行业汇总", "last": answer["filters"]})
    again = changed.json()["answer"]
    assert again["filters"]["filters"]["not_sizes"] == ["small", "micro"]
    assert sum(group["total"] for group in again["groups"]) == again["of"]
    refused = (await caller.post(f"{ROOT}/ask", {"text": "没回访的客户手机号"})).json()
    assert (refused["reading"]["problem"], refused["answer"]) == ("personal", None)
    assert refused["reading"]["words"]


async def test_every_check_of_the_standard_answers(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    board = (await caller.get(ROOT)).json()["items"]
    assert [row["rule"] for row in board if not row["connected"]] == []
    assert [row["rule"] for row in board if row["total"] == 0] == [], "the demo shows something of each"


async def test_what_has_no_data_says_so(demo_gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every subject of the draft has a relation; of a later edition some may be new."""
    monkeypatch.delitem(RELATIONS, "plan")
    caller = await demo_gateway.staff("supervisor")
    answer = await one(caller, "plan_made")
    assert not answer["connected"]
    assert "还没有接入" in answer["lines"][0]
    assert "rows" not in answer


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing_like_it", 404),
        ("NO", 422),
        ("follow_up?window=calendar_year", 422),
        ("follow_up?window=someday", 422),
        ("follow_up?limit=0", 422),
        ("follow_up?branch=99999999999", 422),
        ("follow_up?as_of=2026-13-01", 422),
        ("follow_up?page=0", 422),
        ("follow_up?as_of=9999-12-31", 422),
        ("follow_up?as_of=0001-01-01", 422),
        ("follow_up?sector=space", 422),
        ("follow_up?size_class=huge", 422),
        ("follow_up?item=z", 422),
    ],
)
async def test_bad_input_is_refused_in_words(demo_gateway: Gateway, path: str, status: int) -> None:
    caller = await demo_gateway.staff("supervisor")
    rule, _, asked = path.partition("?")
    params = dict(pair.split("=") for pair in asked.split("&") if pair)
    answer = await caller.get(f"{ROOT}/{rule}", **params)
    assert answer.status_code == status
    assert answer.json()["code"]


async def test_a_bad_last_question_is_refused(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    good = Query("follow_up").to_json()
    for last in (
        {"window": {}},
        good | {"window": {"kind": "someday"}},
        good | {"filters": {"branch_ids": [10**30]}},
        good | {"filters": {"branch_ids": ["x"]}},
        good | {"filters": {"sectors": "mine" * 1000}},
        good | {"limit": -1},
        good | {"order": "random"},
        good | {"window": {"kind": "between", "first": "9999-99-99"}},
    ):
        answer = await caller.post(f"{ROOT}/ask", {"text": "只看南京的", "last": last})
        assert (answer.status_code, answer.json()["code"]) == (422, "obligation_query")


async def test_a_file_has_every_row_and_no_formula(demo_gateway: Gateway) -> None:
    """The name of a firm begins like a formula; both files keep it as a text."""
    caller = await demo_gateway.staff("supervisor")
    with demo_gateway.db.write() as session:
        firm = session.scalars(
            select(Insured).join(PolicyInsured, PolicyInsured.insured_id == Insured.id).join(
                Policy, Policy.id == PolicyInsured.policy_id).order_by(Insured.id)
        ).first()  # fmt: skip
        assert firm is not None
        firm.name = '=HYPERLINK("http://x","点我")'
    total = (await one(caller, "any_service", everything=True))["total"]
    answer = await caller.get(f"{ROOT}/any_service/file", everything=True)
    sheet = load_workbook(io.BytesIO(answer.content))["清单"]
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == total
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "inlineStr"}
    text = (await caller.get(f"{ROOT}/any_service/file", everything=True, form="csv")).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))[1:]
    assert len(lines) == total
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    assert [cell for line in lines for cell in line if cell.startswith("'=HYPERLINK")]


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_what_an_office_program_would_reckon_is_a_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("南京") == "南京"


async def test_an_earlier_day_shows_what_was_done_by_then(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    now, then = await one(caller, "archived", everything=True), await one(
        caller, "archived", everything=True, as_of="2026-06-30"
    )  # fmt: skip
    assert then["as_of"] == "2026-06-30"
    assert then["done"] < now["done"]


async def test_a_file_is_as_of_the_day_that_was_asked_about(demo_gateway: Gateway) -> None:
    caller = await demo_gateway.staff("supervisor")
    then = await one(caller, "archived", everything=True, as_of="2026-06-30", size=200)
    assert then["total"] < (await one(caller, "archived", everything=True))["total"]
    answer = await caller.get(f"{ROOT}/archived/file", everything=True, as_of="2026-06-30", form="csv")
    assert "2026-06-30.csv" in answer.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    assert len(lines) == then["total"]
    assert lines[:200] == then["rows"]
