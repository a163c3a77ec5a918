"""How staff's questions are read: the set of questions, and what must never be guessed."""

from collections.abc import Iterator

import pytest

from anze.db import Database
from anze.identity.speaker import Speaker
from anze.obligations.asking.model import Asked, Names, Reading
from anze.obligations.asking.names import names_of
from anze.obligations.asking.reading import read
from anze.obligations.query import Group, Query, When
from anze.standard.editions import load
from tests.helpers.databases import opened
from tests.obligations import question_set
from tests.obligations.question_set import NOW, Part, Row

TUNED_AT_LEAST = 0.94
LATER_AT_LEAST = 0.93
UNSEEN_AT_LEAST = 0.88
"""Of a hundred; the aim is 95 on questions that nobody looked at: docs/obligations.md."""
ALL = Speaker("c" * 32, staff_id=1, role="supervisor", branch_path="/1/")
NANJING = Speaker("d" * 32, staff_id=1, role="service", branch_path="/1/2/3/")


@pytest.fixture(scope="module")
def demo(demo_copy: str) -> Iterator[Database]:
    """Names of branches, providers and firms; one engine is enough for reading."""
    with opened(demo_copy) as database:
        yield database


def names(demo: Database, text: str, speaker: Speaker = ALL) -> Names:
    with demo.read() as session:
        return names_of(session, speaker, text)


def reading(demo: Database, text: str, last: Query | None = None, speaker: Speaker = ALL) -> Reading:
    return read(Asked(text, NOW, question_set.calendar(), load().check, names(demo, text, speaker), last))


def share(demo: Database, rows: list[Row]) -> float:
    right = 0
    for row in rows:
        firms = "".join(row.entry.get("filters", {}).get("insureds", ()))
        known = names(demo, row.text + firms)
        right += question_set.right(row, question_set.reading(row, known), known)
    return right / len(rows)


def test_the_set_is_large_and_its_halves_are() -> None:
    rows = question_set.rows()
    assert len(rows) >= 240
    assert sum("ask" in row.entry for row in rows) >= 40
    assert sum("after" in row.entry for row in rows) >= 60
    assert sum(row.part is Part.LATER for row in rows) >= 100
    assert sum(row.part is Part.UNSEEN for row in rows) >= 110
    assert len({(row.text, row.entry.get("after")) for row in rows}) == len(rows)


def test_questions_that_the_words_were_tuned_on(demo: Database) -> None:
    assert share(demo, [row for row in question_set.rows() if row.part is Part.TUNED]) >= TUNED_AT_LEAST


def test_questions_that_were_looked_at_last(demo: Database) -> None:
    assert share(demo, [row for row in question_set.rows() if row.part is Part.LATER]) >= LATER_AT_LEAST


def test_questions_that_nobody_looked_at(demo: Database) -> None:
    """Never open what fails here: then it would say nothing of new questions any more (docs/obligations.md)."""
    assert share(demo, [row for row in question_set.rows() if row.part is Part.UNSEEN]) >= UNSEEN_AT_LEAST


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("11.20那天查出来的隐患没告知的", When.BETWEEN, "2026-11-20", "2026-11-20"),
        ("6.3 的回访没做的", When.NOW, None, None),
        ("complaints to be answered within three days", When.DUE, "2026-11-23", "2026-11-26"),
        ("明天就到最后一天的投诉", When.DUE, "2026-11-24", "2026-11-24"),
        ("隐患到今天还没整改的", When.NOW, None, None),
    ],
)
def test_days_in_other_forms(demo: Database, text: str, kind: When, first: str | None, last: str | None) -> None:
    found = reading(demo, text).query
    assert found is not None
    window = found.window
    assert (window.kind, *(day and day.isoformat() for day in (window.first, window.last))) == (kind, first, last)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("没回访也没归档的", "ambiguous"),
        ("没告知的有哪些", "ambiguous"),
        ("档案有问题的", "ambiguous"),
        ("昆山支公司的投诉", "unknown_place"),
        ("国企里面没归档的", "unknown_filter"),
        ("上个月保费收了多少钱", "no_check"),
        ("南京的隐患整改期限统统往后推一个月", "change"),
    ],
)
def test_what_is_asked_back(demo: Database, text: str, problem: str) -> None:
    assert reading(demo, text).problem == problem


def test_a_question_and_what_to_do_with_it_in_one_breath(demo: Database) -> None:
    found = reading(demo, "把南京没归档的导出来")
    assert found.action == "export"
    assert found.query is not None
    assert found.query.check == "archived"
    assert len(found.query.filters.branch_ids) == 1
    asked = reading(demo, "提醒南京没归档的")
    assert asked.action is None, "nobody is reminded by a question that was not seen answered first"


def test_a_conversation_changes_the_question_step_by_step(demo: Database) -> None:
    said = ["今年哪些保单还没做隐患排查", "只看南京的", "那危化品的呢", "去掉小微", "按分公司汇总", "去年的呢"]
    last: Query | None = None
    for text in said:
        found = reading(demo, text, last)
        assert found.query is not None, text
        last = found.query
    assert last is not None
    assert last.check == "yearly_check"
    assert (last.filters.sectors, last.filters.not_sizes) == (("hazardous_chemicals",), ("small", "micro"))
    assert (last.group, last.window.kind, last.window.name) == (Group.BRANCH, When.ENDED, "去年")


def test_a_query_survives_its_way_through_a_slot() -> None:
    query = Query("archived").narrowed(branch_ids=(3, 4), sizes=("large",))
    assert Query.from_json(query.to_json()) == query


@pytest.mark.parametrize("text", ["把这些都标成已完成", "帮我把没回访的全部删掉", "mark all of them as done"])
def test_nothing_is_changed_by_a_question(demo: Database, text: str) -> None:
    assert reading(demo, text, Query("follow_up")).problem == "change"


@pytest.mark.parametrize("text", ["没回访的客户手机号都给我", "列一下投诉人的身份证"])
def test_personal_data_is_not_listed(demo: Database, text: str) -> None:
    assert reading(demo, text).problem == "personal"


def test_a_place_out_of_sight_is_not_told_from_one_that_is_not_there(demo: Database) -> None:
    """南京 asks about 苏州, which there is, and about 徐州, which there is not."""
    for text in ("苏州没回访的", "徐州没回访的"):
        assert reading(demo, text, speaker=NANJING).problem == "unknown_place"


@pytest.mark.parametrize("text", ["今年利润多少", "股价怎么样了", "zzz qqq"])
def test_what_is_not_ours_is_not_answered(demo: Database, text: str) -> None:
    found = reading(demo, text)
    assert found.query is None


def test_a_homophone_is_the_word(demo: Database) -> None:
    found = reading(demo, "隐换排查没做的")
    assert found.query is not None
    assert found.query.check == "yearly_check"


def test_what_was_not_understood_is_handed_back(demo: Database) -> None:
    found = reading(demo, "没回访的 客户经理姓王的")
    assert found.unknown
