"""The policy file: what is shipped holds together, and a mistake in it is found when it is loaded."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from anze.reminders import content
from anze.reminders.policy import KNOWLEDGE, ReminderPolicy, load_policy
from anze.texts import all_texts, fields_of

RAW = yaml.safe_load((KNOWLEDGE / "reminder_policy.yml").read_text(encoding="utf-8"))
FIELDS = {
    "reminder": {
        "when", "provider", "place", "item", "number", "due", "left", "branch", "hotline", "day", "what", "said",
        "title", "days", "count", "no",
    },
    "outbox": {"said", "url"},
}  # fmt: skip


def test_every_kind_has_words_and_every_word_a_kind() -> None:
    assert set(load_policy().kinds) == content.KINDS


def test_the_hours_are_those_of_the_service() -> None:
    hours = load_policy().hours
    assert (hours.ordinary.begin.isoformat(), hours.ordinary.end.isoformat()) == ("09:00:00", "17:30:00")
    assert (hours.urgent.begin.isoformat(), hours.urgent.end.isoformat()) == ("08:00:00", "21:00:00")


def _with(kind: str, **changed: Any) -> dict[str, Any]:
    return RAW | {"kinds": RAW["kinds"] | {kind: RAW["kinds"][kind] | changed}}


@pytest.mark.parametrize(
    "raw",
    [
        _with("booking_visit", steps=["T-3", "before"]),
        _with("booking_visit", urgent=["T+9"]),
        _with("booking_visit", legal=["T"]),
        _with("booking_visit", channels=["phone_task", "sms"]),
        _with("booking_visit", channels=["web", "web"]),
        _with("booking_visit", channels=["pigeon"]),
        _with("booking_visit", text="no_such_text"),
        _with("booking_visit", exact=True),
        _with("booking_visit", colour="red"),
        _with("booking_visit", to=["branch"]),
        _with("hazard_date", task=None),
        _with("hazard_date", branch_steps=["T-9"]),
        RAW | {"hours": {"ordinary": {"from": "17:30", "to": "09:00", "working_days": True}}},
        RAW | {"kinds": {name: kind for name, kind in RAW["kinds"].items() if name != "custom"}},
    ],
)
def test_a_mistake_is_found_when_it_is_loaded(raw: dict[str, Any]) -> None:
    ReminderPolicy.model_validate(RAW)
    with pytest.raises(ValidationError):
        ReminderPolicy.model_validate(raw)


def test_a_file_with_a_mistake_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "reminder_policy.yml").write_text("version: '1'\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        load_policy(tmp_path)


@pytest.mark.parametrize("topic", ["reminder", "outbox"])
def test_texts_have_known_fields_and_are_calm(topic: str) -> None:
    texts = {key: text for key, text in all_texts().items() if key.startswith(f"{topic}.")}
    assert texts
    for key, text in texts.items():
        assert fields_of(text) <= FIELDS[topic], key
        assert not set("!！亲") & set(text), key
        assert len(text) <= 120, key
