"""What a cell says, in every spelling that was met, and what is said of one that says nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anze.demo.uscc import uscc
from anze.imports.columns import Column, table
from anze.imports.nouns import NOUNS
from anze.imports.rules import Cell, WrongError, cleaned, is_empty, taken, uscc_of
from anze.texts import all_texts

CODE = uscc("320000", 1)


def column(value: str, **more: Any) -> Column:
    limited = {"most": 20} if value in {"text", "code", "names"} else {}
    choices = {"choices": {"矿山": "mine", "危化品": "hazardous"}} if value == "choice" else {}
    return Column.model_validate(
        {"name": "x", "title": "甲", "value": value, "example": "例"} | limited | choices | more
    )


@pytest.mark.parametrize(
    ("value", "cell", "expected"),
    [
        ("text", Cell("  南京\u3000安屿\u200b\n化工 "), "南京 安屿 化工"),
        ("text", Cell("（中国）第１２号Ａ座"), "（中国）第12号A座"),
        ("text", Cell("=1+1"), "=1+1"),
        ("text", Cell("=cmd|'/c calc'!A0"), "=cmd|'/c calc'!A0"),
        ("text", Cell('="00123"'), "00123"),
        ("text", Cell("12", "number"), "12"),
        ("code", Cell(" az ２０２６ 000001 "), "AZ2026000001"),
        ("code", Cell("2026000001", "number"), "2026000001"),
        ("code", Cell("2.026000001E9", "number"), "2026000001"),
        ("uscc", Cell(f" {CODE[:8].lower()} {CODE[8:]}"), CODE),
        ("phone", Cell("138-0000 0001"), "13800000001"),
        ("phone", Cell("+86 13800000001"), "13800000001"),
        ("phone", Cell("8613800000001"), "13800000001"),
        ("phone", Cell("１３８００００" + "０００１"), "13800000001"),
        ("phone", Cell("13800000001", "number"), "13800000001"),
        ("phone", Cell("1.3800000001E10", "number"), "13800000001"),
        ("phone", Cell("（025）8888 8888"), "02588888888"),
        ("day", Cell("2026-01-31", "day"), "2026-01-31"),
        ("day", Cell("46053", "number"), "2026-01-31"),
        ("day", Cell("46053.5", "number"), "2026-01-31"),
        ("day", Cell("20260131", "number"), "2026-01-31"),
        ("day", Cell("20260131"), "2026-01-31"),
        ("day", Cell("2026/1/31"), "2026-01-31"),
        ("day", Cell("2026.01.31"), "2026-01-31"),
        ("day", Cell("２０２６年１月３１日"), "2026-01-31"),
        ("day", Cell("2026 - 01 - 31"), "2026-01-31"),
        ("day", Cell("2026-01-31 00:00:00"), "2026-01-31"),
        ("day", Cell("2026-01-31T08:00:00+08:00"), "2026-01-31"),
        ("whole", Cell("1,234"), 1234),
        ("whole", Cell("3次"), 3),
        ("whole", Cell("3.0", "number"), 3),
        ("money", Cell("12,800.50"), 1280050),
        ("money", Cell("￥12800.5元"), 1280050),
        ("money", Cell("12800.099999999999", "number"), 1280010),
        ("money", Cell("1.28E4", "number"), 1280000),
        ("yes_no", Cell("是"), True),
        ("yes_no", Cell("N"), False),
        ("yes_no", Cell("0", "number"), False),
        ("choice", Cell(" 危化品 "), "hazardous"),
        ("choice", Cell("MINE"), "mine"),
        ("letters", Cell("d、a，B"), "abd"),
        ("letters", Cell("abd"), "abd"),
        ("codes", Cell(f"{CODE}；{CODE}、"), [CODE]),
        ("names", Cell("王五、赵六,王五"), ["王五", "赵六"]),
        ("text", Cell("清空"), None),
        ("day", Cell("清空"), None),
    ],
)  # fmt: skip
def test_a_cell_is_read(value: str, cell: Cell, expected: Any) -> None:
    assert taken(column(value), cell) == expected


@pytest.mark.parametrize(
    ("value", "cell", "code"),
    [
        ("text", Cell("长" * 21), "too_long"),
        ("text", Cell("", "formula"), "formula"),
        ("money", Cell("#N/A", "error"), "error_value"),
        ("code", Cell("1234567890123456", "number"), "digits_lost"),
        ("uscc", Cell("9.1320100123456E+17", "number"), "digits_lost"),
        ("uscc", Cell(CODE[:17]), "uscc_length"),
        ("uscc", Cell(CODE[:16] + "I" + CODE[17]), "uscc_characters"),
        ("uscc", Cell(CODE[:17] + ("0" if CODE[17] != "0" else "1")), "uscc_check"),
        ("phone", Cell("123456"), "phone"),
        ("phone", Cell("13800000001/13800000002"), "phone"),
        ("day", Cell("01/02/2026"), "day"),
        ("day", Cell("昨天"), "day"),
        ("day", Cell("12", "number"), "day"),
        ("day", Cell("2026-02-30"), "no_such_day"),
        ("day", Cell("2206-01-01"), "day_far"),
        ("day", Cell("1E400", "number"), "number"),
        ("whole", Cell("1.5"), "not_whole"),
        ("whole", Cell("两次"), "number"),
        ("whole", Cell("-1"), "range"),
        ("whole", Cell("NaN"), "number"),
        ("money", Cell("1.234"), "cents"),
        ("money", Cell("-1"), "amount"),
        ("money", Cell("Infinity"), "number"),
        ("yes_no", Cell("也许"), "yes_no"),
        ("choice", Cell("建筑"), "choice"),
        ("letters", Cell("a,h"), "letters"),
        ("codes", Cell("、"), "empty"),
        ("names", Cell("，"), "empty"),
    ],
)  # fmt: skip
def test_a_cell_that_says_nothing_is_refused_in_words(value: str, cell: Cell, code: str) -> None:
    with pytest.raises(WrongError) as found:
        taken(column(value), cell)
    assert found.value.code == code
    texts = all_texts()
    assert f"imports.wrong.{code}" in texts
    assert f"imports.write.{code}" in texts


@given(st.text(max_size=60), st.sampled_from(["text", "number", "day"]))
def test_whatever_stands_in_a_cell_it_is_taken_or_refused(text: str, kind: str) -> None:
    for value in ("text", "code", "uscc", "phone", "day", "whole", "money", "yes_no", "choice", "letters", "names"):
        cell = Cell(text, kind)
        if is_empty(cell):
            continue
        try:
            found = taken(column(value), cell)
        except WrongError:
            continue
        if isinstance(found, str) and value != "day":
            assert found == cleaned(found)
            assert "\x00" not in found


def test_a_code_is_checked_by_its_last_character() -> None:
    for serial in range(200):
        assert uscc_of(uscc("140000", serial)) == uscc("140000", serial)


def test_every_kind_has_its_columns_and_its_noun() -> None:
    assert set(NOUNS) == set(table().kinds)
    for kind in table().kinds.values():
        for one in kind.columns:
            found = taken(one, Cell(one.example))
            assert found is not None, (kind.name, one.name)


def test_the_two_halves_of_every_fault_are_there() -> None:
    texts = all_texts()
    wrong = {key.removeprefix("imports.wrong.") for key in texts if key.startswith("imports.wrong.")}
    write = {key.removeprefix("imports.write.") for key in texts if key.startswith("imports.write.")}
    assert wrong == write
