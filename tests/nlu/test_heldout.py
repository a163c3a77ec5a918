"""Floors for what the trained model understands of texts that nobody trained it with. Figures: docs/model-card.md."""

import pytest

from anze.conversations.normalise import for_rasa
from tests.nlu import evaluation
from tests.nlu.evaluation import Reading
from tests.nlu.test_sets import WHOLE, rows

STORIES_LOST_AT_MOST = 2
INTERRUPTIONS_MISSED_AT_MOST = 8


@pytest.fixture(scope="module", params=WHOLE)
def readings(request: pytest.FixtureRequest) -> list[Reading]:
    """The set that figures were chosen with, and the one that nobody looked at."""
    return evaluation.evaluate(request.param)


def test_most_intents_are_recognised(readings: list[Reading]) -> None:
    assert evaluation.accuracy(readings) >= 0.88


def test_numbers_clauses_and_service_items_are_found(readings: list[Reading]) -> None:
    assert evaluation.entity_recall(readings) >= 0.75


def test_what_is_not_ours_is_recognised_or_asked_back(readings: list[Reading]) -> None:
    assert evaluation.out_of_scope_recall(readings) >= 0.90
    assert evaluation.false_alarms(readings) <= 0.03


def test_grievances_are_recognised_by_their_story(readings: list[Reading]) -> None:
    recall = {name: share for name, _, share in evaluation.per_intent(readings)}
    assert recall["complaint_file"] >= 0.85


def test_a_story_is_taken_as_a_story() -> None:
    """Whatever stands in it: 取消, 投诉几天, 预约, 你好."""
    stories = rows("stories")
    found = evaluation.read([for_rasa(row["text"]) for row in stories], "complaint_story")
    lost = sum(not reading["answer"] for reading in found)
    assert lost <= STORIES_LOST_AT_MOST, f"{lost} of {len(stories)} stories were not taken"


def test_a_command_or_short_question_interrupts_the_story() -> None:
    interruptions = rows("interruptions")
    found = evaluation.read([for_rasa(row["text"]) for row in interruptions], "complaint_story")
    missed = sum(reading["answer"] for reading in found)
    assert missed <= INTERRUPTIONS_MISSED_AT_MOST, f"{missed} of {len(interruptions)} were taken as the story"


@pytest.fixture(scope="module")
def desk() -> list[Reading]:
    return evaluation.at_the_desk()


def test_what_colleagues_say_of_cases_is_recognised(desk: list[Reading]) -> None:
    ours = [r for r in desk if r.row["intent"].startswith("complaint_desk_")]
    assert evaluation.accuracy(ours) >= 0.90
    assert min(recall for _, _, recall in evaluation.per_intent(ours)) >= 0.55


def test_what_is_everybodys_is_recognised_from_colleagues_too(desk: list[Reading]) -> None:
    shared = [r for r in desk if not r.row["intent"].startswith("complaint_desk_")]
    assert evaluation.accuracy(shared) >= 0.85


def test_the_public_never_means_what_only_colleagues_do(readings: list[Reading]) -> None:
    assert [r.row["text"] for r in readings if r.top.startswith(("complaint_desk_", "obligation_"))] == []
