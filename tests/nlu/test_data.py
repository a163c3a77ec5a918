"""The training data: normal form, enough per intent, no text under two intents, entities marked wherever they occur."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from rapidfuzz import fuzz, process

from anze.conversations.normalise import normalise

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "data" / "nlu").glob("*.yml"))

AT_LEAST = 30
AT_LEAST_OF = {
    "complaint_file": 170,
    "standard_ask": 150,
    "out_of_scope": 90,
    "handoff_emergency": 70,
    "complaint_status": 60,
    "control_answer": 300,
    "booking_request": 300,
    "handoff_request": 50,
    "booking_move": 60,
    "booking_cancel": 45,
    "booking_status": 45,
    "booking_change": 45,
    "status_mine": 45,
    "status_due": 60,
    "status_policy": 45,
    "status_files": 45,
    "hazard_list": 45,
    "hazard_propose": 60,
    "hazard_done": 60,
    "survey_rate": 60,
    "reminder_set": 60,
    "reminder_off": 45,
    "reminder_on": 45,
    "reminder_list": 45,
    "complaint_decision": 45,
    "complaint_remedies": 45,
    "complaint_again": 45,
    "standard_refund_demand": 45,
    "handoff_surrender": 45,
}
STORIES_AT_LEAST = 100
TOO_ALIKE = 92

ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<entity>[a-z_]+)\)")
LONG_NUMBER = re.compile(r"\d{4,}")
NO_WORD_CHARACTER = re.compile(r"[\W_]")


@dataclass(frozen=True)
class Example:
    """One line of an intent: `marked` as written in the file, `text` without the annotations."""

    intent: str
    marked: str

    @property
    def text(self) -> str:
        return ANNOTATION.sub(lambda match: match["text"], self.marked)

    @property
    def spans(self) -> set[tuple[int, int, str]]:
        """Start, end (exclusive) and entity of each annotation, in `text`."""
        found = set()
        shift = 0
        for match in ANNOTATION.finditer(self.marked):
            start = match.start() - shift
            found.add((start, start + len(match["text"]), match["entity"]))
            shift += len(match[0]) - len(match["text"])
        return found


def blocks(kind: str) -> Iterator[tuple[str, list[str]]]:
    for path in FILES:
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if kind in block:
                yield str(block[kind]), [line.removeprefix("- ") for line in block["examples"].splitlines()]


@cache
def examples() -> tuple[Example, ...]:
    return tuple(Example(intent, line) for intent, lines in blocks("intent") for line in lines)


def of(intent: str) -> list[Example]:
    return [example for example in examples() if example.intent == intent]


INTENTS = sorted({intent for intent, _ in blocks("intent")})


def bare(text: str) -> str:
    """What two texts are compared by: no punctuation, no case, any long number like any other."""
    return NO_WORD_CHARACTER.sub("", LONG_NUMBER.sub("0", text).lower())


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(p)) for name, regexes in blocks("regex") for p in regexes)


def lookup_words() -> list[str]:
    return [word for name, words in blocks("lookup") if name == "service_item" for word in words]


def item_of_word() -> dict[str, str]:
    return {word: item for item, words in blocks("synonym") for word in words}


def test_every_intent_of_the_dialogue_and_no_other() -> None:
    page = (ROOT / "docs" / "dialogue.md").read_text(encoding="utf-8")
    first_cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([a-z_]+)`", " ".join(first_cells))) == set(INTENTS)


@pytest.mark.parametrize("intent", INTENTS)
def test_enough_lines(intent: str) -> None:
    assert len({bare(example.text) for example in of(intent)}) >= AT_LEAST_OF.get(intent, AT_LEAST)


def test_grievances_are_told_without_the_word_complaint() -> None:
    stories = [e for e in of("complaint_file") if "投诉" not in e.text and 10 <= len(e.text) <= 120]
    assert len(stories) >= STORIES_AT_LEAST


def test_lines_are_in_the_form_in_which_rasa_reads_them() -> None:
    assert [e.text for e in examples() if normalise(e.text) != e.text] == []


def test_no_text_twice() -> None:
    intents = defaultdict(list)
    for example in examples():
        intents[NO_WORD_CHARACTER.sub("", example.text.lower())].append(example.intent)
    assert {text: where for text, where in intents.items() if len(where) > 1} == {}


def test_no_near_duplicates_across_intents() -> None:
    texts = [bare(e.text) for e in examples()]
    alike = []
    for place, example in enumerate(examples()):
        near = process.extract(texts[place], texts[:place], scorer=fuzz.ratio, score_cutoff=TOO_ALIKE, limit=None)
        for _, _, other in near:
            if examples()[other].intent != example.intent:
                alike.append((example, examples()[other]))
    assert alike == []


def test_every_number_with_a_form_is_marked() -> None:
    unmarked = [
        (example.text, match[0])
        for example in examples()
        for name, pattern in patterns()
        for match in pattern.finditer(example.text)
        if (*match.span(), name) not in example.spans
    ]
    assert unmarked == []


def test_every_service_word_is_marked() -> None:
    longest_first = re.compile("|".join(lookup_words()))
    unmarked = [
        (example.text, match[0])
        for example in examples()
        for match in longest_first.finditer(example.text)
        if not any(s <= match.start() and match.end() <= e for s, e, name in example.spans if name == "service_item")
    ]
    assert unmarked == []


def test_every_entity_is_marked_often_enough_to_be_learnt() -> None:
    marked = Counter(name for example in examples() for _, _, name in example.spans)
    assert set(marked) == {"policy_no", "phone", "complaint_no", "booking_no", "hazard_no", "clause_no", "service_item"}
    assert min(marked.values()) >= 10


def test_every_service_word_has_one_item() -> None:
    words = [word for _, synonyms in blocks("synonym") for word in synonyms]
    assert len(words) == len(set(words))
    assert set(item_of_word().values()) == set("abcdefg")
    used = {e.text[start:end] for e in examples() for start, end, name in e.spans if name == "service_item"}
    assert used | set(lookup_words()) <= set(words)
    assert {item_of_word()[word] for word in used} == set("abcdefg")


def test_longer_service_words_come_first() -> None:
    words = lookup_words()
    assert words == sorted(words, key=lambda word: (-len(word), word))


@pytest.mark.parametrize(
    ("text", "entity", "found"),
    [
        ("我的保单AZ2026000001要约", "policy_no", ["AZ2026000001"]),
        ("az2026000118", "policy_no", ["az2026000118"]),
        ("保险单SH2025001234号", "policy_no", ["SH2025001234"]),
        ("TS20261120003", "policy_no", []),
        ("ts20261120003", "policy_no", []),
        ("ts20261120003", "complaint_no", ["ts20261120003"]),
        ("AZ20260000012345", "policy_no", []),
        ("FW20261120003", "policy_no", []),
        ("yh20261120003", "policy_no", []),
        ("YH2026112000", "policy_no", []),
        ("约的FW20261120003改到周五", "booking_no", ["FW20261120003"]),
        ("fw20261120003", "booking_no", ["fw20261120003"]),
        ("AFW20261120003", "booking_no", []),
        ("TS20261120003", "booking_no", []),
        ("YH20261120003改好了", "hazard_no", ["YH20261120003"]),
        ("yh20261120003", "hazard_no", ["yh20261120003"]),
        ("FW20261120003", "hazard_no", []),
        ("投诉TS20261120003呢", "complaint_no", ["TS20261120003"]),
        ("老王13800000001", "phone", ["13800000001"]),
        ("138-0000-0001", "phone", ["138-0000-0001"]),
        ("12800000001", "phone", []),
        ("9138000000012", "phone", []),
        ("6.4是什么", "clause_no", ["6.4"]),
        ("6.4 c)什么意思", "clause_no", ["6.4 c)"]),
        ("4 b)和4.d", "clause_no", ["4 b)", "4.d"]),
        ("附录B的B.1", "clause_no", ["附录B", "B.1"]),
        ("第六章讲什么", "clause_no", ["第六章"]),
        ("涨了6.4万元", "clause_no", []),
        ("AQ 9010.1 2025", "clause_no", []),
        ("15个工作日, 4个人", "clause_no", []),
    ],
)
def test_forms(text: str, entity: str, found: list[str]) -> None:
    hits = sorted((m.start(), m[0]) for name, p in patterns() if name == entity for m in p.finditer(text))
    assert [hit for _, hit in hits] == found
