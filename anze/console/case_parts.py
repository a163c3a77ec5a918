"""The parts of a case's page, each from the case as it was read."""

from typing import Any

from anze.complaints.colours import Colour
from anze.console.html import facts, section, table, tag
from anze.console.steps import about
from anze.console.words import day, moment, say
from anze.texts import text

type Case = dict[str, Any]
PARTS = ("findings", "basis", "reasons", "outcome")


def facts_of(case: Case) -> None:
    pairs = {
        "firm": case["firm"] or say("case.unknown"),
        "policy": case["policy"] or "",
        "contact": " ".join(filter(None, (case["contact"]["name"], case["contact"]["phone"]))) or say("case.unknown"),
        "standing_right": case["standing_right"] or "",
        "kind": f"{say('kind.' + case['kind'])} · {say('form.' + case['form'])}",
        "source": say(f"source.{case['source']}"),
        "received": moment(case["received_at"]),
        "late_reason": case["late_reason"] or "",
        "regulator": " ".join(filter(None, (case["regulator_no"], case["regulator_due_on"]))),
        "branch": f"{case['branch']} {case['hotline']}",
        "handler": case["handler"]["name"] if case["handler"] else say("case.nobody"),
        "agent": _agent(case["agent"]),
        "group": say("case.people", n=case["group_size"]) if case["group_size"] else "",
        "representatives": "、".join(f"{one['name']} {one['phone'] or ''}".strip() for one in case["representatives"]),
        "cause": _cause(case["cause"]),
        "edition": case["edition"],
    }
    with section(say("case.facts")):
        facts((say(f"case.field.{name}"), value) for name, value in pairs.items())
        if case["follows"]:
            with tag("p"):
                tag("span", f"{say('case.field.follows')} ")
                tag("a", case["follows"], href=f"/staff/complaints/{case['follows']}")


def _agent(agent: dict[str, Any] | None) -> str:
    if agent is None:
        return ""
    paper = say(f"case.paper.{'yes' if agent['authorisation'] else 'no'}")
    return say("case.agent", name=agent["name"] or say("case.unknown"),
               principal=agent["principal"] or say("case.unknown"), paper=paper)  # fmt: skip


def _cause(cause: dict[str, Any] | None) -> str:
    if cause is None:
        return ""
    about_ = " ".join(filter(None, (cause["provider"], cause["note"])))
    return f"{cause['name']}：{about_}" if about_ else str(cause["name"])


def statements(case: Case) -> None:
    with section(say("case.statements")):
        with tag("ol", classes="said-list"):
            for one in case["statements"]:
                with tag("li"):
                    tag("p", f"{say('statement.' + one['kind'])} · {moment(one['at'])}", "soft")
                    tag("p", one["text"], "said")
        if case["files"]:
            tag("h3", say("case.evidence"))
            with tag("ul"):
                for file in case["files"]:
                    with tag("li"):
                        tag("a", file["name"], href=f"/api/files/{file['file_id']}", target="_blank", rel="noopener")


def clocks(case: Case) -> None:
    with section(say("case.clocks")), tag("div", classes="clocks"):
        for clock in case["clocks"]:
            with tag("div", classes="clock"):
                tag("h3", say(f"clock.{clock['name']}"))
                tag("p", day(clock["due"], provisional=clock["provisional"]), "due")
                if clock["overdue"] or case["colour"] != Colour.DONE:
                    tag("p", _left(clock), "error" if clock["overdue"] else "soft")
                with tag("ol", classes="lines"):
                    for line in clock["lines"]:
                        tag("li", line)


def _left(clock: dict[str, Any]) -> str:
    if clock["left"]:
        return say("case.paused", left=clock["left"])
    if clock["remaining"] is None or clock["overdue"]:
        return say("case.overdue") if clock["overdue"] else ""
    return say(f"case.remaining_{clock['name']}", n=clock["remaining"])


def decision(case: Case) -> None:
    made = case["decision"]
    with section(say("case.decision")):
        if made is None:
            tag("p", say("case.undecided"), "soft")
            return
        told = say("case.told", at=moment(made["told_at"])) if made["told_at"] else say("case.not_told")
        tag("p", f"{moment(made['decided_at'])} · {told}", "soft")
        if made["more_said"]:
            tag("p", say("case.more_said"), "error")
        ways = [f"{text('complaint.remedy.' + way['way'])}：{way['where']} {way['phone']}" for way in made["remedies"]]
        pairs = [(text(f"complaint.part.{name}"), made[name]) for name in PARTS]
        facts([*pairs, (text("complaint.part.remedies"), "\n".join(ways))])


def history(case: Case) -> None:
    """Classified, extensions, pauses: what moved the dates or asked for it."""
    lines = []
    if case["classification"]:
        made = case["classification"]
        lines.append(say("case.classification", at=moment(made["at"]), reason=made["reason"]))
    lines += [
        say(f"case.extension.{one['state']}", no=one["no"], reason=one["reason"], answer=one["answer"] or "",
            answer_by=moment(one["answer_by"]))
        for one in case["extensions"]
    ]  # fmt: skip
    for one in case["pauses"]:
        fields = {"body": one["body"], "since": one["commissioned_on"]}
        if one["returned_on"]:
            lines.append(say("case.returned", **fields, until=one["returned_on"], result=one["result"] or ""))
        else:
            lines.append(say("case.pause", **fields, purpose=one["purpose"], until=one["expected_on"]))
    if lines:
        with section(say("case.history")), tag("ul"):
            for line in lines:
                tag("li", line, "said")


def notices(case: Case) -> None:
    with section(say("case.notices")):
        if case["to_tell"]:
            tag("p", say("case.to_tell", what="、".join(about(one) for one in case["to_tell"])), "error")
        if not case["notices"]:
            tag("p", say("frame.nothing"), "soft")
            return
        heads = [say(f"case.notice.{name}") for name in ("about", "channel", "to", "at", "counts")]
        rows = [
            (
                about(one),
                say(f"case.channel.{one['channel']}"),
                one["recipient"] if one["channel"] != "page" else "",
                moment(one["at"]),
                _counts(one),
            )
            for one in case["notices"]
        ]
        table(heads, rows, say("case.notices"))


def _counts(one: dict[str, Any]) -> str:
    if one["failed_at"]:
        return say("case.counts_failed", at=moment(one["failed_at"]))
    return say("case.counts", at=moment(one["counts_from"])) if one["counts_from"] else say("case.counts_not")


def same(case: Case) -> None:
    if not case["likely_same"]:
        return
    with section(say("case.same")), tag("ul"):
        for one in case["likely_same"]:
            with tag("li"):
                tag("a", one["number"], href=f"/staff/complaints/{one['number']}")
                tag("span", " " + say("case.alike", share=one["alike"], day=moment(one["received_at"])[:10]), "soft")


def timeline(case: Case) -> None:
    """What happened, as the chain has it."""
    with section(say("case.timeline"), open_=False):
        heads = [say(f"case.event.{name}") for name in ("at", "who", "what")]
        table(heads, [(moment(one["at"]), one["actor"] or "", one["words"]) for one in case["timeline"]])
