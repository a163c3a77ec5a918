"""A date is never shown without its reason: what is counted, what is left out, and the Chinese lines."""

from datetime import date, timedelta

import pytest

from anze.calendar.data import CalendarStore
from anze.complaints.clocks import Approver
from anze.complaints.explain import render, told_dates
from anze.complaints.reasons import Explanation, LeftOut, explain
from anze.complaints.rules import ComplaintFacts, Complexity, Extension, Pause, standing
from anze.settings import ROOT
from anze.standard.editions import load
from anze.texts import all_texts

CALENDAR = CalendarStore(ROOT / "knowledge", ROOT / "no-such-folder").calendar()
KNOWN = load()
CLOCKS = KNOWN.complaint


def reasons(facts: ComplaintFacts, today: date | None = None, *, second: bool = False) -> Explanation:
    found = standing(facts, today or facts.received, CALENDAR, CLOCKS)
    clock = found.second if second else found.leading
    return explain(clock, facts, CALENDAR, edition=KNOWN.edition.key, rule_version=CLOCKS.rule_version)


def test_the_fifteen_days_over_the_spring_festival() -> None:
    found = reasons(ComplaintFacts(date(2026, 2, 10)))
    (term,) = found.terms
    assert [day.number for day in term.counted] == list(range(1, 16))
    assert [day.day for day in term.counted if day.makeup] == [date(2026, 2, 14), date(2026, 2, 28)]
    assert term.counted[-1].day == found.due == date(2026, 3, 9)
    festival = [date(2026, 2, 15) + timedelta(days=n) for n in range(9)]
    assert [day.day for day in term.left_out if day.festival == "春节"] == festival
    assert [day.day for day in term.left_out if day.reason is LeftOut.WEEKEND] == [
        date(2026, 3, 1),
        date(2026, 3, 7),
        date(2026, 3, 8),
    ]
    assert (found.edition, found.rule_version, term.term.clause) == ("AQ9010.1/2025-07-draft", "1", "6.4 a)")
    assert render(found) == [
        "收到投诉：2026年2月10日（周二），当天不算，从第二天数起。",
        "期限：15 个工作日（参照 AQ 9010.1（征求意见稿，2025年7月） 6.4 a)）。",
        "算进去的：第1–4天 2月11日至2月14日（2月14日周六补班）；第5–9天 2月24日至2月28日（2月28日周六补班）；"
        "第10–14天 3月2日至3月6日；第15天 3月9日。",
        "没有算的：2月15日至2月23日（春节）；3月1日（周末）；3月7日至3月8日（周末）。",
        "最迟：2026年3月9日（周一），到当天24时为止。",
        "规则版本：AQ9010.1/2025-07-draft，第1版。",
    ]


def test_every_day_between_receipt_and_date_is_counted_or_left_out() -> None:
    pauses = (Pause(date(2026, 2, 13), date(2026, 2, 27), date(2026, 2, 13)),)
    facts = ComplaintFacts(date(2026, 2, 10), pauses=pauses)
    for second in (False, True):
        found = reasons(facts, second=second)
        (term,) = found.terms
        days = sorted([day.day for day in term.counted] + [day.day for day in term.left_out])
        assert found.due is not None
        assert days == [date(2026, 2, 11) + timedelta(days=n) for n in range((found.due - facts.received).days)]
        assert any("鉴定、检测或评估期间" in line for line in render(found))


def test_an_extension_names_both_terms_and_the_rest_days_it_rolled_over() -> None:
    received = date(2026, 7, 17)
    facts = ComplaintFacts(
        received, Complexity(received, received, received), Extension(received, Approver.SUPERIOR_BODY, received)
    )
    found = reasons(facts)
    assert [(term.term.clause, len(term.counted)) for term in found.terms] == [("6.4 b)", 30), ("6.4 c)", 30)]
    assert [day.day for day in found.terms[1].rolled] == [date(2026, 9, 27)]
    assert "最后一天遇到休息日（9月27日（中秋节）），顺延到2026年9月28日（周一）。" in render(found)
    assert not reasons(facts, second=True).terms[1].rolled


def test_a_provisional_date_says_why_and_numbers_only_known_days() -> None:
    received = date(2026, 11, 23)
    found = reasons(ComplaintFacts(received, Complexity(received, received, received)))
    assert found.provisional is not None
    assert found.provisional.years == (2027,)
    assert (found.provisional.counted, found.provisional.shown) == (date(2027, 1, 4), date(2026, 12, 31))
    lines = "\n".join(render(found))
    assert "第25–28天 12月28日至12月31日" in lines
    assert "第29" not in lines
    assert "2027年的放假通知还没有公布" in lines
    assert "最迟（暂定）：2026年12月31日（周四）" in lines


def test_a_stopped_clock_says_since_when_and_what_is_left() -> None:
    facts = ComplaintFacts(date(2026, 2, 10), pauses=(Pause(date(2026, 2, 25), None, date(2026, 2, 27)),))
    found = reasons(facts, date(2026, 3, 2))
    assert found.due is None
    assert found.terms[0].stopped_on == date(2026, 2, 27)
    assert len(found.terms[0].counted) == 7
    assert "从2月27日起暂停计算（鉴定、检测或评估期间），结束后还剩8个工作日。" in render(found)


def test_a_breach_stays_in_the_reasons_and_the_date_is_called_remedial() -> None:
    late = date(2026, 10, 16)
    lines = render(reasons(ComplaintFacts(date(2026, 9, 18), Complexity(late, late, late)), late))
    assert any(line.startswith("最迟10月15日应当完成而没有完成") and "6.4 a)" in line for line in lines)
    assert any(line.startswith("补救期限：2026年11月5日（周四）") for line in lines)
    assert not any(line.startswith("最迟：") for line in lines)


def test_restarted_second_clock_says_so_and_cites_the_rule_in_force() -> None:
    lines = render(reasons(ComplaintFacts(date(2026, 2, 10), new_facts=(date(2026, 2, 20),)), second=True))
    assert "2026年2月20日（周五）收到新的情况，这个期限从那天重新算起，当天不算。" in lines
    assert "期限：15 天，节假日也算（按《银行业保险业消费投诉处理管理办法》（令2020年第3号））。" in lines


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (ComplaintFacts(date(2026, 2, 10)), "我们按监管要求争取在2月25日前答复，标准规定的最迟日是3月9日。"),
        (ComplaintFacts(date(2026, 12, 11)), "我们按监管要求争取在12月26日前答复，标准规定的最迟日暂定为12月31日。"),
        (ComplaintFacts(date(2025, 12, 25), outside_standard=True), "我们按监管要求在2026年1月9日前答复。"),
        (
            ComplaintFacts(date(2026, 2, 10), pauses=(Pause(date(2026, 2, 11), None, date(2026, 2, 11)),)),
            "现在暂停计算（鉴定、检测或评估期间），结束后重新告诉您答复日期。",
        ),
    ],
)
def test_the_one_sentence_with_both_dates(facts: ComplaintFacts, sentence: str) -> None:
    assert told_dates(standing(facts, facts.received, CALENDAR, CLOCKS)) == sentence


def test_every_refusal_has_its_words() -> None:
    from anze.complaints.rules import Refusal

    for refusal in Refusal:
        assert f"complaint.explain.refused.{refusal}" in all_texts()
