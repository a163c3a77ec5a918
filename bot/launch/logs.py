"""Logs of the running server go to stderr and never hold what a person wrote.

Rasa's own messages quote texts, slots and answers of the action server. Of a library's record only its place and the
type of its error are printed; ours are printed whole, because they name ids and codes only.
"""

from __future__ import annotations

import logging
import sys

import structlog

_OURS = ("components.", "launch.", "anze")


class PlaceOnly(logging.Formatter):
    """`time LEVEL logger message` for our records; the code place instead of the message for all others."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__)
        if not record.name.startswith(_OURS):
            shown.msg, shown.args = f"at {record.module}:{record.lineno}", None
        if record.exc_info and record.exc_info[1] is not None:
            shown.msg, shown.args = f"{shown.getMessage()} [{_place(record.exc_info[1])}]", None
        shown.exc_info = shown.exc_text = shown.stack_info = None
        return super().format(shown)


def _place(error: BaseException) -> str:
    """The type of an error and where it was raised, without its words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


def configure() -> None:
    """Route every logger, Python's warnings and structlog through one handler on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceOnly())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("components", "launch"):
        logging.getLogger(ours).setLevel(logging.INFO)
    # Libraries warn of themselves by the dozen when they are imported, and some quote texts: not for this log.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _event_only],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,
    )


def _event_only(_: object, __: str, event: dict[str, object]) -> str:
    return str(event.get("event", ""))
