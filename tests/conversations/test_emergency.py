"""Emergencies happening now are told from all that only shares their words."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from anze.conversations.emergency import is_emergency
from anze.conversations.normalise import normalise

HERE = Path(__file__).parent
NLU = HERE.parents[1] / "data" / "nlu"


def cases(kind: str) -> list[str]:
    lists: dict[str, Any] = yaml.safe_load((HERE / "emergency_cases.yml").read_text(encoding="utf-8"))
    return [normalise(text) for text in lists[kind]]


def training() -> list[tuple[str, str]]:
    """Every training line with its intent, its entity marks taken off."""
    return [
        (block["intent"], normalise(re.sub(r"\[([^\]]+)\](\{[^}]*\}|\([^)]*\))", r"\1", line.removeprefix("- "))))
        for path in sorted(NLU.glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in block
        for line in block["examples"].splitlines()
    ]


ALL = cases("emergencies") + cases("others")


def test_the_lists_are_large_and_say_nothing_twice() -> None:
    assert len(cases("emergencies")) >= 150
    assert len(cases("others")) >= 250
    assert len(set(ALL)) == len(ALL)


def test_written_emergencies_raise_the_alarm_but_for_one_in_a_hundred() -> None:
    texts = cases("emergencies")
    missed = [text for text in texts if not is_emergency(text)]
    assert len(missed) <= len(texts) // 100, missed


def test_other_talk_does_not_but_for_one_in_a_hundred() -> None:
    texts = cases("others")
    alarmed = [text for text in texts if is_emergency(text)]
    assert len(alarmed) <= len(texts) // 100, alarmed


def test_it_agrees_with_the_training_data() -> None:
    lines = training()
    assert len(lines) > 4000
    assert [line for line in lines if is_emergency(line[1]) != (line[0] == "handoff_emergency")] == []


@pytest.mark.parametrize(
    ("emergency", "other"),
    [
        ("车间着火了", "去年车间着火了"),
        ("去年着过一次,今天又着了", "去年着过一次,今天来报案"),
        ("你们昨天才来查过,锅炉炸了", "昨天,锅炉炸了"),
        ("着火了,人没事", "着火了,已经扑灭了"),
        ("扑灭了又着了", "又着了,扑灭了"),
        ("有人触电了怎么办", "有人触电了怎么赔"),
        ("演练结果真着火了", "演练科目着火了"),
        ("天然气炸了", "我气炸了"),
        ("有人受伤", "没有人受伤"),
        ("漏氯了会不会炸啊,人都在跑", "如果漏氯了会不会炸"),
        ("投诉回头再说,氨罐漏了", "投诉,氨罐漏了你们不管"),
    ],
)
def test_one_word_makes_the_difference(emergency: str, other: str) -> None:
    assert is_emergency(emergency)
    assert not is_emergency(other)


@given(st.text(max_size=300))
def test_any_text_is_decided(text: str) -> None:
    assert is_emergency(text) in {True, False}


@given(
    st.sampled_from(ALL),
    st.sampled_from(["", "你好,", "您好 ", "请问,", "麻烦您了,", "不好意思,打扰一下,"]),
    st.sampled_from(["", ",谢谢", ",谢谢您了", ",拜托了", ",辛苦了", "。多谢"]),
)
def test_courtesies_change_nothing(text: str, before: str, after: str) -> None:
    assert is_emergency(normalise(before + text + after)) == is_emergency(text)


@given(st.sampled_from(ALL), st.integers(0, 9999999))
def test_a_number_given_first_changes_nothing(text: str, number: int) -> None:
    assert is_emergency(f"AZ202{number:07},{text}") == is_emergency(text)
