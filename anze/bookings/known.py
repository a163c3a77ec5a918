"""What is known of a wanted service: what was said, and what the data hold already and nobody has to be asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from anze.bookings import store
from anze.bookings.kinds import ServiceStatus
from anze.bookings.models import BookingDraft, Service
from anze.bookings.slots import Window
from anze.bookings.supply import Need
from anze.clock import legal_date
from anze.conversations.turn import Turn
from anze.identity.models import Person
from anze.policies.models import Insured

_TITLES = ("工", "总", "师傅", "经理", "主任", "厂长", "科长", "队长", "部长", "姐", "哥")
Who = tuple[str | None, str | None]
"""Name and phone of a contact."""


@dataclass(frozen=True)
class Known:
    """`sites` and `contacts`: those of the insured until now, the newest first. `moved`: the service under change."""

    draft: BookingDraft
    insured: Insured | None
    item: str | None
    audience: str | None
    statutory: bool
    place: str | None
    contact: Who
    sites: tuple[str, ...]
    contacts: tuple[Who, ...]
    moved: Service | None = None

    @property
    def windows(self) -> tuple[Window, ...]:
        """The readings of the wished time, the one that is meant first; none without a wish."""
        draft = self.draft
        if draft.wish is None or (draft.wish_from is None and draft.wish_to is None):
            return ()
        others = [
            Window(datetime.fromisoformat(a) if a else None, datetime.fromisoformat(b) if b else None)
            for a, b in draft.wish_others or []
        ]
        return (Window(draft.wish_from, draft.wish_to), *others)

    @property
    def unclear(self) -> bool:
        """Whether the wished time has to be asked back."""
        return self.draft.wish_others is not None

    @property
    def before(self) -> date | None:
        """The day that is meant until now: what 改到下午 keeps."""
        if self.draft.wish_from is not None and not self.unclear:
            return legal_date(self.draft.wish_from)
        if self.moved is not None and self.moved.starts_at is not None:
            return legal_date(self.moved.starts_at)
        return None

    def need(self) -> Need | None:
        """What to look for, once the insured and the item are known (and for a training, who is trained)."""
        if self.insured is None or self.item is None or (self.item == "a" and self.audience is None):
            return None
        moved = self.moved
        return Need(
            self.insured.id,
            self.insured.province,
            self.item,
            self.audience,
            self.statutory,
            self.draft.id,
            moved.id if moved else None,
            moved.team_id if moved else None,
            moved.provider_id if moved else None,
        )


def known(session: Session, turn: Turn, draft: BookingDraft) -> Known:
    """Look everything up for a draft."""
    moved = session.get(Service, draft.moves_id) if draft.moves_id else None
    insured_id = draft.insured_id or turn.speaker.acting_for_id
    if insured_id not in turn.speaker.insured_ids:
        insured_id = None
    insured = session.get(Insured, insured_id) if insured_id else None
    earlier = store.of_insured(session, insured.id) if insured else []
    sites = _sites(insured, earlier)
    contacts = _contacts(session, turn, insured, earlier)
    if moved is not None:
        return Known(
            draft, insured, moved.item, moved.audience, moved.statutory, moved.place,
            (moved.contact_name, moved.contact_phone), sites, contacts, moved,
        )  # fmt: skip
    return Known(
        draft,
        insured,
        draft.item,
        draft.audience if draft.item == "a" else None,
        bool(draft.statutory) and draft.item == "b",
        draft.place or (sites[0] if len(sites) == 1 else None),
        _contact(draft, contacts),
        sites,
        contacts,
    )


def _sites(insured: Insured | None, earlier: list[Service]) -> tuple[str, ...]:
    """The address and the places of earlier services, each once."""
    if insured is None:
        return ()
    places = [s.place for s in earlier if s.status != ServiceStatus.CANCELLED]
    return tuple(dict.fromkeys(place for place in [insured.address, *places] if place))


def _contacts(session: Session, turn: Turn, insured: Insured | None, earlier: list[Service]) -> tuple[Who, ...]:
    """Of the last services, then the insured's own, then who is speaking."""
    if insured is None:
        return ()
    found: list[Who] = [(s.contact_name, s.contact_phone) for s in earlier if s.contact_phone]
    if insured.contact_phone:
        found.append((insured.contact_name, insured.contact_phone))
    if turn.speaker.person_id is not None:
        person = session.get_one(Person, turn.speaker.person_id)
        found.append((person.name, person.phone))
    return tuple({phone: (name, phone) for name, phone in reversed(found)}.values())[::-1]


def _contact(draft: BookingDraft, contacts: tuple[Who, ...]) -> Who:
    """What was said; a name alone is looked for among those that are known; nothing said: the last one."""
    if draft.contact_phone:
        return draft.contact_name, draft.contact_phone
    if draft.contact_name:
        named = [who for who in contacts if who[0] and _same(draft.contact_name, who[0])]
        return named[0] if len(named) == 1 else (draft.contact_name, None)
    return contacts[0] if contacts else (None, None)


def _same(said: str, name: str) -> bool:
    """老王, 王工 and 王经理 are said of 王建国; 王建民 is somebody else."""
    called = said[1:] if said[0] in "老小" and len(said) == 2 else said[:1] if said.endswith(_TITLES) else said
    return said == name or (called != said and name.startswith(called))
