"""The real application with the demo data, without Rasa: all that the console and its insured need."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anze import services
from anze.clock import Clock
from tests.browser.provider_site import NOBODY, Site, served, settings_of


@contextmanager
def serving(data: Path, clock: Clock) -> Iterator[Site]:
    """The application at a port of its own, with its lifespan: NiceGUI starts and ends with it."""
    with served(services.build(settings_of(data), rasa_url=NOBODY, clock=clock), lifespan="on") as site:
        yield site
