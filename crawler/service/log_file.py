"""The service's log: a JSON object a line in ``logs/diemtin.log`` of the home; five old files are kept."""

import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

import msgspec

from archive.clock import stamp
from archive.home import Home
from crawler.service.log_limit import LogLimit

SERVICE = logging.getLogger("diemtin")
LARGEST, KEPT = 2_000_000, 5  # bytes of a file; older files


class JsonLines(logging.Formatter):
    """``at`` (UTC), ``level``, ``message``, and the fields that whoever wrote the line gave as ``fields``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": stamp(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = record.exc_text or self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class _LogFile(RotatingFileHandler):
    """A log that cannot be written, as on a full disk, stops nothing: health tells of the disk."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        pass


class _OfOthers(LogLimit):
    """The limit, but for what the service tells: a line for each run, however many end in a minute."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name == SERVICE.name or super().filter(record)


def open_log(home: Home) -> logging.Handler:
    """Write what the service tells, and every warning of this process, to the home's log from now on."""
    folder = home.path / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = _LogFile(folder / "diemtin.log", maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    handler.addFilter(_OfOthers())
    SERVICE.setLevel(logging.INFO)
    SERVICE.propagate = False  # what it tells stands on the terminal already
    for logger in (SERVICE, logging.getLogger()):
        logger.addHandler(handler)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Write no more."""
    for logger in (SERVICE, logging.getLogger()):
        logger.removeHandler(handler)
    handler.close()
