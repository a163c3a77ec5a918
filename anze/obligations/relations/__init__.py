"""The relations that checks may be about, by name. A check of any other subject answers 数据未接入."""

from anze.obligations.relations.appraisals import APPRAISALS, IMPROVEMENTS
from anze.obligations.relations.archives import ARCHIVE_FOLDERS, ARCHIVE_ITEMS
from anze.obligations.relations.base import Asked, Relation
from anze.obligations.relations.complaints import COMPLAINTS, EXTENSIONS, PAUSES
from anze.obligations.relations.fees import BUDGETS, LEDGER_ENTRIES, PAYABLES, SPEND_RATIOS
from anze.obligations.relations.hazards import CANDIDATES, HAZARDS
from anze.obligations.relations.management import BRANCHES, CHANNELS, MANAGERS, QUALITY_CHECKS, RULE_DOCUMENTS
from anze.obligations.relations.plans import PLANS
from anze.obligations.relations.procedure import POLICY_NOTICES
from anze.obligations.relations.providers import PROVIDERS
from anze.obligations.relations.regulators import DATA_SUBMISSIONS, MECHANISMS
from anze.obligations.relations.services import SERVICES
from anze.obligations.relations.years import INSURED_YEARS, POLICIES, PROMISES

__all__ = ["RELATIONS", "Asked", "Relation"]

RELATIONS: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        INSURED_YEARS, PROMISES, POLICIES, SERVICES, HAZARDS, CANDIDATES, COMPLAINTS, EXTENSIONS, PAUSES, PROVIDERS,
        BRANCHES, MANAGERS, RULE_DOCUMENTS, QUALITY_CHECKS, CHANNELS,
        APPRAISALS, IMPROVEMENTS, BUDGETS, LEDGER_ENTRIES, PAYABLES, SPEND_RATIOS, DATA_SUBMISSIONS,
        MECHANISMS, ARCHIVE_FOLDERS, ARCHIVE_ITEMS, PLANS, POLICY_NOTICES,
    )
}  # fmt: skip
