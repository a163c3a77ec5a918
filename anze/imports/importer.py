"""Who imports, and what of the branch tree and the providers is theirs."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from anze.errors import DomainError
from anze.identity.models import Branch, BranchLevel, Role, Staff

_HEAD_ONLY = frozenset({"holidays"})
_PROVIDERS = frozenset({"providers", "qualifications", "teams", "certificates", "equipment"})


@dataclass(frozen=True)
class Importer:
    """An administrator of a branch with its tree, or the operator at the command line with all of them."""

    actor: str
    branch_id: int
    branch_path: str
    level: str
    province: str | None

    @property
    def is_head(self) -> bool:
        return self.level == BranchLevel.HEAD

    def branches(self) -> Select[tuple[int]]:
        """The ids of the branches whose rows this importer may write."""
        return select(Branch.id).where(Branch.path.startswith(self.branch_path, autoescape=True))

    def may_write_province(self, province: str | None) -> bool:
        """Whether providers of a province are theirs: of all for head office, else of the own one."""
        return self.is_head or (self.level == BranchLevel.PROVINCE and province == self.province)

    def _refusal(self, kind: str) -> str | None:
        if kind in _HEAD_ONLY and not self.is_head:
            return "import_head_only"
        if kind in _PROVIDERS and not (self.is_head or self.level == BranchLevel.PROVINCE):
            return "import_province_only"
        return None

    def may(self, kind: str) -> bool:
        return self._refusal(kind) is None

    def check_kind(self, kind: str) -> None:
        """Raises DomainError import_head_only, import_province_only."""
        if (code := self._refusal(kind)) is not None:
            raise DomainError(code, 403)


def of_staff(session: Session, staff_id: int | None) -> Importer:
    """The administrator as they are at this moment: role and branch may have changed. Raises DomainError forbidden."""
    staff = session.get(Staff, staff_id) if staff_id is not None else None
    if staff is None or staff.left_at is not None or staff.role != Role.ADMIN:
        raise DomainError("forbidden", 403)
    return _at(session, f"staff:{staff.id}", staff.branch_id)


def operator(session: Session) -> Importer:
    """Whoever can run a command has the whole database before them. Raises DomainError head_office_needed."""
    head = session.scalar(select(Branch.id).where(Branch.level == BranchLevel.HEAD))
    if head is None:
        raise DomainError("head_office_needed", 409)
    return _at(session, "operator", head)


def _at(session: Session, actor: str, branch_id: int) -> Importer:
    branch = session.get_one(Branch, branch_id)
    return Importer(actor, branch.id, branch.path, branch.level, branch.province)
