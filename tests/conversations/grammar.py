"""The grammar of the conversations in tests/conversations/<theme>/*.yml. A file is a list of them.

    - name: a_claim_about_the_user
      given: {bound: true}            # a firm of the demo of its own; or {policy, phone}; left out: a visitor
                                      # firm: booker (hazard checks promised, none used, nothing to come), trainee
                                      # (training promised and unused, nothing to come), visited
                                      # (one service to come), hazard (a general one open), major, agreed, late (a
                                      # major one without a date, with one ahead, with one that has passed), rated
                                      # (one service that waits for a mark), rated_late (… that should have one by now)
      steps:
        - user: typed words           # {number}, {demo_code}, {wrong_code}, {policy}, {phone}, {firm} are filled in
          expect: {topic: complaint, words: [regular expression], buttons: [title], data: {kind: complaint}}
        - press: title of a button, or a part of it
        - file: name.jpg              # sent without words, or with `user`
        - later: 2h10m                # the demo clock moves on, what fell due is worked off; 7d@10:30: to that time
        - pushed: regular expression  # a message that comes unasked
        - staff: back                 # staff give the talk back; or words that they say
        - desk: hazards/{hazard}/propose    # what a colleague does meanwhile, through the staff's API; {hazard}: the
          send: {due_on: "2026-12-10"}      # firm's open one, {number}: the last one told; the version is filled in
      rows:
        added: {complaints: [{status: filed, received_at: "{at1}"}]}
        changed: {tasks: [{done_by: "/person:/"}]}

`rows` is compared with the whole database: every row that is added or changed anywhere must stand there, in the order
of its key; of a row the named columns are compared. A value /…/ is a regular expression, {at1} the receipt of the first
message, {1} its words. What every message writes is counted by the runner itself (runner.py, `BY_THE_WAY`).
"""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

HERE = Path(__file__).parent


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(Strict):
    """What one answer must be. `words` and `not_words` are searched in its texts."""

    topic: str | None = None
    words: list[str] = []
    not_words: list[str] = []
    buttons: list[str] = []
    citations: list[str] = []
    data: dict[str, Any] = {}
    card: dict[str, str] = {}
    """Label → value on the card of the complaint; a value /…/ is a regular expression, '' says: not on it."""
    table: list[str] = []
    """Patterns, one for each row in order, searched in its cells."""
    silent: bool = False
    """No answer at all: a person is in the talk."""


class Step(Strict):
    user: str | None = None
    press: str | None = None
    file: str | None = None
    later: str | None = None
    pushed: str | None = None
    staff: str | None = None
    desk: str | None = None
    send: dict[str, Any] = {}
    expect: Expect = Expect()

    @property
    def words(self) -> str | None:
        """What is typed; None for a step that sends no words."""
        return self.user


class Given(Strict):
    bound: bool = False
    firm: Literal[
        "plain", "booker", "trainee", "visited", "hazard", "major", "agreed", "late", "rated", "rated_late"
    ] = "plain"
    policy: str | None = None
    phone: str | None = None
    staff: str | None = None
    """The talk of a member of staff with this user name."""


class Rows(Strict):
    added: dict[str, list[dict[str, Any]] | Literal["any"]] = {}
    """`any`: how the words were read decides how many."""
    changed: dict[str, list[dict[str, Any]] | Literal["any"]] = {}
    removed: dict[str, list[dict[str, Any]] | Literal["any"]] = {}
    """Half days that were given back; nothing else is ever removed."""


class Conversation(Strict):
    name: str = Field(pattern=r"^[a-z0-9_]+$")
    given: Given = Given()
    steps: list[Step] = Field(min_length=1)
    rows: Rows

    @property
    def moves_the_clock(self) -> bool:
        return any(step.later for step in self.steps)


def conversations() -> list[tuple[str, Conversation]]:
    """Theme and conversation, in the order of the files; those that move the clock come last."""
    found = [
        (path.parent.name, Conversation.model_validate(item))
        for path in sorted(HERE.glob("*/*.yml"))
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    return sorted(found, key=lambda pair: pair[1].moves_the_clock)
