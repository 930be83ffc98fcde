"""How a line of the log is written: text that is always the same, and behind it what it was about this time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from kb.system.redact import redacted
from kb.text.visible import visible, visible_line

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given with ``extra``."""
_OURS = ("kb.", "ingest.")
"""Other libraries give fields that are meant for their own formatters."""

PAUSES = "ingest.worker.pauses"
"""The logger that is told of each try of an import that has to wait."""


TOLD = "kb.told"
"""The logger of ``tell``, which is heard without ``verbose``."""


def tell(sentence: str) -> None:
    """Says what takes long, though nothing is wrong, to whoever waits at a terminal."""
    logging.getLogger(TOLD).info("told", extra={"sentence": sentence})


class FieldFormatter(logging.Formatter):
    """Writes ``WARNING kb.engine: the model cannot be used  reason='it does not answer'``."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record's lines, with escapes for what a terminal obeys: they name files of others; no secrets."""
        return visible(redacted(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the name is logging's
        """Returns the line without a traceback; the fields of our loggers stand behind the text, in their order."""
        if record.name == TOLD:
            return str(vars(record)["sentence"])
        line = super().formatMessage(record)
        if not record.name.startswith(_OURS):
            return line
        given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        fields = " ".join(f"{name}={_written(value)}" for name, value in given.items())
        return f"{line}  {fields}" if fields else line


def configure_logs(*, verbose: bool) -> None:
    """Sends the log to stderr: warnings and worse, and what is told to whoever waits; with ``verbose`` everything that
    is worth knowing.

    For entry points: what is imported never configures the log.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(FieldFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
    logging.getLogger(TOLD).setLevel(logging.INFO)


@contextmanager
def unlogged(name: str, *, verbose: bool) -> Iterator[None]:
    """Within it the warnings of a logger are not written, unless ``verbose``: somebody is told otherwise."""
    logger = logging.getLogger(name)
    before = logger.level
    if not verbose:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _written(value: object) -> str:
    """Returns a value in one line: numbers as they are, all else in quotes, so that it is seen where it ends."""
    if isinstance(value, int | float):
        return str(value)
    return "'" + visible_line(str(value)).replace("'", "\\'") + "'"
