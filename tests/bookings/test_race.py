"""One half day, many requests at the same moment: the key of the table lets one through, whatever was read before."""

from bench.booking_race import run
from tests.helpers.databases import Templates

ROUNDS, PARALLEL = 10, 50
"""`python -m bench.booking_race` runs 200 rounds."""


def test_of_many_at_once_exactly_one_gets_the_half_day(templates: Templates) -> None:
    url = templates.factory.empty()
    outcomes, answers, wrong = run(url, ROUNDS, PARALLEL)
    templates.factory.drop(url)
    assert outcomes == {"exactly one, the rest an alternative": ROUNDS}
    assert answers == {"booked": ROUNDS, "gone+offers": ROUNDS * (PARALLEL - 1)}
    assert wrong == []
