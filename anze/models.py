"""Every table of the application, so that the metadata is whole wherever this module is imported."""

from anze.appraisals import models as appraisals
from anze.archives import models as archives
from anze.audit import models as audit
from anze.bookings import models as bookings
from anze.canned import models as canned
from anze.channels import models as channels
from anze.channels.wechat import models as wechat
from anze.complaints import desk_models as complaint_desk
from anze.complaints import models as complaints
from anze.conversations import models as conversations
from anze.db import Base
from anze.fees import models as fees
from anze.hazards import models as hazards
from anze.identity import models as identity
from anze.imports import models as imports
from anze.letters import models as letters
from anze.management import models as management
from anze.obligations import models as obligations
from anze.plans import models as plans
from anze.policies import models as policies
from anze.presence import models as presence
from anze.procedure import models as procedure
from anze.providers import models as providers
from anze.regulators import models as regulators
from anze.reminders import models as reminders
from anze.reports import models as reports
from anze.state import AppState
from anze.surveys import models as surveys
from anze.tasks import models as tasks

__all__ = [
    "AppState",
    "Base",
    "appraisals",
    "archives",
    "audit",
    "bookings",
    "canned",
    "channels",
    "complaint_desk",
    "complaints",
    "conversations",
    "fees",
    "hazards",
    "identity",
    "imports",
    "letters",
    "management",
    "obligations",
    "plans",
    "policies",
    "presence",
    "procedure",
    "providers",
    "regulators",
    "reminders",
    "reports",
    "surveys",
    "tasks",
    "wechat",
]
