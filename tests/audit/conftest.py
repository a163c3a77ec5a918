"""Attacks on a complaint's rows: the same complainant and officer as there."""

from tests.complaints.conftest import number, officer, talk

__all__ = ["number", "officer", "talk"]
