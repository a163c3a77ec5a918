"""Clauses by the many ways of naming them."""

import pytest

from anze.standard.editions import load
from anze.standard.lookup import clause, references


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("6.4 a)", "6.4 a)"), ("6.4a", "6.4 a)"), ("6.4(a)", "6.4 a)"), ("６．４ａ）", "6.4 a)"),
        ("6.4第a项", "6.4 a)"),
        ("六点四", "6.4"), ("六点四a", "6.4 a)"), ("第六章", "6"), ("第6章", "6"), ("6", "6"), ("第六章第四节", "6.4"),
        ("6.4条", "6.4"), ("第6.4条", "6.4"), ("4b", "4 b)"), ("4 b)", "4 b)"), ("4 g)", "4 g)"), ("9.2d", "9.2 d)"),
        ("附录B", "附录B"), ("附件b", "附录B"), ("附录 A", "附录A"), ("B.1 d", "附录B 表B.1 d)"),
        ("表B.1", "附录B 表B.1"),
        ("附录B表B.1 d)", "附录B 表B.1 d)"), ("B1d", "附录B 表B.1 d)"), ("附录B 表B.1 f)", "附录B 表B.1 f)"),
        ("A.1", "附录A A.1"), ("A.2", "附录A A.2"), ("A.3", "附录A 填写说明"), ("附录A 填写说明", "附录A 填写说明"),
        ("图A.1", "附录A 图A.1"), ("图A2", "附录A 图A.2"), ("3.7", "3.6"), ("编制说明3.3", "3.2"),
        ("编制说明 3.4", "3.3"),
        ("投诉处理", "6.4"), ("被保险人", "3.3"), ("第三方机构", "3.4"), ("服务费用", "7.3"),
    ],
)  # fmt: skip
def test_clause(name: str, wanted: str) -> None:
    assert clause(load(), name).clause == wanted


@pytest.mark.parametrize("name", ["10", "6.9", "附录C", "7.5", "4 h)", "B.1 g)", "", "天气", "0"])
def test_no_such_clause(name: str) -> None:
    assert clause(load(), name).clause is None


def test_numbers_of_the_drafting_notes_are_aliases() -> None:
    known = load()
    assert clause(known, "3.3").also == ("3.2",)
    assert clause(known, "3.4").also == ("3.3",)
    for term in known.terms:
        for alias in term.aliases:
            found = clause(known, alias)
            assert term.clause in {found.clause, *found.also}
            assert clause(known, f"编制说明{alias}").clause == term.clause


@pytest.mark.parametrize(
    "text",
    [
        "15个工作日内要答复吗", "AQ 9010.1—2025 是什么", "赔了3.5万元", "等了2.5天", "2019年版", "保单号AZ2026000001",
        "一共12.5%", "我是3号楼的", "三点半来", "下午两点四十", "买了4个b类灭火器", "版本2.1版", "5年前", "第3次了",
    ],
)  # fmt: skip
def test_what_is_no_reference(text: str) -> None:
    assert references(load(), text) == []


def test_several_references_in_order() -> None:
    found = references(load(), "6.4 b) 和第七章、附录B有什么关系")
    assert sorted(str(reference.clause) for reference in found) == ["6.4 b)", "7", "附录B"]
    assert [reference.clause for reference in found] == ["6.4 b)", "7", "附录B"]
