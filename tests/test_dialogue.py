"""The dialogue's files fit together: no reading of a message is left without an answer, whatever is open."""

import re
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from typing import Any

import pytest
import yaml

from anze.settings import ROOT

DOMAIN, RULES = ROOT / "bot" / "domain", ROOT / "data" / "rules"


@cache
def domain() -> dict[str, Any]:
    """All files of the domain as one."""
    merged: dict[str, Any] = {"intents": [], "slots": {}, "forms": {}, "actions": [], "responses": {}}
    for path in sorted(DOMAIN.glob("*.yml")):
        for part, content in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if part in {"intents", "actions"}:
                merged[part] += content
            elif part in {"slots", "forms", "responses"}:
                merged[part] |= content
    return merged


@cache
def rules() -> tuple[dict[str, Any], ...]:
    return tuple(
        rule
        for path in sorted(RULES.glob("*.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    )


def opens_with(rule: dict[str, Any], intent: str, loop: str | None) -> bool:
    """Whether a rule answers this intent while `loop` is open (None: no form)."""
    if rule["steps"][0].get("intent") != intent:
        return False
    conditions = [c["active_loop"] for c in rule.get("condition", []) if "active_loop" in c]
    return not conditions or loop in conditions


@cache
def audiences() -> tuple[tuple[str, str], ...]:
    """(pattern, audience), as bot/components/audience.py reads them."""
    lists = yaml.safe_load((ROOT / "bot" / "audiences.yml").read_text(encoding="utf-8"))
    return tuple((pattern, audience) for audience, patterns in lists.items() for pattern in patterns)


def audience_of(name: str) -> str | None:
    """Whose intent, or form, this is alone; None: everybody's."""
    return next((audience for pattern, audience in audiences() if fnmatchcase(name, pattern)), None)


def meant_in(form: str) -> list[str]:
    """The intents that can be meant while a form is open: nobody of another audience is ever in it."""
    return [i for i in domain()["intents"] if audience_of(i) in {None, audience_of(form) or "public"}]


def taken_by(slot: str) -> set[str]:
    mapping = domain()["slots"][slot]["mappings"][0]
    return set(mapping["intent"])


OPEN = [(form, slot) for form, content in domain()["forms"].items() for slot in content["required_slots"]]


@pytest.mark.parametrize(("form", "slot"), OPEN)
def test_every_intent_is_answered_while_a_question_is_open(form: str, slot: str) -> None:
    """Otherwise the form asks again beside 我没太明白."""
    lost = [
        intent
        for intent in meant_in(form)
        if intent not in taken_by(slot) and not any(opens_with(rule, intent, form) for rule in rules())
    ]
    assert lost == []


def test_every_intent_is_answered_while_nothing_is_open() -> None:
    lost = [i for i in domain()["intents"] if not any(opens_with(rule, i, None) for rule in rules())]
    assert lost == []


@pytest.mark.parametrize(("form", "slot"), OPEN)
def test_a_question_for_free_text_listens_by_the_rules_of_free_text(form: str, slot: str) -> None:
    listens = yaml.safe_load((ROOT / "bot" / "free_text.yml").read_text(encoding="utf-8"))["slots"]
    assert domain()["slots"][slot]["mappings"][0]["type"] == "from_text"
    assert slot in listens
    conditions = domain()["slots"][slot]["mappings"][0]["conditions"]
    assert conditions == [{"active_loop": form, "requested_slot": slot}]


def test_free_text_names_no_slot_and_no_intent_that_does_not_exist() -> None:
    free_text = yaml.safe_load((ROOT / "bot" / "free_text.yml").read_text(encoding="utf-8"))
    # Two are asked without a form: by a push, and back for a reminder.
    assert free_text["slots"].keys() == {slot for _, slot in OPEN} | {"survey_mark", "reminder_time"}
    named = {intent for slot in free_text["slots"].values() for intent in slot.get("interrupts", {})}
    named |= set(free_text["commands"]) | set(free_text["question_intents"]) | set(free_text["story_intents"])
    assert named <= set(domain()["intents"])


def said_by_actions() -> set[str]:
    """Names of responses that the actions utter; one made of parts stands for all that it may become."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    patterns = [re.sub(r"{[^}]*}", "[a-z_]*", name) for name in re.findall(r'"(utter_[a-z_{}\[\]\'0-9\"]+)"', source)]
    patterns += [re.sub(r"{.*}", "[a-z_]*", name) for name in re.findall(r'f"(utter_[^"]+)"', source)]
    return set(patterns)


def test_every_response_that_is_named_exists_and_none_is_dead() -> None:
    responses = set(domain()["responses"])
    asked = {f"utter_ask_{slot}" for _, slot in OPEN} & responses
    in_rules = {step["action"] for rule in rules() for step in rule["steps"] if "action" in step}
    named = {name for name in in_rules if name.startswith("utter_")}
    patterns = said_by_actions()
    assert {p for p in patterns if not any(re.fullmatch(p, r) for r in responses)} == set()
    assert named <= responses
    dead = {r for r in responses - named - asked if not any(re.fullmatch(p, r) for p in patterns)}
    assert dead == set()


def test_every_answer_has_a_topic_of_the_contract() -> None:
    from anze.channels.rasa import MessageOut

    topics = {MessageOut(response=name).topic for name in domain()["responses"]}
    assert topics == {
        "booking", "chitchat", "complaint", "fallback", "handoff", "hazard", "identity", "obligation", "out_of_scope",
        "reminder", "standard", "status", "survey",
    }  # fmt: skip


def test_every_question_of_a_form_can_be_asked() -> None:
    actions = set(domain()["actions"])
    for _, slot in OPEN:
        assert f"utter_ask_{slot}" in domain()["responses"] or f"action_ask_{slot}" in actions, slot


def test_every_question_of_the_complaint_can_be_explained() -> None:
    slots = [slot for form, slot in OPEN if form == "complaint_form"]
    assert {slot.replace("complaint_", "utter_complaint_explain_") for slot in slots} <= set(domain()["responses"])


def test_every_button_means_an_intent_of_the_domain() -> None:
    buttons = [b for texts in domain()["responses"].values() for text in texts for b in text.get("buttons", [])]
    assert {b["intent"] for b in buttons} <= set(domain()["intents"])
    assert all(b["title"] for b in buttons)


def test_the_actions_of_the_domain_are_those_of_the_program() -> None:
    from rasa_sdk.executor import ActionExecutor

    import actions

    executor = ActionExecutor()
    executor.register_package(actions)
    assert set(executor.actions) == set(domain()["actions"])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["rule"])
def test_a_rule_names_what_exists(rule: dict[str, Any]) -> None:
    built_in = {"action_deactivate_loop", "action_listen"}
    known = set(domain()["actions"]) | set(domain()["responses"]) | set(domain()["forms"]) | built_in
    for step in rule["steps"]:
        assert step.get("intent", "nlu_fallback") in domain()["intents"]
        assert step.get("action", "action_listen") in known


def test_no_button_and_no_text_promises_or_flatters() -> None:
    texts = [text.get("text", "") for many in domain()["responses"].values() for text in many]
    for word, text in product(("亲", "！", "!", "您的问题不在", "一定会", "保证"), texts):
        assert word not in text.replace("不保证", "")
