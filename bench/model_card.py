"""Measures the trained model and writes the figures into docs/model-card.md, between its marks.

.venv/bin/python -m bench.model_card
"""

from collections import Counter

import yaml

from anze import engine
from anze.settings import ROOT
from tests.nlu.evaluation import at_the_desk, evaluate, report

CARD = ROOT / "docs" / "model-card.md"
BEGIN, END = "<!-- model-card:begin -->", "<!-- model-card:end -->"


def examples() -> Counter[str]:
    """Training examples per intent."""
    found: Counter[str] = Counter()
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                found[block["intent"]] += len(block["examples"].splitlines())
    return found


def section() -> str:
    """The model, its data, its results."""
    found, card = examples(), engine.card()
    if card is None:
        raise SystemExit("no trained model: make train")
    return "\n".join(
        [
            f"Trained {card['trained_at']} in {card['seconds']} s, Rasa {card['rasa']}, Chinese `{card['zh']}`, "
            f"fingerprint `{card['fingerprint'][:12]}`.",
            "",
            f"{sum(found.values())} training examples of {len(found)} intents; fewest: "
            + ", ".join(f"`{name}` {count}" for name, count in found.most_common()[-3:])
            + ".",
            "",
            "The texts that figures were chosen with:",
            "",
            report(evaluate()),
            "",
            "**Texts by another author that nobody looked at; the figure for new texts:**",
            "",
            report(evaluate("unseen")),
            "",
            "What colleagues say of cases, and what is everybody's, read as a colleague's words:",
            "",
            report(at_the_desk()),
        ]
    )


def main() -> None:
    text = CARD.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    CARD.write_text(f"{before}{BEGIN}\n{section()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
