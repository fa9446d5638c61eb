"""Log lines as JSON, one object a line, each with the request it belongs to."""

import json
import logging
import re
from datetime import UTC, datetime

from core.request_id import current_request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


# Addresses that open something to whoever knows them: of invitation, set-up, calendar, leaving a topic, password.
_SECRET_ADDRESS = re.compile(r"(/(?:invitation|setup|feeds|unsubscribe|accounts/password/reset/key)/)[^/\s]+")


def without_secrets(message: str) -> str:
    """The message with what is secret in the address of a request left out; Django names it where it answers 4xx."""
    return _SECRET_ADDRESS.sub(r"\1…", message)


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, message, request id, extra fields and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        meta = getattr(record.__dict__.get("request"), "META", {})
        if identifier := current_request_id.get() or meta.get("portal.request_id"):
            line["request_id"] = identifier
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
