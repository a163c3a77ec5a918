"""What each kind makes of its rows."""

from collections.abc import Callable, Mapping

from anze.imports.nouns.firms import Applicants, Insureds
from anze.imports.nouns.holidays import Holidays
from anze.imports.nouns.ledger import Ledger
from anze.imports.nouns.policies import Policies
from anze.imports.nouns.providers import Certificates, Instruments, Providers, Qualifications, Teams
from anze.imports.nouns.services import Services
from anze.imports.world import Noun

NOUNS: Mapping[str, Callable[[], Noun]] = {
    "applicants": Applicants,
    "insureds": Insureds,
    "policies": Policies,
    "providers": Providers,
    "qualifications": Qualifications,
    "teams": Teams,
    "certificates": Certificates,
    "equipment": Instruments,
    "services": Services,
    "holidays": Holidays,
    "ledger": Ledger,
}
"""By the kinds of knowledge/imports.yml; made anew for each import"""
