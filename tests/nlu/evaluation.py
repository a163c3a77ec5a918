"""What the trained model understands of texts it has never seen.

.venv/bin/python -m tests.nlu.evaluation        prints the report of docs/model-card.md
.venv/bin/python -m tests.nlu.evaluation desk   the same for what colleagues say
"""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

from anze.conversations.normalise import for_rasa
from anze.serve.rasa_process import BOT_PYTHON
from anze.settings import ROOT
from tests.helpers.stack import trained_model
from tests.nlu.test_sets import rows

EVERYBODYS = ("standard_ask", "control_affirm", "control_deny", "control_cancel", "out_of_scope", "chitchat_greet")
"""Of what is everybody's: what colleagues say too"""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True)
class Reading:
    """One held-out row and what the model made of it."""

    row: dict[str, Any]
    intent: str
    top: str
    confidence: float
    entities: frozenset[tuple[str, str]]
    milliseconds: float

    @property
    def accepted(self) -> set[str]:
        return {self.row["intent"], *self.row.get("also", [])}

    @property
    def right(self) -> bool:
        """The best reading is an accepted one, whatever its confidence."""
        return self.top in self.accepted


def read(texts: list[str], slot: str | None = None, audience: str = "public") -> list[dict[str, Any]]:
    """Parse normalised texts with the project's model, in Rasa's own environment; `slot`: the question that is open,
    `audience`: whose words they are."""
    command = [str(BOT_PYTHON), str(ROOT / "bot" / "run.py"), "parse", "--model", str(trained_model())]
    command += ["--audience", audience, *(["--slot", slot] if slot else [])]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=600, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _plain(value: Any) -> str:
    return str(value).replace(" ", "").lower()


def evaluate(name: str = "heldout", audience: str = "public") -> list[Reading]:
    """Every row of a set, read as the words of this audience."""
    held_out = rows(name)
    parsed = read([for_rasa(row["text"]) for row in held_out], audience=audience)
    return [_reading(row, found) for row, found in zip(held_out, parsed, strict=True)]


def _reading(row: dict[str, Any], found: dict[str, Any]) -> Reading:
    return Reading(
        row,
        found["intent"],
        found["ranking"][0]["name"],
        found["ranking"][0]["confidence"],
        frozenset((e["entity"], _plain(e["value"])) for e in found["entities"]),
        found["milliseconds"],
    )


def at_the_desk() -> list[Reading]:
    """What colleagues say of cases, and what anybody may say, read as a colleague's words."""
    shared = [row for row in rows("heldout") if row["intent"] in EVERYBODYS]
    parsed = read([for_rasa(row["text"]) for row in shared], audience="staff")
    return [*evaluate("desk", "staff"), *map(_reading, shared, parsed)]


def accuracy(readings: list[Reading]) -> float:
    return sum(reading.right for reading in readings) / len(readings)


def entity_recall(readings: list[Reading]) -> float:
    """Share of the annotated entities that were found with their value."""
    wanted = [(r, (e["entity"], _plain(e["value"]))) for r in readings for e in r.row.get("entities", [])]
    return sum(pair in reading.entities for reading, pair in wanted) / len(wanted)


def out_of_scope_recall(readings: list[Reading]) -> float:
    """Share of what is not ours that was taken as such, or asked back about."""
    outside = [r for r in readings if r.row["intent"] == "out_of_scope"]
    return sum(r.intent in {"out_of_scope", "nlu_fallback"} for r in outside) / len(outside)


def false_alarms(readings: list[Reading]) -> float:
    """Share of what is ours that was taken as not ours."""
    ours = [r for r in readings if "out_of_scope" not in r.accepted]
    return sum(r.intent == "out_of_scope" for r in ours) / len(ours)


def per_intent(readings: list[Reading]) -> list[tuple[str, int, float]]:
    """(intent, rows, recall) in order of name."""
    counts = Counter(r.row["intent"] for r in readings)
    hits = Counter(r.row["intent"] for r in readings if r.right)
    return [(name, counts[name], hits[name] / counts[name]) for name in sorted(counts)]


def report(readings: list[Reading]) -> str:
    """Markdown for the model card."""
    times = sorted(r.milliseconds for r in readings)
    kept = sum(r.intent in r.accepted for r in readings) / len(readings)
    lines = [
        f"{len(readings)} held-out texts: intent accuracy {accuracy(readings):.1%} ({kept:.1%} acted upon), "
        f"entities found {entity_recall(readings):.1%}, out of scope recognised or asked back "
        f"{out_of_scope_recall(readings):.1%} (false alarms {false_alarms(readings):.1%}); "
        f"parse p50 {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms.",
        "",
        "| threshold | asked back | of these rightly read | wrong readings kept |",
        "|---|---|---|---|",
    ]
    for threshold in THRESHOLDS:
        asked = [r for r in readings if r.confidence < threshold]
        kept = sum(not r.right for r in readings if r.confidence >= threshold)
        lines.append(f"| {threshold} | {len(asked)} | {sum(r.right for r in asked)} | {kept} |")
    lines += ["", "| intent | texts | recognised |", "|---|---|---|"]
    lines += [f"| `{name}` | {count} | {recall:.0%} |" for name, count, recall in per_intent(readings)]
    confused = Counter((r.row["intent"], r.top) for r in readings if not r.right)
    lines += ["", "Most frequent confusions: " + "; ".join(
        f"`{wanted}` read as `{got}` ×{count}" for (wanted, got), count in confused.most_common(8)
    )]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    print(report(at_the_desk() if sys.argv[1:] == ["desk"] else evaluate()))  # noqa: T201 - the command's result
