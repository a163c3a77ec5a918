"""Every conversation of this folder, over HTTP, with Rasa, the actions and the database really running."""

import re
from collections import Counter

import httpx
import pytest
from rapidfuzz import fuzz, process

from anze.db import Database
from tests.conversations.firms import Firms
from tests.conversations.grammar import Conversation, conversations
from tests.conversations.runner import Play
from tests.helpers.stack import Stack
from tests.nlu.test_sets import TOO_NEAR, bare, training_lines

ALL = conversations()
THEMES = {
    "happy_path",
    "corrections",
    "cancellations",
    "digressions",
    "disambiguation",
    "invalid_input",
    "negations",
    "guards",
}
AT_LEAST = 45
ONE_WORD = 4
"""Shorter texts, and numbers alone, are said the same by everybody."""


@pytest.mark.parametrize("told", [pytest.param(told, id=f"{theme}-{told.name}") for theme, told in ALL])
def test_conversation(
    told: Conversation,
    stack: Stack,
    client: httpx.Client,
    stack_database: Database,
    unused_firms: Firms,
) -> None:
    Play(stack, stack_database, client, told, unused_firms.take(told.given.firm)).run()


def test_there_are_enough_conversations_and_each_claims_something_else() -> None:
    names = Counter(told.name for _, told in ALL)
    assert [name for name, count in names.items() if count > 1] == []
    assert {theme for theme, _ in ALL} == THEMES
    assert len(ALL) >= AT_LEAST


def unseen(told: Conversation) -> bool:
    """Whether no words of the user are, or nearly are, a training line."""
    texts = [bare(step.user) for step in told.steps if step.user and "{" not in step.user]
    said = [text for text in texts if len(text) > ONE_WORD and not re.fullmatch(r"[a-z]{0,2}\d+", text)]
    near = [t for t in said if process.extractOne(t, training_lines(), scorer=fuzz.ratio, score_cutoff=TOO_NEAR)]
    return not near


def test_at_least_half_of_the_conversations_use_words_that_no_training_line_has() -> None:
    seen = [told.name for _, told in ALL if not unseen(told)]
    assert len(seen) * 2 <= len(ALL), f"{len(seen)} of {len(ALL)} use training lines: {seen}"
