"""Log lines as JSON, one object a line, each with the request it belongs to."""

import json
import logging
from datetime import UTC, datetime

from core.request_id import current_request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, message, request id, extra fields and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        meta = getattr(record.__dict__.get("request"), "META", {})
        if identifier := current_request_id.get() or meta.get("portal.request_id"):
            line["request_id"] = identifier
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
