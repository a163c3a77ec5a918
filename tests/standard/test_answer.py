"""Answers: the right kind, verbatim quotes, no number that the cited text does not print."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from anze.settings import ROOT
from anze.standard.answer import Answer, answer, figure_text
from anze.standard.editions import load
from anze.texts import all_texts
from tests.standard.test_search import QUESTIONS, UNANSWERED

CITE = "参照 AQ 9010.1（征求意见稿，2025年7月）"
HAN_NUMBER = re.compile(r"[一二两三四五六七八九十百半]+(?:个?工作日|天|日|年|个月|小时|次|回|元|万)")

KINDS = yaml.safe_load("""
definition:
  - [什么是事故预防服务, "3.1"]
  - [被保险人是什么意思, "3.3"]
  - [投保人指的是谁, "3.2"]
  - [请问啥叫安全生产技术服务机构, "3.4"]
  - [三方机制是什么, "3.6"]
  - [标准里说的第三方机构是什么？, "3.4"]
  - [隐患排查是什么, "4 d)"]
  - [投保人和被保险人有什么区别, "3.2"]
citation:
  - [6.3是什么, "6.3"]
  - [第六章讲什么, "6"]
  - [附录B有什么, 附录B]
  - [六点四说的啥, "6.4"]
  - [念一下6.4 c)给我听, "6.4 c)"]
  - [4b是哪一项, "4 b)"]
  - [表B.1里演练要什么, "附录B 表B.1 e)"]
  - [编制说明3.4是什么, "3.3"]
  - [7.3和8.1分别讲什么, "7.3"]
list:
  - [服务项目有哪些, "4"]
  - [投诉处理有哪些要求, "6.4"]
  - [哪些情况要上报, "9.2"]
  - [归档要哪些材料, 附录B]
found:
  - [隐患排查档案要哪些材料, "附录B 表B.1 d)"]
  - [应急演练要存哪些材料, "附录B 表B.1 e)"]
  - [投诉几天答复, "6.4 a)"]
  - [隐患排查多久做一次, "4"]
  - [服务费能不能退, "7.3"]
  - [安责险是什么, 引言]
  - [新标准什么时候实施, 编制说明 九]
  - [标准是法律吗, 编制说明]
comparison:
  - [2019版和现在比投诉有什么变化, 编制说明 二（三）]
  - [新标准有哪些变化, 前言]
  - [服务费用跟旧版有什么不同, 编制说明 二（三）]
  - [7.5还有吗, 编制说明 二（三）]
  - [旧版投诉是10个工作日吗, 编制说明 二（三）]
  - [2019版的投诉期限是几天, 编制说明 二（三）]
  - [新版为什么把基本原则删了, 编制说明 二（三）]
  - [修订以后附录B是新增加的吗, 编制说明 二（三）]
silent:
  - [上门要提前几天通知, "6.2"]
  - [隐患几天内告知, "6.2"]
  - [多久考核一次服务机构, "8.1"]
  - [至少配几个管理人员, "7.1"]
  - [服务费占保费百分之几, "7.3"]
  - [什么算重大隐患, "6.2"]
  - [大中型企业是什么意思, "4"]
  - [小企业一年至少查几次, "4"]
  - [小微企业每年也要排查一次对吗, "4"]
  - [节假日算不算在15个工作日里, "6.4 a)"]
