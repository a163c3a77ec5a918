"""The held-out sets are well formed, large enough, and no line of theirs is a training line."""

import re
import unicodedata
from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz, process

from anze.conversations.normalise import normalise

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SETS = ("heldout", "unseen", "desk", "stories", "interruptions", "emergencies", "lookalikes")
WHOLE = ("heldout", "unseen")
"""Sets of all intents of the public"""
TOO_NEAR = 90
LEAST = {"complaint_file": 50, "standard_ask": 60, "out_of_scope": 80}
LEAST_OF_ANY = 14
LEAST_OF_STAFF = 6
WRITTEN_ENTITIES = {
    "policy_no": re.compile(r"AZ\d{10}", re.IGNORECASE),
    "phone": re.compile(r"1\d{2} ?\d{4} ?\d{4}"),
    "complaint_no": re.compile(r"TS\d{11}", re.IGNORECASE),
    "booking_no": re.compile(r"FW\d{11}", re.IGNORECASE),
    "hazard_no": re.compile(r"YH\d{11}", re.IGNORECASE),
    "clause_no": re.compile(r"[1-9](\.\d{1,2})?( ?[a-g]\)?)?|附录[AB]", re.IGNORECASE),
}
CLAIMS_PREMIUM_SELLING = re.compile(r"赔|保费|保险费|报案|退保|续上|业务员|卖保险|发票|搭着买|买的时候|医药费")

Row = dict[str, Any]


@cache
def rows(name: str) -> tuple[Row, ...]:
    return tuple(yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8")))


def bare(text: str) -> str:
    """The text as compared: normalised, lower case, without punctuation and spaces."""
    return "".join(c for c in normalise(text).lower() if unicodedata.category(c)[0] in "LNM")


@cache
def intents() -> frozenset[str]:
    """The intents that the table of docs/dialogue.md names in its first column."""
    table = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs/dialogue.md").read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(name for cell in table for name in re.findall(r"`([a-z]+_[a-z_]+)`", cell))


@cache
def training_lines() -> tuple[str, ...]:
    """Every example of every intent under data/nlu, its entity marks taken off, as compared."""
    lines = []
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                for line in block["examples"].splitlines():
                    words = re.sub(r"\[([^\]]+)\](\{[^}]*\}|\([^)]*\))", r"\1", line.removeprefix("- "))
                    lines.append(bare(words))
    return tuple(line for line in lines if line)


@cache
def of_staff() -> frozenset[str]:
    """The intents that only colleagues may mean (bot/audiences.yml)."""
    patterns = yaml.safe_load((ROOT / "bot/audiences.yml").read_text(encoding="utf-8"))["staff"]
    return frozenset(name for name in intents() if any(fnmatchcase(name, pattern) for pattern in patterns))


def test_the_table_of_intents_is_found() -> None:
    assert {"complaint_file", "control_deny", "chitchat_upset", "out_of_scope"} <= intents()
    assert len(intents() - of_staff()) == 49
    assert len(of_staff()) >= 13


@pytest.mark.parametrize("name", SETS)
def test_rows_have_the_fields_of_their_set(name: str) -> None:
    marked = {"entities", "also"}
    optional = {"heldout": marked, "unseen": marked, "interruptions": {"also", "common"}}.get(name, set())
    required = {"text", "intent"} if name in {*WHOLE, "desk", "interruptions"} else {"text"}
    for row in rows(name):
        assert required <= row.keys() <= required | optional, row
        assert isinstance(row["text"], str), row
        assert row["text"].strip(), row


@pytest.mark.parametrize("name", [*WHOLE, "desk", "interruptions"])
def test_every_intent_is_one_of_the_dialogue(name: str) -> None:
    for row in rows(name):
        readings = [row["intent"], *row.get("also", [])]
        assert set(readings) <= intents(), row
        assert len(set(readings)) == len(readings), row


@pytest.mark.parametrize("name", WHOLE)
def test_entities_stand_in_the_text_as_written(name: str) -> None:
    for row in rows(name):
        for entity in row.get("entities", []):
            assert entity.keys() == {"entity", "value"}, row
            if entity["entity"] == "service_item":
                assert entity["value"] in set("abcdefg"), row
            else:
                assert WRITTEN_ENTITIES[entity["entity"]].fullmatch(entity["value"]), row
                assert entity["value"] in normalise(row["text"]), row


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("entity", ["policy_no", "phone", "complaint_no", "booking_no", "hazard_no"])
def test_no_number_is_left_unmarked(entity: str, name: str) -> None:
    for row in rows(name):
        written = [m.group() for m in WRITTEN_ENTITIES[entity].finditer(normalise(row["text"]))]
        marked = [e["value"] for e in row.get("entities", []) if e["entity"] == entity]
        assert written == marked, row


def test_no_text_stands_twice_in_any_set() -> None:
    counted = Counter(bare(row["text"]) for name in SETS for row in rows(name))
    assert [text for text, n in counted.items() if n > 1] == []


def test_held_out_set_is_large_enough() -> None:
    per_intent = Counter(row["intent"] for row in rows("heldout"))
    assert per_intent.keys() == intents() - of_staff()
    assert {i: n for i, n in per_intent.items() if n < LEAST.get(i, LEAST_OF_ANY)} == {}
    assert per_intent.total() >= 420


def test_every_intent_of_colleagues_is_held_out() -> None:
    per_intent = Counter(row["intent"] for row in rows("desk"))
    assert per_intent.keys() == of_staff()
    assert {i: n for i, n in per_intent.items() if n < LEAST_OF_STAFF} == {}


def test_complaints_are_mostly_told_without_the_word() -> None:
    told = [normalise(row["text"]) for row in rows("heldout") if row["intent"] == "complaint_file"]
    assert len([t for t in told if not re.search("投诉|举报|告你们", t)]) >= 30
    assert len([t for t in told if CLAIMS_PREMIUM_SELLING.search(t)]) >= 15


def test_stories_are_of_all_lengths_and_hold_the_words_of_commands() -> None:
    stories = [row["text"] for row in rows("stories")]
    assert len(stories) == 100
    assert all(8 <= len(s) <= 300 for s in stories)
    assert len([s for s in stories if len(s) < 20]) >= 25
    for word in ("取消", "投诉几天", "预约", "你好", "转人工", "不知道", "提交", "算了", "隐患", "着火", "几天", "吗"):
        assert any(word in s for s in stories), word


@pytest.mark.parametrize(("name", "count"), [("interruptions", 60), ("emergencies", 24), ("lookalikes", 37)])
def test_small_sets_are_complete(name: str, count: int) -> None:
    assert len(rows(name)) == count


def test_few_interruptions_are_common_words() -> None:
    common = [row for row in rows("interruptions") if row.get("common")]
    assert len(common) <= 15
    assert all(len(bare(row["text"])) <= 8 for row in common)


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_a_training_line(name: str) -> None:
    training = training_lines()
    assert training, "data/nlu holds no examples"
    leaked = [
        row["text"]
        for row in rows(name)
        if not row.get("common")
        and process.extractOne(bare(row["text"]), training, scorer=fuzz.ratio, score_cutoff=TOO_NEAR)
    ]
    assert leaked == [], f"reword in tests/nlu/{name}.yml: {leaked}"
