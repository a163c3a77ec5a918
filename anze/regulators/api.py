"""Authorities, hand-overs (9.1), mechanisms (9.3), evaluations (9.1) over HTTP, for staff within their branch tree.

No call sends anything to anybody: people send, and note it here.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, Field

from anze.clock import legal_date
from anze.conversations.api import Here, send_file
from anze.fields import Line, Prose, Reply, Token
from anze.identity.desk import Office, Writer
from anze.regulators import authorities, evaluations, handover, issuing, mechanisms
from anze.regulators.delivery import Receipt, Sent
from anze.regulators.kinds import AuthorityKind, AuthorityLevel, RecordKind, Side, Way

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Key = Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
Place = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
Title = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*\S[^\x00]*$")]


class AuthorityIn(BaseModel):
    kind: AuthorityKind
    level: AuthorityLevel
    province: Place
    city: Place | None = None
    county: Place | None = None
    name: Title
    contact: Annotated[Prose, Field(max_length=200)] = ""
    branch: Key | None = None


class HandoverIn(BaseModel):
    province: Place
    period: Annotated[str, Field(max_length=7)]
    branch: Key | None = None
    data_at: AwareDatetime | None = None


class SentIn(BaseModel):
    """`document_no`: 文号, or the number of the platform."""

    way: Way
    on: date
    document_no: Line

    def read(self) -> Sent:
        return Sent(self.way, self.on, self.document_no)


class SentToIn(SentIn):
    authority: Key


class ReceiptIn(BaseModel):
    """`file_id`: an upload of the same colleague."""

    on: date
    number: Line
    file_id: Token

    def read(self) -> Receipt:
        return Receipt(self.on, self.number, self.file_id)


class MemberIn(BaseModel):
    side: Side
    name: Title


class MechanismIn(BaseModel):
    province: Place
    city: Place | None = None
    name: Title
    agreement: Title
    members: Annotated[list[MemberIn], Field(min_length=1, max_length=50)]
    set_up_on: date
    branch: Key | None = None


class RecordIn(BaseModel):
    kind: RecordKind
    on: date
    title: Title
    words: Reply
    file_id: Token | None = None


class EndIn(BaseModel):
    on: date


class EvaluationIn(BaseModel):
    authority: Key
    number: Line
    received_on: date
    due_on: date | None = None
    asked: Reply
    branch: Key | None = None


class AnswerIn(BaseModel):
    on: date
    answer: Reply
    files: Annotated[list[Token], Field(max_length=20)] = []


@routes.get("/authorities")
async def all_authorities(
    here: Here, speaker: Office, province: Annotated[str, Query(max_length=40)] = "", page: Page = 1, size: Size = 50
) -> dict[str, Any]:
    """Those in use that hold for one's branches, by place."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(
        lambda s: authorities.listed(s, speaker, today, province=province or None, page=page, size=size)
    )