""")

FIGURES = {
    "投诉几天答复": "15个工作日",
    "情况复杂的投诉多久答复": "30个工作日",
    "投诉最多能延长几天": "30日",
    "服务完几天回访": "10个工作日",
    "多少天之内归档": "20个工作日",
    "档案要保存几年": "至少5年",
    "隐患排查多久做一次": "每个保单年度至少1次",
    "管理人员一年培训几次": "每年至少1次",
    "回访最晚哪天": "10个工作日",
    "归档最晚哪天": "20个工作日",
    "6.3规定几天内回访": "10个工作日",
    "6.3规定几天归档": "20个工作日",
}

PREMISES = [
    ("标准规定7天答复对吧", "不是的", "15个工作日", "6.4 a)"),
    ("投诉五个工作日内就要答复，是吗", "不是的", "15个工作日", "6.4 a)"),
    ("投诉15天内答复对吗", "单位不对", "15个工作日", "6.4 a)"),
    ("投诉15个工作日内答复对吗", "对，", "15个工作日", "6.4 a)"),
    ("投诉30天内答复对吧", "不是的", "15个工作日", "6.4 a)"),
    ("投诉30个工作日内答复对吧", "要看情况", "15个工作日", "6.4 a)"),
    ("复杂投诉30个工作日答复对吧", "对，", "30个工作日", "6.4 b)"),
    ("投诉可以再延长60天，没错吧", "不是的", "30日", "6.4 c)"),
    ("听说档案只要保存3年", "不是的", "至少5年", "7.4"),
    ("档案要留五年对不对", "对，", "至少5年", "7.4"),
    ("回访是二十个工作日内对吧", "不是的", "10个工作日", "6.3"),
    ("一个月内归档就行是吧", "不是的", "20个工作日", "6.3"),
    ("标准规定每季度排查一次对吧", "不是的", "每个保单年度至少1次", "4"),
    ("隐患排查两年一次对吧", "不是的", "每个保单年度至少1次", "4"),
    ("大企业每个保单年度要排查两次吗", "不是的", "每个保单年度至少1次", "4"),
]


@pytest.mark.parametrize(("kind", "question", "clause"), [(kind, *row) for kind, rows in KINDS.items() for row in rows])
def test_kind_and_clause(kind: str, question: str, clause: str) -> None:
    found = answer(question)
    assert (found.kind, found.citations[0].clause) == (kind, clause)


@pytest.mark.parametrize(("question", "figure"), FIGURES.items())
def test_the_figure_is_the_standards(question: str, figure: str) -> None:
    found = answer(question)
    assert found.figure
    assert figure_text(found.figure) == figure


@pytest.mark.parametrize(("question", "says", "figure", "clause"), PREMISES)
def test_a_stated_number_is_confirmed_or_corrected(question: str, says: str, figure: str, clause: str) -> None:
    found = answer(question)
    assert found.kind == "premise"
    assert says in found.lead
    assert found.figure
    assert figure_text(found.figure) == figure
    assert found.citations[0].clause == clause


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("上门前必须提前3天打招呼对吗", "6.2"),
        ("服务费是保费的百分之二十对吧", "7.3"),
        ("隐患要15天内整改完对吧", "6.2"),
        ("重大隐患整改期限是30天对吗", "6.2"),
    ],
)
def test_a_stated_number_that_no_clause_has(question: str, clause: str) -> None:
    found = answer(question)
    assert (found.kind, found.figure, found.citations[0].clause) == ("premise", None, clause)
    assert found.lead == "标准没有规定这个数。"


def test_a_complaint_that_took_days_is_no_premise() -> None:
    assert answer("投诉超过15个工作日没答复怎么办").kind == "found"
    assert answer("我5天前投诉的，归档了吗").kind != "premise"


@pytest.mark.parametrize("question", ["10.2怎么说", "附录C是什么", "6.9规定了什么", "4 h)是什么"])
def test_a_clause_that_does_not_exist(question: str) -> None:
    found = answer(question)
    assert found.kind == "none"
    assert "没有" in found.lead
    assert found.citations == ()


def test_the_second_clock_is_named_as_another_rule() -> None:
    found = answer("投诉几天答复")
    assert "令2020年第3号" in found.note
    assert "待核对原文" in found.note
    assert found.fields["clause"].startswith(CITE)


def test_the_comparison_says_what_is_not_known() -> None:
    found = answer("2019版投诉处理和现在有什么不同")
    assert "没有原文" in found.note
    assert found.quote == "更改了投诉处理的要求（见6.4,2019年版的6.4）"
    assert len(answer("新标准有哪些变化").quote.split("\n")) == 21


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)*", text))


def _check(question: str, found: Answer) -> None:
    known = load()
    said = "\n".join([found.lead, found.quote, found.note])
    printed = "\n".join(part for c in found.citations for part in (c.clause, c.text)) + known.edition.cite
    allowed = _numbers(printed) | {part for number in _numbers(printed) for part in number.split(".")}
    if found.kind == "none" and "这一条" in found.lead:
        return  # it repeats the number of the clause that was asked for
    assert _numbers(said) <= allowed, (question, said)
    assert set(HAN_NUMBER.findall(found.lead + found.quote)) <= set(HAN_NUMBER.findall(printed)), (question, said)
    assert {c.version for c in found.citations} <= {CITE}
    for citation in found.citations:
        assert all(line in known.source for line in citation.text.split("\n")), citation
    for line in found.quote.split("\n"):
        bare = re.sub(r"^(?:[a-g]\) |[^：。]{2,30}：)", "", line)
        assert line in known.source or bare in known.source, (question, line)
    assert "法律规定" not in said
    assert "！" not in said
    if found.kind in {"found", "definition", "citation", "list", "comparison", "premise"}:
        assert found.citations, question
        assert found.quote, question
    if found.figure:
        assert str(found.figure.count) in "".join(c.text for c in found.citations)


def _all_questions() -> list[str]:
    known = load()
    return [
        *(row["ask"] for part in QUESTIONS.values() for row in part),
        *(ask for part in UNANSWERED.values() for ask in part),
        *(row[0] for rows in KINDS.values() for row in rows),
        *FIGURES,
        *(row[0] for row in PREMISES),
        *(q for row in known.obligations for q in (*row.insured_questions, *row.staff_questions)),
        *(ask for guide in known.guides for ask in guide.asks),
        *(ask for fact in known.facts for ask in fact.asks),
        *(ask for gap in known.gaps for ask in gap.asks),
        *known.clauses,
    ]


def test_no_invented_number_in_any_answer() -> None:
    questions = _all_questions()
    assert len(questions) > 1000
    for question in questions:
        _check(question, answer(question))


@given(
    st.lists(
        st.sampled_from([*_all_questions(), "几天", "多少钱", "7天对吧", "三年", "对吗", "6.4", "旧版变化"]), max_size=3
    )
)
def test_no_invented_number_in_mixed_questions(parts: list[str]) -> None:
    question = "，".join(parts)
    _check(question, answer(question))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    found = answer(text)
    assert found.lead
    _check(text, found)


def test_answers_to_the_insureds_own_example_questions() -> None:
    """The rows' example questions lead to their clause, or to the statement that the text gives no number."""
    known = load()
    rows = [(q, row) for row in known.obligations for q in row.insured_questions]
    hit = [found for q, row in rows if (found := answer(q)).citations and found.citations[0].clause == row.clause]
    assert len(hit) / len(rows) >= 0.9, [
        (q, row.id) for q, row in rows if not (c := answer(q).citations) or c[0].clause != row.clause
    ]


def test_every_template_is_used() -> None:
    source = "".join(
        (ROOT / "anze" / "standard" / name).read_text(encoding="utf-8") for name in ("answer.py", "cli.py")
    )
    dynamic = {"standard.lead.item", "standard.lead.found"}
    for key in all_texts():
        if key.startswith("standard.") and key not in dynamic and ".figure." not in key and ".silent_" not in key:
            assert f'"{key}"' in source, key


@pytest.mark.parametrize(
    ("question", "response"),
    [
        ("投诉几天答复", "found"),
        ("6.3是什么", "found"),
        ("上门要提前几天通知", "silent"),
        ("今天天气怎么样", "nothing"),
    ],
)
def test_three_responses(question: str, response: str) -> None:
    found = answer(question)
    assert found.response == response
    assert set(found.fields) == {"lead", "quote", "clause", "note"}
