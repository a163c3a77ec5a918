"""Is this an emergency happening now? Decided before the bot, in every state of the dialogue."""

import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class _Lexicon:
    """What each list is for, and how it is written, is told in emergency.yml, under the same names."""

    polite: re.Pattern[str]
    not_meant: re.Pattern[str]
    turns: re.Pattern[str]
    acute: re.Pattern[str]
    event: re.Pattern[str]
    now: re.Pattern[str]
    urgent: re.Pattern[str]
    dropped: re.Pattern[str]
    past: re.Pattern[str]
    elsewhere: re.Pattern[str]
    supposed: re.Pattern[str]
    retold: re.Pattern[str]
    over: re.Pattern[str]
    matter: re.Pattern[str]
    matter_if_long: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return data


@cache
def _lexicon() -> _Lexicon:
    words: dict[str, str] = {}

    def written(alternatives: list[str]) -> str:
        # No group may capture: the patterns are split by.
        joined = re.sub(r"(?<!\\)\((?!\?)", "(?:", "|".join(f"({a})" for a in alternatives))
        return re.sub(r"<([a-z]+)>", lambda m: words[m[1]], f"(?:{joined})")

    for name, alternatives in _data()["words"].items():
        words[name] = written(alternatives)
    return _Lexicon(**{field.name: re.compile(written(_data()[field.name])) for field in fields(_Lexicon)})


_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CRIED = re.compile(r"(.{2,8}?)\1+")
_PUNCTUATION = re.compile(r"[^\w%]+")


def is_emergency(text: str) -> bool:
    """Whether normalised text tells of fire, explosion, collapse, poisoning, or people hurt or trapped, now."""
    lexicon = _lexicon()
    text = text.lower()
    for heard, said in _data()["slips"].items():
        text = text.replace(heard, said)
    text = _CRIED.sub(r"\1", text)
    return any(_tells_of_one(_clauses(part)) for part in lexicon.dropped.split(text))


def is_told(text: str) -> bool:
    """Whether normalised text marks what it says as past, practised, supposed, done with, or a matter to be handled.

    Such words do not rule an emergency out, but who reads one into them should ask before anybody is alarmed.
    """
    lexicon = _lexicon()
    clauses = _clauses(text.lower())
    marks = (lexicon.past, lexicon.elsewhere, lexicon.supposed, lexicon.retold, lexicon.over)
    return _is_matter(clauses) or any(mark.search(clause) for clause in clauses for mark in marks)


def _clauses(text: str) -> list[str]:
    lexicon = _lexicon()
    parts = _PUNCTUATION.split(lexicon.polite.sub(",", text))
    return [clause for part in parts for clause in lexicon.turns.split(part) if clause]


def _meant(clause: str) -> str:
    return _lexicon().not_meant.sub("○", clause)


def _is_matter(clauses: list[str]) -> bool:
    lexicon = _lexicon()
    whole, length = ",".join(clauses), len(_CHINESE.findall("".join(clauses)))
    return lexicon.urgent.search(whole) is None and (
        length > _data()["long"]
        or lexicon.matter.search(whole) is not None
        or (length > _data()["short"] and lexicon.matter_if_long.search(whole) is not None)
    )


def _tells_of_one(clauses: list[str]) -> bool:
    """Whether the clauses tell of an emergency in the frame of the present.

    The frame is the last mark of time before the danger, carried from clause to clause. Within a matter (a complaint,
    a claim) only what is expressly said to be now, or is said only by someone who sees it, counts.
    """
    lexicon = _lexicon()
    matter = _is_matter(clauses)
    alarm = away = False
    for clause in clauses:
        elsewhere = lexicon.elsewhere.search(clause)
        past = lexicon.past.search(clause)
        now = None if elsewhere else lexicon.now.search(clause) or lexicon.urgent.search(clause)
        seen = _meant(clause)
        acute, event = lexicon.acute.search(seen), lexicon.event.search(seen)
        danger = acute or (None if matter and not now else event)
        if ended := lexicon.over.search(clause) or lexicon.retold.search(clause):
            alarm = not away and lexicon.acute.search(_meant(clause[ended.end() :])) is not None
        elif danger and (now or not away) and not elsewhere and not lexicon.supposed.search(seen):
            alarm = alarm or past is None or danger.start() < past.start()
        begun = past and (event or len(lexicon.past.sub("", clause)) <= _data()["bare"])
        away = bool(elsewhere or begun or (away and not now))
    return alarm