@routes.post("/authorities", status_code=201)
async def add_authority(body: AuthorityIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Keep one, for a branch and all below it."""
    now = here.clock.now()
    given = authorities.Given(body.kind, body.level, body.province, body.city, body.county, body.name, body.contact)
    return await here.db.in_write(lambda s: authorities.view(authorities.add(s, speaker, given, body.branch, now)))


@routes.post("/authorities/{id_}/end")
async def end_authority(id_: Id, here: Here, speaker: Writer) -> dict[str, Any]:
    """Nothing is sent to it from today on."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: authorities.view(authorities.end(s, speaker, id_, now)))


@routes.get("/handovers")
async def handovers(here: Here, speaker: Office, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Hand-overs, the newest first."""
    return await here.db.in_read(lambda s: handover.listed(s, speaker, page=page, size=size))


@routes.post("/handovers", status_code=201)
async def hand_over(body: HandoverIn, here: Here, speaker: Writer, response: Response) -> dict[str, Any]:
    """Make the files of a province and a period; 200 with the one that is there for the same instant."""
    now = here.clock.now()
    found, new = await issuing.hand_over(here, speaker, body.branch, body.province, body.period, body.data_at, now)
    if not new:
        response.status_code = 200
    return found


@routes.get("/handovers/{id_}")
async def one_handover(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """Counts, files, digests, to whom, what came back."""
    return await here.db.in_read(lambda s: handover.one(s, speaker, id_))


@routes.get("/handovers/{id_}/again")
async def handover_again(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """Whether the data of that instant still give the same bytes."""
    return await here.db.in_read(lambda s: handover.again(s, speaker, id_, here.settings.knowledge))


@routes.get("/handovers/{id_}/file")
async def handover_file(
    id_: Id, here: Here, speaker: Office, name: Annotated[str, Query(max_length=30)] = "handover.json"
) -> FileResponse:
    """handover.json, policies.csv, services.csv, hazards.csv, or receipt."""
    return send_file(here, await here.db.in_read(lambda s: handover.file_of(s, speaker, id_, name)))


@routes.post("/handovers/{id_}/sent")
async def handover_sent(id_: Id, body: SentToIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Somebody has sent it."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: handover.sent(s, speaker, id_, body.authority, body.read(), now))


@routes.post("/handovers/{id_}/receipt")
async def handover_receipt(id_: Id, body: ReceiptIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """The authority's receipt."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: handover.received(s, speaker, id_, body.read(), now))


@routes.get("/mechanisms")
async def all_mechanisms(here: Here, speaker: Office, page: Page = 1, size: Size = 50) -> dict[str, Any]:
    """Three-party mechanisms, those that hold first."""
    return await here.db.in_read(lambda s: mechanisms.listed(s, speaker, page=page, size=size))


@routes.post("/mechanisms", status_code=201)
async def add_mechanism(body: MechanismIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Keep one."""
    now = here.clock.now()
    members = [(one.side, one.name) for one in body.members]
    given = mechanisms.Given(body.province, body.city, body.name, body.agreement, members, body.set_up_on)
    return await here.db.in_write(lambda s: mechanisms.view(mechanisms.add(s, speaker, given, body.branch, now)))


@routes.get("/mechanisms/{id_}")
async def one_mechanism(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """With its documents and meetings."""
    return await here.db.in_read(lambda s: mechanisms.one(s, speaker, id_))


@routes.post("/mechanisms/{id_}/records", status_code=201)
async def note_record(id_: Id, body: RecordIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A document or a meeting."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        mechanisms.note(session, speaker, id_, body.kind, body.on, body.title, body.words, body.file_id, now)
        return mechanisms.one(session, speaker, id_)

    return await here.db.in_write(work)


@routes.get("/mechanisms/{id_}/records/{record_id}/file")
async def record_file(id_: Id, record_id: Id, here: Here, speaker: Office) -> FileResponse:
    """The file of a document or meeting."""
    return send_file(here, await here.db.in_read(lambda s: mechanisms.file_of(s, speaker, id_, record_id)))


@routes.post("/mechanisms/{id_}/end")
async def end_mechanism(id_: Id, body: EndIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Its last day."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: mechanisms.view(mechanisms.end(s, speaker, id_, body.on, now)))


@routes.get("/evaluations")
async def all_evaluations(
    here: Here, speaker: Office, open: bool = False, page: Page = 1, size: Size = 50
) -> dict[str, Any]:  # fmt: skip
    """Evaluations and inspections, what waits first."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: evaluations.listed(s, speaker, today, open_only=open, page=page, size=size))


@routes.post("/evaluations", status_code=201)
async def receive_evaluation(body: EvaluationIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """An authority evaluates or inspects, and asks for papers."""
    now = here.clock.now()
    given = evaluations.Given(body.authority, body.number, body.received_on, body.due_on, body.asked)
    return await here.db.in_write(
        lambda s: evaluations.view(s, evaluations.receive(s, speaker, given, body.branch, now), legal_date(now))
    )


@routes.get("/evaluations/{id_}")
async def one_evaluation(id_: Id, here: Here, speaker: Office) -> dict[str, Any]:
    """One with its answer and files."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: evaluations.one(s, speaker, id_, today))


@routes.post("/evaluations/{id_}/answer")
async def answer_evaluation(id_: Id, body: AnswerIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """What was answered, with the files."""
    now = here.clock.now()

    def work(session: Any) -> dict[str, Any]:
        row = evaluations.answer(session, speaker, id_, body.on, body.answer, body.files, now)
        session.expire(row, ["files"])
        return evaluations.view(session, row, legal_date(now))

    return await here.db.in_write(work)


@routes.get("/evaluations/{id_}/files/{file_id}")
async def evaluation_file(id_: Id, file_id: str, here: Here, speaker: Office) -> FileResponse:
    """A file of the answer."""
    return send_file(here, await here.db.in_read(lambda s: evaluations.file_of(s, speaker, id_, file_id)))
