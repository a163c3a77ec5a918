"""While a question for free text is open: is this message the answer, or does it interrupt?

Rasa cannot tell: a person who complains "投诉要几天处理完都没人理我" is read as asking for a deadline, and the story
would be lost. So the message is taken as the answer unless it plainly is something else: a command, a short question,
or an intent that the open question lets through. The words live in `bot/free_text.yml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ANSWER = "control_answer"
"""The intent a message gets when it is the answer."""

COMMAND_MAX = 16
"""Longer texts are no command; it also bounds the search of a pattern whose words may follow each other freely."""

_DATA = Path(__file__).resolve().parents[1] / "free_text.yml"
_MARKS = re.compile(r"[\s,.;:!~，。；：！～、…'\"“”‘’()（）]+")
_CLAUSE = re.compile(r"[,，。;；!！、…]|\s")


@dataclass(frozen=True)
class Slot:
    """How one open question listens. Lengths in characters; `answer_if`: what an answer must hold, such as a code;
    `answer_anyway`: what makes a text the answer although it asks."""

    answer_from: int
    answer_if: re.Pattern[str]
    answer_anyway: re.Pattern[str] | None
    question_max: int
    interrupts: dict[str, Interrupt]


@dataclass(frozen=True)
class Interrupt:
    """An intent that may interrupt by what Rasa read alone, up to a length and from a confidence."""

    max_length: int
    confidence: float
    anyway: bool = False
    """Also in a grievance or in talk of something past"""


@dataclass(frozen=True)
class Rules:
    """`bot/free_text.yml`, compiled."""

    slots: dict[str, Slot]
    command: re.Pattern[str]
    opener: re.Pattern[str]
    question: re.Pattern[str]
    question_end: re.Pattern[str]
    maybe_question: re.Pattern[str]
    grievance: re.Pattern[str]
    past: re.Pattern[str]
    question_intents: frozenset[str]
    story_intents: frozenset[str]


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(words) + ")"


def compile_rules(data: dict[str, Any]) -> Rules:
    """Compile the data file. Raises KeyError or re.error when it is malformed."""
    commands = [word for words in data["commands"].values() for word in words]
    return Rules(
        slots={
            name: Slot(
                answer_from=slot.get("answer_from", 1),
                answer_if=re.compile(slot.get("answer_if", "")),
                answer_anyway=re.compile(slot["answer_anyway"]) if "answer_anyway" in slot else None,
                question_max=slot["question_max"],
                interrupts={intent: Interrupt(**limits) for intent, limits in slot.get("interrupts", {}).items()},
            )
            for name, slot in data["slots"].items()
        },
        command=re.compile(f"(?:{_any(data['before'])}*{_any(commands)}{_any(data['after'])}*)+"),
        opener=re.compile(f"(?:{_any(data['openers'])}{_MARKS.pattern[:-1]}*)+"),
        question=re.compile("|".join(data["questions"])),
        question_end=re.compile(f"{_any(data['question_ends'])}[?？]?$|[?？]$"),
        maybe_question=re.compile("|".join(data["maybe_questions"])),
        grievance=re.compile("|".join(data["grievances"])),
        past=re.compile("|".join(data["past"])),
        question_intents=frozenset(data["question_intents"]),
        story_intents=frozenset(data["story_intents"]),
    )


RULES = compile_rules(yaml.safe_load(_DATA.read_text("utf-8")))


def is_answer(
    text: str, intent: str | None, confidence: float, requested_slot: str | None, rules: Rules = RULES
) -> bool:
    """Whether typed `text` answers the open question for `requested_slot`; False when no such question is open.

    `intent` and `confidence` (0 to 1) are what Rasa read. They are believed only where the words alone do not decide:
    a word order that may be a question or a rhetorical one, and the few intents a slot names.
    """
    slot = rules.slots.get(requested_slot or "")
    if slot is None:
        return False
    return not (
        len(text.strip()) < slot.answer_from
        or not slot.answer_if.search(text)
        or _is_command(text, rules)
        or _is_question(text, intent, slot, rules)
        or _interrupts(text, intent, confidence, slot, rules)
    )


def _is_command(text: str, rules: Rules) -> bool:
    """Nothing but a command, polite words around it left aside: 那就先取消吧, not 预约取消了三次."""
    said = _MARKS.sub("", text).rstrip("?？")
    return len(said) <= COMMAND_MAX and rules.command.fullmatch(said) is not None


def _is_question(text: str, intent: str | None, slot: Slot, rules: Rules) -> bool:
    """One short clause that asks. A grievance in question form (怎么没人来？) is a story."""
    if slot.answer_anyway is not None and intent not in rules.question_intents and slot.answer_anyway.search(text):
        return False
    asked = text.strip()
    if polite := rules.opener.match(asked):
        asked = asked[polite.end() :]
    if not asked or len(asked) > slot.question_max or rules.grievance.search(asked):
        return False
    believed = intent in rules.question_intents
    clauses = _CLAUSE.search(asked.rstrip("?？!！。 ")) is not None
    if clauses and not believed:
        return False
    if rules.question.search(asked):
        return True
    if rules.question_end.search(asked):
        return intent not in rules.story_intents
    return believed and not clauses and rules.maybe_question.search(asked) is not None


def _interrupts(text: str, intent: str | None, confidence: float, slot: Slot, rules: Rules) -> bool:
    """An intent that this slot lets through, unless the talk is of something past or practised."""
    limit = slot.interrupts.get(intent or "")
    return (
        limit is not None
        and confidence >= limit.confidence
        and len(text.strip()) <= limit.max_length
        and (limit.anyway or not (rules.past.search(text) or rules.grievance.search(text)))
    )
