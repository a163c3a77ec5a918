"""Reads the words of a complaint: is there a story in them, what are they about, whose phone number is it."""

import re
from functools import cache
from pathlib import Path

import yaml

from anze.complaints.models import ComplaintForm, ComplaintKind
from anze.contacts import LANDLINE, MOBILE, Contact, find_contact, without_labels

__all__ = [
    "asks_review",
    "find_complaint_no",
    "find_contact",
    "find_policy_no",
    "firm_name",
    "form_of",
    "kind_of",
    "names_a_firm",
    "names_firm",
    "own_contact",
    "patterns",
    "says_something",
    "tells_new_facts",
    "tells_reason",
    "tells_story",
]

_STORY_CHARACTERS = 4
_FIRM_CHARACTERS = 2
_HAN = re.compile(r"[\u4e00-\u9fff]")
_POLICY_NO = re.compile(r"(?<![A-Za-z0-9])(?![Tt][Ss])[A-Za-z]{2}\d{8,12}(?!\d)")
_COMPLAINT_NO = re.compile(r"(?:TS|(?<![A-Z0-9]))(20\d{9})(?!\d)")
_NOT_WORDS = re.compile(r"[^\w]+")


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """The lists of words.yml by name, each as one pattern."""
    lists = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(f"(?:{line})" for line in found)) for name, found in lists.items()}


def tells_story(text: str) -> bool:
    """Whether more is said than that there is a complaint (normalised text)."""
    rest = patterns()["announcing"].sub("", text)
    return len(_NOT_WORDS.sub("", rest)) >= _STORY_CHARACTERS


def says_something(text: str) -> bool:
    """Whether an answer holds more than a sound (嗯, 啊, 哦)."""
    return len(_NOT_WORDS.sub("", patterns()["sounds"].sub("", text))) >= 2


def kind_of(text: str) -> ComplaintKind:
    """`other` only for claims, premium or selling with nothing about a service; in doubt the stricter handling."""
    words = patterns()
    if words["other_matters"].search(text) and not words["service_matters"].search(text):
        return ComplaintKind.OTHER
    return ComplaintKind.SERVICE


def form_of(text: str) -> ComplaintForm:
    """An objection (异议) when the words say so; both are handled alike (6.4)."""
    return ComplaintForm.OBJECTION if patterns()["objecting"].search(text) else ComplaintForm.COMPLAINT


def tells_new_facts(text: str) -> bool:
    """Whether something happened, or was found, since the matter was decided."""
    return bool(patterns()["new_facts"].search(text))


def asks_review(text: str) -> bool:
    """Whether a review of a decision is asked for, not only asked about."""
    return bool(patterns()["review"].search(text)) and not patterns()["asking_about"].search(text)


def tells_reason(text: str) -> bool:
    """Whether more is said than that somebody is not satisfied with a decision."""
    rest = patterns()["dissatisfied"].sub("", patterns()["announcing"].sub("", text))
    return len(_NOT_WORDS.sub("", rest)) >= _STORY_CHARACTERS


def own_contact(story: str) -> Contact | None:
    """The complainant's own number inside a story; somebody else's is left alone."""
    if not patterns()["own_phone"].search(story):
        return None
    found = MOBILE.search(story)
    return Contact(re.sub(r"\D", "", found.group()), None) if found else None


def names_firm(text: str) -> bool:
    """Whether an answer can be a firm's name or a policy number: not 啊？, 额额额 or 1111."""
    return find_policy_no(text) is not None or len(set(_HAN.findall(text))) >= _FIRM_CHARACTERS


def find_policy_no(text: str) -> str | None:
    """A policy number in a text, upper case."""
    found = _POLICY_NO.search(text)
    return found.group().upper() if found else None


def find_complaint_no(text: str) -> str | None:
    """A complaint's number in a text (normalised), also in pieces or without TS."""
    found = _COMPLAINT_NO.search(text.upper().replace(" ", ""))
    return f"TS{found[1]}" if found else None


def names_a_firm(text: str) -> bool:
    """Whether an answer to the question for the firm holds a name: 电话改成139… does not."""
    name = firm_name(text)
    if find_contact(text) is not None:
        name = without_labels(name)
    return len(_NOT_WORDS.sub("", name)) >= (4 if find_contact(text) else 2)


def firm_name(text: str) -> str:
    """An answer to the question for the firm, without the words around it and without a phone number."""
    phone = MOBILE.search(text) or LANDLINE.search(text)
    if phone is not None:
        text = patterns()["before_phone"].sub("", text[: phone.start()]) + text[phone.end() :]
    return patterns()["around_firm"].sub("", text).strip(" ,.、。;:，；：")[:200]
