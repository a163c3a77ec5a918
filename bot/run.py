"""The one entry to Rasa: `serve`, `train`, `stale`, `parse`. Runs in this folder's own environment (Python 3.10).

    python bot/run.py train --out models
    python bot/run.py stale --model models/anze.tar.gz    prints why and ends with 1, or ends with 0
    python bot/run.py parse --model models/anze.tar.gz < texts    what it understands, a JSON object a line
    python bot/run.py serve --port 5005 --model models/anze.tar.gz

Exit codes: 0 well, 1 failed or stale, 2 wrong call, 3 the model was trained with another Chinese pipeline.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

# Before anything of Rasa is imported: it reports to its vendor and fills the terminal otherwise.
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The sentence encoder multiplies small matrices: on busy cores two threads wait for each other longer than they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BOT = Path(__file__).resolve().parent
sys.path.insert(0, str(BOT))

from components.language import LanguageMismatchError, present_kind, require_kind
from launch.card import MODEL, read_card, staleness
from launch.listen import loopback
from launch.project import ROOT, Project

_NEEDED = ("ANZE_ACTIONS_URL", "ANZE_ENGINE_SECRET")


def main(argv: list[str]) -> int:
    """Run one command; the exit code."""
    args = _arguments().parse_args(argv)
    if args.command != "stale" and importlib.util.find_spec("rasa") is None:
        return _fail(f"this Python has no Rasa: call it with {BOT / '.venv/bin/python'}", 2)
    if args.command == "serve":
        return _serve(args.port, args.model)
    if args.command == "parse":
        return _parse(args.model, args.slot, args.audience)
    project = Project(config=args.config, domain=args.domain, data=args.data)
    if args.command == "train":
        return _train(project, args.out)
    why = staleness(args.model, project, present_kind())
    if why:
        print(why)
    return 1 if why else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer turns on loopback")
    serve.add_argument("--port", type=int, required=True)
    train = commands.add_parser("train", help="train the model")
    train.add_argument("--out", type=Path, default=ROOT / "models")
    stale = commands.add_parser("stale", help="say whether the model must be trained again")
    parse = commands.add_parser("parse", help="read texts from stdin, a JSON string a line")
    parse.add_argument("--slot", help="the question that is open, for `answer`")
    parse.add_argument("--audience", choices=("public", "staff"), default="public", help="whose words they are")
    for command in (serve, stale, parse):
        command.add_argument("--model", type=Path, default=ROOT / "models" / MODEL)
    for command in (train, stale):
        command.add_argument("--config", type=Path, default=Project.config)
        command.add_argument("--domain", type=Path, default=Project.domain)
        command.add_argument("--data", type=Path, default=Project.data)
    return parser


def _serve(port: int, model: Path) -> int:
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        return _fail(f"{' and '.join(missing)} must be set", 2)
    card = read_card(model)
    if not model.is_file() or card is None:
        return _fail(f"no trained model at {model}: run bot/run.py train", 1)
    try:
        require_kind(card.zh)
    except LanguageMismatchError as mismatch:
        return _fail(str(mismatch), 3)
    try:
        bound = loopback(port)
    except OSError:
        return _fail(f"port {port} is taken", 1)
    from launch import logs, parent

    logs.configure()
    parent.follow_parent()
    from launch.serve import serve

    return serve(bound, model, card.zh)


def _parse(model: Path, slot: str | None, audience: str) -> int:
    from launch import logs
    from launch.parse import parse

    logs.configure()
    return parse(model, slot, audience)


def _train(project: Project, out: Path) -> int:
    from launch.train import TrainingFailedError, train

    try:
        model = train(project, out)
    except TrainingFailedError as failed:
        return _fail(str(failed), 1)
    card = read_card(model)
    print(f"trained {model} in {card.seconds if card else 0} s")
    return 0


def _fail(why: str, code: int) -> int:
    print(f"anze-bot: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
