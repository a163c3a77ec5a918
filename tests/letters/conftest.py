"""Letters are of a complaint: the same complainant and officer as there."""

from tests.complaints.conftest import number, officer, talk

__all__ = ["number", "officer", "talk"]
