"""Words: chosen by the turn, filled completely or not said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.responses import fill, variation

DOMAIN = Path(__file__).resolve().parents[1] / "domain"


def test_variations_are_fixed_per_turn_and_all_of_them_are_used() -> None:
    chosen = [variation(f"turn-{n}", "utter_x", 4) for n in range(400)]
    assert chosen == [variation(f"turn-{n}", "utter_x", 4) for n in range(400)]
    assert all(60 < chosen.count(which) < 140 for which in range(4))


def test_fields_are_filled_wherever_they_stand_and_the_original_stays() -> None:
    original = {"text": "{a}、{b}", "list": [{"x": "{a}"}], "number": 3, "none": None}
    assert fill(original, {"a": 1, "b": "{a}0[x]"}) == {
        "text": "1、{a}0[x]",
        "list": [{"x": "1"}],
        "number": 3,
        "none": None,
    }
    assert original["text"] == "{a}、{b}"


@pytest.mark.parametrize("values", [{}, {"a": None}])
def test_a_missing_field_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        fill("最迟 {a} 答复", values)


def every_response() -> list[Any]:
    found = []
    for path in sorted(DOMAIN.glob("*.yml")):
        for name, variations in (yaml.safe_load(path.read_text("utf-8")).get("responses") or {}).items():
            found += [pytest.param(path.stem, name, said, id=f"{name}-{n}") for n, said in enumerate(variations)]
    return found


@pytest.mark.parametrize(("topic", "name", "said"), every_response())
def test_what_the_bot_says_keeps_the_house_style(topic: str, name: str, said: dict[str, Any]) -> None:
    text = said.get("text", "")
    for word in ("亲，", "亲~", "!", "！", "不在服务范围", "保证", "一定会"):
        assert word not in text
    for button in said.get("buttons", []):
        assert set(button) <= {"title", "intent", "entities"}, "a button carries intent and entities, never a payload"
        assert button["title"]
        assert button["intent"]
