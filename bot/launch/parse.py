"""Reads texts with the trained model, without a server: for measuring what it understands."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import load_agent
from rasa.core.channels.channel import UserMessage

from components.audience import AUDIENCE
from components.free_text import is_answer


def parse(model: Path, slot: str | None, audience: str) -> int:
    """One JSON string per line on stdin → one JSON object per line on stdout. The texts must be normalised already.

    {"ranking": [{"name", "confidence"}…] without the fallback, "intent" as the bot would act on it, "entities",
    "milliseconds", "answer": whether it answers the open question for `slot`}; `audience`: whose words they are
    """
    asyncio.run(_parse_lines(model, slot, audience))
    return 0


async def _parse_lines(model: Path, slot: str | None, audience: str) -> None:
    agent = await load_agent(str(model))
    for line in sys.stdin:
        began = time.perf_counter()
        text = json.loads(line)
        parsed = await agent.processor.parse_message(UserMessage(text, metadata={AUDIENCE: audience}))
        reading = _reading(parsed, (time.perf_counter() - began) * 1000)
        intent = parsed["intent"]
        reading["answer"] = is_answer(text, intent["name"], intent["confidence"], slot)
        print(json.dumps(reading, ensure_ascii=False), flush=True)


def _reading(parsed: dict[str, Any], milliseconds: float) -> dict[str, Any]:
    ranking = [r for r in parsed.get("intent_ranking", []) if r["name"] != "nlu_fallback"]
    return {
        "intent": parsed["intent"]["name"],
        "ranking": [{"name": r["name"], "confidence": r["confidence"]} for r in ranking[:3]],
        "entities": [{"entity": e["entity"], "value": e["value"]} for e in parsed.get("entities", [])],
        "milliseconds": milliseconds,
    }
