"""Who complains: an agent for somebody else, many together with their representatives. Reads normalised words only."""

import re
from dataclasses import dataclass

from anze.calendar.when.lexicon import NUMERALS, number
from anze.complaints.words import patterns
from anze.contacts import MOBILE

MOST_REPRESENTATIVES = 5
"""令2020年第3号: of many who complain together at most five speak (our reading, 待核对原文)."""
_COUNT = re.compile(
    rf"(\d{{1,4}}|[{NUMERALS}]{{1,6}})(几|多|来)?(?:几|多|来)?(?:个|名|位|号)?"
    r"(?:一线|农民|车间)?(?:工人|人|职工|员工|工友|同事|师傅)"
)
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_BETWEEN = re.compile(
    r"[、,;]|(?<=[\u4e00-\u9fff]{2})[和与及](?=[\u4e00-\u9fff]{2})|(?<=\d)[和与及 ](?=[\u4e00-\u9fff])"
)
_NOBODY = re.compile(r"我们|大家|你们|他们|没有|不知|还没|暂时|待定|一起")


@dataclass(frozen=True)
class Named:
    """One of those who speak for a group."""

    name: str
    phone: str | None


def speaks_for_another(text: str) -> bool:
    """Whether somebody says to be an agent. 帮我投诉 is not: that asks us for help."""
    return bool(patterns()["agent"].search(text))


def principal(text: str) -> str | None:
    """For whom an agent speaks, when the words name them; 帮我老板 names nobody."""
    return _first_group("principal", text)


def agent_name(text: str) -> str | None:
    """The agent's own name, when it is said."""
    return _first_group("agent_name", text)


def answered_principal(text: str) -> str | None:
    """The name in an answer to the question for whom it is."""
    named = principal(text)
    if named is not None:
        return named
    rest = patterns()["around_principal"].sub("", text).strip(" ,。;:.、")
    return rest[:60] if len(re.findall(r"[\u4e00-\u9fff]", rest)) >= 2 else None


def _first_group(kind: str, text: str) -> str | None:
    found = patterns()[kind].search(text)
    return next((group for group in found.groups() if group), None) if found else None


def speaks_of_authorisation(text: str) -> bool:
    """Whether words, or a file's name, are about an authorisation (授权委托书)."""
    return bool(patterns()["authorisation"].search(text))


def complains_together(text: str) -> bool:
    return bool(patterns()["group"].search(text))


def group_size(text: str) -> int | None:
    """How many people, 2 or more: of 十几个 or 二十多 the least that it can be."""
    for found in _COUNT.finditer(text):
        value = number(found.group(1))
        if value is not None and value >= 2:
            return value
    return None


def representatives(text: str, *, asked: bool = False) -> list[Named]:
    """The names (and phones) after 代表是…; with `asked` the whole text is the answer. In the order of saying."""
    found = patterns()["representatives"].search(text)
    if found is None and not asked:
        return []
    rest = text[found.end() :] if found else text
    rest = re.split(r"[。!?]", rest, maxsplit=1)[0]
    named: dict[str, Named] = {}
    for part in _BETWEEN.split(rest):
        phone = MOBILE.search(part)
        name = patterns()["around_representative"].sub("", MOBILE.sub("", part))
        if _NAME.fullmatch(name) and not _NOBODY.search(name):
            named[name] = Named(name, re.sub(r"\D", "", phone.group()) if phone else None)
    return list(named.values())
