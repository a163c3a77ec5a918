"""A made-up final text for tests: the draft with other terms, one clause less and one duty more."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from anze.standard.load import KNOWLEDGE

DRAFT = "AQ9010.1/2025-07-draft"
FINAL = "AQ9010.1/2099-made-up"
CITE = "AQ 9010.1（测试用，不是真的标准）"
NEW_CLAUSE = "保险机构应在服务完成以后5个工作日内将服务报告送达被保险人。"


def second_edition(root: Path, in_force_from: date, key: str = FINAL) -> Path:
    """Lay the edition under `root` and give its folder.

    6.4 a) 15 → 10 and 6.3 10 → 15 working days, 9.2 d) is gone, 6.5 with its check `report_sent` is new.
    """
    folder = root / key
    shutil.copytree(KNOWLEDGE / DRAFT, folder)
    for file in (*folder.rglob("*.yml"), folder / "draft.txt"):
        file.write_text(_swapped(file.read_text(encoding="utf-8")), encoding="utf-8")
    _change(folder / "edition.yml", lambda edition: edition | {
        "key": key, "status": "final", "dated": "2099-01", "in_force_from": in_force_from, "cite": CITE, "note": "",
    })  # fmt: skip
    _clocks(folder)
    _without_9_2_d(folder)
    _with_6_5(folder)
    return folder


def _swapped(text: str) -> str:
    parts = text.split("10个工作日")
    return "15个工作日".join(part.replace("15个工作日", "10个工作日") for part in parts)


def _change(file: Path, change: Any) -> None:
    changed = change(yaml.safe_load(file.read_text(encoding="utf-8")))
    file.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _clocks(folder: Path) -> None:
    def complaint(clocks: Any) -> Any:
        clocks["standard"] |= {"name": CITE, "in_force": True}
        clocks["standard"]["ordinary"]["days"] = 10
        return clocks

    def service(clocks: Any) -> Any:
        clocks["follow_up"]["days"] = 15
        return clocks

    def figures(rows: Any) -> Any:
        for row in rows:
            if row["id"] in {"6.3-1", "6.4-a"}:
                row["figure"]["count"] = {10: 15, 15: 10}[row["figure"]["count"]]
            for check in row.get("checks", ()):
                if check["key"] == "follow_up":
                    check["due"]["working_days"] = 15
        return rows

    _change(folder / "clocks" / "complaint.yml", complaint)
    _change(folder / "clocks" / "service.yml", service)
    for name in ("06.3-follow-up", "06.4-complaint"):
        _change(folder / "obligations" / f"{name}.yml", figures)


def _without_9_2_d(folder: Path) -> None:
    _change(folder / "clauses.yml", lambda rows: [row for row in rows if row["clause"] != "9.2 d)"])
    _change(folder / "obligations" / "09-supervision.yml", lambda rows: [row for row in rows if row["id"] != "9.2-d"])
    _change(folder / "answers.yml", _without_its_answer)


def _without_its_answer(guides: Any) -> Any:
    gone = {guide["id"] for guide in guides if guide["clause"] == "9.2 d)"}
    kept = [guide for guide in guides if guide["id"] not in gone]
    for guide in kept:
        if "also" in guide:
            guide["also"] = [name for name in guide["also"] if name not in gone]
    return kept


def _with_6_5(folder: Path) -> None:
    source = folder / "draft.txt"
    source.write_text(source.read_text(encoding="utf-8") + f"服务报告\n{NEW_CLAUSE}\n", encoding="utf-8")
    heading = {"clause": "6.5", "part": "heading", "text": "服务报告"}
    new = [heading, {"clause": "6.5", "text": NEW_CLAUSE}]

    def inserted(rows: Any) -> Any:
        at = next(number for number, row in enumerate(rows) if row["clause"] == "7")
        return [*rows[:at], *new, *rows[at:]]

    _change(folder / "clauses.yml", inserted)
    check = {
        "key": "report_sent", "name": "服务报告送达", "undone": "报告还没送达", "words": ["服务报告送达"],
        "subject": "service", "applies": {"service_status": "completed"}, "done": "archived_on",
        "due": {"after": "completed_on", "working_days": 5},
    }  # fmt: skip
    duty = {
        "id": "6.5-1", "clause": "6.5", "verbatim": NEW_CLAUSE, "actor": "保险机构", "beneficiary": "被保险人",
        "modality": "应", "trigger": None, "deadline": None, "condition": None, "evidence": None, "data": [],
        "figure": {"count": 5, "unit": "working_days", "from": "service_completed"},
        "staff_questions": [], "insured_questions": [], "checks": [check],
    }  # fmt: skip
    (folder / "obligations" / "06.5-report.yml").write_text(
        yaml.safe_dump([duty], allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
